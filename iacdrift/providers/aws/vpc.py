"""aws_vpc, aws_default_vpc (and their data source): ranges, and the keys of what is there by default."""

from __future__ import annotations

from collections.abc import Iterator

from iacdrift.model.addresses import AnyNetwork
from iacdrift.model.filters import UnknownPeer
from iacdrift.model.network import Vpc
from iacdrift.providers.attributes import because, fixed, flag, items, recorded, rows, text
from iacdrift.providers.aws.peers import network_peer
from iacdrift.providers.links import Links, key_of
from iacdrift.sources.resource import Resource, Unknown, Value


def translate(resource: Resource, links: Links) -> Iterator[object]:
    """The network. A data source's main table is a fact; a resource's is what the code associates."""
    del links
    key = key_of(resource)
    is_default = resource.type == "aws_default_vpc" or (resource.data and flag(recorded(resource, "default")) is True)
    yield Vpc(
        key,
        because(resource, "VPC"),
        networks(resource, "cidr_block", "ipv6_cidr_block"),
        is_default=is_default,
        main_table=text(recorded(resource, "main_route_table_id")) if resource.data else None,
        default_acl=text(recorded(resource, "default_network_acl_id")),
        default_group=text(recorded(resource, "default_security_group_id")) or f"the default group of {resource.address}",
    )


def networks(resource: Resource, *names: str) -> tuple[AnyNetwork, ...]:
    """The networks in these attributes; associations of a data source included."""
    values: list[Value] = [item for name in names for item in items(fixed(resource, name))]
    if resource.data:
        values += [row.get("cidr_block") for row in rows(recorded(resource, "cidr_block_associations")) if not isinstance(row, Unknown)]
    found = [network_peer(value) for value in values if value]
    return tuple(dict.fromkeys(net for net in found if not isinstance(net, UnknownPeer)))
