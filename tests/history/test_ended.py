"""Findings that end without being asked again: their host left the code, or an undeclared one is declared or gone.

Ending one that is still there is like a false "in sync", so that each way has its near misses beside it.
"""

from __future__ import annotations

import json
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest
from attrs import evolve

from iacdrift.assertion import ExpectedPart, Pipeline, expected_part
from iacdrift.drift.report import DriftReport
from iacdrift.errors import HistoryError
from iacdrift.history import asking, listing
from iacdrift.history.resolving import ASKED, LEFT, OWNED, VANISHED
from iacdrift.history.store import Store
from iacdrift.model.ports import PortSet
from iacdrift.recording import reminded, store_at
from iacdrift.scan.settings import ScanSettings
from tests.alerts.scenes import channel, keep
from tests.command import iacdrift
from tests.drift.scenes import OPEN, SILENT, host, observed_host, run, surface
from tests.outputs.reports import report
from tests.stored import ADDRESS, scanned

OTHER = "198.51.100.8"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    found = store_at(tmp_path / "history.db", {"target": "shop"})
    assert found is not None
    return found


def code(path: Path, **hosts: str) -> Path:
    """An expectation: names of hosts -> addresses."""
    entries = [{"name": name, "host": address, "open": ["443/tcp"]} for name, address in hosts.items()]
    path.write_text(json.dumps({"schema": "iacdrift/expectation/1", "expectations": entries}))
    return path


def read(tmp_path: Path, hour: int, part: ExpectedPart, asked: tuple[int, ...] = (443, 8080)) -> DriftReport:
    """What the pipeline says of this code and a scan of ADDRESS, with a rogue listener on 8080 where it is asked."""
    pipeline = Pipeline.of({})
    scan = scanned(tmp_path, open_ports=[port for port in asked if port == 8080], asked=asked, hour=hour)
    return pipeline.judge(part, pipeline.read(part, [scan], None))


def expected(tmp_path: Path, **hosts: str) -> ExpectedPart:
    return expected_part([code(tmp_path / "code.json", **hosts)], "internet")


def rows(store: Store) -> dict[str, str | None]:
    """Kind -> why it ended, None while it is open."""
    return {row["kind"]: row["ended"] for row in listing.findings(store.database, every=True)}


def begun(tmp_path: Path, store: Store) -> None:
    """`web` has a port open that it shouldn't; its neighbour is in the code as well."""
    keep(store, store.annotated(read(tmp_path, 0, expected(tmp_path, web=ADDRESS, db=OTHER))), channel())
    assert rows(store) == {"exposed": None}


def test_a_host_that_left_the_code_takes_its_findings_along(tmp_path: Path, store: Store) -> None:
    begun(tmp_path, store)
    after = store.annotated(read(tmp_path, 1, expected(tmp_path, db=OTHER)))
    [ended] = after.resolved
    assert (ended.kind.value, ended.ended) == ("exposed", LEFT)
    assert after.carried == ()
    keep(store, after, channel())
    assert rows(store) == {"exposed": LEFT, "undeclared_host": None}
    from iacdrift.alerts.outbox import listed

    assert any("resolved: exposed" in row["summary"] for row in listed(store.database, 9))
    compared = asking.compared(store.database)
    assert [(item["kind"], item["ended"]) for item in compared.resolved] == [("exposed", LEFT)]


def test_the_alert_tells_why(tmp_path: Path, store: Store) -> None:
    begun(tmp_path, store)
    keep(store, store.annotated(read(tmp_path, 1, expected(tmp_path, db=OTHER))), channel())
    from iacdrift.history.document import unpacked
    from iacdrift.history.schema import OutboxRow

    with store.database.reading() as session:
        assert session is not None
        told = [unpacked(row.document, row.id) for row in session.query(OutboxRow)]
    [ended] = [item for item in told if item["event"] == "resolved"]
    assert ended["explanation"] == "No longer in the code."


@pytest.mark.parametrize(
    "hosts", [{"front": ADDRESS, "db": OTHER}, {"web": "198.51.100.9", "db": OTHER}, {"web": "shop.invalid", "db": OTHER}]
)
def test_another_name_or_another_address_is_no_leaving(tmp_path: Path, store: Store, hosts: dict[str, str]) -> None:
    """Moved, renamed or replaced: the finding waits for a run that asks again."""
    begun(tmp_path, store)
    part = expected(tmp_path, **hosts)
    later = read(tmp_path, 1, part, asked=(443,))
    [carried] = store.annotated(later).carried
    assert carried.kind.value == "exposed"
    store.store(later)
    assert rows(store)["exposed"] is None


def test_what_only_and_skip_leave_out_is_in_the_code_all_the_same(tmp_path: Path, store: Store) -> None:
    begun(tmp_path, store)
    file = code(tmp_path / "code.json", web=ADDRESS, db=OTHER)
    part = expected_part([file], "internet", skip=("*web",))
    store.store(store.annotated(read(tmp_path, 1, part)))
    assert rows(store)["exposed"] is None


@pytest.mark.parametrize("gap", ["plan.json: errored", None])
def test_sources_that_werent_whole_or_hold_nobody_end_nothing(tmp_path: Path, store: Store, gap: str | None) -> None:
    begun(tmp_path, store)
    part = expected(tmp_path, db=OTHER)
    network = evolve(part.network, gaps=(gap,)) if gap else evolve(part.network, interfaces=(), expectations=(), fleets=())
    later = read(tmp_path, 1, evolve(part, network=network))
    assert later.in_code is None
    store.store(store.annotated(later))
    assert rows(store)["exposed"] is None


