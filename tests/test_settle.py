"""After a deploy: only what isn't as it should be is asked again, until it holds twice or the time is spent."""

from __future__ import annotations

from ipaddress import ip_address

from attrs import define, evolve, field

from iacdrift.drift.judge import judge
from iacdrift.drift.reading import report_from_dict
from iacdrift.drift.report import FindingKind
from iacdrift.model.ports import PortSet
from iacdrift.outputs.registry import render
from iacdrift.settle import Clock, joined, settled
from iacdrift.surface.expected import Address, ExpectedHost, ExpectedPorts, ExpectedSurface
from iacdrift.surface.observed import Answer, Evidence, ObservedHost, ObservedPorts, ObservedSurface
from iacdrift.surface.vantage import Vantage

HOST = ip_address("198.51.100.7")
EXPECTED = ExpectedSurface(
    Vantage.parse("internet"),
    (ExpectedHost("aws_instance.web", "plan.json", HOST, tcp=ExpectedPorts(open=PortSet.parse("443"), allowed=PortSet.parse("22"))),),
)


def seen(*groups: tuple[str, Evidence], before: bool = True, after: bool = True) -> ObservedSurface:
    pairs = tuple((PortSet.parse(ports), Answer(evidence)) for ports, evidence in groups)
    asked = PortSet()
    for ports, _ in pairs:
        asked |= ports
    return ObservedSurface({HOST: ObservedHost(HOST, ObservedPorts(asked, pairs), answered_before=before, answered_after=after)})


@define
class Network:
    """Answers in turn; the last answer holds. Notes what it was asked and when."""

    answers: list[ObservedSurface]
    seconds: float = 0.0
    asked: list[tuple[float, object]] = field(factory=list)

    def ask(self, only: object) -> ObservedSurface:
        self.asked.append((self.seconds, only))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds

    def clock(self) -> Clock:
        return Clock(lambda: self.seconds, self.sleep)


def run(first: ObservedSurface, network: Network, seconds: float) -> ObservedSurface:
    return settled(first, EXPECTED, seconds, network.ask, lambda observed: judge(EXPECTED, observed), network.clock())


REFUSED = seen(("443", Evidence.CLOSED), ("22", Evidence.OPEN))
OPEN = seen(("443", Evidence.OPEN))


def kinds(observed: ObservedSurface) -> set[FindingKind]:
    return {finding.kind for finding in judge(EXPECTED, observed).findings}


def test_what_is_right_is_not_asked_again() -> None:
    network = Network([OPEN])
    right = seen(("443", Evidence.OPEN), ("22", Evidence.CLOSED))
    assert run(right, network, 60) == right
    assert network.asked == []


def test_only_what_is_wrong_is_asked_and_a_good_answer_is_asked_for_twice() -> None:
    network = Network([seen(("443", Evidence.CLOSED)), OPEN, OPEN])
    settled_down = run(REFUSED, network, 60)
    assert FindingKind.MISSING in kinds(REFUSED)
    assert FindingKind.MISSING not in kinds(settled_down)
    assert [only for _, only in network.asked] == [((HOST, "tcp", PortSet.parse("443")),)] * 3
    # What wasn't asked again keeps its first answer.
    assert settled_down.hosts[HOST].tcp.of(Evidence.OPEN) == PortSet.parse("22,443")


def test_a_listener_that_flaps_isnt_settled() -> None:
    closed = seen(("443", Evidence.CLOSED))
    network = Network([OPEN, closed, OPEN, closed])
    assert FindingKind.MISSING in kinds(run(REFUSED, network, 40))


def test_it_ends_when_the_time_is_spent_and_pauses_grow() -> None:
    network = Network([seen(("443", Evidence.CLOSED))])
    assert FindingKind.MISSING in kinds(run(REFUSED, network, 100))
    assert network.seconds < 100
    moments = [moment for moment, _ in network.asked]
    pauses = [later - earlier for earlier, later in zip([0.0, *moments], moments, strict=False)]
    assert pauses == sorted(pauses)
    assert pauses[-1] == 30


