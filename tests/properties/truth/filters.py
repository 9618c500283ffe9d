"""The packet filters of a topology as nftables: groups at the host, ACLs at the subnet's edge, addresses at the gateway.

A plain compiler: one rule of AWS becomes one line or a few; what decides is the kernel. It shares no code with the
product, and takes from aws-reachability.md only what the words of AWS mean.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ipaddress import ip_network

from tests.properties.truth.topology import AclRule, Direction, Group, Interface, Rule, Topology

THROUGH_A_GATEWAY = "cs1"
"""The mark (DSCP) that an internet gateway puts on what comes in: such a packet carries no group membership."""
BY_ANOTHER_WAY = "cs2"
"""The mark of an answer to what didn't come through a gateway. An answer goes back the way that the question came."""
_WITH_PORTS = {"tcp": "tcp", "6": "tcp", "TCP": "tcp", "udp": "udp", "17": "udp"}
_GATEWAY, _PEERS = '"gateway"', '{ "p0", "p1", "p2" }'
_EVERYTHING = {"-1", "all"}


def _header(protocol: str, first: int, last: int) -> str | None:
    """The match on protocol and port; None where it can match neither tcp nor udp."""
    if protocol in _EVERYTHING:
        return ""
    if protocol not in _WITH_PORTS:
        return None
    name = _WITH_PORTS[protocol]
    ports = "" if (first, last) == (-1, -1) else f"th dport {first}-{last} "
    return f"meta l4proto {name} {ports}"


def _in_family(cidr: str) -> str:
    return "ip6" if ":" in cidr else "ip"


def members(topology: Topology, group: str) -> tuple[str, ...]:
    """The private addresses, of both families, of every network card that carries the group."""
    carrying = (i for i in topology.interfaces if group in {g.key for g in topology.groups_of(i)})
    return tuple(address for i in carrying for address in (*i.private, *i.ipv6))


def _rule_lines(topology: Topology, group: Group, rule: Rule, side: str) -> Iterable[str]:
    header = _header(rule.protocol, rule.first, rule.last)
    if header is None:
        return
    lists = {entry.key: entry.entries for entry in topology.lists}
    for cidr in (*rule.cidrs, *rule.cidrs6, *(c for key in rule.lists for c in lists[key])):
        yield f"{header}{_in_family(cidr)} {side} {cidr} accept"
    for source in (*rule.groups, *((group.key,) if rule.itself else ())):
        for address in members(topology, source):
            family = _in_family(address)
            yield f"{header}{family} dscp != {THROUGH_A_GATEWAY} {family} {side} {address} accept"


def _direction(topology: Topology, groups: Iterable[Group], name: str, side: str) -> list[str]:
    def rules(group: Group) -> Direction:
        return group.ingress if name == "ingress" else group.egress

    return [line for g in groups for rule in rules(g).rules for line in _rule_lines(topology, g, rule, side)]


def host_filter(topology: Topology, interface: Interface | None) -> str:
    """Stateful: answers to what was admitted always pass. Without an interface: a machine that no code owns."""
    if interface is None:
        inward, outward = [], ["accept"]
    else:
        groups = topology.groups_of(interface)
        inward = _direction(topology, groups, "ingress", "saddr")
        outward = [] if is_open(groups) else _direction(topology, groups, "egress", "daddr")
        outward = ["accept"] if is_open(groups) else outward
    known = "ct state established accept"
    remember = [f"{family} dscp {THROUGH_A_GATEWAY} ct mark set 1" for family in ("ip", "ip6")]
    back = [
        f"ct direction reply ct mark {n} {family} dscp set {to}"
        for n, to in ((1, THROUGH_A_GATEWAY), (0, BY_ANOTHER_WAY))
        for family in ("ip", "ip6")
    ]
    mute = [f"{protocol} type destination-unreachable drop" for protocol in ("icmp", "icmpv6")]
    return _table(
        "groups",
        _chain("inward", "input", ["iif lo accept", *remember, known, *inward], "drop"),
        _chain("outward", "output", [*mute, *back, known, *outward], "drop"),
    )


