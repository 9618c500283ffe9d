"""What silence, its causes and its remedies look like in a report: each scene with a network on which it is otherwise."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from iacdrift.drift.judge import judge
from iacdrift.drift.report import DriftReport, FindingKind, Severity, Verdict
from iacdrift.model.ports import PortSet
from iacdrift.scan.run import scan
from iacdrift.scan.settings import ScanSettings
from iacdrift.surface.expected import ExpectedHost, ExpectedPorts, ExpectedSurface
from tests.live.bed import Bed, Host, Rules, Service, User, Verb
from tests.live.bed.filters import Match, answer_ttl, lose_the_first, redirect, silent_after, syn_proxy
from tests.live.bed.topology import ROUTER_V6
from tests.live.networks import HERE
from tests.needs import needs

pytestmark = [pytest.mark.live, needs("root"), needs("nft"), needs("nmap")]

Scene = Callable[[Bed], DriftReport]
SCENES: dict[str, Scene] = {}
ATONCE = 12
WAY_OUT = "scanner's own network lets packets out"


def scene(function: Scene) -> Scene:
    """Registers a scene; they all run at the same time, each in a bed of its own."""
    SCENES[function.__name__] = function
    return function


class Seen:
    """The report of every scene; a scene that failed fails the tests that look at it."""

    def __init__(self) -> None:
        with ThreadPoolExecutor(ATONCE) as pool:
            self._futures = {name: pool.submit(_play, wanted) for name, wanted in SCENES.items()}

    def __getitem__(self, name: str) -> DriftReport:
        return self._futures[name].result()


@pytest.fixture(scope="module")
def seen() -> Seen:
    """All scenes, played."""
    return Seen()


def _play(wanted: Scene) -> DriftReport:
    with Bed(hosts=3) as bed:
        return wanted(bed)


def ports(text: str) -> PortSet:
    return PortSet.parse(text)


def says(host: Host, tcp: str = "", allowed: str = "", udp: str = "", family: int = 4) -> ExpectedHost:
    """What the code says of a host: these ports open, those allowed, all others blocked."""
    expected = ExpectedPorts(ports(tcp), ports(allowed))
    return ExpectedHost(f"aws_instance.{host.name}", "terraform.tfstate", host.address(family), tcp=expected, udp=ExpectedPorts(ports(udp)))


def verdict(bed: Bed, *hosts: ExpectedHost, asked: str = "80-89", user: User = User.ROOT, **options: object) -> DriftReport:
    """Scans and judges from the scanner's place."""
    surface = ExpectedSurface(HERE, hosts)
    settings = ScanSettings(ports=asked, rate=5000, timeout=100, **options)  # type: ignore[arg-type]
    return bed.scan(lambda: judge(surface, scan(surface, settings)), user, 110)


def kinds(report: DriftReport, host: str) -> list[tuple[FindingKind, str]]:
    return [(found.kind, str(found.ports)) for found in report.findings if found.owner == f"aws_instance.{host}"]


def gaps(report: DriftReport, required: bool = True) -> str:
    return "\n".join(f"{gap.address} {gap.protocol}/{gap.ports}: {gap.why}" for gap in report.undetermined if gap.required is required)


def assumed(report: DriftReport) -> str:
    return "\n".join(item.text for item in report.assumptions)


def filtered(bed: Bed, *admits: Match, first: tuple[str, ...] = ()) -> None:
    """The first host serves tcp/80 and tcp/85; the router drops all that isn't admitted."""
    for host in bed.hosts:
        host.listen({("tcp", 80): Service.WRAPPED, ("tcp", 85): Service.WRAPPED})
    bed.filter(Rules(Verb.DROP, admits, first=first))


# A host that is down.


@scene
def host_up(bed: Bed) -> DriftReport:
    filtered(bed, Match("80"))
    return verdict(bed, says(bed.hosts[0], tcp="80"), says(bed.hosts[1], tcp="80"))


@scene
def host_down(bed: Bed) -> DriftReport:
    filtered(bed, Match("80", bed.hosts[1].v4))
    return verdict(bed, says(bed.hosts[0], tcp="80", allowed="81"), says(bed.hosts[1], tcp="80"))


@scene
def host_down_that_need_not_answer(bed: Bed) -> DriftReport:
    filtered(bed, Match("80", bed.hosts[1].v4))
    return verdict(bed, says(bed.hosts[0], allowed="81"), says(bed.hosts[1], tcp="80"))


