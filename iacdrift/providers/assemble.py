"""Puts the parts of all resources together to one network."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from attrs import evolve

from iacdrift.model.addresses import Address, AnyNetwork
from iacdrift.model.filters import NetworkAcl, Rules, SecurityGroup
from iacdrift.model.network import ExplicitExpectation, Fleet, Network, Peering, PrefixList, RouteTable, Subnet, Vpc
from iacdrift.providers import parts as p
from iacdrift.providers.default_group import with_default_groups
from iacdrift.providers.described import join_described
from iacdrift.providers.interfaces import assemble_interfaces

Parts = dict[type, list[Any]]


def assemble(parts: Parts) -> Network:
    """The network of these parts."""
    vpcs = _vpcs(parts)
    subnets, groups = _subnets(parts), _groups(parts)
    interfaces, unattached = assemble_interfaces(parts, subnets)
    joined = join_described(parts[p.Described], interfaces, parts[Fleet])
    interfaces = (*interfaces, *joined.interfaces)
    known = joined.managed | {part.address for part in parts[p.Known]}
    known |= {endpoint.address for interface in interfaces for endpoint in interface.endpoints if endpoint.address}
    return Network(
        vpcs=vpcs,
        subnets=subnets,
        tables=_tables(parts),
        acls=_acls(parts),
        groups=with_default_groups(groups, vpcs),
        strays=_strays(parts, groups),
        lists=_lists(parts),
        peerings=_peerings(parts),
        nat_addresses=_nat(parts),
        interfaces=interfaces,
        fleets=joined.fleets,
        expectations=tuple(parts[ExplicitExpectation]),
        unattached=unattached,
        clouded=next((part.why for part in parts[p.Clouded]), None),
        known_addresses=frozenset(known),
        notes=(*(part.text for part in parts[p.Note]), *joined.notes),
        described=joined.owners,
    )


def _by(items: Iterable[Any], name: str) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for item in items:
        found[getattr(item, name)].append(item)
    return found


def _unique(items: Iterable[Any]) -> dict[str, Any]:
    """By key; the first one wins."""
    found: dict[str, Any] = {}
    for item in items:
        found.setdefault(item.key, item)
    return found


def _vpcs(parts: Parts) -> dict[str, Vpc]:
    found: dict[str, Vpc] = _unique(parts[Vpc])
    edges = _by((edge for edge in parts[p.EdgeTable]), "vpc")
    for key, facts in _by(parts[p.VpcFact], "vpc").items():
        if key in found:
            found[key] = _with_facts(found[key], facts)
    for key, vpc in found.items():
        edge = next(iter((*edges.get(key, ()), *edges.get(None, ()))), None)  # type: ignore[call-overload] # an edge of no known VPC
        if edge is not None:
            found[key] = evolve(vpc, edge_doubt=f"{edge.because.resource}: {edge.because.detail}")
    return found


def _with_facts(vpc: Vpc, facts: list[p.VpcFact]) -> Vpc:
    def said(name: str, default: str | None) -> str | None:
        return next((value for fact in sorted(facts, key=lambda fact: not fact.firm) if (value := getattr(fact, name))), default)

    networks = dict.fromkeys((*vpc.networks, *(fact.network for fact in facts if fact.network)))
    return evolve(
        vpc,
        networks=tuple(networks),
        main_table=said("main_table", vpc.main_table),
        default_acl=said("default_acl", vpc.default_acl),
        default_group=said("default_group", vpc.default_group),
    )


def _subnets(parts: Parts) -> dict[str, Subnet]:
    found: dict[str, Subnet] = _unique(parts[Subnet])
    tables, acls = _by(parts[p.SubnetTable], "subnet"), _by(parts[p.SubnetAcl], "subnet")
    for key in {*tables, *acls}:
        if key in found:
            found[key] = _with_acl(_with_table(found[key], tables.get(key, [])), acls.get(key, []))
    for part in parts[p.MainTableDoubt]:
        found = {key: _with_main_doubt(subnet, part) for key, subnet in found.items()}
    return found


def _with_main_doubt(subnet: Subnet, part: p.MainTableDoubt) -> Subnet:
    """The main table serves subnets without one of their own."""
    if subnet.table or subnet.table_doubt or part.vpc not in (None, subnet.vpc):
        return subnet
    return evolve(subnet, table_doubt=part.why)


def _with_table(subnet: Subnet, claims: list[p.SubnetTable]) -> Subnet:
    claims = [claim for claim in claims if not claim.perhaps] or claims  # a subnet has one association
    names = {claim.table for claim in claims}
    if not claims:
        return subnet
    if len(names) > 1 or None in names:
        doubt = next((claim.doubt for claim in claims if claim.doubt), "several route tables are associated with it")
        return evolve(subnet, table_doubt=doubt)
    return evolve(subnet, table=names.pop())


def _with_acl(subnet: Subnet, claims: list[p.SubnetAcl]) -> Subnet:
    meant = [claim for claim in claims if claim.firm] or claims
    names = {claim.acl for claim in meant if claim.acl}
    doubt = next((claim.doubt for claim in meant if claim.doubt), None)
    if doubt:
        return evolve(subnet, acl_doubt=doubt)
    if not names:
        return subnet
    if len(names) > 1:
        return evolve(subnet, acl_doubt="several network ACLs name it")
    return evolve(subnet, acl=names.pop(), acl_assumed=None if any(not claim.assumed for claim in meant) else meant[0].assumed)


def _tables(parts: Parts) -> dict[str, RouteTable]:
    found: dict[str, RouteTable] = _unique(parts[RouteTable])
    for key, routes in _by(parts[p.TableRoute], "table").items():
        if key in found:
            found[key] = evolve(found[key], routes=found[key].routes + tuple(part.route for part in routes))
    return found


def _acls(parts: Parts) -> dict[str, NetworkAcl]:
    found: dict[str, NetworkAcl] = _unique(parts[NetworkAcl])
    rules = _by(parts[p.AclRule], "acl")
    for part in parts[p.AclRuleDoubt]:
        if part.acl in found:
            found[part.acl] = _with_acl_doubt(found[part.acl], part)
    return {key: _ordered(acl, rules.get(key, [])) for key, acl in found.items()}


def _with_acl_doubt(acl: NetworkAcl, part: p.AclRuleDoubt) -> NetworkAcl:
    if part.direction == "egress":
        return evolve(acl, doubt_egress=acl.doubt_egress or part.why)
    return evolve(acl, doubt_ingress=acl.doubt_ingress or part.why)


def _ordered(acl: NetworkAcl, rules: list[p.AclRule]) -> NetworkAcl:
    """Entries in the order in which they are asked, whatever order the state holds them in."""
    more = {way: tuple(part.entry for part in rules if part.direction == way) for way in ("ingress", "egress")}
    return evolve(
        acl,
        ingress=tuple(sorted(acl.ingress + more["ingress"], key=lambda entry: entry.number)),
        egress=tuple(sorted(acl.egress + more["egress"], key=lambda entry: entry.number)),
    )


def _groups(parts: Parts) -> dict[str, SecurityGroup]:
    found: dict[str, SecurityGroup] = _unique(parts[SecurityGroup])
    for key, rules in _by(parts[p.GroupRule], "group").items():
        if key in found:
            found[key] = _with_rules(found[key], rules)
    for part in parts[p.GroupRuleDoubt]:
        found = {key: _with_doubt(group, part) for key, group in found.items()}
    return found


def _strays(parts: Parts, groups: Mapping[str, SecurityGroup]) -> dict[str, Rules]:
    """Ingress rules for groups that are in no source, and those whose group nobody knows where there is none to doubt instead."""
    named = _by((part for part in parts[p.GroupRule] if part.direction == "ingress" and part.group not in groups), "group")
    found = {key: Rules(tuple(part.rule for part in rules)) for key, rules in named.items()}
    doubts = [part.why for part in parts[p.GroupRuleDoubt] if part.direction == "ingress"]
    return found if groups or not doubts else found | {"a group that isn't known": Rules(doubt="; ".join(doubts))}


def _with_rules(group: SecurityGroup, more: list[p.GroupRule]) -> SecurityGroup:
    ingress = tuple(part.rule for part in more if part.direction == "ingress")
    egress = tuple(part.rule for part in more if part.direction == "egress")
    return evolve(
        group,
        ingress=evolve(group.ingress, rules=group.ingress.rules + ingress),
        egress=evolve(group.egress, rules=group.egress.rules + egress),
    )


def _with_doubt(group: SecurityGroup, part: p.GroupRuleDoubt) -> SecurityGroup:
    if part.direction == "egress":
        return evolve(group, egress=evolve(group.egress, doubt=group.egress.doubt or part.why))
    return evolve(group, ingress=evolve(group.ingress, doubt=group.ingress.doubt or part.why))


def _lists(parts: Parts) -> dict[str, PrefixList]:
    found: dict[str, PrefixList] = _unique(parts[PrefixList])
    for key, entries in _by(parts[p.ListEntry], "list").items():
        if key in found:
            networks: tuple[AnyNetwork, ...] = tuple(entry.network for entry in entries if entry.network)
            doubt = next((entry.doubt for entry in entries if entry.doubt), found[key].doubt)
            found[key] = evolve(found[key], networks=found[key].networks + networks, doubt=doubt)
    return found


def _peerings(parts: Parts) -> dict[str, Peering]:
    accepted = {part.peering for part in parts[p.PeeringAccepted]}
    found: dict[str, Peering] = _unique(parts[Peering])
    return {key: evolve(peering, doubt=None) if key in accepted else peering for key, peering in found.items()}


def _nat(parts: Parts) -> dict[str, tuple[Address, ...]]:
    return {key: tuple(part.address for part in found) for key, found in _by(parts[p.NatAddress], "gateway").items()}
