"""The network of the matrix: what the code says of it, the network that is so, and the same with one of each drift in it."""

from __future__ import annotations

from enum import Enum
from ipaddress import ip_address, ip_network

from attrs import frozen

from iacdrift.drift.judge import judge
from iacdrift.drift.report import DriftReport
from iacdrift.model.because import Because
from iacdrift.model.ports import PortSet
from iacdrift.scan.run import scan
from iacdrift.scan.settings import ScanSettings
from iacdrift.surface.expected import Expectation, ExpectedHost, ExpectedPorts, ExpectedSurface, Reason, StoredReasons
from iacdrift.surface.vantage import Vantage, VantageKind
from tests.live.bed import Bed, Rules, Service, User, Verb
from tests.live.bed.filters import Match, redirect
from tests.live.bed.topology import HOSTS_V4, HOSTS_V6, SCANNER_V4, SCANNER_V6

SWEPT = (ip_network("198.51.100.8/29"), ip_network("2001:db8:1::10/125"))
SUBNETS = (HOSTS_V4, HOSTS_V6)
HERE = Vantage(VantageKind.ADDRESS, SCANNER_V4, SCANNER_V6)


class Mode(Enum):
    """How the scan asks, and as whom."""

    SYN = "SYN as root"
    CONNECT = "connect as nobody"
    UDP = "UDP as root"

    @property
    def user(self) -> User:
        """Who runs it."""
        return User.NOBODY if self is Mode.CONNECT else User.ROOT


class Wall(Enum):
    """What the filter does with what it doesn't admit, and where it stands."""

    DROP = "drop"
    ICMP_ON_THE_WAY = "reject with ICMP, on the way"
    ICMP_BY_HOST = "reject with ICMP, at the host"
    RESET = "reject with RST"

    @property
    def verb(self) -> Verb:
        """The same in the bed's words."""
        return {
            Wall.DROP: Verb.DROP,
            Wall.ICMP_ON_THE_WAY: Verb.ADMIN_PROHIBITED,
            Wall.ICMP_BY_HOST: Verb.PORT_UNREACHABLE,
            Wall.RESET: Verb.RESET,
        }[self]


WEB, QUIET = "aws_instance.web", "aws_instance.quiet"

WITNESS = 443
"""Open on every network: whatever else a host does, it is up and answers."""
# One port for each kind of drift; what the code says of it is in WEB_TCP and WEB_UDP.
MISMATCHED, LOST, CUT, NARROW, STARTED, OPENED, HOLE, VAGUE = 80, 81, 82, 83, 84, 85, 86, 87
ALWAYS_BLOCKED = "100-119"
U_LOST, U_CUT, U_NARROW, U_STARTED, U_OPENED, U_HOLE, U_VAGUE = 53, 54, 55, 56, 57, 58, 59
U_ALWAYS_BLOCKED = "100-103"
STRANGERS_PORT = 22
ASKED = {Mode.UDP: f"U:53-59,{U_ALWAYS_BLOCKED}"} | dict.fromkeys((Mode.SYN, Mode.CONNECT), f"22,80-87,{ALWAYS_BLOCKED}")

_ADDRESSES = {WEB: {4: "198.51.100.11", 6: "2001:db8:1::11"}, QUIET: {4: "198.51.100.12", 6: "2001:db8:1::12"}}


def declared(mode: Mode, family: int) -> ExpectedSurface:
    """What the code says: of one host much, of the other that it has a web server and nothing else."""
    if mode is Mode.UDP:
        tcp = ExpectedPorts(_ports(WITNESS))
        udp = ExpectedPorts(_ports(U_LOST, U_CUT), _ports(U_NARROW, U_STARTED), _ports(U_VAGUE))
        return ExpectedSurface(HERE, (_host(WEB, family, tcp, udp),))
    tcp = ExpectedPorts(_ports(WITNESS, MISMATCHED, LOST, CUT), _ports(NARROW, STARTED), _ports(VAGUE))
    quiet = _host(QUIET, family, ExpectedPorts(_ports(80)), ExpectedPorts())
    return ExpectedSurface(HERE, (_host(WEB, family, tcp, ExpectedPorts()), quiet), subnets=SUBNETS)