def test_a_host_that_is_down_is_unreachable_and_its_other_ports_are_not_in_sync(seen: Seen) -> None:
    assert (seen["host_up"].verdict, seen["host_up"].findings) == (Verdict.IN_SYNC, ())
    report = seen["host_down"]
    assert (report.verdict, kinds(report, "host1"), kinds(report, "host2")) == (Verdict.DRIFT, [(FindingKind.UNREACHABLE, "80")], [])
    assert "down or the path to it is blocked" in report.findings[0].explanation
    assert "198.51.100.11 tcp/81-89" in gaps(report)


def test_a_silent_host_of_which_nothing_must_answer_is_incomplete(seen: Seen) -> None:
    report = seen["host_down_that_need_not_answer"]
    assert (report.verdict, report.findings) == (Verdict.INCOMPLETE, ())
    assert "never answered" in gaps(report)


# Silence is believed only where something answered.


@scene
def nothing_answers(bed: Bed) -> DriftReport:
    filtered(bed)
    return verdict(bed, says(bed.hosts[0]), says(bed.hosts[1]))


@scene
def another_host_answers(bed: Bed) -> DriftReport:
    filtered(bed, Match("80", bed.hosts[1].v4))
    return verdict(bed, says(bed.hosts[0]), says(bed.hosts[1], tcp="80"))


@scene
def another_host_answers_over_the_other_family(bed: Bed) -> DriftReport:
    filtered(bed, Match("80", bed.hosts[1].v6))
    return verdict(bed, says(bed.hosts[0]), says(bed.hosts[1], tcp="80", family=6))


@scene
def a_control_answers(bed: Bed) -> DriftReport:
    filtered(bed, Match("80", bed.hosts[2].v4))
    return verdict(bed, says(bed.hosts[0]), controls=(f"{bed.hosts[2].v4}:80",))


@scene
def a_control_is_silent(bed: Bed) -> DriftReport:
    filtered(bed)
    return verdict(bed, says(bed.hosts[0]), controls=(f"{bed.hosts[2].v4}:80",))


def test_where_nothing_answers_at_all_nothing_is_known(seen: Seen) -> None:
    for name in ("nothing_answers", "a_control_is_silent"):
        assert (seen[name].verdict, seen[name].findings) == (Verdict.INCOMPLETE, ())
        assert "nothing else answered over IPv4 TCP" in gaps(seen[name])


@pytest.mark.parametrize("name", ["another_host_answers", "a_control_answers"])
def test_silence_is_believed_where_something_else_answered(seen: Seen, name: str) -> None:
    assert (seen[name].verdict, seen[name].findings) == (Verdict.IN_SYNC, ())
    assert WAY_OUT in assumed(seen[name])


def test_an_answer_over_ipv6_says_nothing_about_silence_over_ipv4(seen: Seen) -> None:
    report = seen["another_host_answers_over_the_other_family"]
    assert (report.verdict, report.findings) == (Verdict.INCOMPLETE, ())
    assert "198.51.100.11" in gaps(report)
    assert "2001:db8" not in gaps(report)


# The scanner's own network holds packets back.


def held_back(bed: Bed) -> None:
    """tcp/85 is exposed, but probes to it never leave the scanner's network; the third host refuses every port."""
    filtered(bed, Match("80,85", bed.hosts[0].v4), Match("", bed.hosts[2].v4), first=('iifname "scan" tcp dport 85 drop',))
    bed.hosts[2].hush()


@scene
def egress_without_control(bed: Bed) -> DriftReport:
    held_back(bed)
    return verdict(bed, says(bed.hosts[0], tcp="80"))


@scene
def egress_with_control(bed: Bed) -> DriftReport:
    held_back(bed)
    return verdict(bed, says(bed.hosts[0], tcp="80"), controls=(str(bed.hosts[2].v4),))


@scene
def egress_free_with_control(bed: Bed) -> DriftReport:
    filtered(bed, Match("80", bed.hosts[0].v4), Match("", bed.hosts[2].v4))
    bed.hosts[2].hush()
    return verdict(bed, says(bed.hosts[0], tcp="80"), controls=(str(bed.hosts[2].v4),))


@scene
def egress_held_back_by_this_machine(bed: Bed) -> DriftReport:
    filtered(bed, Match("80,85", bed.hosts[0].v4))
    bed.scanner.nft(Rules(Verb.ACCEPT, first=("tcp dport 85 drop",), hook="output", interface="eth0").text())
    return verdict(bed, says(bed.hosts[0], tcp="80"))


def test_without_a_control_the_way_out_is_a_printed_assumption(seen: Seen) -> None:
    assert seen["egress_without_control"].verdict is Verdict.IN_SYNC
    assert WAY_OUT in assumed(seen["egress_without_control"])
    assert WAY_OUT in assumed(seen["egress_held_back_by_this_machine"])


