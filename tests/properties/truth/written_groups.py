"""Security groups and prefix lists as Terraform writes them, in the three styles, with what a refresh mirrors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from attrs import evolve

from tests.properties.truth.topology import Direction, Group, Layout, PrefixList, Rule, Topology
from tests.properties.truth.written import Json, Pad, Written, constant, gather, identifier, refers

_ALL = ("-1", "all")


def write_list(pad: Pad, entry_list: PrefixList) -> None:
    """A managed prefix list, its entries inside or as resources."""
    inline = entry_list.style == "inline"
    shown = entry_list.entries + (() if inline else entry_list.drift)
    name, own = entry_list.key, identifier("pl", entry_list.key)
    expressions: dict[str, Json] = {
        "name": constant(name),
        "address_family": constant(f"IPv{entry_list.family}"),
        "max_entries": constant(20),
    }
    if inline:
        expressions["entry"] = [{"cidr": constant(cidr)} for cidr in entry_list.entries]
    values = {
        "id": own,
        "name": name,
        "address_family": f"IPv{entry_list.family}",
        "max_entries": 20,
        "version": 1,
        "owner_id": "123456789012",
        "arn": f"arn:aws:ec2:us-east-1:123456789012:prefix-list/{own}",
        "entry": [{"cidr": c, "description": ""} for c in shown],
        "tags": pad.nothing({}),
        "tags_all": {},
    }
    written = pad.add("aws_ec2_managed_prefix_list", name, values, expressions)
    for number, cidr in enumerate(() if inline else entry_list.entries):
        pad.add(
            "aws_ec2_managed_prefix_list_entry",
            f"{name}_{number}",
            {"id": f"{own},{cidr}", "cidr": cidr, "prefix_list_id": own, "description": pad.nothing("")},
            {"cidr": constant(cidr), "prefix_list_id": refers(written.address)},
        )


def group_id(key: str) -> str:
    """The id of a group."""
    return identifier("sg", key)


def _inline(pad: Pad, rule: Rule, own: str) -> dict[str, Json]:
    return {
        "cidr_blocks": pad.many(rule.cidrs),
        "ipv6_cidr_blocks": pad.many(rule.cidrs6),
        "prefix_list_ids": pad.many(identifier("pl", k) for k in rule.lists),
        "security_groups": pad.many(group_id(k) for k in rule.groups if group_id(k) != own),
        "self": rule.itself or own in map(group_id, rule.groups),
        "protocol": rule.protocol,
        "from_port": rule.first,
        "to_port": rule.last,
        "description": "",
    }


def _expression(pad: Pad, rules: Iterable[Rule], own: str) -> Json:
    """How the configuration shows inline rules: as they are, or only whom they name."""
    kept = tuple(rules)
    named = sorted(
        {f"aws_security_group.{k}" for r in kept for k in r.groups} | {f"aws_ec2_managed_prefix_list.{k}" for r in kept for k in r.lists}
    )
    return refers(*named) if named else constant([_inline(pad, rule, own) for rule in kept])


def _mirrored(pad: Pad, direction: Direction, own: str) -> list[Json]:
    """What the inline attribute shows after a refresh: the declared rules, and by hand added ones where the code doesn't set it."""
    rules = direction.rules
    if direction.style == "unset" and pad.provable_from_state:
        rules = ()
    elif direction.style == "unset":
        rules = direction.drift
    elif direction.style == "standalone" and (direction.rules or not pad.provable_from_state):
        rules = direction.rules + direction.drift
    return [_inline(pad, rule, own) for rule in rules]


def write_group(pad: Pad, group: Group, vpc: str, type_: str = "aws_security_group") -> None:
    """The group itself."""
    own = group_id(group.key)
    default = type_ == "aws_default_security_group"
    expressions: dict[str, Json] = {"vpc_id": refers(vpc)} | ({} if default else {"name": constant(group.key)})
    for name, direction in (("ingress", group.ingress), ("egress", group.egress)):
        if direction.style == "inline" and (direction.rules or not default):
            expressions[name] = _expression(pad, direction.rules, own)
    values = {
        "id": own,
        "name": "default" if default else group.key,
        "vpc_id": identifier("vpc", group.vpc),
        "description": "Managed by Terraform",
        "name_prefix": "",
        "arn": f"arn:aws:ec2:us-east-1:123456789012:security-group/{own}",
        "owner_id": "123456789012",
        "revoke_rules_on_delete": False,
        "ingress": _mirrored(pad, group.ingress, own),
        "egress": _mirrored(pad, group.egress, own),
        "tags": pad.nothing({}),
        "tags_all": {},
    }
    pad.add(type_, group.key.replace("-", "_") if default else group.key, values, expressions)


def write_rules(pad: Pad, topology: Topology) -> None:
    """Every standalone rule, singly, keyed, or in a module."""
    layout: Layout = topology.layout
    for group in topology.groups:
        for egress, direction in ((False, group.ingress), (True, group.egress)):
            if direction.style != "standalone":
                continue
            written = list(_standalone(pad, group, direction, egress))
            for type_ in sorted({w.type for w in written}):
                alike = [w for w in written if w.type == type_]
                pad.resources += _arranged(alike, layout, f"{group.key}_{'out' if egress else 'in'}")


