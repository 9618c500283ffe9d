"""aws_security_group, aws_default_security_group: a group with its inline rules."""

from __future__ import annotations

from collections.abc import Iterator

from iacdrift.model.filters import Rules, SecurityGroup
from iacdrift.providers.attributes import because, fixed, text
from iacdrift.providers.aws.group_rules import inline_rules
from iacdrift.providers.links import Links, key_of
from iacdrift.providers.parts import VpcFact
from iacdrift.sources.resource import Action, Resource


def translate(resource: Resource, links: Links) -> Iterator[object]:
    """The group; the default one is also a fact of its VPC."""
    key = key_of(resource)
    vpc = links.resolve(fixed(resource, "vpc_id"), resource)
    vpc = vpc if isinstance(vpc, str) else None
    name = text(fixed(resource, "name"))
    ingress, egress = (_rules(resource, key, direction, links) for direction in ("ingress", "egress"))
    yield SecurityGroup(key, because(resource, f"security group {name or key}"), ingress, egress, name, vpc)
    if vpc and (resource.type == "aws_default_security_group" or name == "default"):
        yield VpcFact(vpc, default_group=key)


def _rules(resource: Resource, key: str, direction: str, links: Links) -> Rules:
    if resource.type == "aws_default_security_group" and resource.action is Action.DELETE:
        return Rules(doubt=f"Terraform forgets a default group and leaves its {direction} rules as they are, whatever they are")
    return inline_rules(resource, key, direction, links)
