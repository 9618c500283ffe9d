"""Rules of security groups in one shape, whichever of the three styles wrote them."""

from __future__ import annotations

from collections.abc import Mapping

from iacdrift.model.filters import Rule, Rules
from iacdrift.providers.attributes import because, declared, empty, from_state, recorded, rows, sets
from iacdrift.providers.aws.peers import peers, peers_text
from iacdrift.providers.aws.ports import ports_text, rule_ports
from iacdrift.providers.links import Links
from iacdrift.sources.resource import Origin, Resource, Unknown, Value

RULE_RESOURCES = {
    "ingress": (("aws_security_group_rule", "ingress"), ("aws_vpc_security_group_ingress_rule", None)),
    "egress": (("aws_security_group_rule", "egress"), ("aws_vpc_security_group_egress_rule", None)),
}
_WORDS = {"ingress": "from", "egress": "to"}


def rule(values: Mapping[str, Value], group: str | None, resource: Resource, links: Links, direction: str) -> Rule:
    """One rule from the attributes of a block or of a rule resource."""
    protocol = values.get("protocol") if "protocol" in values else values.get("ip_protocol")
    ports = rule_ports(protocol, values.get("from_port"), values.get("to_port"))
    whom = peers(values, group, resource, links)
    detail = f"{ports_text(protocol, ports)} {_WORDS[direction]} {peers_text(values, whom, links)}"
    return Rule(ports.tcp, ports.udp, whom, because(resource, detail), ports.doubt)


def inline_rules(group: Resource, key: str, direction: str, links: Links) -> Rules:
    """A group's inline rules, where they declare anything (the mirror rule)."""
    value = declared(group, direction)
    managed = managed_elsewhere(key, direction, links)
    if from_state(group) and managed:
        return Rules()  # the rule resources alone declare this direction: the inline list mirrors the cloud
    if not empty(value):
        return _read(value, group, key, direction, links)
    if direction in group.declared and not from_state(group):
        return Rules()  # `ingress = []` in the code
    return _unset(group, direction, managed)


def _read(value: Value, group: Resource, key: str, direction: str, links: Links) -> Rules:
    found, doubt = [], None
    for row in rows(value):
        if isinstance(row, Unknown):
            doubt = f"its {direction} rules aren't known: {row.why}"
        else:
            found.append(rule(row, key, group, links, direction))
    return Rules(tuple(found), doubt)


def _unset(group: Resource, direction: str, managed: bool) -> Rules:
    """The code sets no rules of this direction, as far as can be seen."""
    mirrored = recorded(group, direction)
    if group.data:
        return Rules(doubt="it is a data source, which doesn't say its rules")
    if group.origin is Origin.PLAN and not empty(mirrored) and not managed and not _allows_all(mirrored, direction):
        return Rules(doubt=f"its {direction} rules may come from dynamic blocks, which a plan leaves out: give --code DIR")
    if direction == "ingress" or managed:
        return Rules()
    return _egress_unset(group, mirrored)


def _egress_unset(group: Resource, mirrored: Value) -> Rules:
    if empty(mirrored) and "egress" in group.recorded:
        return Rules(doubt="its egress isn't declared and none is recorded: Terraform takes AWS's rule away from groups that it creates")
    return Rules((_everything(group),), assumed="its egress isn't declared: AWS's rule, which lets everything out, is taken for granted")


def _everything(group: Resource) -> Rule:
    ports = rule_ports("-1", None, None)
    text = "everything to everybody (AWS's own rule, taken for granted)"
    return Rule(ports.tcp, ports.udp, peers({"cidr_blocks": ["0.0.0.0/0", "::/0"]}, None, group, Links.of(())), because(group, text))


def _allows_all(value: Value, direction: str) -> bool:
    """Whether a mirrored egress is just AWS's own rule."""
    found = rows(value)
    return (
        direction == "egress"
        and len(found) == 1
        and not isinstance(found[0], Unknown)
        and str(found[0].get("protocol")) == "-1"
        and found[0].get("cidr_blocks") == ["0.0.0.0/0"]
    )


def managed_elsewhere(key: str, direction: str, links: Links) -> bool:
    """Whether a rule resource of this direction names the group."""
    return any(
        of_type is None or str(fixed_type(resource)) == of_type
        for kind, of_type in RULE_RESOURCES[direction]
        for resource in links.referrers(kind, "security_group_id").get(key, ())
    )


def fixed_type(resource: Resource) -> Value:
    """The direction of an `aws_security_group_rule`."""
    return declared(resource, "type") if sets(resource, "type") else recorded(resource, "type")