def test_ctrl_c_while_waiting_keeps_what_was_learnt() -> None:
    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    network = Network([OPEN])
    observed = settled(REFUSED, EXPECTED, 60, network.ask, lambda seen_now: judge(EXPECTED, seen_now), Clock(lambda: 0.0, interrupt))
    assert observed.interrupted
    assert observed.hosts == REFUSED.hosts


def test_an_interrupted_scan_isnt_asked_again() -> None:
    network = Network([OPEN])
    interrupted = ObservedSurface(REFUSED.hosts, interrupted="by the user")
    assert run(interrupted, network, 60).interrupted
    assert network.asked == []


def test_a_host_that_came_up_cant_vouch_for_the_silence_before() -> None:
    booting = seen(("1-100,443", Evidence.SILENT), before=False, after=False)
    up = joined(booting, seen(("443", Evidence.OPEN)))
    assert not up.hosts[HOST].believable_silence
    assert up.hosts[HOST].tcp.of(Evidence.OPEN) == PortSet.parse("443")
    assert up.hosts[HOST].tcp.of(Evidence.SILENT) == PortSet.parse("1-100")


def test_silence_that_was_asked_again_is_believed_by_the_new_answers() -> None:
    booting = seen(("1-100,443", Evidence.SILENT), before=False, after=False)
    again = seen(("1-100", Evidence.SILENT), ("443", Evidence.OPEN))
    assert joined(booting, again).hosts[HOST].believable_silence


def test_an_address_that_appears_is_added() -> None:
    other: Address = ip_address("198.51.100.8")
    assert set(joined(OPEN, ObservedSurface({other: ObservedHost(other)})).hosts) == {HOST, other}


def test_the_report_says_how_long_each_took() -> None:
    network = Network([seen(("443", Evidence.CLOSED)), OPEN, OPEN])
    report = judge(EXPECTED, run(REFUSED, network, 60))
    # Pauses of 1 and 2 seconds, then the good answer; the third question only confirms it.
    assert report.settled == ({"address": str(HOST), "protocol": "tcp", "ports": "443", "seconds": 3.0},)
    assert "443: right after 3 s" in render(report, "text")
    assert report_from_dict(report.to_dict()).settled == report.settled


def test_what_never_settles_is_said_and_a_flap_counts_from_its_last_good_answer() -> None:
    never = judge(EXPECTED, run(REFUSED, Network([seen(("443", Evidence.CLOSED))]), 20))
    assert [item["seconds"] for item in never.settled] == [None]
    assert "443: not settled" in render(never, "text")
    flaps = Network([OPEN, seen(("443", Evidence.CLOSED)), OPEN, OPEN])
    assert [item["seconds"] for item in judge(EXPECTED, run(REFUSED, flaps, 200)).settled] == [7.0]
    assert judge(EXPECTED, run(seen(("443", Evidence.OPEN)), Network([OPEN]), 60)).settled == ()


def test_what_was_right_early_is_asked_for_a_second_time_as_well() -> None:
    """22 is right one round before 443; the last question is about both."""
    other = evolve(EXPECTED.hosts[0], tcp=ExpectedPorts(open=PortSet.parse("22,443")))
    expected = evolve(EXPECTED, hosts=(other,))
    network = Network([seen(("22", Evidence.OPEN), ("443", Evidence.CLOSED)), OPEN, seen(("22,443", Evidence.OPEN))])
    both = seen(("22", Evidence.CLOSED), ("443", Evidence.CLOSED))
    observed = settled(both, expected, 60, network.ask, lambda now: judge(expected, now), network.clock())
    asked = [PortSet.of(port for _, _, ports in only for port in ports) for _, only in network.asked]  # type: ignore[attr-defined]
    assert [str(ports) for ports in asked] == ["22,443", "443", "22,443"]
    assert [(str(item.ports), item.seconds) for item in observed.settling] == [("22", 1.0), ("443", 3.0)]
