"""What a history says of findings: seen first, seen last, resolved only by a run that asked and judged again."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from attrs import evolve

from iacdrift.drift.report import DriftReport
from iacdrift.errors import HistoryError, UsageError
from iacdrift.history import asking, changing, listing
from iacdrift.history.store import Store
from iacdrift.model.ports import PortSet
from iacdrift.recording import store_at
from iacdrift.surface.vantage import Vantage
from tests.drift.scenes import CLOSED, OPEN, SILENT, host, observed_host, run, surface
from tests.history.postgres import running
from tests.needs import missing
from tests.outputs.reports import report

TIMES = [f"2026-01-1{day}T03:04:05Z" for day in range(6)]


@pytest.fixture(scope="module")
def postgres() -> Iterator[str | None]:
    if missing("postgresql"):
        yield None
        return
    with running() as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.needs("postgresql"))])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """An empty history in SQLite, and in a real PostgreSQL."""
    found = store_at(tmp_path / "state" / "history.db")
    if request.param == "postgresql":
        found = store_at(request.getfixturevalue("postgres"))
    assert found is not None
    if request.param == "postgresql":
        with found.database.engine.begin() as connection:
            connection.exec_driver_sql("DROP SCHEMA public CASCADE")
            connection.exec_driver_sql("CREATE SCHEMA public")
    return found


def scanned(day: int, open_ports: str = "443,8080", asked: str = "22,443,8080", **more: object) -> DriftReport:
    """The web server on one day: these ports open, the other asked ones silent, 22 refused."""
    opened = PortSet.parse(open_ports)
    silent = PortSet.parse(asked) - opened - PortSet.single(22)
    seen = observed_host(asked, (open_ports, OPEN), ("22", CLOSED), (str(silent), SILENT))
    told = {"started_at": TIMES[day], "finished_at": TIMES[day], **more}
    return report(surface(host(open="443", allowed="22")), run(seen, **told))


def open_ids(store: Store) -> set[str]:
    return {row["finding"] for row in listing.findings(store.database)}


def exposed(found: DriftReport) -> str:
    [finding] = [item.id for item in found.findings if item.kind.value == "exposed"]
    return finding


def test_first_seen_last_seen_and_new(store: Store) -> None:
    first = store.annotated(scanned(0))
    assert [(item.first_seen, item.new) for item in first.findings] == [(TIMES[0], True)]
    assert store.store(first).new == (exposed(first),)
    second = store.annotated(scanned(1))
    assert [(item.first_seen, item.new) for item in second.findings] == [(TIMES[0], False)]
    assert store.store(second).new == ()
    [row] = asking.life(store.database, exposed(first))
    assert (row["first_seen"], row["last_seen"], row["times"], row["resolved_at"]) == (TIMES[0], TIMES[1], 2, None)


def test_what_was_asked_and_judged_again_is_resolved(store: Store) -> None:
    store.store(scanned(0))
    gone = store.store(scanned(1, "443"))
    assert gone.resolved == (exposed(scanned(0)),)
    assert open_ids(store) == set()
    assert asking.life(store.database, gone.resolved[0])[0]["resolved_at"] == TIMES[1]


@pytest.mark.parametrize(
    "later",
    [
        pytest.param(scanned(1, "443", "22,443"), id="the port wasn't asked"),
        pytest.param(evolve(scanned(1, "443"), hosts=()), id="the host wasn't looked at"),
        pytest.param(evolve(scanned(1, "443"), vantage=Vantage.parse("192.0.2.77")), id="from somewhere else"),
        pytest.param(
            report(surface(host(open="443", allowed="22")), run(observed_host("22,443,8080", ("443", OPEN)), interrupted="Ctrl-C")),
            id="the scan ended early",
        ),
        pytest.param(
            report(surface(host(open="443", allowed="22")), run(observed_host("22,443,8080", ("8080", SILENT), answers=False))),
            id="the host was silent throughout",
        ),
    ],
)
def test_what_was_not_looked_at_stays_open(store: Store, later: DriftReport) -> None:
    first = scanned(0)
    store.store(first)
    assert store.store(evolve(later, started_at=TIMES[1], finished_at=TIMES[1])).resolved == ()
    assert open_ids(store) == {exposed(first)}
    compared = asking.compared(store.database)
    assert [item["id"] for item in compared.not_looked_at] == [exposed(first)]
    assert compared.resolved == ()


def test_another_target_resolves_nothing(store: Store) -> None:
    first = scanned(0)
    store.store(first)
    other = scanned(1, "443")
    assert store.store(evolve(other, sources=(evolve(other.sources[0], lineage="other"),))).resolved == ()
    assert open_ids(store) == {exposed(first)}


def test_what_comes_back_is_new_and_nobody_knows_of_it(store: Store) -> None:
    finding = exposed(scanned(0))
    store.store(scanned(0))
    assert changing.acknowledge(store.database, finding, "ann", "on it") == 1
    assert asking.life(store.database, finding)[0]["acknowledged_by"] == "ann"
    store.store(scanned(1, "443"))
    again = store.annotated(scanned(2))
    assert [(item.first_seen, item.new) for item in again.findings] == [(TIMES[0], True)]
    assert store.store(again).new == (finding,)
    [row] = asking.life(store.database, finding)
    assert (row["resolved_at"], row["acknowledged_by"], row["note"]) == (None, None, None)


def test_an_ignored_finding_is_still_there(store: Store) -> None:
    first = scanned(0)
    store.store(first)
    ignored = evolve(scanned(1), findings=(), ignored=({**first.findings[0].to_dict(), "ignored": {}},))
    assert store.store(ignored).resolved == ()
    assert open_ids(store) == {exposed(first)}


def test_old_xml_changes_nothing_that_came_after_it(store: Store) -> None:
    store.store(scanned(3))
    assert store.annotated(scanned(1, "443")).resolved == ()
    assert store.store(scanned(1, "443"), "diff").resolved == ()
    assert open_ids(store) == {exposed(scanned(0))}
    store.store(scanned(4, "443"))
    store.store(scanned(2), "diff")
    [row] = asking.life(store.database, exposed(scanned(0)))
    assert (row["first_seen"], row["resolved_at"]) == (TIMES[2], TIMES[4])


def test_a_clock_that_jumps_back_hides_no_change_of_a_check(store: Store) -> None:
    store.store(scanned(5))
    assert store.store(scanned(0, "443")).resolved == (exposed(scanned(0)),)
    assert store.store(scanned(1)).new == (exposed(scanned(0)),)


def test_deviations_from_a_baseline_are_resolved_only_by_a_run_that_was_compared(store: Store) -> None:
    from iacdrift.drift.report import FindingKind

    first = scanned(0)
    deviation = evolve(first.findings[0], kind=FindingKind.NEW_LISTENER, id="new_listener-tcp-8080-0123456789ab")
    store.store(evolve(first, findings=(deviation,), baseline="main"))
    assert store.store(scanned(1, "443")).resolved == ()
    assert store.store(evolve(scanned(2, "443"), baseline="main")).resolved == (deviation.id,)


def test_a_stored_report_is_shown_as_it_was(store: Store) -> None:
    first = store.annotated(scanned(0))
    number = store.store(first).report
    assert asking.report(store.database, number)[1] == first
    assert asking.report(store.database)[0] == number
    with pytest.raises(UsageError, match="no report 99"):
        asking.report(store.database, 99)


def test_prune_keeps_open_findings_and_the_latest_of_each_target(store: Store) -> None:
    for day in range(3):
        store.store(scanned(day))
    other = scanned(3)
    store.store(evolve(other, sources=(evolve(other.sources[0], lineage="other"),)))
    assert changing.prune(store.database, keep=1).reports == 2
    assert len(listing.reports(store.database)) == 2
    assert exposed(scanned(0)) in open_ids(store)
    assert changing.prune(store.database, older_than=3600).reports == 0


def test_export_holds_everything(store: Store) -> None:
    first = scanned(0)
    store.store(first)
    rows = list(asking.exported(store.database))
    assert [row["document"] for row in rows if "document" in row] == [first.to_dict()]
    assert [row["finding"] for row in rows if "finding" in row] == [exposed(first)]


def test_many_writers_at_once_lose_nothing(store: Store) -> None:
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda day: store.store(scanned(day % 6)), range(12)))
    assert len(listing.reports(store.database)) == 12
    [row] = asking.life(store.database, exposed(scanned(0)))
    assert row["times"] == 12


def test_what_a_hostile_name_says_is_stored_and_comes_back(store: Store) -> None:
    from tests.outputs import reports

    hostile = evolve(reports.hostile(), findings=(evolve(reports.hostile().findings[0], owner="nul\0 \ud800"),))
    number = store.store(hostile).report
    assert asking.report(store.database, number)[1].to_dict() == hostile.to_dict()


def test_nothing_is_made_by_reading(tmp_path: Path) -> None:
    found = store_at(tmp_path / "none" / "history.db")
    assert found is not None
    assert listing.reports(found.database) == []
    assert found.annotated(scanned(0)).findings[0].new
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("named", "sentence"),
    [("oracle9://x/y", "scheme"), ("://", "URL"), ("postgresql+pg8000://u:hush@h/d", "driver of")],
)
def test_a_url_that_leads_nowhere_is_refused_without_its_password(named: str, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence) as error:
        store_at(named)
    assert "hush" not in str(error.value)


@pytest.mark.parametrize("table", [{"url": 7}, {"urll": "x"}, [], {"target": ""}])
def test_a_wrong_table_is_refused(table: object) -> None:
    with pytest.raises(UsageError, match=r"\[history\]"):
        store_at(None, table)


def test_a_server_that_is_not_there_is_one_sentence_without_its_password() -> None:
    found = store_at("postgresql://ann:hush@/none?host=/nowhere")
    assert found is not None
    with pytest.raises(HistoryError) as error:
        found.kept(scanned(0))
    assert error.value.report is not None
    assert "hush" not in str(error.value)
    assert "\n" not in str(error.value)


def test_what_was_not_looked_at_is_carried(store: Store) -> None:
    first = store.annotated(scanned(0))
    store.store(first)
    assert store.annotated(scanned(1)).carried == ()
    [carried] = store.annotated(scanned(1, "443", "22,443")).carried
    assert (carried.id, carried.first_seen, carried.new) == (exposed(first), TIMES[0], False)
    assert carried.explanation == first.findings[0].explanation


def test_what_is_gone_or_was_seen_from_elsewhere_is_not_carried(store: Store) -> None:
    store.store(store.annotated(scanned(0)))
    elsewhere = evolve(scanned(1, "443", "22,443"), vantage=Vantage.parse("192.0.2.200"))
    assert store.annotated(elsewhere).carried == ()
    store.store(store.annotated(scanned(1, "443")))
    assert store.annotated(scanned(2, "443", "22,443")).carried == ()


def test_what_is_carried_is_kept_once(store: Store) -> None:
    store.store(store.annotated(scanned(0)))
    number = store.store(store.annotated(scanned(1, "443", "22,443"))).report
    assert asking.report(store.database, number)[1].carried == ()
    [carried] = store.annotated(scanned(2, "443", "22,443")).carried
    assert carried.first_seen == TIMES[0]
