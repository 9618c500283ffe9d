"""Two expected surfaces of one network, before and after: what is newly reachable, what no longer is, what can't be told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator
from enum import Enum

from attrs import evolve, frozen

from iacdrift.model.because import Because
from iacdrift.model.ports import NO_PORTS, PortSet
from iacdrift.surface.expected import PROTOCOLS, ExpectedHost, ExpectedPorts, ExpectedSurface, HostStatus


class ChangeKind(Enum):
    """What becomes of a range of ports, seen from the vantage."""

    OPENED = "opened"
    """Was blocked, or admitted narrower sources only, and is admitted now."""
    CLOSED = "closed"
    """Was admitted, and is blocked now."""
    NARROWED = "narrowed"
    """Was admitted, and admits narrower sources only now: whether this vantage is among them isn't known."""
    MAY_OPEN = "may_open"
    """It can't be told whether it was blocked, or whether it will be: it may be newly reachable."""
    MAY_CLOSE = "may_close"
    """It can't be told whether it was admitted, or whether it will be: it may no longer be reachable."""


class HostChange(Enum):
    """What becomes of the host that the ports are of."""

    STAYS = "stays"
    NEW = "new"
    LEAVES = "leaves"


@frozen(slots=True)
class Change:
    """Ports of one host that change alike, for one reason.

    `before` and `after`: what decides on them on either side. `address`: that of the host as it will be (before, where it
    leaves); None where it isn't known yet.
    """

    kind: ChangeKind
    owner: str
    host: HostChange
    address: str | None
    name: str | None
    protocol: str
    ports: PortSet
    was: str
    becomes: str
    before: tuple[Because, ...] = ()
    after: tuple[Because, ...] = ()

    def to_dict(self) -> dict[str, object]:
        """The JSON shape of `iacdrift/preview/1`."""
        return {
            "kind": self.kind.value,
            "owner": self.owner,
            "host": self.host.value,
            "address": self.address,
            "name": self.name,
            "protocol": self.protocol,
            "ports": str(self.ports),
            "was": self.was,
            "becomes": self.becomes,
            "before": [because.to_dict() for because in self.before],
            "after": [because.to_dict() for because in self.after],
        }


@frozen(slots=True)
class Standing:
    """Ports of one host that can't be judged on either side, for a reason that doesn't change."""

    owner: str
    address: str | None
    protocol: str
    ports: PortSet
    because: tuple[Because, ...] = ()

    def to_dict(self) -> dict[str, object]:
        """The JSON shape of `iacdrift/preview/1`."""
        told = [because.to_dict() for because in self.because]
        return {"owner": self.owner, "address": self.address, "protocol": self.protocol, "ports": str(self.ports), "because": told}


@frozen(slots=True)
class SurfaceChange:
    """All differences, hosts that come and go (also those without a reachable port), and what stays unknown."""

    changes: tuple[Change, ...]
    unknown: tuple[Standing, ...]
    new: tuple[str, ...]
    leaving: tuple[str, ...]


def compare(before: ExpectedSurface, after: ExpectedSurface, returning: Container[str] = ()) -> SurfaceChange:
    """What differs. Hosts are the same where their owner is; addresses may change, as a replacement's do.

    `returning`: owners that are replaced. Whether they get a public address again isn't always known: they are taken to.
    """
    sides = _there(before, returning), _there(after, returning)
    pairs = list(_pairs(*sides))
    changes = [change for pair in pairs for protocol in PROTOCOLS for change in pair.changes(protocol)]
    unknown = [standing for pair in pairs for protocol in PROTOCOLS for standing in pair.unknown(protocol)]
    owners = [{host.owner for host in side} for side in sides]
    return SurfaceChange(
        tuple(sorted(changes, key=_order)), tuple(unknown), tuple(sorted(owners[1] - owners[0])), tuple(sorted(owners[0] - owners[1]))
    )


def doubted(change: Change, untouched: Container[str]) -> Change:
    """What closes though nothing that decides on it is touched stays as it is in reality: it can't be called closed."""
    deciding = [because.resource for because in (*change.before, *change.after)]
    if change.kind is ChangeKind.CLOSED and change.host is HostChange.STAYS and all(name in untouched for name in deciding):
        return evolve(change, kind=ChangeKind.MAY_CLOSE)
    return change


def _order(change: Change) -> tuple[int, str, str, str, str]:
    return (list(ChangeKind).index(change.kind), change.owner, change.protocol, change.address or "", str(change.ports))


def _there(surface: ExpectedSurface, returning: Container[str]) -> list[ExpectedHost]:
    """Hosts that stay. One that leaves stands for the one that replaces it, unless that is in view itself."""
    coming = {host.owner for host in surface.hosts if host.status is HostStatus.PENDING}
    return [
        host for host in surface.hosts if host.status is not HostStatus.LEAVING or (host.owner in returning and host.owner not in coming)
    ]


