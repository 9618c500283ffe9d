"""aws_network_acl, aws_default_network_acl: an ACL with its inline entries and the subnets that it names."""

from __future__ import annotations

from collections.abc import Iterator

from iacdrift.model.filters import AclEntry, NetworkAcl
from iacdrift.providers.attributes import because, declared, empty, fixed, from_state, recorded, rows, text
from iacdrift.providers.aws.network_acl_rules import entries
from iacdrift.providers.links import Links, key_of
from iacdrift.providers.parts import SubnetAcl, VpcFact
from iacdrift.sources.resource import Action, Origin, Resource, Unknown

_RULE = "aws_network_acl_rule"
_ASSOCIATION = "aws_network_acl_association"


def translate(resource: Resource, links: Links) -> Iterator[object]:
    """The ACL; the default one is also a fact of its VPC."""
    key = _key(resource, links)
    ingress, doubt_in = _inline(resource, key, "ingress", links)
    egress, doubt_out = _inline(resource, key, "egress", links)
    yield NetworkAcl(key, because(resource, "network ACL"), ingress, egress, doubt_in, doubt_out)
    if resource.type == "aws_default_network_acl":
        vpc = _vpc(resource, links)
        if vpc:
            yield VpcFact(vpc, default_acl=key)
    elif not (from_state(resource) and key in links.referrers(_ASSOCIATION, "network_acl_id")):
        yield from _claims(resource, key, links)


def _key(resource: Resource, links: Links) -> str:
    named = links.resolve(fixed(resource, "default_network_acl_id"), resource)
    return named if isinstance(named, str) and not text(resource.recorded.get("id")) else key_of(resource)


def _vpc(resource: Resource, links: Links) -> str | None:
    vpc = links.resolve(fixed(resource, "vpc_id"), resource)
    if isinstance(vpc, str):
        return vpc
    return links.owner_of(fixed(resource, "default_network_acl_id"), resource, "aws_vpc", "aws_default_vpc")


def _claims(resource: Resource, key: str, links: Links) -> Iterator[SubnetAcl]:
    """The subnets that it names.

    Where they aren't known, a list made from all instances of a subnet is taken for all of them, unless a record contradicts it;
    of any other, each subnet that it may name is in doubt. A record may be drift: it can raise a doubt, never settle one.
    """
    value = declared(resource, "subnet_ids")
    subnets, doubt = links.resolve_all(value, resource)
    yield from (SubnetAcl(subnet, key) for subnet in sorted(subnets))
    if doubt:
        possible = links.possible(value, "aws_subnet", "aws_default_subnet", vpc=_vpc(resource, links))
        unsure = f"{resource.address} may filter it: which subnets it names isn't known ({doubt})"
        taken = f"{resource.address} is made from all instances of this subnet: that it names each of them is taken for granted"
        found, _ = links.resolve_all(recorded(resource, "subnet_ids"), resource)
        for subnet in sorted(possible - subnets):
            if links.from_all(value) and (not found or subnet in found):
                yield SubnetAcl(subnet, key, assumed=taken)
            else:
                yield SubnetAcl(subnet, key, doubt=unsure)


def _inline(resource: Resource, key: str, direction: str, links: Links) -> tuple[tuple[AclEntry, ...], str | None]:
    """The inline entries, where they declare anything. A default ACL's aren't computed: unset means none."""
    value = declared(resource, direction)
    is_default = resource.type == "aws_default_network_acl"
    if is_default and resource.action is Action.DELETE:
        return (), f"Terraform forgets a default ACL and leaves its {direction} entries as they are, whatever they are"
    if not is_default and _managed(key, direction, links) and (from_state(resource) or empty(value)):
        return (), None
    if empty(value):
        hidden = resource.origin is Origin.PLAN and direction not in resource.declared and not empty(recorded(resource, direction))
        return (), f"its {direction} entries may come from dynamic blocks, which a plan leaves out: give --code DIR" if hidden else None
    found: list[AclEntry] = []
    doubt = None
    for row in rows(value):
        if isinstance(row, Unknown):
            doubt = f"its {direction} entries aren't known: {row.why}"
        else:
            found.extend(entries(row, resource))
    return tuple(found), doubt


def _managed(key: str, direction: str, links: Links) -> bool:
    return any(rule_direction(rule) == direction for rule in links.referrers(_RULE, "network_acl_id").get(key, ()))


def rule_direction(rule: Resource) -> str:
    """The direction of an `aws_network_acl_rule`; ingress where it doesn't say."""
    value = declared(rule, "egress") if "egress" in rule.declared else recorded(rule, "egress")
    return "egress" if str(value).lower() == "true" else "ingress"
