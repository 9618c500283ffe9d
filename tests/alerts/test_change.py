"""Sent on change only, grouped by cause: what a series of reports puts into the outbox."""

from __future__ import annotations

from pathlib import Path

import pytest
from attrs import evolve

from iacdrift.alerts import outbox
from iacdrift.alerts.announce import note_failure
from iacdrift.drift.report import Severity
from iacdrift.history.store import Store
from tests.alerts.scenes import channel, keep, opened, scanned

OPS = channel()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return opened(tmp_path)


def told(store: Store) -> list[str]:
    return [row["summary"] for row in reversed(outbox.listed(store.database, 100))]


def test_a_finding_is_told_once_when_it_comes_and_once_when_it_goes(store: Store) -> None:
    for ports in ((), (8080,), (8080,), (), ()):
        keep(store, scanned(ports), OPS)
    assert told(store) == [
        "critical exposed tcp/8080 on aws_instance.web[0] 198.51.100.10 (shop)",
        "critical resolved: exposed tcp/8080 on aws_instance.web[0] 198.51.100.10 (shop)",
    ]


def test_one_rule_that_opens_a_port_on_forty_hosts_is_one_alert(store: Store) -> None:
    keep(store, scanned((8080,), 40), OPS)
    [summary] = told(store)
    assert summary.startswith("critical exposed tcp/8080 on 40 hosts: aws_instance.web[0] 198.51.100.10, ")
    assert summary.endswith("and 35 more (shop)")
    keep(store, scanned((), 40), OPS)
    assert len(told(store)) == 2


def test_two_causes_are_two_alerts(store: Store) -> None:
    keep(store, scanned((8080, 9200), 3), OPS)
    assert len(told(store)) == 2


def test_very_many_causes_are_told_in_one(store: Store) -> None:
    ports = range(8000, 8040)
    keep(store, scanned(ports, asked="443,7000-7059,8000-8039"), OPS)
    assert told(store) == ["critical new: 40 findings of 40 causes, exposed (shop)"]


def test_what_gets_worse_is_told_and_what_gets_milder_is_not(store: Store) -> None:
    report = scanned((8080,))
    for severity in (Severity.HIGH, Severity.CRITICAL, Severity.MEDIUM, Severity.CRITICAL):
        keep(store, evolve(report, findings=tuple(evolve(one, severity=severity) for one in report.findings)), OPS)
    assert [line.split(" exposed")[0] for line in told(store)] == ["high", "critical worse:"]


def test_what_wasnt_asked_again_isnt_resolved(store: Store) -> None:
    keep(store, scanned((8080,)), OPS)
    keep(store, scanned((), asked="443"), OPS)
    assert len(told(store)) == 1


def test_an_exception_takes_a_finding_out_and_its_end_tells_it_anew(store: Store) -> None:
    report = scanned((8080,))
    [finding] = report.findings
    ignored = evolve(report, findings=(), ignored=({**finding.to_dict(), "reason": "known"},))
    for one in (ignored, ignored, report, report, ignored, report):
        keep(store, one, OPS)
    assert len(told(store)) == 2
    assert not any("resolved" in line for line in told(store))


def test_a_finding_that_comes_back_is_told_again_even_if_its_end_was_kept_without_alerts(store: Store) -> None:
    keep(store, scanned((8080,)), OPS)
    store.store(scanned())
    store.store(scanned((8080,)))
    keep(store, scanned((8080,)), OPS)
    assert len(told(store)) == 2


def test_what_ended_in_a_run_without_alerts_is_told_by_the_next_one(store: Store) -> None:
    keep(store, scanned((8080,)), OPS)
    store.store(scanned())
    keep(store, scanned(), OPS)
    assert "resolved" in told(store)[1]


def test_filters_of_severity_target_and_event(store: Store) -> None:
    channels = [
        channel(name="grave", severity="critical"),
        channel(name="all", severity="note"),
        channel(name="elsewhere", targets=["bank*"]),
        channel(name="here", targets="sh*"),
        channel(name="ends", events=["resolved"]),
    ]
    report = scanned((8080,))
    mild = evolve(report, findings=tuple(evolve(one, severity=Severity.NOTE) for one in report.findings))
    keep(store, mild, *channels)
    assert set(outbox.waiting(store.database)) == {"all"}
    keep(store, report, *channels)
    assert set(outbox.waiting(store.database)) == {"all", "grave", "here"}
    keep(store, scanned(), *channels)
    assert set(outbox.waiting(store.database)) == {"all", "grave", "here", "ends"}


def test_incomplete_is_told_after_so_many_runs_in_a_row_and_its_end(store: Store) -> None:
    third = channel(incomplete_after=3)
    gap = scanned(undetermined="9200")
    for report in (gap, gap, scanned(), gap, gap, gap, gap, scanned(), scanned()):
        keep(store, report, third)
    assert told(store) == ["incomplete for 3 runs in a row (shop)", "complete again after 4 runs in a row (shop)"]


def test_drift_with_a_gap_counts_as_incomplete_and_a_part_asked_on_purpose_counts_for_nothing(store: Store) -> None:
    second = channel(incomplete_after=2, events="incomplete")
    gap = scanned((8080,), undetermined="9200")
    keep(store, gap, second)
    keep(store, scanned((8080,)), second, whole=False)
    keep(store, gap, second)
    assert told(store) == ["incomplete for 2 runs in a row (shop)"]


def test_runs_without_a_verdict_count_too(store: Store) -> None:
    second = channel(incomplete_after=2)
    for _ in range(3):
        note_failure(store, (second,), "shop", "plan.json can't be read")
    keep(store, scanned(), second)
    assert told(store) == ["incomplete for 2 runs in a row (shop)", "complete again after 3 runs in a row (shop)"]
