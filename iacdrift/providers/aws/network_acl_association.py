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
    subnet = links.resolve(fixed(resource, "subnet_id"), resource)
    if isinstance(acl, str) and isinstance(subnet, str):
        yield SubnetAcl(subnet, acl, firm=True)
    else:
        yield Note(f"{resource.address} associates a subnet and a network ACL of which one isn't known")
