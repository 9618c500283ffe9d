"""What was to be looked at, joined with what was seen there: one target an address."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from attrs import evolve, frozen

from iacdrift.drift.shared_address import merge_hosts
from iacdrift.surface.expected import Address, ExpectedHost, ExpectedSurface, HostStatus
from iacdrift.surface.observed import ObservedHost, ObservedSurface

SCANNED = (HostStatus.PRESENT, HostStatus.BY_NAME)


@frozen(slots=True)
class Target:
    """One address (None: a name without one) with its expectation; `observed` is None where nothing came back about it.

    `mark` tells the addresses of one owner apart without naming them; it is empty where there is only one.
    `trouble`: why there is nothing to judge (no route, name without address, not in the results), else None.
    """

    host: ExpectedHost
    address: Address | None
    observed: ObservedHost | None
    mark: str = ""
    trouble: str | None = None

    @property
    def loopback(self) -> bool:
        """Whether the target is this machine itself."""
        return self.address is not None and self.address.is_loopback


def find_targets(expected: ExpectedSurface, observed: ObservedSurface) -> tuple[Target, ...]:
    """Every address that had to be looked at, in the order of the expected surface."""
    placed: dict[Address, ExpectedHost] = {}
    lost: list[Target] = []
    for host in (host for host in expected.hosts if host.status in SCANNED):
        addresses = _addresses(host, observed)
        for address in addresses:
            placed[address] = merge_hosts(placed[address], host) if address in placed else _at(host, address)
        if not addresses:
            lost.append(Target(host, None, None, trouble=_unresolved(host, observed)))
    found = [_target(host, address, observed) for address, host in placed.items()]
    marks = address_marks([target.host for target in found])
    return (*(evolve(target, mark=mark) if mark else target for target, mark in zip(found, marks, strict=True)), *lost)


def _at(host: ExpectedHost, address: Address) -> ExpectedHost:
    return host if host.address == address else evolve(host, address=address)


def address_marks(hosts: Sequence[ExpectedHost]) -> Iterator[str]:
    """For each host what tells it from its owner's other ones: nothing, its family, or family and number."""
    keys = [(host.owner, host.address.version if host.address else 0) for host in hosts]
    of_owner = Counter(owner for owner, _ in keys)
    of_family = Counter(keys)
    met: Counter[tuple[str, int]] = Counter()
    for owner, family in keys:
        met[owner, family] += 1
        if of_owner[owner] == 1:
            yield ""
        else:
            yield f"ipv{family}" if of_family[owner, family] == 1 else f"ipv{family}-{met[owner, family]}"


def _addresses(host: ExpectedHost, observed: ObservedSurface) -> tuple[Address, ...]:
    if host.address is not None:
        return (host.address,)
    return tuple(sorted(observed.resolved.get(host.name or "", ()), key=lambda a: (a.version, int(a))))


def _unresolved(host: ExpectedHost, observed: ObservedSurface) -> str:
    why = observed.unresolved.get(host.name or "")
    return f"the name {host.name} has no address here: {why}" if why else f"the name {host.name} was not resolved"


def _target(host: ExpectedHost, address: Address, observed: ObservedSurface) -> Target:
    seen = observed.hosts.get(address)
    if seen is not None:
        return Target(host, address, seen)
    without_route = observed.unreachable_families.get(address.version)
    why = f"IPv{address.version} is out of reach from here: {without_route}" if without_route else f"{address} is not in the scan's results"
    return Target(host, address, None, trouble=why)
