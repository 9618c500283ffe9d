"""Pulumi's names for Terraform's: type tokens and properties of the bridged AWS provider.

Pulumi's `aws` package wraps Terraform's provider: every resource is there under another name (`aws:ec2/vpc:Vpc`), every attribute in
camelCase, lists of blocks in the plural and lists of at most one block as that block. One translator serves both.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from iacdrift.sources.pulumi_shapes import PLURALS, SINGLE
from iacdrift.sources.resource import Sensitive, Value

TOKENS: Mapping[str, str] = {
    "aws_alb": "alb/loadBalancer:LoadBalancer",
    "aws_alb_listener": "alb/listener:Listener",
    "aws_alb_listener_rule": "alb/listenerRule:ListenerRule",
    "aws_alb_target_group": "alb/targetGroup:TargetGroup",
    "aws_alb_target_group_attachment": "alb/targetGroupAttachment:TargetGroupAttachment",
    "aws_autoscaling_group": "autoscaling/group:Group",
    "aws_db_instance": "rds/instance:Instance",
    "aws_db_subnet_group": "rds/subnetGroup:SubnetGroup",
    "aws_default_network_acl": "ec2/defaultNetworkAcl:DefaultNetworkAcl",
    "aws_default_route_table": "ec2/defaultRouteTable:DefaultRouteTable",
    "aws_default_security_group": "ec2/defaultSecurityGroup:DefaultSecurityGroup",
    "aws_default_subnet": "ec2/defaultSubnet:DefaultSubnet",
    "aws_default_vpc": "ec2/defaultVpc:DefaultVpc",
    "aws_docdb_cluster": "docdb/cluster:Cluster",
    "aws_docdb_subnet_group": "docdb/subnetGroup:SubnetGroup",
    "aws_ec2_fleet": "ec2/fleet:Fleet",
    "aws_ec2_managed_prefix_list": "ec2/managedPrefixList:ManagedPrefixList",
    "aws_ec2_managed_prefix_list_entry": "ec2/managedPrefixListEntry:ManagedPrefixListEntry",
    "aws_ecs_cluster": "ecs/cluster:Cluster",
    "aws_ecs_service": "ecs/service:Service",
    "aws_ecs_task_definition": "ecs/taskDefinition:TaskDefinition",
    "aws_egress_only_internet_gateway": "ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway",
    "aws_eip": "ec2/eip:Eip",
    "aws_eip_association": "ec2/eipAssociation:EipAssociation",
    "aws_eks_cluster": "eks/cluster:Cluster",
    "aws_eks_node_group": "eks/nodeGroup:NodeGroup",
    "aws_elasticache_cluster": "elasticache/cluster:Cluster",
    "aws_elasticache_replication_group": "elasticache/replicationGroup:ReplicationGroup",
    "aws_elasticache_serverless_cache": "elasticache/serverlessCache:ServerlessCache",
    "aws_elasticache_subnet_group": "elasticache/subnetGroup:SubnetGroup",
    "aws_elasticsearch_domain": "elasticsearch/domain:Domain",
    "aws_elb": "elb/loadBalancer:LoadBalancer",
    "aws_instance": "ec2/instance:Instance",
    "aws_internet_gateway": "ec2/internetGateway:InternetGateway",
    "aws_lambda_function": "lambda/function:Function",
    "aws_launch_configuration": "ec2/launchConfiguration:LaunchConfiguration",
    "aws_launch_template": "ec2/launchTemplate:LaunchTemplate",
    "aws_lb": "lb/loadBalancer:LoadBalancer",
    "aws_lb_listener": "lb/listener:Listener",
    "aws_lb_listener_certificate": "lb/listenerCertificate:ListenerCertificate",
    "aws_lb_listener_rule": "lb/listenerRule:ListenerRule",
    "aws_lb_target_group": "lb/targetGroup:TargetGroup",
    "aws_lb_target_group_attachment": "lb/targetGroupAttachment:TargetGroupAttachment",
    "aws_main_route_table_association": "ec2/mainRouteTableAssociation:MainRouteTableAssociation",
    "aws_memorydb_cluster": "memorydb/cluster:Cluster",
    "aws_memorydb_subnet_group": "memorydb/subnetGroup:SubnetGroup",
    "aws_mq_broker": "mq/broker:Broker",
    "aws_msk_cluster": "msk/cluster:Cluster",
    "aws_nat_gateway": "ec2/natGateway:NatGateway",
    "aws_neptune_cluster": "neptune/cluster:Cluster",
    "aws_neptune_subnet_group": "neptune/subnetGroup:SubnetGroup",
    "aws_network_acl": "ec2/networkAcl:NetworkAcl",
    "aws_network_acl_association": "ec2/networkAclAssociation:NetworkAclAssociation",
    "aws_network_acl_rule": "ec2/networkAclRule:NetworkAclRule",
    "aws_network_interface": "ec2/networkInterface:NetworkInterface",
    "aws_network_interface_attachment": "ec2/networkInterfaceAttachment:NetworkInterfaceAttachment",
    "aws_network_interface_sg_attachment": "ec2/networkInterfaceSecurityGroupAttachment:NetworkInterfaceSecurityGroupAttachment",
    "aws_opensearch_domain": "opensearch/domain:Domain",
    "aws_rds_cluster": "rds/cluster:Cluster",
    "aws_rds_cluster_instance": "rds/clusterInstance:ClusterInstance",
    "aws_redshift_cluster": "redshift/cluster:Cluster",
    "aws_redshift_subnet_group": "redshift/subnetGroup:SubnetGroup",
    "aws_redshiftserverless_workgroup": "redshiftserverless/workgroup:Workgroup",
    "aws_route": "ec2/route:Route",
    "aws_route_table": "ec2/routeTable:RouteTable",
    "aws_route_table_association": "ec2/routeTableAssociation:RouteTableAssociation",
    "aws_security_group": "ec2/securityGroup:SecurityGroup",
    "aws_security_group_rule": "ec2/securityGroupRule:SecurityGroupRule",
    "aws_spot_fleet_request": "ec2/spotFleetRequest:SpotFleetRequest",
    "aws_spot_instance_request": "ec2/spotInstanceRequest:SpotInstanceRequest",
    "aws_subnet": "ec2/subnet:Subnet",
    "aws_vpc": "ec2/vpc:Vpc",
    "aws_vpc_block_public_access_options": "ec2/vpcBlockPublicAccessOptions:VpcBlockPublicAccessOptions",
    "aws_vpc_ipv4_cidr_block_association": "ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation",
    "aws_vpc_ipv6_cidr_block_association": "ec2/vpcIpv6CidrBlockAssociation:VpcIpv6CidrBlockAssociation",
    "aws_vpc_peering_connection": "ec2/vpcPeeringConnection:VpcPeeringConnection",
    "aws_vpc_peering_connection_accepter": "ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter",
    "aws_vpc_security_group_egress_rule": "vpc/securityGroupEgressRule:SecurityGroupEgressRule",
    "aws_vpc_security_group_ingress_rule": "vpc/securityGroupIngressRule:SecurityGroupIngressRule",
}
"""Terraform type -> the token of Pulumi's class, without the package in front."""

