"""Whom a rule names: CIDRs, groups, prefix lists, itself."""

from __future__ import annotations

from collections.abc import Mapping

from iacdrift.model.addresses import AnyNetwork, parse_network
from iacdrift.model.filters import GroupPeer, ListPeer, Peer, UnknownPeer
from iacdrift.providers.attributes import flag, items, plain
from iacdrift.providers.links import Links
from iacdrift.sources.resource import Reference, Resource, Sensitive, Unknown, Value

CIDRS = ("cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6", "cidr_block", "ipv6_cidr_block")
GROUPS = ("security_groups", "source_security_group_id", "referenced_security_group_id")
LISTS = ("prefix_list_ids", "prefix_list_id")


def peers(values: Mapping[str, Value], group: str | None, resource: Resource, links: Links) -> tuple[Peer, ...]:
    """Everybody that a rule's attributes name; `group` is the rule's own, for `self`."""
    found: list[Peer] = [network_peer(item) for name in CIDRS if name in values for item in items(values[name])]
    found += [_group(item, resource, links) for name in GROUPS if name in values for item in items(values[name])]
    found += [_list(item, resource, links) for name in LISTS if name in values for item in items(values[name])]
    found += _itself(values.get("self"), group)
    return tuple(found)


def network_peer(value: Value) -> AnyNetwork | UnknownPeer:
    """A CIDR, a bare address, or why it isn't one."""
    value = plain(value)
    if isinstance(value, (Unknown, Reference)):
        return UnknownPeer(f"a CIDR that isn't known ({_why(value)})")
    try:
        return parse_network(str(value))
    except ValueError:
        return UnknownPeer("a CIDR that can't be read")


def network_text(value: Value, peer: AnyNetwork | UnknownPeer) -> str:
    """How texts name the network that was read from a value; a sensitive one isn't printed."""
    if isinstance(value, Sensitive):
        return "(sensitive)"
    return peer.why if isinstance(peer, UnknownPeer) else str(peer)


def _group(value: Value, resource: Resource, links: Links) -> Peer:
    key = links.resolve(value, resource)
    if isinstance(key, str):
        return GroupPeer(links.group_named(key, resource))
    return UnknownPeer(f"a security group that isn't known ({_why(value)})", is_group=True)


def _list(value: Value, resource: Resource, links: Links) -> Peer:
    key = links.resolve(value, resource)
    return ListPeer(key) if isinstance(key, str) else UnknownPeer(f"a prefix list that isn't known ({_why(value)})")


def _itself(value: Value, group: str | None) -> list[Peer]:
    value = plain(value)
    if isinstance(value, (Unknown, Reference)):
        return [UnknownPeer("whether it names itself isn't known", is_group=True)]
    return [GroupPeer(group)] if flag(value) and group else []


def _why(value: Value) -> str:
    if isinstance(value, Reference):
        return f"{value.address}.{value.attribute}"
    return value.why if isinstance(value, Unknown) else "it is empty"


def peers_text(values: Mapping[str, Value], found: tuple[Peer, ...], links: Links) -> str:
    """How texts name a rule's peers; nothing of a sensitive value is printed."""
    if any(_holds_secret(values[name]) for name in (*CIDRS, *GROUPS, *LISTS) if name in values):
        return "(sensitive)"
    return ", ".join(dict.fromkeys(_peer_text(peer, links) for peer in found)) or "nobody"


def _holds_secret(value: Value) -> bool:
    return isinstance(value, Sensitive) or (isinstance(value, list) and any(isinstance(item, Sensitive) for item in value))


def _peer_text(peer: Peer, links: Links) -> str:
    if isinstance(peer, GroupPeer):
        return links.name(peer.group)
    if isinstance(peer, ListPeer):
        return links.name(peer.list)
    return peer.why if isinstance(peer, UnknownPeer) else str(peer)
