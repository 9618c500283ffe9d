"""Where a resource isn't just the same attributes under other names: what CloudFormation nests, splits or leaves to AWS's defaults.

Each function gets the properties under Terraform's names and gives what Terraform would have declared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from attrs import frozen

from iacdrift.sources.resource import Reference, Unknown, Value

Values = dict[str, Value]
_EVERYTHING = {"protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": ["0.0.0.0/0"], "ipv6_cidr_blocks": ["::/0"]}
PUBLIC_BY_VPC = "PubliclyAccessible isn't set: AWS decides by whether the VPC has an internet gateway"


@frozen(slots=True)
class More:
    """A further resource that a property declares: its type, what is added to the logical id, its attributes."""

    type: str
    suffix: str
    declared: Mapping[str, Value]


def terraform_type(kind: str, values: Mapping[str, Value]) -> str:
    """Terraform's type where it depends on what is set."""
    if kind == "aws_db_instance" and values.get("db_cluster_identifier"):
        return "aws_rds_cluster_instance"
    if kind == "aws_vpc_ipv4_cidr_block_association" and not values.get("cidr_block"):
        return "aws_vpc_ipv6_cidr_block_association"
    return kind


def shaped(kind: str, values: Values) -> Values:
    """The attributes as Terraform would have them."""
    change = _SHAPES.get(kind)
    return change(values) if change else values


def more_resources(kind: str, address: str, values: Mapping[str, Value]) -> Iterator[More]:
    """What Terraform declares as resources of their own: targets of a group, an instance's further interfaces."""
    if kind == "aws_lb_target_group":
        for n, target in enumerate(_rows(values.get("targets"))):
            if isinstance(target, Mapping):
                said = {"target_group_arn": Reference(address, "id"), "target_id": target.get("id"), "port": target.get("port")}
            else:
                said = {"target_group_arn": Reference(address, "id"), "target_id": target, "port": target}
            yield More("aws_lb_target_group_attachment", f"-target-{n}", said)
    if kind == "aws_instance":
        for n, row in enumerate(_rows(values.get("network_interfaces"))):
            if isinstance(row, Mapping) and not row.get("network_interface_id") and _device(row, n) != 0:
                said = {"subnet_id": row.get("subnet_id"), "security_groups": row.get("group_set")}
                yield More("aws_network_interface", f"-{n}", {**said, "attachment": [{"instance": Reference(address, "id")}]})


def _group(values: Values) -> Values:
    """Rules in both directions; a group without egress rules of its own keeps AWS's, whatever standalone rules add."""
    found = {**values, "ingress": _rules(values.get("ingress"))}
    egress = _rules(values.get("egress"))
    return {**found, "egress": [_EVERYTHING] if egress in (None, []) else egress}


def _rules(value: Value) -> Value:
    return [_rule(row) for row in _rows(value)]


def _rule(row: Value) -> Value:
    """Peers as lists; a group that is called by name beside those called by id."""
    if not isinstance(row, Mapping):
        return row
    found = dict(row)
    groups = [found[name] for name in ("security_groups", "source_security_group_name") if found.get(name)]
    if groups:
        found["security_groups"] = groups
    for name in ("cidr_blocks", "ipv6_cidr_blocks", "prefix_list_ids"):
        if name in found:
            found[name] = [found[name]]
    return found


def _group_rule(values: Values) -> Values:
    """A standalone rule: groups of the default VPC may be called by name."""
    found = dict(values)
    if not found.get("security_group_id") and found.get("group_name"):
        found["security_group_id"] = _named(found["group_name"])
    if not found.get("referenced_security_group_id") and found.get("source_security_group_name"):
        found["referenced_security_group_id"] = found["source_security_group_name"]
    return found


def _named(value: Value) -> Value:
    return value if isinstance(value, Reference | Unknown) else Unknown(f"the group is called by its name, {value}")


def _entry(values: Values) -> Values:
    ports = values.get("port_range")
    if isinstance(ports, Mapping):
        return {**values, "from_port": ports.get("from"), "to_port": ports.get("to")}
    return values if ports is None else {**values, "from_port": ports, "to_port": ports}


def _association(values: Values) -> Values:
    """`EIP: !Ref Address` names the address by its IP."""
    said = values.get("eip")
    if isinstance(said, Reference) and not values.get("allocation_id"):
        return {**values, "allocation_id": Reference(said.address, "id")}
    return {**values, "public_ip": said} if said else values


