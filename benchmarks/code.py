"""The configuration that belongs to the made-up estate: one module, called once a cell."""

from __future__ import annotations

from typing import Any

_ONE_EACH = {
    "aws_vpc.main": ("cidr_block", "tags"),
    "aws_internet_gateway.main": ("vpc_id",),
    "aws_db_subnet_group.main": ("name", "subnet_ids"),
}
_MANY = {
    "aws_route_table.main": ("vpc_id",),
    "aws_route.main": ("destination_cidr_block", "gateway_id", "route_table_id", "vpc_peering_connection_id"),
    "aws_subnet.main": ("cidr_block", "vpc_id"),
    "aws_route_table_association.main": ("route_table_id", "subnet_id"),
    "aws_ec2_managed_prefix_list.partners": ("address_family", "entry"),
    "aws_network_acl.inline": ("egress", "ingress", "subnet_ids", "vpc_id"),
    "aws_network_acl.split": ("subnet_ids", "vpc_id"),
    "aws_network_acl_rule.main": (
        "cidr_block",
        "egress",
        "from_port",
        "network_acl_id",
        "protocol",
        "rule_action",
        "rule_number",
        "to_port",
    ),
    "aws_security_group.classic": ("name", "vpc_id"),
    "aws_security_group.modern": ("name", "vpc_id"),
    "aws_security_group_rule.main": (
        "cidr_blocks",
        "from_port",
        "prefix_list_ids",
        "protocol",
        "security_group_id",
        "source_security_group_id",
        "to_port",
        "type",
    ),
    "aws_instance.node": ("ami", "instance_type", "root_block_device", "subnet_id", "tags", "vpc_security_group_ids"),
    "aws_network_interface.second": ("attachment", "private_ips", "security_groups", "subnet_id"),
    "aws_eip.main": ("domain", "network_interface"),
    "aws_eip.loose": ("domain",),
    "aws_eip_association.main": ("allocation_id", "instance_id"),
    "aws_lb.main": ("internal", "load_balancer_type", "security_groups", "subnets"),
    "aws_lb_target_group.main": ("port", "protocol", "target_type", "vpc_id"),
    "aws_lb_listener.main": ("default_action", "load_balancer_arn", "port", "protocol"),
    "aws_lb_target_group_attachment.main": ("port", "target_group_arn", "target_id"),
    "aws_db_instance.main": ("db_subnet_group_name", "engine", "port", "publicly_accessible", "vpc_security_group_ids"),
    "aws_ebs_volume.main": ("tags",),
    "aws_route53_record.main": ("tags",),
    "aws_cloudwatch_metric_alarm.main": ("tags",),
}
_RULE = ("cidr_ipv4", "from_port", "ip_protocol", "prefix_list_id", "referenced_security_group_id", "security_group_id", "to_port")
_MANY |= {f"aws_vpc_security_group_{way}_rule.main": _RULE for way in ("ingress", "egress")}


def inline_names(count: int) -> list[str]:
    """The names of the groups that are written one by one, with their rules inline."""
    return [f"service_{n:03}" for n in range(count)]


def configuration(cells: list[str], inline: int) -> dict[str, Any]:
    """`configuration` of the plan: what the code sets, and what from."""
    written = [f"aws_security_group.{name}" for name in inline_names(inline)]
    resources = [
        *(_block(address, names, repeated=False) for address, names in _ONE_EACH.items()),
        *(_block(address, names, repeated=True) for address, names in _MANY.items()),
        *(_block(address, ("egress", "ingress", "name", "vpc_id"), repeated=False) for address in written),
    ]
    call = {
        "source": "./cell",
        "for_each_expression": {"constant_value": {name: n for n, name in enumerate(cells)}},
        "module": {"resources": resources, "variables": {"rules": {}, "size": {}}},
    }
    return {
        "provider_config": {"aws": {"name": "aws", "full_name": "registry.terraform.io/hashicorp/aws"}},
        "root_module": {"module_calls": {"cell": call}},
    }


def _block(address: str, names: tuple[str, ...], *, repeated: bool) -> dict[str, Any]:
    kind, _, name = address.partition(".")
    shown: dict[str, Any] = {"address": address, "mode": "managed", "type": kind, "name": name, "provider_config_key": "aws"}
    expressions = {attribute: _expression(attribute) for attribute in names}
    shown |= {"expressions": expressions, "schema_version": 1}
    return shown | ({"count_expression": {"references": ["var.size"]}} if repeated else {})


def _expression(attribute: str) -> dict[str, Any]:
    if attribute == "vpc_id":
        return {"references": ["aws_vpc.main.id", "aws_vpc.main"]}
    return {"references": ["var.rules", "count.index"]}
