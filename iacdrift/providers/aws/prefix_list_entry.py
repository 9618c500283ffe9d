"""aws_ec2_managed_prefix_list_entry: one network of a list."""

from __future__ import annotations

from collections.abc import Iterator

from iacdrift.model.filters import UnknownPeer
from iacdrift.providers.attributes import fixed
from iacdrift.providers.aws.peers import network_peer
from iacdrift.providers.links import Links
from iacdrift.providers.parts import ListEntry, Note
from iacdrift.sources.resource import Action, Resource


def translate(resource: Resource, links: Links) -> Iterator[object]:
    """The entry, unless the plan is about to delete it."""
    if resource.action is Action.DELETE:
        return
    key = links.resolve(fixed(resource, "prefix_list_id"), resource)
    if not isinstance(key, str):
        yield Note(f"{resource.address} belongs to a prefix list that isn't known")
        return
    peer = network_peer(resource.declared.get("cidr"))
    if isinstance(peer, UnknownPeer):
        yield ListEntry(key, None, f"{resource.address} is {peer.why}")
    else:
        yield ListEntry(key, peer)
