"""Which file translates which resource type. A new type is one file, one line here, one test."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib import import_module

from iacdrift.providers.links import Links
from iacdrift.sources.resource import Resource

Translator = Callable[[Resource, Links], Iterator[object]]

TRANSLATORS: Mapping[str, str] = {
    "aws_alb": "aws.balancer",
    "aws_alb_listener": "aws.nothing",
    "aws_alb_listener_rule": "aws.nothing",
    "aws_alb_target_group": "aws.nothing",
    "aws_alb_target_group_attachment": "aws.nothing",
    "aws_autoscaling_group": "aws.fleet",
    "aws_db_instance": "aws.database",
    "aws_db_subnet_group": "aws.nothing",
    "aws_default_network_acl": "aws.network_acl",
    "aws_default_route_table": "aws.route_table",
    "aws_default_security_group": "aws.security_group",
    "aws_default_subnet": "aws.subnet",
    "aws_default_vpc": "aws.vpc",
    "aws_docdb_cluster": "aws.database",
    "aws_docdb_subnet_group": "aws.nothing",
    "aws_ec2_fleet": "aws.fleet",
    "aws_ec2_managed_prefix_list": "aws.prefix_list",
    "aws_ec2_managed_prefix_list_entry": "aws.prefix_list_entry",
    "aws_ecs_cluster": "aws.nothing",
    "aws_ecs_service": "aws.fleet",
    "aws_ecs_task_definition": "aws.nothing",
    "aws_egress_only_internet_gateway": "aws.gateways",
    "aws_eip": "aws.eip",
    "aws_eip_association": "aws.eip",
    "aws_eks_cluster": "aws.eks",
    "aws_eks_node_group": "aws.fleet",
    "aws_elasticache_cluster": "aws.cache",
    "aws_elasticache_replication_group": "aws.cache",
    "aws_elasticache_serverless_cache": "aws.cache",
    "aws_elasticache_subnet_group": "aws.nothing",
    "aws_elasticsearch_domain": "aws.search",
    "aws_elb": "aws.balancer",
    "aws_instance": "aws.instance",
    "aws_internet_gateway": "aws.gateways",
    "aws_ip_ranges": "aws.prefix_list",
    "aws_lambda_function": "aws.nothing",
    "aws_launch_configuration": "aws.nothing",
    "aws_launch_template": "aws.nothing",
    "aws_lb": "aws.balancer",
    "aws_lb_listener": "aws.nothing",
    "aws_lb_listener_certificate": "aws.nothing",
    "aws_lb_listener_rule": "aws.nothing",
    "aws_lb_target_group": "aws.nothing",
    "aws_lb_target_group_attachment": "aws.nothing",
    "aws_main_route_table_association": "aws.route_table_association",
    "aws_memorydb_cluster": "aws.cache",
    "aws_memorydb_subnet_group": "aws.nothing",
    "aws_mq_broker": "aws.broker",
    "aws_msk_cluster": "aws.broker",
    "aws_nat_gateway": "aws.gateways",
    "aws_neptune_cluster": "aws.database",
    "aws_neptune_subnet_group": "aws.nothing",
    "aws_network_acl": "aws.network_acl",
    "aws_network_acl_association": "aws.network_acl_association",
    "aws_network_acl_rule": "aws.network_acl_rule",
    "aws_network_interface": "aws.network_interface",
    "aws_network_interface_attachment": "aws.network_interface_attachment",
    "aws_network_interface_sg_attachment": "aws.network_interface_attachment",
    "aws_opensearch_domain": "aws.search",
    "aws_prefix_list": "aws.prefix_list",
    "aws_rds_cluster": "aws.database",
    "aws_rds_cluster_instance": "aws.database",
    "aws_redshift_cluster": "aws.redshift",
    "aws_redshift_subnet_group": "aws.nothing",
    "aws_redshiftserverless_workgroup": "aws.redshift",
    "aws_route": "aws.route",
    "aws_route_table": "aws.route_table",
    "aws_route_table_association": "aws.route_table_association",
    "aws_security_group": "aws.security_group",
    "aws_security_group_rule": "aws.security_group_rule",
    "aws_spot_fleet_request": "aws.fleet",
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
    "iacdrift_described_interface": "aws.described_interface",
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
