"""aws_network_acl_rule: one entry of an ACL."""

from __future__ import annotations

from collections.abc import Iterator

from iacdrift.providers.attributes import fixed
from iacdrift.providers.aws.network_acl import rule_direction
from iacdrift.providers.aws.network_acl_rules import entries
from iacdrift.providers.links import Links
from iacdrift.providers.parts import AclRule, AclRuleDoubt, Note
from iacdrift.sources.resource import Action, Resource


def translate(resource: Resource, links: Links) -> Iterator[object]:
    """The entry, unless the plan is about to delete it."""
    if resource.action is Action.DELETE:
        return
    said = fixed(resource, "network_acl_id")
    acl = links.resolve(said, resource)
    if not isinstance(acl, str):
        why = f"{resource.address} belongs to a network ACL that isn't known"
        yield Note(why)
        for key in sorted(links.possible(said, "aws_network_acl", "aws_default_network_acl")):
            yield AclRuleDoubt(key, rule_direction(resource), why)
        return
    for entry in entries(resource.declared, resource):
        yield AclRule(acl, rule_direction(resource), entry)
