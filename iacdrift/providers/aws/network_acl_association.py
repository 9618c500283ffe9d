"""aws_network_acl_association: which ACL filters a subnet."""

from __future__ import annotations

from collections.abc import Iterator

from iacdrift.providers.attributes import declared, fixed
from iacdrift.providers.links import Links
from iacdrift.providers.parts import Note, SubnetAcl
from iacdrift.sources.resource import Action, Resource


def translate(resource: Resource, links: Links) -> Iterator[object]:
    """The association, unless the plan is about to delete it."""
    if resource.action is Action.DELETE:
        return
    acl = links.resolve(declared(resource, "network_acl_id"), resource)
    said = fixed(resource, "subnet_id")
    subnet = links.resolve(said, resource)
    if isinstance(acl, str) and isinstance(subnet, str):
        yield SubnetAcl(subnet, acl, firm=True)
        return
    why = f"{resource.address} associates a subnet and a network ACL of which one isn't known"
    yield Note(why)
    possible = {subnet} if isinstance(subnet, str) else links.possible(said, "aws_subnet", "aws_default_subnet")
    yield from (SubnetAcl(key, None, firm=True, doubt=why) for key in sorted(possible))
