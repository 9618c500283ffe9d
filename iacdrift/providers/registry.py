"""Which file translates which resource type. A new type is one file, one line here, one test."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib import import_module

from iacdrift.providers.links import Links
from iacdrift.sources.resource import Resource

Translator = Callable[[Resource, Links], Iterator[object]]

TRANSLATORS: Mapping[str, str] = {
    "aws_default_network_acl": "aws.network_acl",
    "aws_default_route_table": "aws.route_table",
    "aws_default_security_group": "aws.security_group",
    "aws_default_subnet": "aws.subnet",
    "aws_default_vpc": "aws.vpc",
    "aws_ec2_managed_prefix_list": "aws.prefix_list",
    "aws_ec2_managed_prefix_list_entry": "aws.prefix_list_entry",
    "aws_egress_only_internet_gateway": "aws.gateways",
    "aws_eip": "aws.eip",
    "aws_eip_association": "aws.eip",
    "aws_instance": "aws.instance",
    "aws_internet_gateway": "aws.gateways",
    "aws_ip_ranges": "aws.prefix_list",
    "aws_main_route_table_association": "aws.route_table_association",
    "aws_nat_gateway": "aws.gateways",
    "aws_network_acl": "aws.network_acl",
    "aws_network_acl_association": "aws.network_acl_association",
    "aws_network_acl_rule": "aws.network_acl_rule",
    "aws_network_interface": "aws.network_interface",
    "aws_network_interface_attachment": "aws.network_interface_attachment",
    "aws_network_interface_sg_attachment": "aws.network_interface_attachment",
    "aws_prefix_list": "aws.prefix_list",
    "aws_route": "aws.route",
    "aws_route_table": "aws.route_table",
    "aws_route_table_association": "aws.route_table_association",
    "aws_security_group": "aws.security_group",
    "aws_security_group_rule": "aws.security_group_rule",
    "aws_spot_instance_request": "aws.instance",
    "aws_subnet": "aws.subnet",
    "aws_vpc": "aws.vpc",
    "aws_vpc_block_public_access_options": "aws.block_public_access",
    "aws_vpc_ipv4_cidr_block_association": "aws.vpc_cidr",
    "aws_vpc_ipv6_cidr_block_association": "aws.vpc_cidr",
    "aws_vpc_peering_connection": "aws.peering",
    "aws_vpc_peering_connection_accepter": "aws.peering",
    "aws_vpc_security_group_egress_rule": "aws.vpc_security_group_rule",
    "aws_vpc_security_group_ingress_rule": "aws.vpc_security_group_rule",
    "iacdrift_expectation": "expectation",
}
"""Resource type -> module below `iacdrift.providers` with a function `translate(resource, links)`."""


@cache
def translator(kind: str) -> Translator | None:
    """The translator of a resource type; None where no file knows it."""
    module = TRANSLATORS.get(kind)
    if module is None:
        return None
    found: Translator = import_module(f"iacdrift.providers.{module}").translate
    return found