def test_a_port_on_which_the_control_is_silent_is_undetermined(seen: Seen) -> None:
    report = seen["egress_with_control"]
    assert (report.verdict, report.findings) == (Verdict.INCOMPLETE, ())
    assert "198.51.100.11 tcp/85: the control was silent on this port too" in gaps(report)


def test_a_control_that_refuses_every_port_takes_the_assumption_away(seen: Seen) -> None:
    report = seen["egress_free_with_control"]
    assert (report.verdict, report.findings) == (Verdict.IN_SYNC, ())
    assert WAY_OUT not in assumed(report)


# A host that falls silent, and packets that are lost.


@scene
def host_dies(bed: Bed) -> DriftReport:
    dying = bed.hosts[0].v4
    filtered(bed, Match("80"), first=(silent_after(Match(address=dying), 44 * 60),))
    return verdict(bed, says(bed.hosts[0], tcp="80"), says(bed.hosts[1], tcp="80"), asked="80-200")


@scene
def host_lives(bed: Bed) -> DriftReport:
    filtered(bed, Match("80"))
    return verdict(bed, says(bed.hosts[0], tcp="80"), says(bed.hosts[1], tcp="80"), asked="80-200")


@scene
def every_first_packet_is_lost(bed: Bed) -> DriftReport:
    known, rule = lose_the_first(Match())
    filtered(bed)
    bed.filter(Rules(Verb.DROP, (Match("80-82,85", bed.hosts[0].v4),), first=(rule,), chains=(known,)))
    return verdict(bed, says(bed.hosts[0], tcp="80", allowed="81-82"))


def test_silence_of_a_host_that_stopped_answering_is_not_believed(seen: Seen) -> None:
    assert (seen["host_lives"].verdict, seen["host_lives"].findings) == (Verdict.IN_SYNC, ())
    report = seen["host_dies"]
    assert report.verdict is not Verdict.IN_SYNC
    assert "198.51.100.11" in gaps(report)
    assert "its silence can't be believed" in gaps(report)
    assert kinds(report, "host2") == []


def test_lost_packets_neither_hide_an_open_port_nor_make_an_alarm(seen: Seen) -> None:
    assert kinds(seen["every_first_packet_is_lost"], "host1") == [(FindingKind.EXPOSED, "85")]


# A family without a route; rights; an Nmap that dies.


@scene
def no_route_for_ipv6(bed: Bed) -> DriftReport:
    filtered(bed, Match("80"))
    bed.scanner.ip(f"route del default via {ROUTER_V6}")
    return verdict(bed, says(bed.hosts[0], tcp="80"), says(bed.hosts[0], tcp="80", family=6))


@scene
def no_route_and_deselected(bed: Bed) -> DriftReport:
    filtered(bed, Match("80"))
    bed.scanner.ip(f"route del default via {ROUTER_V6}")
    return verdict(bed, says(bed.hosts[0], tcp="80"), families=(4,))


@scene
def udp_as_nobody(bed: Bed) -> DriftReport:
    filtered(bed, Match("80"))
    return verdict(bed, says(bed.hosts[0], tcp="80", udp="53"), asked="80-89,U:53", user=User.NOBODY)


@scene
def udp_that_ignores_the_probe(bed: Bed) -> DriftReport:
    bed.hosts[0].listen({("tcp", 80): Service.WRAPPED, ("udp", 57): Service.SHY_DNS})
    bed.filter(Rules(Verb.DROP, (Match("80"), Match("57", protocol="udp"))))
    return verdict(bed, says(bed.hosts[0], tcp="80"), asked="80,U:57")


@scene
def nmap_is_killed(bed: Bed) -> DriftReport:
    filtered(bed, Match("80"))
    surface = ExpectedSurface(HERE, (says(bed.hosts[0], tcp="80"),))
    settings = ScanSettings(ports="1-2000", rate=200, timeout=60)

    def work() -> DriftReport:
        threading.Thread(target=_kill_the_sweep, daemon=True).start()
        return judge(surface, scan(surface, settings))

    return bed.scan(work, seconds=90)


def _kill_the_sweep() -> None:
    """Ends the sweep of many ports, two of the ten seconds after its start."""
    for _ in range(600):
        for pid in filter(_scans, _children()):
            time.sleep(2)
            os.kill(pid, signal.SIGKILL)
            return
        time.sleep(0.05)


def _children() -> list[int]:
    return [int(pid) for listing in Path("/proc/self/task").glob("*/children") for pid in listing.read_text(encoding="ascii").split()]


def _scans(pid: int) -> bool:
    try:
        return "-2000\0" in Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8")
    except OSError:
        return False


