"""Inputs that are known only after the update, tied to the resources that they come from.

Pulumi tells for every property from which resources it was made (`propertyDependencies`), not how. What names a resource by its
id or ARN is that resource's where one alone is of the right type; everything else stays unknown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import evolve, frozen

from iacdrift.sources.resource import Reference, Sensitive, Unknown, Value

_VPCS = frozenset({"aws_vpc", "aws_default_vpc"})
_SUBNETS = frozenset({"aws_subnet", "aws_default_subnet"})
_GROUPS = frozenset({"aws_security_group", "aws_default_security_group"})
_TABLES = frozenset({"aws_route_table", "aws_default_route_table"})
_LISTS = frozenset({"aws_ec2_managed_prefix_list"})
_BALANCERS = frozenset({"aws_lb", "aws_alb"})
_TARGETS = frozenset({"aws_lb_target_group", "aws_alb_target_group"})
_NAMES: Mapping[str, frozenset[str]] = {
    "vpc_id": _VPCS,
    "subnet_id": _SUBNETS,
    "subnet_ids": _SUBNETS,
    "subnets": _SUBNETS,
    "vpc_zone_identifier": _SUBNETS,
    "security_group_id": _GROUPS,
    "security_group_ids": _GROUPS,
    "security_groups": _GROUPS,
    "vpc_security_group_ids": _GROUPS,
    "referenced_security_group_id": _GROUPS,
    "source_security_group_id": _GROUPS,
    "route_table_id": _TABLES,
    "gateway_id": frozenset({"aws_internet_gateway"}),
    "nat_gateway_id": frozenset({"aws_nat_gateway"}),
    "egress_only_gateway_id": frozenset({"aws_egress_only_internet_gateway"}),
    "vpc_peering_connection_id": frozenset({"aws_vpc_peering_connection"}),
    "prefix_list_id": _LISTS,
    "prefix_list_ids": _LISTS,
    "destination_prefix_list_id": _LISTS,
    "network_acl_id": frozenset({"aws_network_acl"}),
    "network_interface_id": frozenset({"aws_network_interface"}),
    "network_interface": frozenset({"aws_network_interface"}),
    "instance": frozenset({"aws_instance", "aws_spot_instance_request"}),
    "instance_id": frozenset({"aws_instance", "aws_spot_instance_request"}),
    "allocation_id": frozenset({"aws_eip"}),
    "load_balancer_arn": _BALANCERS,
    "listener_arn": frozenset({"aws_lb_listener", "aws_alb_listener"}),
    "target_group_arn": _TARGETS,
}
"""Attribute -> types of the resources that it names."""


@frozen(slots=True)
class Source:
    """A resource that a property was made from."""

    address: str
    type: str


def linked(value: Value, name: str, sources: Sequence[Source]) -> Value:
    """A property with Reference in place of each unknown that can only be one resource's id or ARN."""
    if isinstance(value, Sensitive):
        return Sensitive(linked(value.value, name, sources))
    if isinstance(value, dict):
        return {key: linked(item, key, sources) for key, item in value.items()}
    fitting = [source for source in sources if source.type in _NAMES.get(name, ())]
    if isinstance(value, list):
        unknown = sum(isinstance(item, Unknown) for item in value)
        if unknown == len(fitting) > 1:
            # each of them once: in a list of ids the order says nothing
            rest = iter(fitting)
            return [Reference(next(rest).address, "id") if isinstance(item, Unknown) else item for item in value]
        return [linked(item, name, sources) for item in value]
    if not isinstance(value, Unknown) or not sources:
        return value
    if len(fitting) == 1:
        return Reference(fitting[0].address, "id")
    return evolve(value, references=tuple(f"{source.address}.id" for source in sources))