def _host(owner: str, family: int, tcp: ExpectedPorts, udp: ExpectedPorts) -> ExpectedHost:
    because = (Because("aws_security_group.web", "tcp/80-87 from 203.0.113.0/24", "main.tf:12"),)
    reasons = StoredReasons((Reason("tcp", tcp.open | tcp.allowed, Expectation.ALLOWED, because),))
    services = {("tcp", port): "http" for port in tcp.open if port != WITNESS}
    address = ip_address(_ADDRESSES[owner][family])
    return ExpectedHost(owner, "terraform.tfstate", address, tcp=tcp, udp=udp, services=services, explains=reasons)


def _ports(*ports: int) -> PortSet:
    return PortSet.of(ports)


def as_declared(bed: Bed, wall: Wall) -> None:
    """The network is what the code says; the service behind a blocked port runs, and the filter stands before it."""
    web = {("tcp", port): Service.HTTP for port in (MISMATCHED, LOST, CUT, OPENED, VAGUE)}
    web |= {
        ("udp", U_LOST): Service.DNS,
        ("udp", U_CUT): Service.DNS,
        ("udp", U_OPENED): Service.DNS,
        ("udp", U_VAGUE): Service.DNS,
    }
    admitted = {("tcp", port) for port in (MISMATCHED, LOST, CUT, NARROW, STARTED)}
    admitted |= {("udp", port) for port in (U_LOST, U_CUT, U_NARROW, U_STARTED)}
    _build(bed, wall, web, admitted, tarpit=False, stranger=False)


def drifted(bed: Bed, wall: Wall) -> None:
    """The same network with one of each kind of drift."""
    web = {("tcp", port): Service.HTTP for port in (CUT, STARTED, OPENED, VAGUE)} | {("tcp", MISMATCHED): Service.SSH}
    web |= {("udp", U_CUT): Service.DNS} | {("udp", port): Service.DNS for port in (U_STARTED, U_OPENED, U_VAGUE)}
    admitted = {("tcp", port) for port in (MISMATCHED, LOST, STARTED, OPENED, HOLE, VAGUE)}
    admitted |= {("udp", port) for port in (U_LOST, U_STARTED, U_OPENED, U_HOLE, U_VAGUE)}
    _build(bed, wall, web, admitted, tarpit=True, stranger=True)


def _build(
    bed: Bed, wall: Wall, web: dict[tuple[str, int], Service], admitted: set[tuple[str, int]], *, tarpit: bool, stranger: bool
) -> None:
    bed.reset()
    first, second, third = bed.hosts
    first.listen(web | {("tcp", WITNESS): Service.WRAPPED})
    second.listen({("tcp", 80): Service.HTTP, ("tcp", 9): Service.WRAPPED})
    third.listen({("tcp", STRANGERS_PORT): Service.SSH})
    at_web = tuple(Match(str(port), protocol=protocol) for protocol, port in sorted(admitted | {("tcp", WITNESS)}))
    at_second = (Match("80"), Match("9")) if not tarpit else (Match(),)
    at_third = (Match(str(STRANGERS_PORT)),)
    diverted = (redirect(Match("1-79,81-65535"), 9),) if tarpit else ()
    if wall is Wall.ICMP_BY_HOST:
        for host, matches, chains in zip(bed.hosts, (at_web, at_second, at_third), ((), diverted, ()), strict=True):
            host.space.nft(Rules(wall.verb, matches, hook="input", interface="eth0", chains=chains).text())
        admits: tuple[Match, ...] = (Match(), Match(protocol="udp"))
    else:
        second.space.nft(Rules(Verb.ACCEPT, chains=diverted).text())
        admits = tuple(
            Match(match.ports, address, match.protocol)
            for host, matches in zip(bed.hosts, (at_web, at_second, at_third), strict=True)
            for match in matches
            for address in (host.v4, host.v6)
        )
    nobody = tuple(f"{'ip' if address.version == 4 else 'ip6'} daddr {address} drop" for address in (third.v4, third.v6))
    bed.filter(Rules(wall.verb, admits, first=() if stranger else nobody))


@frozen
class Outcome:
    """What one run said of both networks."""

    clean: DriftReport
    drift: DriftReport


def reports(bed: Bed, wall: Wall, mode: Mode, family: int) -> Outcome:
    """Both networks, scanned and judged."""
    surface = declared(mode, family)
    swept = () if mode is Mode.UDP else tuple(network for network in SWEPT if network.version == family)
    settings = ScanSettings(ports=ASKED[mode], rate=5000, sweep=swept, timeout=150, families=(family,))

    def look() -> DriftReport:
        return judge(surface, scan(surface, settings))

    found = []
    for network in (as_declared, drifted):
        network(bed, wall)
        found.append(bed.scan(look, mode.user, 200))
    return Outcome(*found)