def test_a_family_without_a_route_is_undetermined_unless_deselected(seen: Seen) -> None:
    report = seen["no_route_for_ipv6"]
    assert (report.verdict, report.findings) == (Verdict.INCOMPLETE, ())
    assert "2001:db8:1::11" in gaps(report)
    assert "route" in gaps(report)
    assert seen["no_route_and_deselected"].verdict is Verdict.IN_SYNC


def test_udp_without_rights_is_undetermined(seen: Seen) -> None:
    report = seen["udp_as_nobody"]
    assert (report.verdict, report.findings) == (Verdict.INCOMPLETE, ())
    assert "udp/53" in gaps(report)
    assert "root" in gaps(report)


def test_a_service_that_ignores_the_probe_hides_behind_a_printed_assumption(seen: Seen) -> None:
    assert "a service that ignores Nmap's probes looks the same" in assumed(seen["udp_that_ignores_the_probe"])


def test_an_nmap_that_was_killed_leaves_the_run_incomplete(seen: Seen) -> None:
    report = seen["nmap_is_killed"]
    assert (report.verdict, report.exit_code, report.findings) == (Verdict.INCOMPLETE, 3, ())
    assert "ended early" in gaps(report)


# Something in between answers.


def between(bed: Bed, answered: Match, *chains: str) -> DriftReport:
    """The router answers tcp/85 in the hosts' place; they have nothing there."""
    bed.middlebox({("tcp", 85): Service.WRAPPED})
    for host in bed.hosts:
        host.listen({("tcp", 80): Service.WRAPPED})
    bed.filter(Rules(Verb.DROP, (Match("80"),), chains=(redirect(answered, 85), *chains)))
    return verdict(bed, *(says(host, tcp="80") for host in bed.hosts))


@scene
def middlebox(bed: Bed) -> DriftReport:
    return between(bed, Match("85"))


@scene
def middlebox_with_the_hosts_ttl(bed: Bed) -> DriftReport:
    return between(bed, Match("85"), answer_ttl("tcp", 85, 63))


@scene
def middlebox_for_one(bed: Bed) -> DriftReport:
    return between(bed, Match("85", bed.hosts[0].v4))


@scene
def one_host_exposes_it(bed: Bed) -> DriftReport:
    for host in bed.hosts:
        host.listen({("tcp", 80): Service.WRAPPED, ("tcp", 85): Service.SSH})
    bed.filter(Rules(Verb.DROP, (Match("80"), Match("85", bed.hosts[0].v4))))
    return verdict(bed, *(says(host, tcp="80") for host in bed.hosts))


@scene
def proxied(bed: Bed) -> DriftReport:
    """The router answers every SYN in the host's name, before it asks the host."""
    bed.hosts[0].listen({("tcp", 80): Service.WRAPPED})
    bed.filter(syn_proxy(Match(address=bed.hosts[0].v4)))
    return verdict(bed, says(bed.hosts[0], tcp="80"), says(bed.hosts[1]), asked="80-120")


@pytest.mark.parametrize("name", ["middlebox", "middlebox_with_the_hosts_ttl"])
def test_what_answers_alike_on_every_address_is_unconfirmed_and_one_degree_lower(seen: Seen, name: str) -> None:
    report = seen[name]
    assert [kinds(report, name) for name in ("host1", "host2", "host3")] == [[(FindingKind.EXPOSED, "85")]] * 3
    assert {found.severity for found in report.findings} == {Severity.HIGH}
    assert {found.observed.confirmed for found in report.findings} == {False}
    assert all("every address alike" in found.explanation for found in report.findings)
    alone = seen["one_host_exposes_it"]
    assert [kinds(alone, name) for name in ("host1", "host2", "host3")] == [[(FindingKind.EXPOSED, "85")], [], []]
    assert [(found.severity, found.observed.confirmed) for found in alone.findings] == [(Severity.CRITICAL, True)]


def test_an_answer_with_another_ttl_than_the_hosts_is_one_degree_lower(seen: Seen) -> None:
    report = seen["middlebox_for_one"]
    assert [kinds(report, name) for name in ("host1", "host2", "host3")] == [[(FindingKind.EXPOSED, "85")], [], []]
    assert report.findings[0].severity is Severity.HIGH
    assert "its TTL is 64, that of the host's other answers 63" in report.findings[0].explanation


def test_a_syn_proxy_is_one_finding_and_proves_no_declared_service(seen: Seen) -> None:
    report = seen["proxied"]
    assert kinds(report, "host1") == [(FindingKind.EVERYTHING_OPEN, "81-120")]
    assert "198.51.100.11 tcp/80" in gaps(report)