def _instance(values: Values) -> Values:
    """Groups, subnet and interface of the first device, where they are set on it."""
    found = dict(values)
    named: list[Value] = []
    rows = values.get("network_interfaces")
    if isinstance(rows, Unknown):
        return {**found, "vpc_security_group_ids": rows, "subnet_id": rows}
    for n, row in enumerate(_rows(rows)):
        if isinstance(row, Unknown | Reference):
            found["vpc_security_group_ids"] = row
        elif row.get("network_interface_id"):
            named.append({"network_interface_id": row["network_interface_id"], "device_index": _device(row, n)})
        elif _device(row, n) == 0:
            first = {"vpc_security_group_ids": row.get("group_set"), "subnet_id": row.get("subnet_id")}
            first["associate_public_ip_address"] = row.get("associate_public_ip_address")
            found.update({name: value for name, value in first.items() if value is not None})
    if named:
        found["network_interface"] = named
    return found


def _device(row: Mapping[str, Value], usual: int) -> int:
    text = str(row.get("device_index", usual))
    return int(text) if text.isdecimal() else usual


def _template(values: Values) -> Values:
    """LaunchTemplateData is the template itself for Terraform."""
    data = values.get("launch_template_data")
    if not isinstance(data, Mapping):
        return {**values, "vpc_security_group_ids": data}
    rows = [
        {**row, "security_groups": row["groups"]} if isinstance(row, Mapping) and "groups" in row else row
        for row in _rows(data.get("network_interfaces"))
    ]
    groups = [*_rows(data.get("security_group_ids")), *_rows(data.get("security_groups"))]
    return {**values, **data, "vpc_security_group_ids": groups, "network_interfaces": rows}


def _balancer(values: Values) -> Values:
    scheme = values.get("scheme")
    return {**values, "internal": scheme if isinstance(scheme, Unknown) else scheme == "internal"}


def _target_group(values: Values) -> Values:
    """`preserve_client_ip.enabled` among the attributes."""
    for row in _rows(values.get("target_group_attributes")):
        if not isinstance(row, Mapping) or isinstance(row.get("key"), Unknown):
            return {**values, "preserve_client_ip": Unknown("the target group's attributes aren't all known")}
        if row.get("key") == "preserve_client_ip.enabled":
            return {**values, "preserve_client_ip": row.get("value")}
    return values


def _database(values: Values) -> Values:
    """What AWS decides by itself where a template doesn't say it."""
    return values if "publicly_accessible" in values else {**values, "publicly_accessible": Unknown(PUBLIC_BY_VPC)}


def _search(values: Values) -> Values:
    """HTTPS is enforced where the template says so; Terraform's block does it by itself."""
    options = values.get("domain_endpoint_options")
    if not isinstance(options, Mapping) or "enforce_https" in options:
        return values
    return {**values, "domain_endpoint_options": {**options, "enforce_https": False}}


def _service(values: Values) -> Values:
    """One block less."""
    said = values.get("network_configuration")
    inner = said.get("awsvpc_configuration", said) if isinstance(said, Mapping) else said
    return values if said is None else {**values, "network_configuration": inner}


def _peering(values: Values) -> Values:
    """Within an account, and across accounts with a role, CloudFormation accepts the connection itself."""
    accepted = not values.get("peer_owner_id") or bool(values.get("peer_role_arn"))
    return {**values, "auto_accept": accepted}


def _spot(values: Values) -> Values:
    """SpotFleetRequestConfigData is the request itself for Terraform."""
    data = values.get("spot_fleet_request_config_data")
    if not isinstance(data, Mapping):
        return values
    rows = [
        {**row, "vpc_security_group_ids": [_group_id(item) for item in _rows(row.get("security_groups"))]}
        if isinstance(row, Mapping)
        else row
        for row in _rows(data.get("launch_specifications"))
    ]
    return {**values, **data, **({"launch_specification": rows} if rows else {})}


def _group_id(item: Value) -> Value:
    return item.get("group_id") if isinstance(item, Mapping) else item


def _rows(value: Value) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]


_SHAPES: Mapping[str, Callable[[Values], Values]] = {
    "aws_db_instance": _database,
    "aws_ecs_service": _service,
    "aws_eip_association": _association,
    "aws_elasticsearch_domain": _search,
    "aws_elb": _balancer,
    "aws_instance": _instance,
    "aws_launch_template": _template,
    "aws_lb": _balancer,
    "aws_lb_target_group": _target_group,
    "aws_network_acl_rule": _entry,
    "aws_opensearch_domain": _search,
    "aws_rds_cluster_instance": _database,
    "aws_security_group": _group,
    "aws_spot_fleet_request": _spot,
    "aws_vpc_peering_connection": _peering,
    "aws_vpc_security_group_egress_rule": _group_rule,
    "aws_vpc_security_group_ingress_rule": _group_rule,
}