NOT_IN_PULUMI: Mapping[str, str] = {
    "aws_ip_ranges": "a data source: Pulumi calls it as a function, whose result isn't in a stack",
    "aws_prefix_list": "a data source: Pulumi calls it as a function, whose result isn't in a stack",
}
"""Types of the AWS room without a token, and why."""

OLD_MODULES: Mapping[str, str] = {
    "applicationloadbalancing": "alb",
    "elasticloadbalancing": "elb",
    "elasticloadbalancingv2": "lb",
}
"""Modules of tokens that stacks of older days still hold."""

_TYPES = {token: kind for kind, token in TOKENS.items()}
_TOKEN = re.compile(r"aws:(?P<module>[\w-]+)(?:/(?P<file>\w+))?:(?P<name>\w+)")
_CAPITAL = re.compile(r"(?<!^)([A-Z])")
_FREE_KEYS = frozenset(
    {"tags", "tagsAll", "volumeTags", "labels", "variables", "options", "triggers", "driverOpts", "properties"}
    | {"advancedOptions", "authenticationRequestExtraParams"}
)
"""Properties that are maps with keys of the user's own: their keys aren't names."""
_BOOKKEEPING = frozenset({"__defaults", "__meta", "__provider", "__internal"})


def terraform_type(token: str) -> str | None:
    """Terraform's type of a Pulumi token, in any of its spellings; None for a type that the AWS room doesn't know."""
    found = _TOKEN.fullmatch(token)
    if found is None:
        return None
    module = OLD_MODULES.get(found["module"], found["module"])
    name = found["name"]
    return _TYPES.get(f"{module}/{found['file'] or name[:1].lower() + name[1:]}:{name}")


def terraform_values(kind: str, values: Mapping[str, Value]) -> dict[str, Value]:
    """A resource's properties under Terraform's names and in its shapes; what the bridge keeps for itself is left out."""
    shapes = kind.replace("aws_alb", "aws_lb")
    return _renamed(values, "", PLURALS.get(shapes, {}), SINGLE.get(shapes, frozenset()))


def terraform_name(kind: str, name: str) -> str:
    """Terraform's name of a top-level property."""
    return PLURALS.get(kind.replace("aws_alb", "aws_lb"), {}).get(name) or snake(name)


def snake(name: str) -> str:
    """`ipv6CidrBlocks` as `ipv6_cidr_blocks`."""
    return _CAPITAL.sub(r"_\1", name).lower()


def _renamed(values: Mapping[str, Value], path: str, plurals: Mapping[str, str], single: frozenset[str]) -> dict[str, Value]:
    found = {}
    for name, value in values.items():
        if name in _BOOKKEEPING:
            continue
        here = f"{path}{name}"
        if not (name in _FREE_KEYS and isinstance(value, Mapping)):
            value = _inside(value, f"{here}.", plurals, single)  # noqa: PLW2901 - the same value in another shape
        if here in single and not isinstance(value, list) and value is not None:
            value = [value]  # noqa: PLW2901 - as above
        found[plurals.get(here) or snake(name)] = value
    return found


def _inside(value: Value, path: str, plurals: Mapping[str, str], single: frozenset[str]) -> Value:
    if isinstance(value, Sensitive):
        return Sensitive(_inside(value.value, path, plurals, single))
    if isinstance(value, list):
        return [_inside(item, path, plurals, single) for item in value]
    return _renamed(value, path, plurals, single) if isinstance(value, dict) else value
