"""A `[[target]]` keeps its history under its own name, and takes along what its sources had before."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from attrs import evolve

from iacdrift.drift.report import DriftReport
from iacdrift.history import asking, listing
from iacdrift.history.store import Store
from iacdrift.history.trend import earlier_runs, runs_before
from iacdrift.recording import store_at
from iacdrift.surface.vantage import Vantage
from tests.alerts.scenes import channel, keep
from tests.command import iacdrift
from tests.history.test_store import TIMES, exposed, scanned
from tests.stored import PLAN
from tests.stored import scanned as xml

ELSEWHERE = Vantage.parse("192.0.2.77")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    found = store_at(tmp_path / "history.db")
    assert found is not None
    return found


def names(store: Store) -> list[str]:
    return [str(row["target"]) for row in listing.reports(store.database)]


def test_what_the_sources_had_is_taken_along(store: Store) -> None:
    keep(store, scanned(0), channel())
    shop = store.named("shop")
    found = shop.annotated(scanned(1))
    assert [(item.first_seen, item.new) for item in found.findings] == [(TIMES[0], False)]
    assert len(earlier_runs(shop, found)) == 1
    assert shop.store(found).earlier == 1
    assert names(store) == ["shop", "shop"]
    [row] = asking.life(store.database, exposed(found))
    assert (row["target"], row["times"]) == ("shop", 2)
    assert shop.store(shop.annotated(scanned(2, "443"))).resolved == (exposed(found),)


def test_what_was_seen_from_elsewhere_waits_for_who_stands_there(store: Store) -> None:
    """Two targets read the same plan and stand at different places: the first one takes nothing of the other's."""
    store.store(scanned(0))
    store.store(evolve(scanned(0), vantage=ELSEWHERE))
    store.named("outside").store(scanned(1))
    assert names(store).count("outside") == 2
    inside = store.named("inside")
    assert not inside.annotated(evolve(scanned(1), vantage=ELSEWHERE)).findings[0].new
    inside.store(evolve(scanned(1), vantage=ELSEWHERE))
    assert sorted(names(store)) == ["inside", "inside", "outside", "outside"]


def test_it_is_taken_once_and_two_names_of_the_same_sources_stay_apart(store: Store) -> None:
    store.store(scanned(0))
    store.named("one").store(scanned(1))
    assert store.named("two").annotated(scanned(2)).findings[0].new
    store.named("two").store(scanned(2, "443"))
    assert [row["target"] for row in listing.findings(store.database)] == ["one"]


def test_a_name_that_failed_before_its_first_report_takes_it_along_too(store: Store) -> None:
    from iacdrift.alerts.announce import note_failure

    store.store(scanned(0))
    note_failure(store, (), "shop", "plan.json can't be read")
    store.named("shop").store(scanned(1))
    assert names(store) == ["shop", "shop"]


def test_runs_before_a_stored_report(store: Store) -> None:
    numbers = [store.named("shop").store(scanned(day)).report for day in range(3)]
    store.named("other").store(scanned(1))
    assert [run.finished_at for run in runs_before(store.database, numbers[2])] == TIMES[:2]
    assert runs_before(store.database, numbers[0]) == ()
    assert runs_before(store.database, 99) == ()


FILE = f"""
[history]
url = "h.db"

[[target]]
name = "shop"
from = "{PLAN}"
vantage = "internet"
"""


def reported(directory: Path, hour: int) -> DriftReport:
    """What `check` would have found, kept under the name of the target."""
    from iacdrift.assertion import Pipeline, expected_part

    part = expected_part([PLAN], "internet")
    pipeline = Pipeline.of({})
    return pipeline.judge(part, pipeline.read(part, [xml(directory, open_ports=[8080], hour=hour)], None))


def test_show_draws_the_runs_before(tmp_path: Path) -> None:
    store = store_at(tmp_path / "h.db")
    assert store is not None
    for hour in range(3):
        store.named("shop").store(reported(tmp_path, hour))
    words = ("history", "show", "--history", "h.db")
    assert iacdrift(*words, "3", "-o", "html:three.html", cwd=tmp_path).code == 0
    assert iacdrift(*words, "1", "-o", "html:one.html", cwd=tmp_path).code == 0
    title = "Findings in the last 3 runs"
    assert title in (tmp_path / "three.html").read_text()
    assert title not in (tmp_path / "one.html").read_text()


def test_baselines_of_targets(tmp_path: Path) -> None:
    (tmp_path / "iacdrift.toml").write_text(FILE)
    scan = xml(tmp_path)
    saved = iacdrift("baseline", "save", "--target", "shop", "--nmap-xml", scan, cwd=tmp_path)
    assert saved.code == 0, saved.err
    assert "of shop" in iacdrift("baseline", "list", cwd=tmp_path).out
    by_hand = iacdrift("baseline", "save", "--from", PLAN, "--vantage", "internet", "--nmap-xml", scan, cwd=tmp_path)
    assert by_hand.code == 0, by_hand.err
    assert "several targets" in iacdrift("baseline", "show", cwd=tmp_path).err
    assert iacdrift("baseline", "show", "--target", "shop", cwd=tmp_path).code == 0


def test_a_baseline_of_the_sources_serves_the_target_and_can_accept(tmp_path: Path) -> None:
    words = ("--from", PLAN, "--vantage", "internet", "--history", "h.db")
    assert iacdrift("baseline", "save", *words, "--nmap-xml", xml(tmp_path), cwd=tmp_path).code == 0
    store = store_at(tmp_path / "h.db")
    assert store is not None
    from iacdrift.assertion import Pipeline, expected_part
    from iacdrift.recording import compared

    part = expected_part([PLAN], "internet")
    pipeline = Pipeline.of(compared({"baseline": "default"}, part, store.named("shop")))
    report = pipeline.judge(part, pipeline.read(part, [xml(tmp_path, open_ports=[8443], hour=1)], None))
    store.named("shop").store(report)
    told = json.loads(iacdrift("baseline", "diff", "--history", "h.db", "--format", "json", cwd=tmp_path).out)
    assert [item["ports"] for item in told["findings"] if item["kind"] == "new_listener"] == ["8443"]


def test_export_holds_the_baselines(tmp_path: Path) -> None:
    words = ("--from", PLAN, "--vantage", "internet", "--history", "h.db")
    iacdrift("baseline", "save", "nightly", *words, "--nmap-xml", xml(tmp_path), cwd=tmp_path)
    rows = [json.loads(line) for line in iacdrift("history", "export", "--history", "h.db", cwd=tmp_path).out.splitlines()]
    [row] = [row for row in rows if "baseline" in row]
    assert row["baseline"] == "nightly"
    [host] = row["document"]["hosts"]
    assert [item["port"] for item in host["listeners"]] == [443]
