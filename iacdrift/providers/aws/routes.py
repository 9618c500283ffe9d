"""Routes in one shape, whichever resource wrote them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from iacdrift.model.addresses import AnyNetwork
from iacdrift.model.filters import ListPeer, UnknownPeer
from iacdrift.model.network import Route, TargetKind
from iacdrift.providers.attributes import because, empty, plain, text
from iacdrift.providers.aws.peers import network_peer, network_text
from iacdrift.providers.links import Links
from iacdrift.sources.resource import Reference, Resource, Unknown, Value

_DESTINATIONS = ("cidr_block", "destination_cidr_block", "ipv6_cidr_block", "destination_ipv6_cidr_block")
_LISTS = ("destination_prefix_list_id",)
_TARGETS = (
    "gateway_id",
    "nat_gateway_id",
    "egress_only_gateway_id",
    "vpc_peering_connection_id",
    "transit_gateway_id",
    "network_interface_id",
    "vpc_endpoint_id",
    "instance_id",
    "carrier_gateway_id",
    "core_network_arn",
    "local_gateway_id",
    "odb_network_arn",
)
_PREFIXES = {
    "igw-": TargetKind.INTERNET,
    "eigw-": TargetKind.EGRESS_ONLY,
    "nat-": TargetKind.NAT,
    "pcx-": TargetKind.PEERING,
    "local": TargetKind.LOCAL,
}
_TYPES = {
    "aws_internet_gateway": TargetKind.INTERNET,
    "aws_egress_only_internet_gateway": TargetKind.EGRESS_ONLY,
    "aws_nat_gateway": TargetKind.NAT,
    "aws_vpc_peering_connection": TargetKind.PEERING,
    "aws_vpc_peering_connection_accepter": TargetKind.PEERING,
}


def routes(values: Mapping[str, Value], resource: Resource, links: Links) -> Iterator[Route]:
    """The routes of a block or route resource: one for each destination that it sets."""
    kind, target, shown = _target(values, resource, links)
    if text(values.get("state")) == "blackhole":
        kind, shown = TargetKind.BLACKHOLE, f"{shown}, which is gone"
    for destination, name in _destinations(values, resource, links):
        yield Route(destination, kind, because(resource, f"{name} to {shown}"), target)


def _destinations(
    values: Mapping[str, Value], resource: Resource, links: Links
) -> Iterator[tuple[AnyNetwork | ListPeer | UnknownPeer, str]]:
    for name in _DESTINATIONS:
        if not empty(values.get(name)):
            peer = network_peer(values.get(name))
            yield peer, network_text(values.get(name), peer)
    for name in _LISTS:
        key = links.resolve(values.get(name), resource)
        if isinstance(key, str):
            yield ListPeer(key), links.name(key)
        elif isinstance(key, Unknown):
            yield UnknownPeer(key.why), "a prefix list that isn't known"


def _target(values: Mapping[str, Value], resource: Resource, links: Links) -> tuple[TargetKind, str | None, str]:
    for name in _TARGETS:
        value = plain(values.get(name))
        if empty(value):
            continue
        if isinstance(value, Reference):
            found = links.at(value, resource)
            kind = _TYPES.get(found.type if found else value.address.rpartition(".")[0].rpartition(".")[2], TargetKind.UNKNOWN)
            key = links.resolve(value, resource)
            return kind, key if isinstance(key, str) else None, value.address
        if isinstance(value, Unknown):
            return TargetKind.UNKNOWN, None, f"a target that isn't known ({value.why})"
        return _by_id(str(value), links)
    return TargetKind.UNKNOWN, None, "a target that isn't set"


def _by_id(value: str, links: Links) -> tuple[TargetKind, str | None, str]:
    found = links.by_key(value)
    if found is not None and found.type in _TYPES:
        return _TYPES[found.type], value, found.address
    kind = next((kind for prefix, kind in _PREFIXES.items() if value.startswith(prefix)), TargetKind.UNKNOWN)
    return kind, value, links.name(value)
