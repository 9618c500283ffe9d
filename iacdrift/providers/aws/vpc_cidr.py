"""aws_vpc_ipv4_cidr_block_association, aws_vpc_ipv6_cidr_block_association: a further range of a VPC."""

from __future__ import annotations

from collections.abc import Iterator

from iacdrift.providers.attributes import fixed
from iacdrift.providers.aws.vpc import networks
from iacdrift.providers.links import Links
from iacdrift.providers.parts import VpcFact
from iacdrift.sources.resource import Action, Resource


def translate(resource: Resource, links: Links) -> Iterator[object]:
    """The range, as a fact of its VPC, unless the plan is about to delete it."""
    if resource.action is Action.DELETE:
        return
    vpc = links.resolve(fixed(resource, "vpc_id"), resource)
    if isinstance(vpc, str):
        for network in networks(resource, "cidr_block", "ipv6_cidr_block"):
            yield VpcFact(vpc, network=network)
