"""Where "unknown" is the right word although the kernel has an answer: what no source can tell, as aws-reachability.md lists it.

Each excuse is syntactic and narrow: it names the rule of the document, never the product's behaviour.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_network

from tests.properties.truth.bed import acl_rules, table_of
from tests.properties.truth.topology import AclRule, Interface, Rule, Subnet, Topology
from tests.properties.truth.truth import Question, version

_STATES = ("tfstate", "show", "two_states")
_PORTS = {"tcp": ("tcp", "6", "-1", "all"), "udp": ("udp", "17", "-1", "all")}
_PRIVATE = tuple(
    map(
        ip_network,
        ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "127.0.0.0/8", "fc00::/7", "fe80::/10"),
    )
)


def excuse(topology: Topology, source: str, question: Question, target: Interface) -> str | None:
    """Why "unknown" may stand there; None: it may not."""
    kind = question.standpoint.kind
    found = _unclear_code(topology, source, question, target)
    if found:
        return found
    if kind == "internet":
        return _two_filters(topology, question, target)
    if _partial_answers(topology, question, target) >= 2:
        return "two ACLs let a part of the client's ports pass, which part isn't compared"
    if kind == "outside":
        return None
    if question.target in {public for _, public in target.public} and not _own_public(topology, question):
        return "a public address from inside: the source that leaves isn't known"
    if kind == "stranger":
        named = any((r.groups or r.itself) and covers(r, question) for g in topology.groups_of(target) for r in g.ingress.rules)
        return "whether the vantage carries a group isn't known" if named else None
    return _own_egress(topology, source, question)


def covers(rule: Rule | AclRule, question: Question) -> bool:
    """Whether the rule is about this protocol and port at all."""
    if rule.protocol not in _PORTS[question.protocol]:
        return False
    return rule.protocol in ("-1", "all") or (rule.first, rule.last) == (-1, -1) or rule.first <= question.port <= rule.last


def _unclear_code(topology: Topology, source: str, question: Question, target: Interface) -> str | None:
    """A plan's configuration leaves dynamic blocks out: values that nothing declares may be the code's own."""
    if source != "plan":
        return None
    subnets = [topology.subnet(target.subnet), *_own_subnet(topology, question)]
    groups = [*topology.groups_of(target)]
    tables = [t for s in subnets if (t := table_of(topology, s))]
    acls = [a for a in topology.acls for s in subnets if s.acl == a.key]
    if any(
        (g.ingress.style == "unset" and g.ingress.drift) or (g.ingress.style == "standalone" and g.ingress.drift and not g.ingress.rules)
        for g in groups
    ):
        return "a group's rules may come from a dynamic block"
    if any(t.style == "standalone" and t.drift and not t.routes for t in tables):
        return "a table's routes may come from a dynamic block"
    if any(a.style == "standalone" and not any(r.egress is d.egress for r in a.rules) for a in acls for d in a.drift):
        return "an ACL's rules may come from a dynamic block"
    return None


def _own_subnet(topology: Topology, question: Question) -> Iterable[Subnet]:
    place = question.standpoint
    if place.kind == "interface":
        yield topology.subnet(next(i for i in topology.interfaces if i.key == place.where).subnet)
    elif place.kind == "stranger":
        yield topology.subnet(place.where)


def _own_public(topology: Topology, question: Question) -> bool:
    """Whether the vantage's private address has a public one, and its subnet a way to the internet gateway."""
    place = question.standpoint
    if place.kind != "interface":
        return False
    card = next(i for i in topology.interfaces if i.key == place.where)
    return place.addresses[0] in dict(card.public)


def _own_egress(topology: Topology, source: str, question: Question) -> str | None:
    card = next(i for i in topology.interfaces if i.key == question.standpoint.where)
    groups = topology.groups_of(card)
    if any(g.egress.style == "unset" for g in groups):
        return "the code doesn't say what may leave"
    if source in _STATES and any(not g.egress.rules for g in groups):
        return "a recorded empty egress doesn't say whether the code sets it"
    if source == "plan" and any(g.egress.style == "standalone" and g.egress.drift and not g.egress.rules for g in groups):
        return "what may leave may come from a dynamic block"
    return None


def _partial_answers(topology: Topology, question: Question, target: Interface) -> int:
    """How many ACLs have a rule for answers that holds some ephemeral ports and not all."""
    asked = [
        (acl_rules(topology, topology.subnet(target.subnet)), True),
        *((acl_rules(topology, s), False) for s in _own_subnet(topology, question)),
    ]
    return sum(any(r.egress is egress and _partial(r) for r in rules or ()) for rules, egress in asked)


def _partial(rule: AclRule) -> bool:
    return rule.protocol not in ("-1", "icmp", "50") and not (rule.first <= 1024 and rule.last == 65535)


def _two_filters(topology: Topology, question: Question, target: Interface) -> str | None:
    """Two filters that each admit a part of the internet: whether the parts meet isn't compared."""
    subnet = topology.subnet(target.subnet)
    acl, table = acl_rules(topology, subnet) or (), table_of(topology, subnet)
    rules = [r for g in topology.groups_of(target) for r in g.ingress.rules if covers(r, question)]
    filters = [
        [c for r in rules for c in _networks(topology, r)],
        [r.cidr for r in acl if not r.egress and covers(r, question)],
        [r.cidr for r in acl if r.egress and r.protocol in _PORTS[question.protocol]],
        [r.cidr for r in (table.routes if table else ())],
    ]
    narrow = [[c for c in cidrs if version(c) == version(question.target) and is_narrow(c)] for cidrs in filters]
    inside = [v.cidr6 for v in topology.vpcs if v.cidr6]
    if any(ip_network(c).overlaps(ip_network(v)) and is_narrow(c) for cidrs in narrow for c in cidrs for v in inside if version(c) == 6):
        return "a rule names a network of the model itself: whether the vantage stands there isn't known"
    partial = any(r.egress and _partial(r) for r in acl)
    return "two filters that each admit a part" if sum(map(bool, narrow)) + partial >= 2 else None


def _networks(topology: Topology, rule: Rule) -> Iterable[str]:
    entries = {entry.key: entry.entries for entry in topology.lists}
    return (*rule.cidrs, *rule.cidrs6, *(c for k in rule.lists for c in entries[k]))


def is_narrow(cidr: str) -> bool:
    """Whether a source on the internet may lie inside or outside of it."""
    network = ip_network(cidr)
    return network.prefixlen > 0 and not any(network.version == p.version and network.subnet_of(p) for p in _PRIVATE)
