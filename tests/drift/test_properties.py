"""What holds whatever was expected and whatever was seen."""

from __future__ import annotations

from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from iacdrift.drift.report import DriftReport, Verdict
from iacdrift.drift.rulings import Run, rule
from iacdrift.drift.silence import Witnesses
from iacdrift.drift.table import Fate, judged_ports
from iacdrift.drift.target import find_targets
from iacdrift.model.ports import NO_PORTS, PortSet
from iacdrift.surface.expected import ExpectedHost, ExpectedPorts
from iacdrift.surface.observed import Answer, Evidence, ObservedHost, ObservedPorts
from tests.drift.scenes import VANTAGE, host, judged, observed_host, run, surface

PORTS = range(1, 25)
ROWS = ("open", "allowed", "blocked", "unknown_by_vantage", "unknown_by_code")


@st.composite
def partitions(draw: st.DrawFn) -> ExpectedPorts:
    rows = {port: draw(st.sampled_from(ROWS)) for port in PORTS}
    return ExpectedPorts(**{name: PortSet.of(port for port in PORTS if rows[port] == name) for name in ROWS if name != "blocked"})


@st.composite
def sightings(draw: st.DrawFn, protocol: str) -> ObservedPorts:
    quiet = Evidence.OPEN_OR_SILENT if protocol == "udp" else Evidence.SILENT
    kinds = [Evidence.OPEN, Evidence.CLOSED, Evidence.REJECTED, Evidence.REJECTED_ON_THE_WAY, quiet, Evidence.NOT_LEARNT, None]
    chosen = {port: draw(st.sampled_from(kinds)) for port in PORTS}
    confirmed, ttl = draw(st.booleans()), draw(st.sampled_from([None, 57, 62]))
    groups = []
    for kind in kinds[:-1]:
        ports = PortSet.of(port for port in PORTS if chosen[port] is kind)
        if ports:
            groups.append(
                (ports, Answer(kind, scan=protocol if protocol == "udp" else "syn", confirmed=confirmed, ttl=ttl, service="http"))
            )
    return ObservedPorts(PortSet.of(port for port in PORTS if draw(st.booleans())), tuple(groups))


@st.composite
def scenes(draw: st.DrawFn) -> tuple[ExpectedHost, ObservedHost]:
    expected = evolve(host(), tcp=draw(partitions()), udp=draw(partitions()), managed=draw(st.booleans()))
    seen = evolve(
        observed_host(""),
        tcp=draw(sightings("tcp")),
        udp=draw(sightings("udp")),
        answered_before=draw(st.booleans()),
        answered_after=draw(st.booleans()),
        failed=draw(st.sampled_from([None, "timed out"])),
        tcp_scan=draw(st.sampled_from(["syn", "connect"])),
    )
    return expected, seen


def _report(scene: tuple[ExpectedHost, ObservedHost], **settings: object) -> DriftReport:
    return judged(scene[0], scene[1], settings=settings)


@settings(max_examples=80, deadline=None)
@given(scenes())
def test_every_judged_port_is_in_exactly_one_ruling(scene: tuple[ExpectedHost, ObservedHost]) -> None:
    observed = run(scene[1])
    target = find_targets(surface(scene[0]), observed)[0]
    for protocol in ("tcp", "udp"):
        rulings = rule(target, protocol, Run(Witnesses.of(observed, VANTAGE)))
        union = NO_PORTS
        for ruling in rulings:
            assert not union & ruling.ports
            assert (ruling.kind is not None) == (ruling.fate is Fate.FINDING)
            assert ruling.why or ruling.fate in (Fate.FINDING, Fate.IN_SYNC)
            union |= ruling.ports
        assert union == judged_ports(scene[1].ports(protocol))


