"""Whether something in between may have answered in the host's place (design, section 4, Middleboxes)."""

from __future__ import annotations

from collections.abc import Iterable

from iacdrift.drift.target import Target
from iacdrift.model.ports import NO_PORTS, PortSet
from iacdrift.surface.observed import Answer, Evidence, ObservedHost, ObservedPorts

ENOUGH = 16
"""So many blocked ports open, and none that isn't, are no host's doing."""


def everything_open(target: Target, protocol: str) -> bool:
    """Whether every blocked port that was probed is open, but for one lost probe in a hundred."""
    if target.observed is None:
        return False
    seen = target.observed.ports(protocol)
    answering = seen.of(Evidence.OPEN)
    if len(answering) < ENOUGH:
        return False
    blocked = target.host.ports(protocol).blocked
    opened = len(blocked & answering)
    if opened < ENOUGH:
        return False
    probed = len(blocked & seen.of(*(evidence for evidence in Evidence if evidence is not Evidence.NOT_LEARNT)))
    return opened >= 0.99 * probed


def open_everywhere(hosts: Iterable[ObservedHost], protocol: str) -> PortSet:
    """Ports that are open on every address that was asked for them, where at least two were."""
    opened: dict[int, tuple[PortSet, bool]] = {}  # by the set itself, which large estates share: whether it was met more than once
    others: dict[int, PortSet] = {}
    for ports, answer in (group for host in hosts for group in host.ports(protocol).groups):
        if answer.evidence is Evidence.OPEN:
            opened[id(ports)] = (ports, id(ports) in opened)
        else:
            others[id(ports)] = ports
    once = twice = 0
    for ports, again in opened.values():
        twice |= ports.bits if again else once & ports.bits
        once |= ports.bits
    for ports in others.values():
        twice &= ~ports.bits
    return PortSet.of_bits(twice)


def foreign_ttl(answer: Answer, port: int, target: Target, protocol: str) -> str | None:
    """What is odd about the answer's TTL beside the host's other answers, or None. Only raw scans see a TTL."""
    if answer.ttl is None or target.observed is None:
        return None
    seen, expected = target.observed.ports(protocol), target.host.ports(protocol)
    trusted = _ttls(seen, expected.open | expected.allowed, port)
    others = trusted or _ttls(seen, ~NO_PORTS, port)
    if not others or answer.ttl in others:
        return None
    return f"its TTL is {answer.ttl}, that of the host's other answers {', '.join(map(str, sorted(others)))}"


def _ttls(seen: ObservedPorts, among: PortSet, port: int) -> set[int]:
    """The TTLs of the host's own answers among these ports, leaving out the answer in question."""
    own = (Evidence.OPEN, Evidence.CLOSED, Evidence.REJECTED)
    groups = ((ports, answer) for ports, answer in seen.groups if answer.evidence in own and port not in ports)
    return {answer.ttl for ports, answer in groups if answer.ttl is not None and ports & among}
