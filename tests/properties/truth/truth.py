"""What the kernel says of a topology: for every vantage, target, protocol and port, whether an answer comes back.

A vantage that may be anywhere, and a client that may use any ephemeral port, are asked as many packets: one from each
side of every border that some CIDR, route or rule on the way draws. All answered: yes. None: no. Some: it depends.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Iterator
from enum import Enum
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from attrs import frozen

from tests.properties.truth.bed import Bed, Laid, acl_rules, table_of
from tests.properties.truth.probes import Probe, answered, confirm
from tests.properties.truth.topology import AclRule, Group, Interface, Rule, Subnet, Topology

_EPHEMERAL = (1024, 65535)
_NOT_PUBLIC = tuple(
    map(
        ip_network,
        (
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.88.99.0/24",
            "192.168.0.0/16",
            "198.18.0.0/15",
            "224.0.0.0/3",
            "::/3",
            "4000::/2",
            "8000::/1",
            "2001::/23",
            "2002::/16",
            "3fff::/20",
        ),
    )
)
"""Not public, or of a kind on which one may disagree (benchmark, 6to4): no probe stands there."""


class Outcome(Enum):
    """Whether answers come back."""

    YES = "yes"
    NO = "no"
    DEPENDS = "depends"


@frozen
class Standpoint:
    """Where one stands. `kind`: `internet`, `outside` (addresses known), `interface`, `stranger` (an address that no code owns).

    `where`: the interface's or the subnet's key. `addresses`: one a family at most.
    """

    kind: str
    addresses: tuple[str, ...] = ()
    where: str = ""


@frozen
class Question:
    """One port of one address from one standpoint."""

    standpoint: Standpoint
    target: str
    protocol: str
    port: int


Answers = dict[Question, Outcome]


def version(text: str) -> int:
    """The IP version of an address or a network."""
    return 6 if ":" in text else 4


def standpoints(topology: Topology) -> tuple[Standpoint, ...]:
    """The internet, some addresses on both sides of the borders that rules draw, and machines inside."""
    dice = random.Random(repr(topology))
    everywhere = {place for i in topology.interfaces for place in _borders(topology, i)}
    outside = [sorted(a for a in everywhere if version(a) == family) for family in (4, 6)]
    pairs = {(dice.choice(outside[0]), dice.choice(outside[1])) for _ in range(3)}
    found = [Standpoint("internet"), *(Standpoint("outside", pair) for pair in sorted(pairs))]
    cards = dice.sample(topology.interfaces, min(2, len(topology.interfaces)))
    found += [Standpoint("interface", (c.private[0], *c.ipv6[:1]), c.key) for c in cards]
    subnet = dice.choice(topology.subnets)
    return (*found, Standpoint("stranger", (stranger_address(subnet),), subnet.key))


def stranger_address(subnet: Subnet) -> str:
    """An address in a subnet that no code owns."""
    return subnet.cidr.rsplit(".", 1)[0] + ".250"


def _borders(topology: Topology, interface: Interface) -> Iterator[str]:
    """Both ends and the middle of every stretch between two borders, where a client may have that address."""
    taken = {int(ip_address(public)) for i in topology.interfaces for _, public in i.public}
    for family, bits, build in ((4, 32, IPv4Address), (6, 128, IPv6Address)):
        inside = [ip_network(v.cidr6) for v in topology.vpcs if v.cidr6 and family == 6]
        closed = [(int(n[0]), int(n[-1])) for n in (*_NOT_PUBLIC, *inside) if n.version == family]
        edges = sorted({0, 1 << bits} | {edge for first, last in _spans(topology, interface, family) for edge in (first, last + 1)})
        for first, after in itertools.pairwise(edges):
            for number in sorted({first, first + 1, after - 1, (first + after) // 2}):
                if first <= number < after and number not in taken and not any(low <= number <= high for low, high in closed):
                    yield str(build(number))


def _spans(topology: Topology, interface: Interface, family: int) -> list[tuple[int, int]]:
    """Every network that a filter or a route in front of the interface names, and one more so that there are borders at all."""
    entries = {entry.key: entry.entries for entry in topology.lists}
    subnet = topology.subnet(interface.subnet)
    rules = [r for g in topology.groups_of(interface) for r in g.ingress.rules]
    table = table_of(topology, subnet)
    texts = [c for r in rules for c in (*r.cidrs, *r.cidrs6, *(c for k in r.lists for c in entries[k]))]
    texts += [r.cidr for r in acl_rules(topology, subnet) or ()] + [r.cidr for r in (table.routes if table else ())]
    texts.append("64.0.0.0/3" if family == 4 else "2000::/4")
    return [(int(n[0]), int(n[-1])) for n in (ip_network(text) for text in dict.fromkeys(texts) if version(text) == family)]


def targets(topology: Topology, standpoint: Standpoint) -> Iterator[tuple[str, Interface]]:
    """Every address that is asked from there; a machine doesn't ask itself."""
    inside = standpoint.kind in ("interface", "stranger")
    for interface in topology.interfaces:
        if interface.key != standpoint.where:
            yield from (
                (a, interface)
                for a in (*(interface.private if inside else ()), *(public for _, public in interface.public), *interface.ipv6)
            )


