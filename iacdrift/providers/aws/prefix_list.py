"""aws_ec2_managed_prefix_list (resource and data source), data.aws_prefix_list, data.aws_ip_ranges."""

from __future__ import annotations

from collections.abc import Iterator

from iacdrift.model.addresses import AnyNetwork
from iacdrift.model.filters import UnknownPeer
from iacdrift.model.network import PrefixList
from iacdrift.providers.attributes import because, declared, empty, from_state, items, recorded, rows
from iacdrift.providers.aws.peers import network_peer
from iacdrift.providers.links import Links, key_of
from iacdrift.sources.resource import Origin, Resource, Unknown, Value

_ENTRY = "aws_ec2_managed_prefix_list_entry"


def translate(resource: Resource, links: Links) -> Iterator[object]:
    """The list with its own entries, where they declare anything (the mirror rule)."""
    key = key_of(resource)
    networks, doubt = _entries(resource, key, links)
    yield PrefixList(key, because(resource, "prefix list"), networks, doubt)


def _entries(resource: Resource, key: str, links: Links) -> tuple[tuple[AnyNetwork, ...], str | None]:
    if resource.data:
        return _read(
            [row.get("cidr") if not isinstance(row, Unknown) else row for row in rows(declared(resource, "entries"))] + _plain(resource)
        )
    managed = key in links.referrers(_ENTRY, "prefix_list_id")
    value = declared(resource, "entry")
    if (from_state(resource) and managed) or (empty(value) and managed):
        return (), None
    if empty(value) and resource.origin is Origin.PLAN and not empty(recorded(resource, "entry")):
        return (), "its entries may come from dynamic blocks, which a plan leaves out: give --code DIR"
    return _read([row.get("cidr") if not isinstance(row, Unknown) else row for row in rows(value)])


def _plain(resource: Resource) -> list[Value]:
    return [item for name in ("cidr_blocks", "ipv6_cidr_blocks") for item in items(declared(resource, name))]


def _read(values: list[Value]) -> tuple[tuple[AnyNetwork, ...], str | None]:
    found, doubt = [], None
    for value in values:
        peer = network_peer(value)
        if isinstance(peer, UnknownPeer):
            doubt = f"one of its entries is {peer.why}"
        else:
            found.append(peer)
    return tuple(found), doubt
