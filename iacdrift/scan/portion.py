"""A part of a scan that travels: plain values there and back, the same refusals and the same stages where it runs."""

from __future__ import annotations

import socket
from collections.abc import Iterable, Iterator, Sequence

from attrs import evolve, frozen

from iacdrift.errors import ScanError, ScopeError
from iacdrift.model.ports import NO_PORTS
from iacdrift.scan.evidence import not_learnt
from iacdrift.scan.ports import asked_ports
from iacdrift.scan.settings import ScanSettings
from iacdrift.scan.spec import PortSpec
from iacdrift.scan.standing import Standing
from iacdrift.scan.targets import present_hosts
from iacdrift.scan.task import Only
from iacdrift.surface.expected import Address, ExpectedHost, ExpectedSurface, StoredReasons
from iacdrift.surface.observed import ObservedHost, ObservedPorts, ObservedSurface

SECONDS = 8.0
"""What one portion may take at its rate: less is spent on starting than on asking, and progress moves."""
_MOST_HOSTS = 1024
_WITNESSES = 2
_COMMON = 1000
_PROBES = 2


@frozen(slots=True)
class Portion:
    """Some hosts of a surface, to be scanned by one worker. `own`: the owners' keys whose results count.

    The other hosts are witnesses: they are asked as well, because silence is believed only beside answers.
    """

    surface: ExpectedSurface
    settings: ScanSettings
    own: frozenset[str]
    standing: Standing | None = None
    only: Only | None = None

    @property
    def packets(self) -> int:
        """About how many it takes if every port stays silent."""
        return sum(cost(host, self.settings) for host in self.surface.hosts)


@frozen(slots=True)
class Learnt:
    """What a worker sends back: the surface, or why there is none. `by`: the worker's machine, for people."""

    observed: ObservedSurface | None
    by: str
    why: str | None = None
    misplaced: bool = False


def perform(portion: Portion) -> Learnt:
    """Scan it from here. ScopeError where an address may not be scanned: this machine asks, whoever sent the portion."""
    from iacdrift.scan.run import scan

    here = socket.gethostname()
    if portion.standing is not None:
        why = portion.standing.doubt(host.address for host in portion.surface.hosts if host.address is not None)
        if why:
            return Learnt(None, here, f"{here} isn't proven to stand at {portion.standing.name}: {why}", misplaced=True)
    try:
        return Learnt(scan(portion.surface, portion.settings, only=portion.only), here)
    except ScopeError:
        raise
    except ScanError as error:
        return Learnt(None, here, f"{here} can't scan: {error}")


def portions_of(
    surface: ExpectedSurface, settings: ScanSettings, standing: Standing | None, workers: int, only: Only | None = None
) -> tuple[Portion, ...]:
    """The surface in portions that share the rate between so many workers; `--sweep` is a portion of its own."""
    network = settings.network_rate and max(1, settings.network_rate // workers)
    rate = max(1, settings.rate // workers)
    shared = evolve(settings, rate=rate, network_rate=network, settle=None, evidence=None, resume=None, timeout=None)
    asking = evolve(shared, sweep=())
    hosts = _concerned(present_hosts(surface), only)
    # A witness is asked by several workers at a time, which a cap for one address doesn't allow.
    sure = [host for host in present_hosts(surface) if host.tcp.open and host.address is not None and settings.host_rate is None]
    portions = [_portion(surface, list(part), sure, asking, standing, only) for part in _parts(hosts, asking, workers)]
    if settings.sweep and only is None:
        portions.append(Portion(_light(surface, (), whole=True), shared, frozenset(), standing))
    return tuple(portions)


def _concerned(hosts: Sequence[ExpectedHost], only: Only | None) -> Sequence[ExpectedHost]:
    if only is None:
        return hosts
    keys = {key(who) if isinstance(who, ExpectedHost) else str(who) for who, _, _ in only}
    return [host for host in hosts if key(host) in keys or str(host.address) in keys or host.address is None]


def _parts(hosts: Sequence[ExpectedHost], settings: ScanSettings, workers: int) -> Iterator[Sequence[ExpectedHost]]:
    """As many that each worker has one at least, none longer than SECONDS at its rate, each with its share of sure answers."""
    total = sum(cost(host, settings) for host in hosts)
    count = max(1, min(workers, len(hosts)), -(-total // max(1, int(settings.rate * SECONDS))), -(-len(hosts) // _MOST_HOSTS))
    ordered = sorted(hosts, key=lambda host: not host.tcp.open)
    yield from (part for start in range(count) if (part := ordered[start::count]))


def _portion(  # noqa: PLR0917
    surface: ExpectedSurface,
    hosts: Sequence[ExpectedHost],
    sure: Sequence[ExpectedHost],
    settings: ScanSettings,
    standing: Standing | None,
    only: Only | None,
) -> Portion:
    own = frozenset(key(host) for host in hosts)
    missing = _WITNESSES - sum(1 for host in hosts if host.tcp.open)
    witnesses = [host for host in sure if key(host) not in own][: max(0, missing)]
    asked = tuple((_key_only(who), protocol, ports) for who, protocol, ports in only) if only is not None else None
    return Portion(_light(surface, (*hosts, *witnesses)), settings, own, standing, asked)


def _key_only(who: ExpectedHost | Address) -> ExpectedHost | Address:
    return _plain(who) if isinstance(who, ExpectedHost) else who


def cost(host: ExpectedHost, settings: ScanSettings) -> int:
    """About how many packets a silent host takes."""
    spec = PortSpec.parse(settings.ports)
    asked = asked_ports(host, spec, NO_PORTS, NO_PORTS)
    return _PROBES * max(1, len(asked.tcp) + len(asked.udp) + (_COMMON if spec.word == "common" else 0))


def key(host: ExpectedHost) -> str:
    """What tells a host from all others."""
    return f"{host.owner} {host.address} {host.name}"


def _light(surface: ExpectedSurface, hosts: Iterable[ExpectedHost], *, whole: bool = False) -> ExpectedSurface:
    """Without what only a report needs; `whole` keeps whose address is whose, for a sweep."""
    known = frozenset(host.address for host in surface.hosts if host.address) | surface.known_addresses if whole else frozenset()
    light = evolve(surface, not_in_view=(), assumptions=(), unmodelled=(), described={}, gaps=(), notes=())
    return evolve(light, hosts=tuple(_plain(host) for host in hosts), known_addresses=known)


def _plain(host: ExpectedHost) -> ExpectedHost:
    return evolve(host, explains=StoredReasons(), services=dict(host.services), within=(), admits=())


def unseen(hosts: Iterable[ExpectedHost], why: str, ports: str = "declared") -> ObservedSurface:
    """What is known of hosts that nobody could ask: nothing, and why. `ports` as in `--ports`; Nmap's lists are left out."""
    observed: dict[Address, ObservedHost] = {}
    unresolved: dict[str, str] = {}
    for host in hosts:
        if host.address is None:
            unresolved[host.name or host.owner] = why
            continue
        asked = asked_ports(host, PortSpec.parse(ports), NO_PORTS, NO_PORTS)
        tcp, udp = (ObservedPorts(ports, ((ports, not_learnt(why, scan)),)) for ports, scan in ((asked.tcp, "syn"), (asked.udp, "udp")))
        observed[host.address] = ObservedHost(host.address, tcp, udp, host.name, failed=why)
    return ObservedSurface(observed, unresolved=unresolved)
