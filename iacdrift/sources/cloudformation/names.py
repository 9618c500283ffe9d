"""CloudFormation's names for Terraform's: types and properties of the AWS room.

Most properties are the CamelCase of Terraform's attribute. tests/sources/test_cloudformation_names.py holds every line against
CloudFormation's own resource schemas and the schema of the Terraform provider.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from iacdrift.sources.resource import Sensitive, Value

TYPES: Mapping[str, str] = {
    "AWS::AmazonMQ::Broker": "aws_mq_broker",
    "AWS::AutoScaling::AutoScalingGroup": "aws_autoscaling_group",
    "AWS::AutoScaling::LaunchConfiguration": "aws_launch_configuration",
    "AWS::DocDB::DBCluster": "aws_docdb_cluster",
    "AWS::DocDB::DBSubnetGroup": "aws_docdb_subnet_group",
    "AWS::EC2::EC2Fleet": "aws_ec2_fleet",
    "AWS::EC2::EIP": "aws_eip",
    "AWS::EC2::EIPAssociation": "aws_eip_association",
    "AWS::EC2::EgressOnlyInternetGateway": "aws_egress_only_internet_gateway",
    "AWS::EC2::GatewayRouteTableAssociation": "aws_route_table_association",
    "AWS::EC2::Instance": "aws_instance",
    "AWS::EC2::InternetGateway": "aws_internet_gateway",
    "AWS::EC2::LaunchTemplate": "aws_launch_template",
    "AWS::EC2::NatGateway": "aws_nat_gateway",
    "AWS::EC2::NetworkAcl": "aws_network_acl",
    "AWS::EC2::NetworkAclEntry": "aws_network_acl_rule",
    "AWS::EC2::NetworkInterface": "aws_network_interface",
    "AWS::EC2::NetworkInterfaceAttachment": "aws_network_interface_attachment",
    "AWS::EC2::PrefixList": "aws_ec2_managed_prefix_list",
    "AWS::EC2::Route": "aws_route",
    "AWS::EC2::RouteTable": "aws_route_table",
    "AWS::EC2::SecurityGroup": "aws_security_group",
    "AWS::EC2::SecurityGroupEgress": "aws_vpc_security_group_egress_rule",
    "AWS::EC2::SecurityGroupIngress": "aws_vpc_security_group_ingress_rule",
    "AWS::EC2::SpotFleet": "aws_spot_fleet_request",
    "AWS::EC2::Subnet": "aws_subnet",
    "AWS::EC2::SubnetNetworkAclAssociation": "aws_network_acl_association",
    "AWS::EC2::SubnetRouteTableAssociation": "aws_route_table_association",
    "AWS::EC2::VPC": "aws_vpc",
    "AWS::EC2::VPCBlockPublicAccessOptions": "aws_vpc_block_public_access_options",
    "AWS::EC2::VPCCidrBlock": "aws_vpc_ipv4_cidr_block_association",
    "AWS::EC2::VPCPeeringConnection": "aws_vpc_peering_connection",
    "AWS::ECS::Cluster": "aws_ecs_cluster",
    "AWS::ECS::Service": "aws_ecs_service",
    "AWS::ECS::TaskDefinition": "aws_ecs_task_definition",
    "AWS::EKS::Cluster": "aws_eks_cluster",
    "AWS::EKS::Nodegroup": "aws_eks_node_group",
    "AWS::ElastiCache::CacheCluster": "aws_elasticache_cluster",
    "AWS::ElastiCache::ReplicationGroup": "aws_elasticache_replication_group",
    "AWS::ElastiCache::ServerlessCache": "aws_elasticache_serverless_cache",
    "AWS::ElastiCache::SubnetGroup": "aws_elasticache_subnet_group",
    "AWS::ElasticLoadBalancing::LoadBalancer": "aws_elb",
    "AWS::ElasticLoadBalancingV2::Listener": "aws_lb_listener",
    "AWS::ElasticLoadBalancingV2::ListenerCertificate": "aws_lb_listener_certificate",
    "AWS::ElasticLoadBalancingV2::ListenerRule": "aws_lb_listener_rule",
    "AWS::ElasticLoadBalancingV2::LoadBalancer": "aws_lb",
    "AWS::ElasticLoadBalancingV2::TargetGroup": "aws_lb_target_group",
    "AWS::Elasticsearch::Domain": "aws_elasticsearch_domain",
    "AWS::Lambda::Function": "aws_lambda_function",
    "AWS::MSK::Cluster": "aws_msk_cluster",
    "AWS::MemoryDB::Cluster": "aws_memorydb_cluster",
    "AWS::MemoryDB::SubnetGroup": "aws_memorydb_subnet_group",
    "AWS::Neptune::DBCluster": "aws_neptune_cluster",
    "AWS::Neptune::DBSubnetGroup": "aws_neptune_subnet_group",
    "AWS::OpenSearchService::Domain": "aws_opensearch_domain",
    "AWS::RDS::DBCluster": "aws_rds_cluster",
    "AWS::RDS::DBInstance": "aws_db_instance",
    "AWS::RDS::DBSubnetGroup": "aws_db_subnet_group",
    "AWS::Redshift::Cluster": "aws_redshift_cluster",
    "AWS::Redshift::ClusterSubnetGroup": "aws_redshift_subnet_group",
    "AWS::RedshiftServerless::Workgroup": "aws_redshiftserverless_workgroup",
}
"""CloudFormation's type -> Terraform's. Every other type keeps its name and is listed as unmodelled."""

_NAMES = {
    "aws_autoscaling_group": (
        "VPCZoneIdentifier=vpc_zone_identifier LaunchConfigurationName=launch_configuration TargetGroupARNs=target_group_arns "
        "AutoScalingGroupName=name LaunchTemplate.LaunchTemplateId=id LaunchTemplate.LaunchTemplateName=name "
        "LoadBalancerNames=load_balancers MixedInstancesPolicy.LaunchTemplate.Overrides=override Tags=tag"
    ),
    "aws_db_instance": (
        "VPCSecurityGroups=vpc_security_group_ids DBInstanceIdentifier=identifier DBInstanceClass=instance_class DBName=db_name "
        "MasterUsername=username MasterUserPassword=password SourceDBInstanceIdentifier=replicate_source_db"
    ),
    "aws_db_subnet_group": "DBSubnetGroupName=name DBSubnetGroupDescription=description",
    "aws_docdb_cluster": "DBClusterIdentifier=cluster_identifier MasterUserPassword=master_password",
    "aws_docdb_subnet_group": "DBSubnetGroupName=name DBSubnetGroupDescription=description",
    "aws_ec2_fleet": "LaunchTemplateConfigs=launch_template_config LaunchTemplateConfigs.Overrides=override",
    "aws_ec2_managed_prefix_list": "PrefixListName=name Entries=entry",
    "aws_ecs_cluster": "ClusterName=name ClusterSettings=setting",
    "aws_ecs_service": "ServiceName=name LoadBalancers=load_balancer",
    "aws_eip": "InstanceId=instance",
    "aws_eks_cluster": "ResourcesVpcConfig=vpc_config KubernetesNetworkConfig=kubernetes_network_config",
    "aws_eks_node_group": "Subnets=subnet_ids NodegroupName=node_group_name LaunchTemplate.Id=id LaunchTemplate.Name=name",
    "aws_elasticache_cluster": (
        "VpcSecurityGroupIds=security_group_ids CacheSubnetGroupName=subnet_group_name ClusterName=cluster_id CacheNodeType=node_type"
    ),
    "aws_elasticache_replication_group": (
        "CacheSubnetGroupName=subnet_group_name ReplicationGroupDescription=description CacheNodeType=node_type"
    ),
    "aws_elasticache_serverless_cache": "ServerlessCacheName=name",
    "aws_elasticache_subnet_group": "CacheSubnetGroupName=name",
    "aws_elb": (
        "LoadBalancerName=name Listeners=listener Listeners.LoadBalancerPort=lb_port Listeners.Protocol=lb_protocol "
        "Listeners.SSLCertificateId=ssl_certificate_id Instances=instances"
    ),
    "aws_instance": (
        "SecurityGroupIds=vpc_security_group_ids ImageId=ami LaunchTemplate.LaunchTemplateId=id LaunchTemplate.LaunchTemplateName=name "
        "PrivateIpAddress=private_ip"
    ),
    "aws_launch_configuration": "LaunchConfigurationName=name AssociatePublicIpAddress=associate_public_ip_address",
    "aws_launch_template": "LaunchTemplateName=name",
    "aws_lb": (
        "Type=load_balancer_type SubnetMappings=subnet_mapping SubnetMappings.PrivateIPv4Address=private_ipv4_address "
        "SubnetMappings.IPv6Address=ipv6_address"
    ),
    "aws_lb_listener": (
        "DefaultActions=default_action DefaultActions.ForwardConfig=forward DefaultActions.ForwardConfig.TargetGroups=target_group "
        "DefaultActions.ForwardConfig.TargetGroups.TargetGroupArn=arn"
    ),
    "aws_lb_listener_rule": "Actions=action Conditions=condition",
    "aws_memorydb_cluster": "ClusterName=name ACLName=acl_name TLSEnabled=tls_enabled",
    "aws_memorydb_subnet_group": "SubnetGroupName=name",
    "aws_mq_broker": "Users=user",
    "aws_neptune_cluster": "DBClusterIdentifier=cluster_identifier DBSubnetGroupName=neptune_subnet_group_name DBPort=port",
    "aws_neptune_subnet_group": "DBSubnetGroupName=name DBSubnetGroupDescription=description",
    "aws_network_interface": "GroupSet=security_groups PrivateIpAddress=private_ip",
    "aws_rds_cluster": "DBClusterIdentifier=cluster_identifier MasterUserPassword=master_password",
    "aws_rds_cluster_instance": "DBInstanceIdentifier=identifier DBClusterIdentifier=cluster_identifier DBInstanceClass=instance_class",
    "aws_redshift_cluster": "DBName=database_name ClusterIdentifier=cluster_identifier",
    "aws_redshift_subnet_group": "ClusterSubnetGroupName=name",
    "aws_route": "EgressOnlyInternetGatewayId=egress_only_gateway_id",
    "aws_security_group": (
        "GroupName=name GroupDescription=description SecurityGroupIngress=ingress SecurityGroupEgress=egress "
        "SecurityGroupIngress.IpProtocol=protocol SecurityGroupEgress.IpProtocol=protocol "
        "SecurityGroupIngress.CidrIp=cidr_blocks SecurityGroupEgress.CidrIp=cidr_blocks "
        "SecurityGroupIngress.CidrIpv6=ipv6_cidr_blocks SecurityGroupEgress.CidrIpv6=ipv6_cidr_blocks "
        "SecurityGroupIngress.SourceSecurityGroupId=security_groups SecurityGroupEgress.DestinationSecurityGroupId=security_groups "
        "SecurityGroupIngress.SourcePrefixListId=prefix_list_ids SecurityGroupEgress.DestinationPrefixListId=prefix_list_ids"
    ),
    "aws_spot_fleet_request": "SpotFleetRequestConfigData.LaunchTemplateConfigs=launch_template_config",
    "aws_vpc_security_group_egress_rule": (
        "GroupId=security_group_id CidrIp=cidr_ipv4 CidrIpv6=cidr_ipv6 DestinationSecurityGroupId=referenced_security_group_id "
        "DestinationPrefixListId=prefix_list_id"
    ),
    "aws_vpc_security_group_ingress_rule": (
        "GroupId=security_group_id CidrIp=cidr_ipv4 CidrIpv6=cidr_ipv6 SourceSecurityGroupId=referenced_security_group_id "
        "SourcePrefixListId=prefix_list_id"
    ),
}

NAMES: Mapping[str, Mapping[str, str]] = {
    kind: {path: name for path, _, name in (pair.partition("=") for pair in pairs.split())} for kind, pairs in _NAMES.items()
}
"""Terraform type -> path of properties (dots between, lists left out) -> Terraform's name, where that is another word."""

_FREE_KEYS = frozenset({"Tags", "Environment", "UserData", "Parameters"})
_EDGES = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def snake(name: str) -> str:
    """`VPCZoneIdentifier` as `vpc_zone_identifier`, `Ipv6CidrBlock` as `ipv6_cidr_block`."""
    return _EDGES.sub("_", name).lower()


def terraform_values(kind: str, values: Mapping[str, Value]) -> dict[str, Value]:
    """A resource's properties under Terraform's names; a property without one keeps its own, in snake case."""
    return _renamed(values, "", NAMES.get(kind, {}))


def _renamed(values: Mapping[str, Value], path: str, names: Mapping[str, str]) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for name, value in values.items():
        here = f"{path}{name}"
        inner = value if name in _FREE_KEYS else _inside(value, f"{here}.", names)
        found[names.get(here) or snake(str(name))] = inner
    return found


def _inside(value: Value, path: str, names: Mapping[str, str]) -> Value:
    if isinstance(value, Sensitive):
        return Sensitive(_inside(value.value, path, names))
    if isinstance(value, list):
        return [_inside(item, path, names) for item in value]
    return _renamed(value, path, names) if isinstance(value, Mapping) else value
