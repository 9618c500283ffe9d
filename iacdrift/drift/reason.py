"""Splits ports by why the code expects them to be as they are: one finding a reason."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from iacdrift.model.because import Because
from iacdrift.model.ports import NO_PORTS, PortSet
from iacdrift.surface.expected import ExpectedHost

ReasonKey = tuple[str, ...]


def by_reason(host: ExpectedHost, protocol: str, ports: PortSet) -> dict[ReasonKey, PortSet]:
    """The ports, grouped by the resources that decide on them; details may name the port and so don't count."""
    found: dict[ReasonKey, PortSet] = {}
    for segment in _segments(host, protocol):
        mine = segment & ports
        if mine:
            key = reason_key(host.explains.because(protocol, next(iter(mine))))
            found[key] = found.get(key, NO_PORTS) | mine
    return found


def reason_key(because: tuple[Because, ...]) -> ReasonKey:
    """What stays the same when line numbers, addresses or wording change."""
    return tuple(sorted({reason.resource for reason in because}))


def _segments(host: ExpectedHost, protocol: str) -> Iterator[PortSet]:
    """Runs of ports within which neither the expectation nor any rule begins or ends."""
    cuts = {0, 65536}
    for ruled, first, last in host.ruled:
        if ruled == protocol or ruled not in ("tcp", "udp"):
            cuts |= {first, last + 1}
    expected = host.ports(protocol)
    sets = [expected.open, expected.allowed, expected.unknown_by_vantage, expected.unknown_by_code]
    sets += [reason.ports for reason in host.explains.reasons() if reason.protocol == protocol]
    cuts |= {cut for ports in sets for first, last in ports.ranges() for cut in (first, last + 1)}
    marks = sorted(cut for cut in cuts if 0 <= cut <= 65536)
    return (PortSet.span(first, following - 1) for first, following in pairwise(marks))
