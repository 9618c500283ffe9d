"""aws_internet_gateway, aws_egress_only_internet_gateway, aws_nat_gateway: where routes lead."""

from __future__ import annotations

from collections.abc import Iterator

from iacdrift.providers.attributes import addresses, recorded
from iacdrift.providers.links import Links, key_of
from iacdrift.providers.parts import Known, NatAddress
from iacdrift.sources.resource import Resource


def translate(resource: Resource, links: Links) -> Iterator[object]:
    """A NAT gateway's public address; the others are known by the routes that name them."""
    del links
    if resource.type == "aws_nat_gateway":
        for address in addresses(recorded(resource, "public_ip")):
            yield NatAddress(key_of(resource), address)
            yield Known(address)
        for address in addresses(recorded(resource, "private_ip")):
            yield Known(address)