def test_it_is_told_in_the_history_and_a_host_that_comes_back_is_new(tmp_path: Path) -> None:
    words = ("diff", "--from", "code.json", "--vantage", "internet", "--history", "h.db")
    (tmp_path / "iacdrift.toml").write_text('[history]\ntarget = "shop"\n')
    for hour, hosts in enumerate([{"web": ADDRESS, "db": OTHER}, {"db": OTHER}]):
        code(tmp_path / "code.json", **hosts)
        scan = scanned(tmp_path, open_ports=[8080], asked=(443, 8080), hour=hour)
        assert iacdrift(*words, "--nmap-xml", scan, cwd=tmp_path).code == 1
    listed = iacdrift("history", "list", "--findings", "--all", "--history", "h.db", cwd=tmp_path).out
    assert f"resolved 2026-02-02T03:41:00Z ({LEFT})" in " ".join(listed.split())
    code(tmp_path / "code.json", web=ADDRESS, db=OTHER)
    scan = scanned(tmp_path, open_ports=[8080], asked=(443, 8080), hour=2)
    again = json.loads(iacdrift(*words, "--nmap-xml", scan, "--format", "json", "-o", "sarif:r.sarif", cwd=tmp_path).out)
    results = json.loads((tmp_path / "r.sarif").read_text())["runs"][0]["results"]
    assert [result["ruleId"] for result in results if result["baselineState"] == "absent"] == ["undeclared_host"]
    assert [item["new"] for item in again["findings"] if item["kind"] == "exposed"] == [True]
    [owned] = again["resolved"]
    assert (owned["kind"], owned["ended"]) == ("undeclared_host", OWNED)


STRANGER = "10.0.0.44"


def swept(day: int, *strangers: str, vanished: dict[str, str] | None = None, answers: bool = True) -> DriftReport:
    """A sweep: a declared host, strangers that answer on 22, and addresses that were asked where they had answered, in vain."""
    seen = observed_host("443", ("443", OPEN if answers else SILENT), answers=answers)
    extra = tuple(observed_host("22", ("22", OPEN), address=address) for address in strangers)
    gone = {ip_address(address): PortSet.parse(ports) for address, ports in (vanished or {}).items()}
    whole = surface(host(open="443"), subnets=(ip_network("10.0.0.0/24"),))
    when = f"2026-01-1{day}T03:04:05Z"
    return report(whole, run(seen, extra=extra, vanished=gone, started_at=when, finished_at=when))


def ended(store: Store) -> str | None:
    return rows(store)["undeclared_host"]


def test_an_undeclared_host_that_answers_no_more_is_over(store: Store) -> None:
    store.store(swept(0, STRANGER))
    assert ended(store) is None
    gone = store.annotated(swept(1, vanished={STRANGER: "22,80"}))
    assert [item.ended for item in gone.resolved] == [VANISHED]
    store.store(gone)
    assert ended(store) == VANISHED
    assert store.store(store.annotated(swept(2, STRANGER))).new
    assert ended(store) is None


@pytest.mark.parametrize(
    "later",
    [
        pytest.param(swept(1), id="nobody asked there"),
        pytest.param(swept(1, vanished={STRANGER: "80"}), id="asked on another port"),
        pytest.param(swept(1, vanished={"10.0.0.45": "22"}), id="somebody else is gone"),
        pytest.param(swept(1, vanished={STRANGER: "22"}, answers=False), id="nothing answered this run"),
    ],
)
def test_an_undeclared_host_that_wasnt_asked_is_still_there(store: Store, later: DriftReport) -> None:
    store.store(swept(0, STRANGER))
    store.store(store.annotated(later))
    assert ended(store) is None


def test_the_scan_is_reminded_of_those_that_are_open(store: Store, tmp_path: Path) -> None:
    store.store(swept(0, STRANGER, "10.0.0.45"))
    store.store(store.annotated(swept(1, STRANGER, vanished={"10.0.0.45": "22"})))
    part = expected(tmp_path, db=OTHER)
    settings = ScanSettings(sweep="10.0.0.0/24")
    assert reminded(settings, part, store.database.location).remembered == ((ip_address(STRANGER), PortSet.parse("22")),)
    assert reminded(ScanSettings(), part, store.database.location).remembered == ()
    assert reminded(settings, part, None).remembered == ()


def test_a_history_that_cannot_be_read_reminds_of_nothing(tmp_path: Path) -> None:
    (tmp_path / "broken.db").write_text("no database at all, but long enough to be taken for a damaged one" * 20)
    broken = store_at(tmp_path / "broken.db")
    assert broken is not None
    settings = ScanSettings(sweep="10.0.0.0/24")
    assert reminded(settings, expected(tmp_path, db=OTHER), broken.database.location) == settings
    with pytest.raises(HistoryError):
        broken.annotated(swept(0))


def test_what_was_asked_again_is_told_so(tmp_path: Path, store: Store) -> None:
    begun(tmp_path, store)
    part = expected(tmp_path, web=ADDRESS, db=OTHER)
    pipeline = Pipeline.of({})
    store.store(store.annotated(pipeline.judge(part, pipeline.read(part, [scanned(tmp_path, asked=(443, 8080), hour=1)], None))))
    assert rows(store) == {"exposed": ASKED}
