"""aws_network_interface: an interface of its own, whichever machine it is attached to."""

from __future__ import annotations

from collections.abc import Iterator

from iacdrift.model.network import Endpoint, Interface, Presence
from iacdrift.providers.attributes import addresses, because, declared, recorded, rows, sets
from iacdrift.providers.aws.placement import groups_of, subnets_of
from iacdrift.providers.aws.presence import presence_of
from iacdrift.providers.links import Links, key_of
from iacdrift.providers.parts import Attachment
from iacdrift.sources.resource import Action, Resource, Unknown


def translate(resource: Resource, links: Links) -> Iterator[object]:
    """The interface with its recorded addresses and declared groups, and what it is attached to."""
    key = key_of(resource)
    groups = groups_of(resource, links, "security_groups")
    yield Interface(
        key,
        resource.address,
        resource.provenance.source,
        because(resource, "network interface"),
        tuple(_endpoints(resource)),
        subnets_of(resource, links, "subnet_id"),
        groups.keys,
        frozenset({resource.address, key}),
        doubt=groups.doubt,
    )
    value = declared(resource, "attachment") if sets(resource, "attachment") else recorded(resource, "attachment")
    for row in rows(value):
        machine = None if isinstance(row, Unknown) else links.resolve(row.get("instance"), resource)
        if isinstance(machine, str):
            yield Attachment(key, machine)


def _endpoints(resource: Resource) -> Iterator[Endpoint]:
    presence = presence_of(resource)
    private = [
        *addresses(recorded(resource, "private_ip")),
        *addresses(recorded(resource, "private_ips")),
        *addresses(recorded(resource, "private_ip_list")),
    ]
    for address in dict.fromkeys(
        (*private, *addresses(recorded(resource, "ipv6_addresses")), *addresses(recorded(resource, "ipv6_address_list")))
    ):
        yield Endpoint(address, presence=presence)
    if presence is Presence.PENDING or resource.action is Action.REPLACE:
        yield Endpoint(None, presence=Presence.PENDING)
