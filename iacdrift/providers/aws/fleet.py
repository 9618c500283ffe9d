"""aws_autoscaling_group, aws_eks_node_group, aws_ecs_service, spot and EC2 fleets: a surface without addresses in any state."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from iacdrift.model.network import Fleet
from iacdrift.providers.attributes import at_path, because, declared, fixed, items, rows
from iacdrift.providers.aws.placement import Groups, groups_in, groups_of, groups_within, subnets_of, template_groups, template_in
from iacdrift.providers.links import Links, key_of
from iacdrift.sources.resource import Action, Resource, Unknown, Value

_DIFFER = "its machines start from several specifications, whose groups differ or aren't known"

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
    """The groups of the templates that these blocks name, where they agree."""
    found = {_of_block(block, resource, links) for block in blocks} or {template_in({}, resource, links)}
    return found.pop() if len(found) == 1 else Groups(frozenset(), _DIFFER)


def _of_block(block: object, resource: Resource, links: Links) -> Groups:
    return template_in(block if isinstance(block, Mapping) else {}, resource, links)


def _nodes(resource: Resource, links: Links) -> Placed:
    groups = template_groups(resource, links)
    if groups.keys is None and not groups.doubt:
        groups = Groups(frozenset(), "its nodes carry the cluster's own security group, which EKS manages and no source holds")
    return groups, subnets_of(resource, links, "subnet_ids")


def _service(resource: Resource, links: Links) -> Placed:
    subnets, _ = links.resolve_all(at_path({"n": fixed(resource, "network_configuration")}, "n", "subnets"), resource)
    if not rows(fixed(resource, "network_configuration")):
        return Groups(frozenset(), "its tasks run on the network of the machines that carry them"), ()
    return groups_within(resource, "network_configuration", "security_groups", links), tuple(sorted(subnets))


def _spot(resource: Resource, links: Links) -> Placed:
    """A spot or EC2 fleet: specifications of its own, or templates with overrides that say where."""
    own, templates = rows(declared(resource, "launch_specification")), rows(fixed(resource, "launch_template_config"))
    found = {_of_specification(row, resource, links) for row in own}
    found |= {_specified(items(_get(row, "launch_template_specification")), resource, links) for row in templates}
    overrides = [more for row in templates for name in ("overrides", "override") for more in rows(_get(row, name))]
    subnets, _ = links.resolve_all([_get(row, "subnet_id") for row in (*own, *overrides)], resource)
    groups = found.pop() if len(found) == 1 else Groups(frozenset(), _DIFFER)
    return groups, tuple(sorted(subnets))


def _of_specification(row: Mapping[str, Value] | Unknown, resource: Resource, links: Links) -> Groups:
    if isinstance(row, Unknown):
        return Groups(frozenset(), f"what its machines start from isn't known: {row.why}")
    return groups_in({"groups": row.get("vpc_security_group_ids")}, resource, links)


def _get(row: Mapping[str, Value] | Unknown, name: str) -> Value:
    return None if isinstance(row, Unknown) else row.get(name)


_KINDS: Mapping[str, Callable[[Resource, Links], Placed]] = {
    "aws_autoscaling_group": _autoscaling,
    "aws_ec2_fleet": _spot,
    "aws_ecs_service": _service,
    "aws_eks_node_group": _nodes,
    "aws_spot_fleet_request": _spot,
}
