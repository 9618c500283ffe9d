"""aws_security_group_rule: one rule of a group, in either direction."""

from __future__ import annotations

from collections.abc import Iterator

from iacdrift.providers.attributes import fixed
from iacdrift.providers.aws.group_rules import fixed_type, rule
from iacdrift.providers.links import Links
from iacdrift.providers.parts import GroupRule, GroupRuleDoubt
from iacdrift.sources.resource import Action, Resource


def translate(resource: Resource, links: Links) -> Iterator[object]:
    """The rule, unless the plan is about to delete it."""
    if resource.action is not Action.DELETE:
        direction = str(fixed_type(resource))
        yield from standalone(resource, links, direction if direction in ("ingress", "egress") else "ingress")


def standalone(resource: Resource, links: Links, direction: str) -> Iterator[object]:
    """A rule resource's rule for the group that it names."""
    group = links.resolve(fixed(resource, "security_group_id"), resource)
    if isinstance(group, str):
        yield GroupRule(group, direction, rule(resource.declared, group, resource, links, direction))
    else:
        yield GroupRuleDoubt(None, direction, f"{resource.address} belongs to a group that isn't known")
