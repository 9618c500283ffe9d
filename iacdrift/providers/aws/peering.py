"""aws_vpc_peering_connection, its accepter and the data source: two VPCs joined."""

from __future__ import annotations

from collections.abc import Iterator

from iacdrift.model.network import Peering
from iacdrift.providers.attributes import because, declared, fixed, flag, recorded, text
from iacdrift.providers.links import Links, key_of
from iacdrift.providers.parts import PeeringAccepted
from iacdrift.sources.resource import Action, Resource

_ACCEPTER = "aws_vpc_peering_connection_accepter"


def translate(resource: Resource, links: Links) -> Iterator[object]:
    """The connection. It carries traffic once somebody accepts it."""
    if resource.action is Action.DELETE:
        return
    if resource.type == _ACCEPTER:
        named = links.resolve(fixed(resource, "vpc_peering_connection_id"), resource)
        if isinstance(named, str):
            yield PeeringAccepted(named)
        return
    here, there = (links.resolve(fixed(resource, name), resource) for name in ("vpc_id", "peer_vpc_id"))
    if isinstance(here, str) and isinstance(there, str):
        accepted = flag(declared(resource, "auto_accept")) or text(recorded(resource, "accept_status")) == "active"
        doubt = None if accepted or resource.data else "nobody accepts the peering connection, as far as the code says"
        yield Peering(key_of(resource), because(resource, "peering connection"), (here, there), doubt)
