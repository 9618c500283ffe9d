"""Each cell of the verdict table, with the cell beside it."""

from __future__ import annotations

import pytest

from iacdrift.drift.report import Verdict
from iacdrift.surface.observed import Answer, Evidence, ObservedPorts
from tests.drift.scenes import (
    CLOSED,
    ON_THE_WAY,
    OPEN,
    QUIET,
    REJECTED,
    SILENT,
    answer,
    host,
    judged,
    kinds,
    observed_host,
    partition,
    seen,
)

# A host that answers on 22 (allowed) and drops on 9 (blocked), so that silence is believed and a refusal is proof.
PROBE = "8000"
CELLS = {
    ("open", "open"): (Verdict.IN_SYNC, None),
    ("open", "closed"): (Verdict.DRIFT, ("missing", "high")),
    ("open", "rejected"): (Verdict.DRIFT, ("missing", "high")),
    ("open", "on the way"): (Verdict.DRIFT, ("unreachable", "high")),
    ("open", "silent"): (Verdict.DRIFT, ("unreachable", "high")),
    ("open", "nothing"): (Verdict.INCOMPLETE, None),
    ("allowed", "open"): (Verdict.IN_SYNC, ("undeclared_listener", "note")),
    ("allowed", "closed"): (Verdict.IN_SYNC, None),
    ("allowed", "rejected"): (Verdict.IN_SYNC, None),
    ("allowed", "on the way"): (Verdict.IN_SYNC, ("narrowed", "note")),
    ("allowed", "silent"): (Verdict.IN_SYNC, ("narrowed", "note")),
    ("allowed", "nothing"): (Verdict.INCOMPLETE, None),
    ("blocked", "open"): (Verdict.DRIFT, ("exposed", "critical")),
    ("blocked", "closed"): (Verdict.DRIFT, ("passable", "high")),
    ("blocked", "rejected"): (Verdict.DRIFT, ("passable", "high")),
    ("blocked", "on the way"): (Verdict.IN_SYNC, None),
    ("blocked", "silent"): (Verdict.IN_SYNC, None),
    ("blocked", "nothing"): (Verdict.INCOMPLETE, None),
    ("by_vantage", "open"): (Verdict.DRIFT, ("unexplained", "medium")),
    ("by_vantage", "closed"): (Verdict.IN_SYNC, "listed"),
    ("by_vantage", "rejected"): (Verdict.IN_SYNC, "listed"),
    ("by_vantage", "on the way"): (Verdict.IN_SYNC, "listed"),
    ("by_vantage", "silent"): (Verdict.IN_SYNC, "listed"),
    ("by_vantage", "nothing"): (Verdict.IN_SYNC, "listed"),
    ("by_code", "open"): (Verdict.INCOMPLETE, None),
    ("by_code", "closed"): (Verdict.INCOMPLETE, None),
    ("by_code", "rejected"): (Verdict.INCOMPLETE, None),
    ("by_code", "on the way"): (Verdict.IN_SYNC, "listed"),
    ("by_code", "silent"): (Verdict.IN_SYNC, "listed"),
    ("by_code", "nothing"): (Verdict.IN_SYNC, "listed"),
}
SEEN = {"open": OPEN, "closed": CLOSED, "rejected": REJECTED, "on the way": ON_THE_WAY, "silent": SILENT, "nothing": None}


def _sets(row: str, port: str) -> dict[str, str]:
    sets = {"allowed": "22", "open": "", "by_vantage": "", "by_code": ""}
    if row != "blocked":
        sets[row] = ",".join(filter(None, (sets[row], port)))
    return sets


@pytest.mark.parametrize(("row", "column"), CELLS, ids=[" x ".join(cell) for cell in CELLS])
def test_cell(row: str, column: str) -> None:
    verdict, expected = CELLS[row, column]
    said = SEEN[column]
    groups = [("22", CLOSED), ("1-20", SILENT)] + ([(PROBE, said)] if said else [])
    report = judged(host(**_sets(row, PROBE)), observed_host(f"1-20,22,{PROBE}", *groups))
    assert report.verdict is verdict
    assert report.exit_code == {Verdict.IN_SYNC: 0, Verdict.DRIFT: 1, Verdict.INCOMPLETE: 3}[verdict]
    wanted = [(expected[0], PROBE, expected[1])] if isinstance(expected, tuple) else []
    assert kinds(report) == wanted
    gaps = [(str(gap.ports), gap.required) for gap in report.undetermined]
    listed = [(PROBE, False)] if expected == "listed" else [(PROBE, True)] if verdict is Verdict.INCOMPLETE else []
    assert gaps == listed
    assert all(gap.why for gap in report.undetermined)


