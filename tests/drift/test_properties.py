"""What holds whatever was expected and whatever was seen."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from iacdrift.drift.judge import judge
from iacdrift.drift.middlebox import open_everywhere
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


@st.composite
def neighbours(draw: st.DrawFn) -> list[tuple[ExpectedHost, ObservedHost]]:
    """Hosts of one role: the same sets of ports, as objects, in answers and expectations of their own."""
    roles = draw(st.lists(scenes(), min_size=1, max_size=2))
    found = []
    for number in range(1, 7):
        expected, seen = draw(st.sampled_from(roles))
        other = draw(st.sampled_from([expected, *(role[0] for role in roles)]))
        address = ip_address(f"198.51.100.{number}")
        changed: dict[str, Any] = {name: draw(_otherwise(seen.ports(name))) for name in ("tcp", "udp")}
        changed |= {"answered_before": True}  # else its silence is judged by what the others answered
        found.append(
            (
                evolve(other, address=address, owner=f"aws_instance.{number}", services=draw(st.sampled_from([{}, {("tcp", 3): "ssh"}]))),
                evolve(seen, address=address, doubted=draw(st.sampled_from([(), ((PortSet.of((4, 5)), "lost"),)])), **changed),
            )
        )
    return found


@st.composite
def _otherwise(draw: st.DrawFn, seen: ObservedPorts) -> ObservedPorts:
    """The same sets with something else said of them."""
    change: dict[str, Any] = {
        "ttl": st.just(9),
        "confirmed": st.booleans(),
        "reason": st.just("port-unreach"),
        "reason_ip": st.just("192.0.2.1"),
    }
    groups = []
    for ports, answer in seen.groups:
        name = draw(st.sampled_from([*change, "nothing"]))
        other: dict[str, Any] = {} if name == "nothing" else {name: draw(change[name])}
        groups.append((ports, evolve(answer, **other)))
    return ObservedPorts(seen.asked, tuple(groups))


@settings(max_examples=40, deadline=None)
@given(neighbours())
def test_what_is_ruled_of_one_host_is_ruled_of_another_only_where_it_holds(found: list[tuple[ExpectedHost, ObservedHost]]) -> None:
    observed = run(*(seen for _, seen in found))
    shared = Run(Witnesses.of(observed, VANTAGE))
    for target in find_targets(surface(*(expected for expected, _ in found)), observed):
        for protocol in ("tcp", "udp"):
            assert rule(target, protocol, shared) == rule(target, protocol, Run(shared.witnesses))


@settings(max_examples=40, deadline=None)
@given(neighbours())
def test_a_report_of_many_hosts_holds_what_a_report_of_each_holds(found: list[tuple[ExpectedHost, ObservedHost]]) -> None:
    observed = run(*(seen for _, seen in found))
    whole = judge(surface(*(expected for expected, _ in found)), observed)
    for (expected, _), reported in zip(found, whole.hosts, strict=True):
        assert reported == judge(surface(expected), observed).hosts[0]
    assert whole.to_dict()["hosts"] == [reported.to_dict() for reported in whole.hosts]
    each = [judge(surface(expected), observed) for expected, _ in found]
    assert whole.coverage.ports_asserted == sum(report.coverage.ports_asserted for report in each)
    assert whole.coverage.ports_probed == sum(report.coverage.ports_probed for report in each)
    assert len(whole.findings) == sum(len(report.findings) for report in each)


@settings(max_examples=40, deadline=None)
@given(neighbours())
def test_a_port_is_open_everywhere_if_two_hold_it_open_and_nobody_anything_else(found: list[tuple[ExpectedHost, ObservedHost]]) -> None:
    hosts = [seen for _, seen in found]
    for protocol in ("tcp", "udp"):
        opened = [seen.ports(protocol).of(Evidence.OPEN) for seen in hosts]
        others = [seen.ports(protocol).of(*(kind for kind in Evidence if kind is not Evidence.OPEN)) for seen in hosts]
        wanted = PortSet.of(
            port for port in PORTS if sum(port in ports for ports in opened) > 1 and not any(port in ports for ports in others)
        )
        assert open_everywhere(hosts, protocol) == wanted
