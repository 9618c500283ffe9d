"""aws_security_group, aws_default_security_group: a group with its inline rules."""

from __future__ import annotations

from collections.abc import Iterator

from iacdrift.model.filters import SecurityGroup
from iacdrift.providers.attributes import because, fixed, text
from iacdrift.providers.aws.group_rules import inline_rules
from iacdrift.providers.links import Links, key_of
from iacdrift.providers.parts import VpcFact
from iacdrift.sources.resource import Resource


def translate(resource: Resource, links: Links) -> Iterator[object]:
    """The group; the default one is also a fact of its VPC."""
    key = key_of(resource)
    vpc = links.resolve(fixed(resource, "vpc_id"), resource)
    vpc = vpc if isinstance(vpc, str) else None
    name = text(fixed(resource, "name"))
    yield SecurityGroup(
        key,
        because(resource, f"security group {name or key}"),
        inline_rules(resource, key, "ingress", links),
        inline_rules(resource, key, "egress", links),
        name,
        vpc,
    )
    if vpc and (resource.type == "aws_default_security_group" or name == "default"):
        yield VpcFact(vpc, default_group=key)