UDP_OPEN = answer(Evidence.OPEN, reason="udp-response", scan="udp", service="domain")
UDP_CLOSED = answer(Evidence.CLOSED, reason="port-unreach", scan="udp")
UDP_CELLS: dict[tuple[str, str], tuple[Verdict, tuple[str, str] | str | None]] = {
    ("open", "open"): (Verdict.IN_SYNC, None),
    ("open", "closed"): (Verdict.DRIFT, ("missing", "high")),
    ("open", "silent"): (Verdict.INCOMPLETE, "required"),
    ("allowed", "open"): (Verdict.IN_SYNC, ("undeclared_listener", "note")),
    ("allowed", "closed"): (Verdict.IN_SYNC, None),
    ("allowed", "silent"): (Verdict.IN_SYNC, "listed"),
    ("blocked", "open"): (Verdict.DRIFT, ("exposed", "critical")),
    ("blocked", "closed"): (Verdict.DRIFT, ("passable", "high")),
    ("blocked", "silent"): (Verdict.IN_SYNC, None),
}


@pytest.mark.parametrize(("row", "column"), UDP_CELLS, ids=[" x ".join(cell) for cell in UDP_CELLS])
def test_udp_cell(row: str, column: str) -> None:
    verdict, expected = UDP_CELLS[row, column]
    said: Answer = {"open": UDP_OPEN, "closed": UDP_CLOSED, "silent": QUIET}[column]
    udp = partition(**({} if row == "blocked" else {row: "53"}))
    asked: ObservedPorts = seen("53,60-79", ("53", said), ("60-79", QUIET))
    report = judged(host(allowed="22", udp=udp), observed_host("22", ("22", CLOSED), udp=asked))
    assert report.verdict is verdict
    assert kinds(report) == ([(expected[0], "53", expected[1])] if isinstance(expected, tuple) else [])
    assert [gap.required for gap in report.undetermined] == ({"required": [True], "listed": [False]}.get(str(expected), []))


def test_strict_listeners_make_an_undeclared_listener_drift() -> None:
    scene = host(allowed="22"), observed_host("22", ("22", OPEN))
    assert judged(*scene).verdict is Verdict.IN_SYNC
    strict = judged(*scene, settings={"strict_listeners": True})
    assert (strict.verdict, kinds(strict)) == (Verdict.DRIFT, [("undeclared_listener", "22", "medium")])


def test_an_open_port_that_nobody_asked_for_is_a_finding_and_a_silent_one_is_nothing() -> None:
    report = judged(host(open="443"), observed_host("443", ("443", OPEN), ("8080", OPEN), ("9", SILENT)))
    assert kinds(report) == [("exposed", "8080", "critical")]
    assert report.coverage.ports_asked == 1
    assert report.coverage.ports_asserted == 1
    assert judged(host(open="443"), observed_host("443", ("443", OPEN), ("9", SILENT))).verdict is Verdict.IN_SYNC


def test_ranges_share_a_finding_and_open_ports_stand_singly() -> None:
    refused = judged(host(open="443"), observed_host("1-100,443", ("443", OPEN), ("7,10-12", CLOSED), ("1-6,8-9,13-100", SILENT)))
    assert kinds(refused) == [("passable", "7,10-12", "high")]
    opened = judged(host(open="443"), observed_host("1-100,443", ("443,10-12", OPEN), ("1-9,13-100", SILENT)))
    assert kinds(opened) == [("exposed", port, "critical") for port in ("10", "11", "12")]


def test_a_refusal_and_a_rejection_are_two_findings_with_two_ids() -> None:
    report = judged(host(open="443"), observed_host("1-100,443", ("443", OPEN), ("7", CLOSED), ("8", REJECTED), ("1-6,9-100", SILENT)))
    assert kinds(report) == [("passable", "7", "high"), ("passable", "8", "high")]
    assert len({finding.id for finding in report.findings}) == 2
