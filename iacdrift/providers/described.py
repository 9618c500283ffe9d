"""What the cloud's API describes joins the model: fleets get their addresses, undeclared interfaces a name."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import field, frozen

from iacdrift.model.addresses import Address
from iacdrift.model.network import Fleet, Interface
from iacdrift.providers.parts import Described


@frozen(slots=True)
class Joined:
    """Interfaces of fleets, the fleets that have none, and who owns the addresses that no resource does."""

    interfaces: tuple[Interface, ...]
    fleets: tuple[Fleet, ...]
    managed: frozenset[Address]
    owners: dict[Address, str] = field(factory=dict)
    notes: tuple[str, ...] = ()


def join_described(described: Iterable[Described], interfaces: Iterable[Interface], fleets: Iterable[Fleet]) -> Joined:
    """Match described interfaces to fleets by tag, else by subnet and groups; a match with several fleets is none."""
    declared = {alias for interface in interfaces for alias in interface.aliases}
    fleets = tuple(fleets)
    found: list[Interface] = []
    served: set[str] = set()
    managed: set[Address] = set()
    owners: dict[Address, str] = {}
    notes: list[str] = []
    for item in described:
        if item.key in declared or item.machine in declared:
            continue
        addresses = [endpoint.address for endpoint in item.endpoints if endpoint.address]
        fitting = [] if item.managed else _fleets_of(item, fleets)
        if item.managed:
            managed.update(addresses)
        elif len(fitting) == 1:
            found.append(_interface(item, fitting[0]))
            served.add(fitting[0].key)
        else:
            owners |= dict.fromkeys(addresses, item.words)
            if fitting:
                notes.append(f"{item.key} may belong to {' or '.join(fleet.owner for fleet in fitting)}: it is taken for neither's")
    return Joined(tuple(found), tuple(f for f in fleets if f.key not in served), frozenset(managed), owners, tuple(notes))


def _fleets_of(item: Described, fleets: tuple[Fleet, ...]) -> list[Fleet]:
    tagged = [fleet for fleet in fleets if fleet.key in item.tags]
    return tagged or [fleet for fleet in fleets if item.subnet in fleet.subnets and fleet.groups and fleet.groups <= item.groups]


def _interface(item: Described, fleet: Fleet) -> Interface:
    """A fleet's machine: addresses from the API, groups and so rules from the code."""
    return Interface(
        item.key,
        fleet.owner,
        fleet.source,
        fleet.because,
        item.endpoints,
        (item.subnet,) if item.subnet else fleet.subnets,
        fleet.groups,
        frozenset({item.key, *([item.machine] if item.machine else [])}),
        doubt=fleet.doubt,
    )
