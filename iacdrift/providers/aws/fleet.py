"""aws_autoscaling_group, aws_eks_node_group, aws_ecs_service, spot and EC2 fleets: a surface without addresses in any state."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from iacdrift.model.network import Fleet
from iacdrift.providers.attributes import at_path, because, declared, fixed, items, rows
from iacdrift.providers.aws.placement import Groups, groups_in, groups_of, groups_of_template, subnets_of, template_groups
from iacdrift.providers.links import Links, key_of
from iacdrift.sources.resource import Action, Resource, Unknown

Placed = tuple[Groups, tuple[str, ...]]


def translate(resource: Resource, links: Links) -> Iterator[object]:
    """One entry a fleet, unless the plan is about to delete it."""
    if resource.action is Action.DELETE:
        return
    groups, subnets = _KINDS[resource.type](resource, links)
    yield Fleet(
        key_of(resource), resource.address, resource.provenance.source, because(resource, "fleet"), subnets, groups.keys, groups.doubt
    )


def _autoscaling(resource: Resource, links: Links) -> Placed:
    subnets = subnets_of(resource, links, "vpc_zone_identifier")
    if fixed(resource, "launch_configuration"):
        return _configuration_groups(resource, links), subnets
    mixed = at_path({"m": fixed(resource, "mixed_instances_policy")}, "m", "launch_template", "launch_template_specification")
    if isinstance(mixed, Mapping) or items(mixed):
        return _specified(items(mixed), resource, links), subnets
    return template_groups(resource, links), subnets


def _configuration_groups(resource: Resource, links: Links) -> Groups:
    key = links.resolve(fixed(resource, "launch_configuration"), resource)
    found = links.by_key(key) if isinstance(key, str) else None
    if found is None:
        return Groups(frozenset(), "its security groups come from a launch configuration that is in no source")
    return groups_of(found, links, "security_groups")


def _specified(blocks: list[object], resource: Resource, links: Links) -> Groups:
    block = blocks[0] if blocks else None
    key = links.resolve(block.get("launch_template_id") or block.get("id"), resource) if isinstance(block, Mapping) else None
    found = links.by_key(key) if isinstance(key, str) else None
    if found is None:
        return Groups(frozenset(), "its security groups come from a launch template that is in no source")
    return groups_of_template(found, links)


def _nodes(resource: Resource, links: Links) -> Placed:
    groups = template_groups(resource, links)
    if groups.keys is None and not groups.doubt:
        groups = Groups(frozenset(), "its nodes carry the cluster's own security group, which EKS manages and no source holds")
    return groups, subnets_of(resource, links, "subnet_ids")


def _service(resource: Resource, links: Links) -> Placed:
    values = {"n": declared(resource, "network_configuration")}
    subnets, _ = links.resolve_all(at_path({"n": fixed(resource, "network_configuration")}, "n", "subnets"), resource)
    if not rows(values["n"]):
        return Groups(frozenset(), "its tasks run on the network of the machines that carry them"), ()
    return groups_in({"g": at_path(values, "n", "security_groups")}, resource, links), tuple(sorted(subnets))


def _spot(resource: Resource, links: Links) -> Placed:
    for row in rows(declared(resource, "launch_specification")):
        if isinstance(row, Unknown):
            break
        subnets, _ = links.resolve_all(row.get("subnet_id"), resource)
        return groups_in({"g": row.get("vpc_security_group_ids")}, resource, links), tuple(sorted(subnets))
    blocks = items(at_path({"c": fixed(resource, "launch_template_config")}, "c", "launch_template_specification"))
    return _specified(blocks, resource, links), ()


_KINDS: Mapping[str, Callable[[Resource, Links], Placed]] = {
    "aws_autoscaling_group": _autoscaling,
    "aws_ec2_fleet": _spot,
    "aws_ecs_service": _service,
    "aws_eks_node_group": _nodes,
    "aws_spot_fleet_request": _spot,
}
