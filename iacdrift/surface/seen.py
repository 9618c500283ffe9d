"""The source of a packet as the filters in front of its target see it."""

from __future__ import annotations

from functools import lru_cache

from attrs import frozen

from iacdrift.model.addresses import PUBLIC, Address, Space
from iacdrift.model.admission import Answer
from iacdrift.model.filters import GroupPeer, ListPeer, Peer, UnknownPeer
from iacdrift.model.network import Network


@frozen(slots=True, cache_hash=True)
class Seen:
    """Where a packet may come from. `groups`: what its interface carries, None where that can't be told.

    `private`: it travels by private (or inner IPv6) address, so that rules which name a group can match.
    """

    space: Space
    groups: frozenset[str] | None = frozenset()
    private: bool = False

    @classmethod
    def internet(cls, version: int, address: Address | None = None) -> Seen:
        """Somebody on the internet, at a known address or anywhere."""
        return _internet(version, address)


@lru_cache(maxsize=256)  # asked about every host, and one object is compared in no time
def _internet(version: int, address: Address | None) -> Seen:
    return Seen(PUBLIC[version] if address is None else Space.of(address))


def peer_answer(peer: Peer, seen: Seen, network: Network) -> Answer:
    """Whether a rule for this peer speaks of this source."""
    if isinstance(peer, GroupPeer):
        return _group_answer(peer, seen)
    if isinstance(peer, ListPeer):
        return _list_answer(peer, seen, network)
    if isinstance(peer, UnknownPeer):
        return Answer.BLOCKED if peer.is_group and not seen.private else Answer.UNKNOWN_BY_CODE
    if seen.space.within(peer):
        return Answer.ADMITTED
    return Answer.UNKNOWN_BY_VANTAGE if seen.space.meets(peer) else Answer.BLOCKED


def _group_answer(peer: GroupPeer, seen: Seen) -> Answer:
    if not seen.private:
        return Answer.BLOCKED
    if seen.groups is None:
        return Answer.UNKNOWN_BY_VANTAGE
    return Answer.ADMITTED if peer.group in seen.groups else Answer.BLOCKED


def _list_answer(peer: ListPeer, seen: Seen, network: Network) -> Answer:
    found = network.lists.get(peer.list)
    if found is None:
        return Answer.UNKNOWN_BY_CODE
    rest = seen.space.without_all(found.networks)
    if not rest:
        return Answer.ADMITTED
    if found.doubt:
        return Answer.UNKNOWN_BY_CODE
    return Answer.BLOCKED if rest == seen.space else Answer.UNKNOWN_BY_VANTAGE
