"""Network ACLs as Terraform writes them, in both styles, with what a refresh mirrors."""

from __future__ import annotations

from collections.abc import Iterable

from tests.properties.truth.topology import Acl, AclRule, Topology, Vpc
from tests.properties.truth.written import Json, Pad, constant, identifier, refers

_NUMBERS = {"tcp": "6", "udp": "17", "icmp": "1"}


def _acl_inline(pad: Pad, rules: Iterable[AclRule], egress: bool, numbers: bool) -> list[Json]:
    """The rules of one direction; real files don't sort them."""
    return [
        {
            "rule_no": r.number,
            "action": "allow" if r.allow else "deny",
            "protocol": _protocol(r.protocol, numbers),
            "from_port": r.first,
            "to_port": r.last,
            "cidr_block": pad.text(None if ":" in r.cidr else r.cidr),
            "ipv6_cidr_block": pad.text(r.cidr if ":" in r.cidr else None),
            "icmp_code": 0,
            "icmp_type": 0,
        }
        for r in sorted(rules, key=lambda r: (r.cidr, -r.number))
        if r.egress is egress
    ]


def _protocol(text: str, numbers: bool) -> str:
    return _NUMBERS.get(text, text) if numbers else text


def write_default_acl(pad: Pad, topology: Topology, vpc: Vpc, rules: tuple[AclRule, ...]) -> None:
    own = identifier("acl", f"default-{vpc.key}")
    numbers = topology.layout.numbers
    left = [identifier("subnet", s.key) for s in topology.subnets if s.vpc == vpc.key and s.acl is None]
    lists = {name: _acl_inline(pad, rules, name == "egress", numbers) for name in ("ingress", "egress")}
    expressions: dict[str, Json] = {
        "default_network_acl_id": {"references": [f"aws_vpc.{vpc.key}.default_network_acl_id", f"aws_vpc.{vpc.key}"]}
    }
    expressions |= {name: [{k: constant(v) for k, v in rule.items() if v} for rule in found] for name, found in lists.items() if found}
    values = {
        "id": own,
        "default_network_acl_id": own,
        "vpc_id": identifier("vpc", vpc.key),
        "subnet_ids": left,
        **lists,
        "tags": pad.nothing({}),
        "tags_all": {},
    }
    pad.add("aws_default_network_acl", vpc.key, values, expressions)


def write_acl(pad: Pad, topology: Topology, acl: Acl) -> None:
    """A network ACL, with its rules inside or as resources, and what a refresh mirrors."""
    numbers, standalone = topology.layout.numbers, acl.style == "standalone"
    own = identifier("acl", acl.key)
    mine = [s for s in topology.subnets if s.acl == acl.key]
    shown = list(acl.rules)
    if standalone:
        shown += [d for d in acl.drift if not pad.provable_from_state or any(r.egress is d.egress for r in acl.rules)]
    attached = [s.key for s in mine] + ([] if pad.provable_from_state or acl.attach == "subnet_ids" else list(acl.stray_subnets))
    expressions: dict[str, Json] = {"vpc_id": refers(f"aws_vpc.{acl.vpc}")}
    for name in ("ingress", "egress"):
        declared = _acl_inline(pad, acl.rules, name == "egress", numbers)
        if declared and not standalone:
            expressions[name] = constant(declared)
    if acl.attach == "subnet_ids" and mine:
        expressions["subnet_ids"] = refers(*(f"aws_subnet.{s.key}" for s in mine))
    values = {
        "id": own,
        "vpc_id": identifier("vpc", acl.vpc),
        "subnet_ids": [identifier("subnet", key) for key in attached],
        "ingress": _acl_inline(pad, shown, False, numbers),
        "egress": _acl_inline(pad, shown, True, numbers),
        "owner_id": "123456789012",
        "tags": pad.nothing({}),
        "tags_all": {},
    }
    here = pad.add("aws_network_acl", acl.key, values, expressions).address
    for rule in acl.rules if standalone else ():
        _write_acl_rule(pad, acl, rule, here, numbers)


def _write_acl_rule(pad: Pad, acl: Acl, rule: AclRule, here: str, numbers: bool) -> None:
    values = {
        "id": identifier("nacl", f"{acl.key}/{rule.egress}/{rule.number}"),
        "network_acl_id": identifier("acl", acl.key),
        "egress": rule.egress,
        "rule_number": rule.number,
        "rule_action": "allow" if rule.allow else "deny",
        "protocol": _protocol(rule.protocol, numbers),
        "from_port": rule.first,
        "to_port": rule.last,
        "cidr_block": pad.text(None if ":" in rule.cidr else rule.cidr),
        "ipv6_cidr_block": pad.text(rule.cidr if ":" in rule.cidr else None),
        "icmp_code": None,
        "icmp_type": None,
    }
    set_keys = ("rule_number", "rule_action", "protocol", "from_port", "to_port", "ipv6_cidr_block" if ":" in rule.cidr else "cidr_block")
    expressions = {k: constant(values[k]) for k in set_keys} | {"network_acl_id": refers(here)}
    if rule.egress:
        expressions["egress"] = constant(True)
    name = f"{acl.key}_{'out' if rule.egress else 'in'}_{rule.number}"
    pad.add("aws_network_acl_rule", name, values, expressions, stack="rules")