def is_open(groups: Iterable[Group]) -> bool:
    """Whether some group's egress is left to AWS, which then lets everything leave."""
    return any(g.egress.style == "unset" for g in groups)


def _acl_lines(rules: Iterable[AclRule], egress: bool) -> Iterable[str]:
    side = "daddr" if egress else "saddr"
    for rule in sorted((r for r in rules if r.egress is egress), key=lambda r: r.number):
        header = _header(rule.protocol, rule.first, rule.last)
        if header is not None:
            yield f"{header}{_in_family(rule.cidr)} {side} {rule.cidr} {'accept' if rule.allow else 'drop'}"


def acl_filter(rules: Iterable[AclRule] | None) -> str:
    """Stateless, at the subnet's edge only: from host to host nothing is asked. None: AWS's default, everything passes."""
    if rules is None:
        return ""
    kept = tuple(rules)
    return _table(
        "acl",
        _chain("inbound", None, [*_acl_lines(kept, egress=False), "drop"]),
        _chain("outbound", None, [*_acl_lines(kept, egress=True), "drop"]),
        _chain("edge", "forward", ['iifname "up" jump inbound', 'oifname "up" jump outbound'], "accept"),
    )


def router_filter() -> str:
    """What came through the gateway is answered through the gateway, and what came over a peering over that peering."""
    lines = [
        f"oifname {out} {family} dscp {mark} drop"
        for out, mark in ((_GATEWAY, BY_ANOTHER_WAY), (_PEERS, THROUGH_A_GATEWAY))
        for family in ("ip", "ip6")
    ]
    return _table("router", _chain("ways", "forward", lines, "accept"))


def gateway_filter(public: Mapping[str, str], *, igw: bool) -> str:
    """One public address for one private one, without state; what has no public address doesn't pass. IPv6 is only marked.

    The egress-only gateway lets out what starts inside, no answers; where it stands alone, in comes only what answers that.
    """
    inward = [] if igw else ['iifname "world" ct state != established drop']
    inward += [f'iifname "eigw" ip6 dscp {mark} drop' for mark in (THROUGH_A_GATEWAY, BY_ANOTHER_WAY)]
    inward += ['iifname "world" ip6 version 6 ip6 dscp set cs1', 'iifname "world" ip version 4 ip dscp set cs1']
    pairs_in = ", ".join(f"{there} : {here}" for there, here in sorted(public.items()))
    pairs_out = ", ".join(f"{here} : {there}" for there, here in sorted(public.items()))
    if public:
        inward += [
            f'iifname "world" ip daddr != {{ {", ".join(public)} }} drop',
            f'iifname "world" ip daddr set ip daddr map {{ {pairs_in} }}',
        ]
        outward = [
            f'oifname "world" ip saddr != {{ {", ".join(public.values())} }} drop',
            f'oifname "world" ip saddr set ip saddr map {{ {pairs_out} }}',
        ]
    else:
        inward.append('iifname "world" ip version 4 drop')
        outward = ['oifname "world" ip version 4 drop']
    return _table("gateway", _chain("inward", "prerouting", inward, "accept"), _chain("outward", "postrouting", outward, "accept"))


def world_filter() -> str:
    """The world outside answers nothing: it only hears answers."""
    deaf = ['iif "lo" drop', "tcp flags & (syn | rst) == syn drop"]
    mute = ["icmp type destination-unreachable drop", "icmpv6 type destination-unreachable drop"]
    return _table("world", _chain("inward", "input", deaf, "accept"), _chain("outward", "output", mute, "accept"))


def _chain(name: str, hook: str | None, lines: Iterable[str], policy: str = "accept") -> str:
    head = [f"type filter hook {hook} priority 0; policy {policy};"] if hook else []
    return "\n".join((f"  chain {name} {{", *(f"    {line}" for line in (*head, *lines)), "  }"))


def _table(name: str, *chains: str) -> str:
    return "\n".join((f"table inet {name} {{", *chains, "}", ""))


def family(cidr: str) -> int:
    """4 or 6."""
    return ip_network(cidr).version
