"""Deviations from a baseline: also where the code can't judge, and never instead of what the code says."""

from __future__ import annotations

import json

import pytest
from attrs import evolve

from iacdrift.drift.baseline import KINDS, Baseline
from iacdrift.drift.deviations import with_deviations
from iacdrift.drift.identity import locate
from iacdrift.drift.judge import judge
from iacdrift.drift.report import DriftReport, Verdict
from iacdrift.drift.settings import JudgeSettings
from iacdrift.errors import SourceError
from iacdrift.surface.expected import ExpectedSurface
from iacdrift.surface.observed import Answer, Evidence, ObservedSurface
from iacdrift.surface.vantage import Vantage
from tests.drift.scenes import CLOSED, OPEN, OTHER, SILENT, answer, host, observed_host, run, surface

EXPECTED = surface(host(open="443", allowed="22,8443", by_code="9001"))
SSH = answer(Evidence.OPEN, service="ssh", product="OpenSSH", version="9.2", confirmed=True)
ASKED = "22,443,8080,8443,9001"
BEFORE = run(observed_host(ASKED, ("443", OPEN), ("22", SSH), ("8443,9001", CLOSED), ("8080", SILENT)))


def saved(observed: ObservedSurface = BEFORE, expected: ExpectedSurface = EXPECTED) -> Baseline:
    return Baseline.of("main", "2026-01-14T03:04:05Z", expected, observed)


def compared(
    *groups: tuple[str, Answer],
    baseline: Baseline | None = None,
    expected: ExpectedSurface = EXPECTED,
    asked: str = ASKED,
    partial: bool = False,
) -> DriftReport:
    observed = run(observed_host(asked, *groups))
    report = judge(expected, observed)
    return with_deviations(report, baseline or saved(), expected, observed, JudgeSettings(), partial=partial)


def deviating(report: DriftReport) -> list[tuple[str, str, str]]:
    return [(item.kind.value, str(item.ports), item.severity.value) for item in report.findings if item.kind in KINDS]


SAME = (("443", OPEN), ("22", SSH), ("8443", CLOSED), ("8080", SILENT))


def test_the_same_again_deviates_in_nothing() -> None:
    report = compared(*SAME, ("9001", CLOSED))
    assert deviating(report) == []
    assert report.baseline == "main"


def test_a_new_listener_where_the_code_allows_or_cannot_tell() -> None:
    report = compared(("443,8443,9001", OPEN), ("22", SSH), ("8080", SILENT))
    assert deviating(report) == [("new_listener", "8443", "medium"), ("new_listener", "9001", "medium")]
    assert report.verdict is Verdict.DRIFT
    assert "In the baseline main nothing answered here." in report.findings[0].explanation


def test_an_exposed_port_stays_exposed_even_if_the_baseline_has_it() -> None:
    held = saved(run(observed_host(ASKED, ("443,8080", OPEN), ("22", SSH), ("8443,9001", CLOSED))))
    report = compared(("443,8080", OPEN), ("22", SSH), ("8443,9001", CLOSED), baseline=held)
    assert [item.kind.value for item in report.findings if item.severity.value == "critical"] == ["exposed"]
    assert deviating(report) == []


def test_an_exposed_port_that_is_new_is_said_once() -> None:
    report = compared(("443,8080", OPEN), ("22", SSH), ("8443,9001", CLOSED))
    assert deviating(report) == []
    assert "exposed" in [item.kind.value for item in report.findings]


@pytest.mark.parametrize("gone", [CLOSED, SILENT])
def test_a_gone_listener(gone: Answer) -> None:
    report = compared(("443", OPEN), ("22", gone), ("8443,9001", CLOSED), ("8080", SILENT))
    assert deviating(report) == [("gone_listener", "22", "low")]


def test_a_declared_listener_that_is_gone_is_missing_and_said_once() -> None:
    report = compared(("443", CLOSED), ("22", SSH), ("8443,9001", CLOSED), ("8080", SILENT))
    assert deviating(report) == []
    assert "missing" in [item.kind.value for item in report.findings]


@pytest.mark.parametrize("asked", ["443,8443", ASKED])
def test_a_listener_that_was_not_looked_at_makes_the_run_incomplete(asked: str) -> None:
    report = compared(("443", OPEN), ("8443", CLOSED), asked=asked)
    assert deviating(report) == []
    assert any(item.required and str(item.ports) == "22" and "baseline main" in item.why for item in report.undetermined)
    assert report.verdict is Verdict.INCOMPLETE


