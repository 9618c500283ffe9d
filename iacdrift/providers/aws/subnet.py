"""aws_subnet, aws_default_subnet (and the data source): a range of a VPC."""

from __future__ import annotations

from collections.abc import Iterator

from iacdrift.model.network import Subnet
from iacdrift.providers.attributes import because, declared, fixed, flag, recorded, sets
from iacdrift.providers.aws.vpc import networks
from iacdrift.providers.links import Links, key_of
from iacdrift.sources.resource import Resource


def translate(resource: Resource, links: Links) -> Iterator[object]:
    """The subnet; its table and ACL come from associations."""
    vpc = links.resolve(fixed(resource, "vpc_id"), resource)
    name = "map_public_ip_on_launch"
    yield Subnet(
        key_of(resource),
        because(resource, "subnet"),
        vpc if isinstance(vpc, str) else None,
        networks(resource, "cidr_block", "ipv6_cidr_block"),
        public_by_default=flag(declared(resource, name) if sets(resource, name) else recorded(resource, name)),
    )