@frozen(slots=True)
class _Pair:
    """One host on both sides; None on the side where it isn't there."""

    before: ExpectedHost | None
    after: ExpectedHost | None

    def changes(self, protocol: str) -> Iterator[Change]:
        """Every range of ports that changes, split where the reasons differ."""
        was, becomes = _ports(self.before, protocol), _ports(self.after, protocol)
        reach, reached = becomes.open | becomes.allowed, was.open | was.allowed
        doubtful = self._differing(protocol, was.unknown & becomes.unknown)
        sets = {
            ChangeKind.OPENED: reach & (was.blocked | was.unknown_by_vantage),
            ChangeKind.CLOSED: reached & becomes.blocked,
            ChangeKind.NARROWED: reached & becomes.unknown_by_vantage,
            ChangeKind.MAY_OPEN: (becomes.unknown & was.blocked) | (reach & was.unknown_by_code) | doubtful,
            ChangeKind.MAY_CLOSE: (was.unknown & becomes.blocked) | (reached & becomes.unknown_by_code),
        }
        for kind, ports in sets.items():
            yield from self._split(kind, protocol, ports)

    def unknown(self, protocol: str) -> Iterator[Standing]:
        """What is unknown on both sides, for the same reason."""
        both = _ports(self.before, protocol).unknown & _ports(self.after, protocol).unknown
        same = both - self._differing(protocol, both)
        for ports, _, after in self._alike(protocol, same):
            yield Standing(self._owner, self._address, protocol, ports, after)

    def _differing(self, protocol: str, unknown: PortSet) -> PortSet:
        """Of the ports that are unknown on both sides, those whose reason isn't the same any more."""
        differing = NO_PORTS
        for ports, before, after in self._alike(protocol, unknown):
            if _said(before) != _said(after):
                differing |= ports
        return differing

    def _split(self, kind: ChangeKind, protocol: str, ports: PortSet) -> Iterator[Change]:
        for alike, before, after in self._alike(protocol, ports):
            first = next(iter(alike))
            was, becomes = (_ports(host, protocol).of(first).value if host else "absent" for host in (self.before, self.after))
            yield Change(kind, self._owner, self._host, self._address, self._name, protocol, alike, was, becomes, before, after)

    def _alike(self, protocol: str, ports: PortSet) -> Iterator[tuple[PortSet, tuple[Because, ...], tuple[Because, ...]]]:
        """The ports in groups that have the same reasons on both sides."""
        found: dict[tuple[tuple[Because, ...], tuple[Because, ...]], PortSet] = {}
        for atom in _atoms(ports, [_edges(host, protocol) for host in (self.before, self.after) if host]):
            first = next(iter(atom))
            key = _because(self.before, protocol, first), _because(self.after, protocol, first)
            found[key] = found.get(key, NO_PORTS) | atom
        for (before, after), alike in found.items():
            yield alike, before, after

    @property
    def _shown(self) -> ExpectedHost:
        shown = self.after or self.before
        assert shown is not None  # noqa: S101 - a pair has a side
        return shown

    @property
    def _owner(self) -> str:
        return self._shown.owner

    @property
    def _address(self) -> str | None:
        return str(self._shown.address) if self._shown.address else None

    @property
    def _name(self) -> str | None:
        return self._shown.name

    @property
    def _host(self) -> HostChange:
        if self.before and self.after:
            return HostChange.STAYS
        return HostChange.NEW if self.after else HostChange.LEAVES


def _ports(host: ExpectedHost | None, protocol: str) -> ExpectedPorts:
    """Nothing answers where no host is."""
    return host.ports(protocol) if host else ExpectedPorts()


def _because(host: ExpectedHost | None, protocol: str, port: int) -> tuple[Because, ...]:
    return host.explains.because(protocol, port) if host else ()


def _said(because: Iterable[Because]) -> frozenset[tuple[str, str]]:
    """Reasons without their lines, which move when the file is edited."""
    return frozenset((one.resource, one.detail) for one in because)


def _edges(host: ExpectedHost, protocol: str) -> list[PortSet]:
    """Where a host's reasons may change: at every range that has one, and at every range of a rule in front of it."""
    told = [reason.ports for reason in host.explains.reasons() if reason.protocol == protocol]
    return [*told, *(PortSet.span(first, last) for kind, first, last in host.ruled if kind == protocol)]


def _atoms(ports: PortSet, edges: Iterable[list[PortSet]]) -> list[PortSet]:
    """The ports, cut along every edge."""
    parts = [ports] if ports else []
    for edge in {edge for side in edges for edge in side}:
        parts = [piece for part in parts for piece in (part & edge, part - edge) if piece]
    return parts


def _pairs(before: list[ExpectedHost], after: list[ExpectedHost]) -> Iterator[_Pair]:
    """Every host of either side once: by owner and address, then by owner and equal ports, then by owner in order."""
    left, right = _by_owner(before), _by_owner(after)
    for owner in sorted(left.keys() | right.keys()):
        olds, news = list(left.get(owner, ())), list(right.get(owner, ()))
        for same in (_same_address, _same_ports, _same_family):
            for new in tuple(news):
                old = next((old for old in olds if same(old, new)), None)
                if old is not None:
                    olds.remove(old)
                    news.remove(new)
                    yield _Pair(old, new)
        yield from (_Pair(None, new) for new in news)
        yield from (_Pair(old, None) for old in olds)


def _by_owner(hosts: list[ExpectedHost]) -> dict[str, list[ExpectedHost]]:
    found = defaultdict(list)
    for host in hosts:
        found[host.owner].append(host)
    return found


def _same_address(old: ExpectedHost, new: ExpectedHost) -> bool:
    return (old.address, old.name) == (new.address, new.name) and (old.address or old.name) is not None


def _same_ports(old: ExpectedHost, new: ExpectedHost) -> bool:
    return _same_family(old, new) and (old.tcp, old.udp) == (new.tcp, new.udp)


def _same_family(old: ExpectedHost, new: ExpectedHost) -> bool:
    """An address that isn't known yet is one of IPv4."""
    return _family(old) == _family(new)


def _family(host: ExpectedHost) -> str:
    if host.address is None and (host.name or host.status is HostStatus.BY_NAME):
        return "name"
    return "IPv6" if host.address and host.address.version == 6 else "IPv4"
