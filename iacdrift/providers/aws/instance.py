"""aws_instance, aws_spot_instance_request (and the data source): a machine with its primary interface."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attrs import evolve

from iacdrift.model.network import Endpoint, Interface, Presence
from iacdrift.providers.attributes import addresses, because, declared, empty, fixed, flag, items, recorded, text
from iacdrift.providers.aws.placement import Groups, groups_of, subnets_of, template_groups
from iacdrift.providers.aws.presence import presence_of
from iacdrift.providers.links import Links, key_of
from iacdrift.providers.parts import Attachment, Machine
from iacdrift.sources.resource import Action, Resource, Unknown


def translate(resource: Resource, links: Links) -> Iterator[object]:
    """The machine; its primary interface, unless a resource of its own declares that; the interfaces that it names."""
    key = text(recorded(resource, "spot_instance_id")) or key_of(resource)
    primary, others = _interfaces(resource, links)
    yield _machine(resource, key, primary)
    yield from (Attachment(name, key) for name in others)
    if primary is None or primary not in others:
        yield _own_interface(resource, key, primary, links)
    elif links.by_key(primary) is None:  # its interface is declared elsewhere: the addresses are known, the groups are not
        doubt = f"its groups are those of {primary}, which is in no source"
        yield evolve(_own_interface(resource, key, primary, links), doubt=doubt)


def _machine(resource: Resource, key: str, primary: str | None) -> Machine:
    public, private = (next(iter(addresses(recorded(resource, name))), None) for name in ("public_ip", "private_ip"))
    aliases = frozenset({resource.address, key, *([primary] if primary else [])})
    pending = flag(declared(resource, "associate_public_ip_address")) is True
    return Machine(key, aliases, primary, presence_of(resource), public, private, pending)


def _interfaces(resource: Resource, links: Links) -> tuple[str | None, tuple[str, ...]]:
    """The primary interface's key, and those that resources of their own declare."""
    named: dict[str, bool] = {}
    for name in ("network_interface", "primary_network_interface"):
        for row in items(fixed(resource, name)):
            if isinstance(row, Mapping) and not empty(row.get("network_interface_id")):
                key = links.resolve(row.get("network_interface_id"), resource)
                if isinstance(key, str):
                    named[key] = name == "primary_network_interface" or str(row.get("device_index")) in ("0", "0.0")
    recorded_primary = text(recorded(resource, "primary_network_interface_id"))
    primary = next((key for key, is_primary in named.items() if is_primary), recorded_primary)
    if primary and primary not in named and links.by_key(primary) is not None:
        named[primary] = True
    return primary, tuple(named)


def _own_interface(resource: Resource, key: str, primary: str | None, links: Links) -> Interface:
    groups = _groups(resource, links)
    return Interface(
        key,
        resource.address,
        resource.provenance.source,
        because(resource, "instance"),
        tuple(_endpoints(resource)),
        subnets_of(resource, links, "subnet_id"),
        groups.keys,
        frozenset({resource.address, key, *([primary] if primary else [])}),
        doubt=groups.doubt,
    )


def _groups(resource: Resource, links: Links) -> Groups:
    found = groups_of(resource, links, "vpc_security_group_ids", "security_groups")
    if found.keys is None and not resource.data and not isinstance(declared(resource, "launch_template"), Unknown):
        return template_groups(resource, links)
    return found


def _endpoints(resource: Resource) -> Iterator[Endpoint]:
    """Private and IPv6 addresses; the public one is mapped when elastic IPs are known."""
    presence = presence_of(resource)
    names = ("private_ip", "secondary_private_ips", "ipv6_addresses")
    for address in dict.fromkeys(address for name in names for address in addresses(recorded(resource, name))):
        yield Endpoint(address, presence=presence)
    if presence is Presence.PENDING or resource.action is Action.REPLACE:
        yield Endpoint(None, presence=Presence.PENDING)
