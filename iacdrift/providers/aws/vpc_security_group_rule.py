"""aws_vpc_security_group_ingress_rule and …_egress_rule: one rule, one peer, a resource."""

from __future__ import annotations

from collections.abc import Iterator

from iacdrift.providers.aws.security_group_rule import standalone
from iacdrift.providers.links import Links
from iacdrift.sources.resource import Action, Resource


def translate(resource: Resource, links: Links) -> Iterator[object]:
    """The rule, unless the plan is about to delete it."""
    if resource.action is not Action.DELETE:
        yield from standalone(resource, links, "egress" if "egress" in resource.type else "ingress")
