"""Administrative and database ports that the code itself admits from the whole internet: a judgement without a packet.

It asks every filter, not every host: a group is open to the world before anything stands behind it. What can't be told is
said beside it and never counts as fine.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from attrs import frozen

from iacdrift.errors import UsageError
from iacdrift.model.addresses import AnyNetwork
from iacdrift.model.because import Because
from iacdrift.model.filters import ListPeer, Peer, Rule, Rules, UnknownPeer
from iacdrift.model.network import Network
from iacdrift.model.ports import ALL_PORTS, PortSet

TCP = PortSet.parse(
    "22,23,135,139,389,445,873,1433,1434,1521,2049,2181,2375-2377,2379-2380,3306,3389,4243,4369,5432,5433,5439,5500,5601,5672,5900-5910,"
    "5984-5986,6000,6379,6443,7000-7001,7199,7473-7474,7687,8086,8500,8529,9042,9092,9160,9200,9300,10250,10255,11211,15672,16379,26257,"
    "27017-27019,28017,50000"
)
"""Remote administration, directories and file services, databases, caches, brokers, container and cluster control."""
UDP = PortSet.parse("69,111,137-138,161,389,1434,11211")
"""Those that answer over UDP, and were used for amplification."""
MOST = 1 << 30
"""Addresses of IPv4 from which on a rule's sources are the whole internet: a quarter of the address space."""


@frozen(slots=True)
class Justification:
    """Why an exposure is meant. `resource` is a pattern on the group's or rule's address; `ports` as text, empty for all."""

    resource: str
    why: str
    ports: str = ""

    @classmethod
    def parse(cls, said: Any) -> Justification:
        """From `{"resource": …, "why": …, "ports": …}`. Who justifies says why: without a reason it is none, and a UsageError."""
        if not isinstance(said, Mapping) or not said.get("resource") or not str(said.get("why") or "").strip():
            raise UsageError('justified: every entry needs "resource" (a pattern) and "why"; "ports" is optional')
        ports = str(said.get("ports") or "")
        asked_ports(ports)
        return cls(str(said["resource"]), str(said["why"]), ports)

    def covers(self, names: Iterable[str]) -> PortSet:
        """The ports that it speaks of, where it speaks of one of these resources."""
        fits = any(fnmatchcase(name, self.resource) for name in names)
        return (PortSet.parse(self.ports) if self.ports else ALL_PORTS) if fits else PortSet.parse("")


@frozen(slots=True)
class Exposure:
    """One rule that admits the whole internet to ports where nobody expects it. `owner` is the group or endpoint that it is of."""

    owner: str
    protocol: str
    ports: PortSet
    sources: tuple[str, ...]
    because: Because

    def __str__(self) -> str:
        at = f" ({self.because.at})" if self.because.at else ""
        # the rule's own words leave out what is secret
        return (
            f"{self.owner} admits {self.protocol}/{self.ports} from the whole internet: {self.because.resource}: {self.because.detail}{at}"
        )


@frozen(slots=True)
class Unjudged:
    """A filter of which it can't be told whom, or what, it admits."""

    resource: str
    why: str

    def __str__(self) -> str:
        return f"{self.resource}: {self.why}"


def asked_ports(text: Any) -> PortSet:
    """The ports that a user wants watched. UsageError for what is no set of ports."""
    try:
        return PortSet.parse(str(text))
    except ValueError as error:
        raise UsageError(f"{text!r} is no set of ports; write 22,3389,5900-5910") from error


def undecided(unsure: Iterable[Unjudged]) -> str:
    """What can't be judged, as one sentence."""
    return "it couldn't be judged who is admitted, because values aren't known: " + "; ".join(map(str, unsure))


def exposures(
    network: Network, tcp: PortSet = TCP, udp: PortSet = UDP, justified: Iterable[Justification] = ()
) -> tuple[tuple[Exposure, ...], tuple[Unjudged, ...]]:
    """What is exposed without a justification, and what can't be judged."""
    found: list[Exposure] = []
    unsure: list[Unjudged] = [Unjudged("sources", gap) for gap in network.gaps]
    excuses = tuple(justified)
    for owner, rules in _filters(network):
        if rules.doubt:
            unsure.append(Unjudged(owner, rules.doubt))
        for rule in rules.rules:
            unsure += _unsure(owner, rule, network, {"tcp": tcp, "udp": udp})
            found += _exposed(owner, rule, network, {"tcp": tcp, "udp": udp}, excuses)
    return tuple(dict.fromkeys(found)), tuple(dict.fromkeys(unsure))


def _filters(network: Network) -> Iterator[tuple[str, Rules]]:
    """Every list of rules that lets something in: groups, known or not, and the allow-lists of managed endpoints."""
    for group in network.groups.values():
        yield group.because.resource, group.ingress
    yield from network.strays.items()
    for interface in network.interfaces:
        if interface.admits is not None:
            yield interface.owner, interface.admits


def _exposed(owner: str, rule: Rule, network: Network, asked: dict[str, PortSet], excuses: tuple[Justification, ...]) -> Iterator[Exposure]:
    sources = _whole_internet(rule.peers, network)
    if not sources or rule.doubt:
        return
    for protocol, ports in asked.items():
        left = rule.ports(protocol) & ports
        for excuse in excuses:
            left -= excuse.covers((owner, rule.because.resource))
        if left:
            yield Exposure(owner, protocol, left, sources, rule.because)


def _unsure(owner: str, rule: Rule, network: Network, asked: dict[str, PortSet]) -> Iterator[Unjudged]:
    if not any(rule.ports(protocol) & ports for protocol, ports in asked.items()):
        return
    where = f"{owner}: {rule.because.resource}" if rule.because.resource != owner else owner
    if rule.doubt and (_whole_internet(rule.peers, network) or _unknown(rule.peers, network)):
        yield Unjudged(where, rule.doubt)
        return
    if not _whole_internet(rule.peers, network):
        for why in _unknown(rule.peers, network):
            yield Unjudged(where, why)


def _unknown(peers: Iterable[Peer], network: Network) -> list[str]:
    """Why some of the sources aren't known; a group never is the internet."""
    unknown = [peer.why for peer in peers if isinstance(peer, UnknownPeer) and not peer.is_group]
    lists = [peer.list for peer in peers if isinstance(peer, ListPeer)]
    unknown += [f"the entries of {key} aren't known" for key in lists if key not in network.lists]
    return unknown + [doubt for key in lists if key in network.lists and (doubt := network.lists[key].doubt)]


def _whole_internet(peers: Iterable[Peer], network: Network) -> tuple[str, ...]:
    """The sources that together are the internet, or most of it; none where they aren't."""
    networks = list(_networks(peers, network))
    four = {one for one in networks if one.version == 4}
    six = {one for one in networks if one.version == 6 and one.prefixlen <= 3}
    wide = four if sum(one.num_addresses for one in four) >= MOST else set()
    shown = sorted(map(str, wide), key=lambda text: int(text.rpartition("/")[2]))[:3]
    return (*shown, *sorted(map(str, six)))


def _networks(peers: Iterable[Peer], network: Network) -> Iterator[AnyNetwork]:
    for peer in peers:
        if isinstance(peer, ListPeer):
            yield from network.lists[peer.list].networks if peer.list in network.lists else ()
        elif not hasattr(peer, "group") and not isinstance(peer, UnknownPeer):
            yield peer
