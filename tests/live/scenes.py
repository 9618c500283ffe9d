"""Scenes about silence: what the scanner meets, and the report that it comes to; each scene in a bed of its own."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from iacdrift.drift.judge import judge
from iacdrift.drift.report import DriftReport
from iacdrift.model.ports import PortSet
from iacdrift.scan.run import scan
from iacdrift.scan.settings import ScanSettings
from iacdrift.surface.expected import ExpectedHost, ExpectedPorts, ExpectedSurface
from tests.live.bed import Bed, Host, Rules, Service, User, Verb
from tests.live.bed.filters import Match, answer_ttl, lose_the_first, redirect, silent_after, syn_proxy
from tests.live.bed.topology import ROUTER_V6
from tests.live.networks import HERE

Scene = Callable[[Bed], DriftReport]


SCENES: dict[str, Scene] = {}


ATONCE = 12


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


def filtered(bed: Bed, *admits: Match, first: tuple[str, ...] = ()) -> None:
    """The first host serves tcp/80 and tcp/85; the router drops all that isn't admitted."""
    for host in bed.hosts:
        host.listen({("tcp", 80): Service.WRAPPED, ("tcp", 85): Service.WRAPPED})
    bed.filter(Rules(Verb.DROP, admits, first=first))


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