def _arranged(alike: list[Written], layout: Layout, name: str) -> Iterator[Written]:
    rules = gather(alike, name) if layout.keyed_rules else [evolve(w, name=f"{name}{n}") for n, w in enumerate(alike)]
    for rule in rules:
        if layout.module_rules:
            given = {key: value if "constant_value" in value else refers("var.given") for key, value in rule.expressions.items()}
            yield evolve(rule, module=("rules", None), expressions=given)
        else:
            yield rule


def _standalone(pad: Pad, group: Group, direction: Direction, egress: bool) -> Iterator[Written]:
    number = 0
    for rule in direction.rules:
        one_source = _vpc_rules(pad, group, rule) if rule.style == "vpc_rule" else _group_rules(pad, group, rule, egress)
        kind = f"aws_vpc_security_group_{'egress' if egress else 'ingress'}_rule" if rule.style == "vpc_rule" else "aws_security_group_rule"
        for values, expressions in one_source:
            number += 1
            own = identifier("sgr" if rule.style == "vpc_rule" else "sgrule", f"{group.key}/{egress}/{number}")
            yield Written(kind, "", {"id": own, **values}, expressions, stack="rules")


_Pair = tuple[dict[str, Any], dict[str, Any]]


def _group_rules(pad: Pad, group: Group, rule: Rule, egress: bool) -> Iterator[_Pair]:
    """`aws_security_group_rule`: CIDRs and lists together, each group and the group itself apart."""
    base: dict[str, Json] = {
        "type": "egress" if egress else "ingress",
        "protocol": rule.protocol,
        "from_port": rule.first,
        "to_port": rule.last,
    }
    lists = [identifier("pl", key) for key in rule.lists]
    if rule.cidrs or rule.cidrs6 or rule.lists:
        yield _group_rule(
            pad, group, base, {"cidr_blocks": list(rule.cidrs), "ipv6_cidr_blocks": list(rule.cidrs6), "prefix_list_ids": lists}, rule.lists
        )
    for source in rule.groups:
        if source == group.key:
            yield _group_rule(pad, group, base, {"self": True}, ())
        else:
            yield _group_rule(pad, group, base, {"source_security_group_id": group_id(source)}, (source,))
    if rule.itself:
        yield _group_rule(pad, group, base, {"self": True}, ())


def _group_rule(pad: Pad, group: Group, base: Mapping[str, Json], sources: Mapping[str, Json], named: tuple[str, ...]) -> _Pair:
    values = {
        "cidr_blocks": pad.nothing([]),
        "ipv6_cidr_blocks": pad.nothing([]),
        "prefix_list_ids": pad.nothing([]),
        "self": False,
        "description": pad.nothing(""),
        "source_security_group_id": pad.nothing(""),
        **base,
        **{k: v for k, v in sources.items() if v},
        "security_group_id": group_id(group.key),
        "security_group_rule_id": "",
    }
    expressions = {key: constant(value) for key, value in (*base.items(), *sources.items()) if value or key in base}
    for key in ("source_security_group_id", "prefix_list_ids"):
        if expressions.get(key):
            expressions[key] = refers(*(f"{'aws_security_group' if key[0] == 's' else 'aws_ec2_managed_prefix_list'}.{n}" for n in named))
    return values, expressions | {"security_group_id": refers(f"aws_security_group.{group.key}")}


def _vpc_rules(pad: Pad, group: Group, rule: Rule) -> Iterator[_Pair]:
    """`aws_vpc_security_group_*_rule`: one source a resource; every protocol has no ports."""
    everything = rule.protocol in _ALL
    base: dict[str, Json] = {
        "ip_protocol": "-1" if everything else rule.protocol,
        "from_port": None if everything else rule.first,
        "to_port": None if everything else rule.last,
    }
    groups = (*rule.groups, *((group.key,) if rule.itself else ()))
    sources = [("cidr_ipv4", c, constant(c)) for c in rule.cidrs] + [("cidr_ipv6", c, constant(c)) for c in rule.cidrs6]
    sources += [("prefix_list_id", identifier("pl", k), refers(f"aws_ec2_managed_prefix_list.{k}")) for k in rule.lists]
    sources += [("referenced_security_group_id", group_id(k), refers(f"aws_security_group.{k}")) for k in groups]
    for key, value, expression in sources:
        values = {
            "cidr_ipv4": None,
            "cidr_ipv6": None,
            "prefix_list_id": None,
            "referenced_security_group_id": None,
            "description": None,
            "tags": None,
            "tags_all": {},
            **base,
            key: value,
            "security_group_id": group_id(group.key),
        }
        shown = {k: constant(v) for k, v in base.items() if v is not None}
        yield values, shown | {key: expression, "security_group_id": refers(f"aws_security_group.{group.key}")}