@settings(max_examples=80, deadline=None)
@given(scenes())
def test_asked_ports_are_asserted_unexplained_or_undetermined(scene: tuple[ExpectedHost, ObservedHost]) -> None:
    report = _report(scene)
    asked = {"tcp": scene[1].tcp.asked, "udp": scene[1].udp.asked}
    unexplained = sum(len(item.ports & asked[item.protocol]) for item in report.findings if item.kind.value == "unexplained")
    coverage = report.coverage
    assert coverage.ports_asked == coverage.ports_asserted + coverage.ports_undetermined + unexplained
    assert sum(len(gap.ports) for gap in report.undetermined) == coverage.ports_undetermined


@settings(max_examples=80, deadline=None)
@given(scenes())
def test_in_sync_means_that_nothing_required_is_missing(scene: tuple[ExpectedHost, ObservedHost]) -> None:
    report = _report(scene)
    if report.verdict is Verdict.IN_SYNC:
        assert not any(gap.required for gap in report.undetermined)
        assert report.coverage.ports_asserted
        assert not [item for item in report.findings if item.severity.value != "note"]
        for protocol in ("tcp", "udp"):
            exposed = scene[0].ports(protocol).blocked & scene[1].ports(protocol).of(Evidence.OPEN)
            assert not exposed


@settings(max_examples=80, deadline=None)
@given(scenes())
def test_a_run_that_was_interrupted_or_a_host_that_failed_is_never_in_sync(scene: tuple[ExpectedHost, ObservedHost]) -> None:
    assert judged(*scene, interrupted="Ctrl-C").verdict is not Verdict.IN_SYNC
    assert judged(scene[0], evolve(scene[1], failed="timed out")).verdict is not Verdict.IN_SYNC


@settings(max_examples=80, deadline=None)
@given(scenes(), st.sampled_from(PORTS))
def test_forgetting_an_answer_that_was_needed_is_never_in_sync(scene: tuple[ExpectedHost, ObservedHost], port: int) -> None:
    expected, seen = scene
    less = PortSet.single(port)
    expected = evolve(expected, tcp=_without(expected.tcp, less))
    groups = tuple((ports - less, said) for ports, said in seen.tcp.groups if ports - less)
    asked = evolve(seen, tcp=ObservedPorts(seen.tcp.asked | less, groups))
    assert judged(expected, asked).verdict is not Verdict.IN_SYNC


@settings(max_examples=80, deadline=None)
@given(scenes(), st.sampled_from(PORTS), st.sampled_from([Evidence.OPEN, Evidence.CLOSED, Evidence.REJECTED]))
def test_what_the_code_doesnt_say_is_never_in_sync_once_it_answers(
    scene: tuple[ExpectedHost, ObservedHost], port: int, evidence: Evidence
) -> None:
    expected, seen = scene
    one = PortSet.single(port)
    tcp = _without(expected.tcp, one)
    expected = evolve(expected, tcp=evolve(tcp, unknown_by_code=tcp.unknown_by_code | one))
    groups = (*((ports - one, said) for ports, said in seen.tcp.groups if ports - one), (one, Answer(evidence)))
    answered = evolve(seen, tcp=ObservedPorts(seen.tcp.asked | one, groups))
    assert judged(expected, answered).verdict is not Verdict.IN_SYNC


def _without(expected: ExpectedPorts, ports: PortSet) -> ExpectedPorts:
    """The same with these ports blocked."""
    names = ("open", "allowed", "unknown_by_vantage", "unknown_by_code")
    return ExpectedPorts(**{name: getattr(expected, name) - ports for name in names})


@settings(max_examples=60, deadline=None)
@given(scenes())
def test_ids_are_unique_and_the_report_is_deterministic(scene: tuple[ExpectedHost, ObservedHost]) -> None:
    report = _report(scene)
    ids = [finding.id for finding in report.findings]
    assert len(set(ids)) == len(ids)
    shuffled = evolve(scene[1], tcp=evolve(scene[1].tcp, groups=scene[1].tcp.groups[::-1]))
    assert _report((scene[0], shuffled)).to_json() == report.to_json()
