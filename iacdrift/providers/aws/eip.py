"""aws_eip, aws_eip_association: a public address and the private one that it is mapped to."""

from __future__ import annotations

from collections.abc import Iterator

from iacdrift.model.addresses import Address
from iacdrift.model.network import AddressMapping, Presence
from iacdrift.providers.attributes import addresses, because, declared, recorded
from iacdrift.providers.links import Links, key_of
from iacdrift.providers.parts import Known
from iacdrift.sources.resource import Action, Resource

_ALLOCATION = "allocation_id"


def translate(resource: Resource, links: Links) -> Iterator[object]:
    """The mapping. An association resource speaks for the address that it names."""
    if resource.type == "aws_eip_association":
        yield from _association(resource, links)
    elif key_of(resource) not in links.referrers("aws_eip_association", _ALLOCATION):
        target = _named(resource, links, "network_interface") or _named(resource, links, "instance")
        private = next(
            iter(addresses(recorded(resource, "private_ip")) or addresses(declared(resource, "associate_with_private_ip"))), None
        )
        yield _mapping(resource, resource, target, private)
    for address in addresses(recorded(resource, "public_ip")):
        yield Known(address)


def _named(resource: Resource, links: Links, name: str) -> str | None:
    """What it is attached to: where addresses belong is recorded, so the record serves where the code is silent or doesn't know yet."""
    said = links.resolve(declared(resource, name), resource)
    key = said if isinstance(said, str) else links.resolve(recorded(resource, name), resource)
    return key if isinstance(key, str) else None


def _association(resource: Resource, links: Links) -> Iterator[object]:
    if resource.action is Action.DELETE:
        return
    key = links.resolve(declared(resource, _ALLOCATION), resource)
    eip = links.by_key(key) if isinstance(key, str) else None
    target = _named(resource, links, "network_interface_id") or _named(resource, links, "instance_id")
    private = next(iter(addresses(recorded(resource, "private_ip_address")) or addresses(declared(resource, "private_ip_address"))), None)
    yield _mapping(eip or resource, resource, target, private)


def _mapping(address_of: Resource, link: Resource, target: str | None, private: Address | None) -> AddressMapping:
    public = next(iter(addresses(recorded(address_of, "public_ip")) or addresses(recorded(link, "public_ip"))), None)
    presence = Presence.LEAVING if address_of.action in (Action.DELETE, Action.REPLACE) else Presence.PRESENT
    if public is None:
        presence = Presence.PENDING
    return AddressMapping(because(link, "elastic IP"), public, target, private, presence)