def test_asking_one_finding_again_leaves_the_others_out_on_purpose() -> None:
    report = compared(("8443", OPEN), asked="8443", partial=True)
    assert deviating(report) == [("new_listener", "8443", "medium")]
    assert not any("baseline" in item.why for item in report.undetermined)


@pytest.mark.parametrize(
    ("now", "differs"),
    [
        (evolve(SSH, version="9.9"), True),
        (evolve(SSH, service="http", product="nginx"), True),
        (evolve(SSH, tunnel="ssl"), True),
        (evolve(SSH, service="tcpwrapped", product=None, version=None, confirmed=False), True),
        (evolve(SSH, product=None, version=None), False),
        (evolve(SSH, service=None, product=None, version=None, confirmed=False), False),
    ],
)
def test_another_service(now: Answer, differs: bool) -> None:
    report = compared(("443", OPEN), ("22", now), ("8443,9001", CLOSED), ("8080", SILENT))
    assert deviating(report) == ([("changed_service", "22", "low")] if differs else [])


def test_a_port_that_was_not_learnt_then_is_a_note_now() -> None:
    narrow = saved(run(observed_host("443,22", ("443", OPEN), ("22", SSH))))
    report = compared(("443,8443", OPEN), ("22", SSH), ("9001", CLOSED), ("8080", SILENT), baseline=narrow)
    assert deviating(report) == [("new_listener", "8443", "note")]


def test_silence_that_proves_nothing_is_not_learnt() -> None:
    held = saved(run(observed_host(ASKED, ("443,22,8080,8443", SILENT), answers=False)))
    assert not held.hosts[0].tcp


def test_a_new_host_deviates_where_the_code_declares_no_listener() -> None:
    both = surface(*EXPECTED.hosts, host(OTHER, "aws_instance.new", open="443", allowed="22"))
    observed = run(observed_host(ASKED, *SAME, ("9001", CLOSED)), observed_host("22,443", ("443", OPEN), ("22", SSH), address=OTHER))
    report = with_deviations(judge(both, observed), saved(), both, observed, JudgeSettings(), partial=False)
    assert deviating(report) == [("new_listener", "22", "medium")]


def test_a_host_that_is_not_in_the_run_is_remarked() -> None:
    other = surface(host(OTHER, "aws_instance.new", open="443"))
    observed = run(observed_host("443", ("443", OPEN), address=OTHER))
    report = with_deviations(judge(other, observed), saved(), other, observed, JudgeSettings(), partial=False)
    assert any("aws_instance.web (198.51.100.7) is in the baseline main, but not in this run" in note for note in report.notes)


def test_from_elsewhere_nothing_is_compared_and_nothing_is_in_sync() -> None:
    report = compared(*SAME, ("9001", CLOSED), expected=evolve(EXPECTED, vantage=Vantage.parse("192.0.2.1")))
    assert deviating(report) == []
    assert any(item.required and "from another place" in item.why for item in report.undetermined)


def test_the_same_host_at_another_address_is_the_same() -> None:
    moved = surface(host(OTHER, open="443", allowed="22,8443"))
    observed = run(observed_host(ASKED, ("443", OPEN), ("22", SSH), ("8443", CLOSED), address=OTHER))
    report = with_deviations(judge(moved, observed), saved(), moved, observed, JudgeSettings(), partial=False)
    assert deviating(report) == []


def test_what_is_accepted_deviates_no_more() -> None:
    groups = (("443,8443", OPEN), ("22,9001", CLOSED), ("8080", SILENT))
    first, accepted = compared(*groups), saved()
    assert {kind for kind, _, _ in deviating(first)} == {"new_listener", "gone_listener"}
    for finding in first.findings:
        if finding.kind in KINDS:
            accepted = accepted.accepting(finding)
    assert deviating(compared(*groups, baseline=accepted)) == []
    assert deviating(compared(*SAME, ("9001", CLOSED), baseline=accepted)) != []


def test_a_baseline_comes_back_from_its_json() -> None:
    assert Baseline.from_dict(json.loads(json.dumps(saved().to_dict()))) == saved()
    for broken in ({}, [], {"schema": "iacdrift/baseline/9"}, {"schema": "iacdrift/baseline/1", "hosts": [{}]}):
        with pytest.raises(SourceError, match="baseline"):
            Baseline.from_dict(broken)


def test_a_deviation_can_be_asked_again_by_its_id() -> None:
    report = compared(("443,8443", OPEN), ("22", SSH), ("9001", CLOSED), ("8080", SILENT))
    [finding] = [item for item in report.findings if item.kind in KINDS]
    [(found, protocol, ports)] = locate(finding.id, EXPECTED)
    assert (found.owner, protocol, str(ports)) == ("aws_instance.web", "tcp", "8443")
