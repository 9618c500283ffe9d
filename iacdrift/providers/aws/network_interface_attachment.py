"""aws_network_interface_attachment, aws_network_interface_sg_attachment: an interface to a machine, a group to an interface."""

from __future__ import annotations

from collections.abc import Iterator

from iacdrift.providers.attributes import declared, fixed
from iacdrift.providers.links import Links
from iacdrift.providers.parts import Attachment, GroupMembership, Note
from iacdrift.sources.resource import Action, Resource


def translate(resource: Resource, links: Links) -> Iterator[object]:
    """The attachment, unless the plan is about to delete it."""
    if resource.action is Action.DELETE:
        return
    interface = links.resolve(fixed(resource, "network_interface_id"), resource)
    is_group = resource.type == "aws_network_interface_sg_attachment"
    other = links.resolve(declared(resource, "security_group_id") if is_group else fixed(resource, "instance_id"), resource)
    if isinstance(interface, str) and isinstance(other, str):
        yield GroupMembership(interface, other) if is_group else Attachment(interface, other)
    elif is_group and isinstance(interface, str):
        yield GroupMembership(interface, f"the group of {resource.address}")
    else:
        yield Note(f"{resource.address} attaches something that isn't known")
