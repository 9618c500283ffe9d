"""Interfaces with everything that other resources say of them: machines, attached groups, public addresses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from attrs import evolve

from iacdrift.model.addresses import Address
from iacdrift.model.network import AddressMapping, Endpoint, Interface, Presence, Subnet
from iacdrift.providers.parts import Attachment, GroupMembership, Machine

_Parts = dict[type, list[Any]]


def assemble_interfaces(parts: _Parts, subnets: Mapping[str, Subnet]) -> tuple[tuple[Interface, ...], tuple[AddressMapping, ...]]:
    """All interfaces, and the public addresses that belong to none of them."""
    machines = _machines_of(parts)
    members = _members(parts[GroupMembership])
    mappings, unattached = _mappings(parts[AddressMapping], parts[Interface], machines)
    found = []
    for interface in parts[Interface]:
        joined = _with_groups(interface, members)
        machine = machines.get(interface.key)
        by_default = machine is not None and _public_by_default(interface, machine, subnets)
        found.append(_with_addresses(_on_machine(joined, machine), machine, mappings.get(interface.key, []), by_default))
    return tuple(found), unattached


def _public_by_default(interface: Interface, machine: Machine, subnets: Mapping[str, Subnet]) -> bool:
    """Whether a machine that is yet to be made gets a public address: it says so, or one of its subnets gives one."""
    return machine.public_pending or any(subnets[key].public_by_default for key in interface.subnets if key in subnets)


def _machines_of(parts: _Parts) -> dict[str, Machine]:
    """The machine that each interface is on, by the interface's key."""
    by_name = {alias: machine for machine in parts[Machine] for alias in machine.aliases}
    found = {machine.key: machine for machine in parts[Machine]}
    found |= {machine.primary: machine for machine in parts[Machine] if machine.primary}
    found |= {part.interface: by_name[part.machine] for part in parts[Attachment] if part.machine in by_name}
    return found


def _members(memberships: list[GroupMembership]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for part in memberships:
        found[part.interface].add(part.group)
    return found


def _with_groups(interface: Interface, members: dict[str, set[str]]) -> Interface:
    more = {group for alias in interface.aliases for group in members.get(alias, ())}
    return evolve(interface, groups=(interface.groups or frozenset()) | more) if more else interface


def _on_machine(interface: Interface, machine: Machine | None) -> Interface:
    if machine is None:
        return interface
    presence = interface.presence if machine.presence is Presence.PENDING else machine.presence
    if machine.presence is Presence.LEAVING and machine.key != interface.key:
        presence = Presence.PRESENT  # an interface of its own outlives its machine
    aliases = interface.aliases | {alias for alias in machine.aliases if alias != machine.primary or machine.primary in interface.aliases}
    return evolve(interface, aliases=aliases, presence=presence)


def _mappings(
    mappings: list[AddressMapping], interfaces: list[Interface], machines: dict[str, Machine]
) -> tuple[dict[str, list[AddressMapping]], tuple[AddressMapping, ...]]:
    """Public addresses by the key of the interface that they are mapped to."""
    owners = _owners(interfaces, machines)
    found: dict[str, list[AddressMapping]] = defaultdict(list)
    unattached = []
    for mapping in mappings:
        owner = owners.get(mapping.target or "")
        if owner is None:
            unattached.append(mapping)
        else:
            found[owner].append(mapping)
    return found, tuple(unattached)


def _owners(interfaces: list[Interface], machines: dict[str, Machine]) -> dict[str, str]:
    """Which interface an id or address means: a machine's name means its primary interface."""
    found = {alias: interface.key for interface in interfaces for alias in interface.aliases}
    for interface in interfaces:
        machine = machines.get(interface.key)
        if machine is not None and (machine.primary in interface.aliases or machine.key == interface.key):
            found |= dict.fromkeys(machine.aliases, interface.key)
    return found


def _with_addresses(interface: Interface, machine: Machine | None, mappings: list[AddressMapping], by_default: bool) -> Interface:
    """Add the public addresses: elastic ones, and the auto-assigned one where no elastic one took its place."""
    primary = next((e.address for e in interface.endpoints if e.address and e.address.version == 4), None)
    public = [_elastic(mapping, primary) for mapping in mappings if mapping.target]
    is_primary = machine is not None and (machine.key == interface.key or machine.primary in interface.aliases)
    if machine is not None and is_primary:
        own = machine.primary_private or primary
        taken = {endpoint.private for endpoint in public} | {endpoint.address for endpoint in public}
        if machine.public and own not in taken and machine.public not in taken:
            presence = Presence.PRESENT if machine.presence is Presence.PENDING else machine.presence
            public.append(Endpoint(machine.public, True, own, presence))
        elif machine.public is None and by_default and machine.presence is Presence.PENDING and not public:
            public.append(Endpoint(None, True, None, Presence.PENDING))
    return evolve(interface, endpoints=(*interface.endpoints, *public)) if public else interface


def _elastic(mapping: AddressMapping, primary: Address | None) -> Endpoint:
    private = mapping.private or primary
    return Endpoint(mapping.address, True, private, mapping.presence)