def _edges(rules: Iterable[Rule | AclRule]) -> set[int]:
    return {p for r in rules if 0 <= r.first <= r.last for p in (r.first - 1, r.first, r.last, r.last + 1) if 0 <= p <= 65535}


def _vantage_side(topology: Topology, standpoint: Standpoint) -> tuple[tuple[Group, ...], tuple[AclRule, ...]]:
    """The groups and the ACL that the vantage itself stands behind."""
    if standpoint.kind == "interface":
        card = next(i for i in topology.interfaces if i.key == standpoint.where)
        return topology.groups_of(card), tuple(acl_rules(topology, topology.subnet(card.subnet)) or ())
    if standpoint.kind == "stranger":
        return (), tuple(acl_rules(topology, topology.subnet(standpoint.where)) or ())
    return (), ()


def ports(topology: Topology, standpoint: Standpoint, interface: Interface) -> list[int]:
    """Both sides of every edge that some rule on the way draws, the ends of the space, and some ports at random."""
    groups, acl = _vantage_side(topology, standpoint)
    there = acl_rules(topology, topology.subnet(interface.subnet)) or ()
    edges = _edges(r for g in topology.groups_of(interface) for r in g.ingress.rules) | _edges(r for r in there if not r.egress)
    edges |= _edges(r for g in groups for r in g.egress.rules) | _edges(r for r in acl if r.egress)
    dice = random.Random(f"{interface}{sorted(edges)}")
    return sorted(edges | {0, 1, 65534, 65535} | {dice.randrange(65536) for _ in range(3)})


def client_ports(topology: Topology, standpoint: Standpoint, interface: Interface) -> list[int]:
    """The ephemeral ports on both sides of every edge that the ACLs draw for answers; one where no ACL asks."""
    _, near = _vantage_side(topology, standpoint)
    far = acl_rules(topology, topology.subnet(interface.subnet)) or ()
    asking = [r for r in far if r.egress] + [r for r in near if not r.egress]
    edges = {p for p in _edges(asking) if _EPHEMERAL[0] <= p <= _EPHEMERAL[1]}
    return sorted(edges | set(_EPHEMERAL)) if asking else [50123]


def _sources(topology: Topology, standpoint: Standpoint, target: str, interface: Interface) -> list[str]:
    if standpoint.kind != "internet":
        return [a for a in standpoint.addresses if version(a) == version(target)]
    stretches: dict[tuple[bool, ...], str] = {}
    spans = _spans(topology, interface, version(target))
    for address in _borders(topology, interface):
        if version(address) == version(target):
            number = int(ip_address(address))
            stretches.setdefault(tuple(first <= number <= last for first, last in spans), address)
    return list(stretches.values())


def ask(topology: Topology, standpoint: Standpoint) -> dict[Question, list[Probe]]:
    """The packets that decide every question from one standpoint."""
    found: dict[Question, list[Probe]] = {}
    for target, interface in targets(topology, standpoint):
        sources = _sources(topology, standpoint, target, interface)
        clients, asked = client_ports(topology, standpoint, interface), ports(topology, standpoint, interface)
        for protocol in ("tcp", "udp"):
            for port in asked if sources else ():
                found[Question(standpoint, target, protocol, port)] = [
                    Probe(s, target, protocol, port, c) for s in sources for c in clients
                ]
    return found


def lay(bed: Bed, topology: Topology, places: Iterable[Standpoint]) -> Laid:
    """The topology laid out, with the machines that no code owns."""
    return bed.lay(topology, {p.where: p.addresses[0] for p in places if p.kind == "stranger"})


def _namespace(laid: Laid, standpoint: Standpoint):
    return {"interface": laid.hosts, "stranger": laid.strangers}.get(standpoint.kind, {}).get(standpoint.where, laid.world)


def answers(bed: Bed, topology: Topology) -> Answers:
    """What the kernel says to every question from every standpoint."""
    places = standpoints(topology)
    laid = lay(bed, topology, places)
    found: Answers = {}
    for standpoint in places:
        found |= _decide(laid, standpoint, ask(topology, standpoint))
    return found


def _decide(laid: Laid, standpoint: Standpoint, asked: dict[Question, list[Probe]], *, thrice: bool = False) -> Answers:
    flat = [probe for probes in asked.values() for probe in probes]
    got = (confirm if thrice else answered)(_namespace(laid, standpoint), laid.home.values(), flat, laid.stateful)
    found, start = {}, 0
    for question, probes in asked.items():
        count = sum(n in got for n in range(start, start + len(probes)))
        found[question] = Outcome.NO if count == 0 else Outcome.YES if count == len(probes) else Outcome.DEPENDS
        start += len(probes)
    return found


def ask_again(bed: Bed, topology: Topology, questions: Iterable[Question]) -> Answers:
    """The same questions three times over: a packet may get lost on a busy machine, and never appears by accident."""
    places = standpoints(topology)
    laid = lay(bed, topology, places)
    wanted = set(questions)
    found: Answers = {}
    for standpoint in places:
        asked = {q: p for q, p in ask(topology, standpoint).items() if q in wanted}
        if asked:
            found |= _decide(laid, standpoint, asked, thrice=True)
    return found
