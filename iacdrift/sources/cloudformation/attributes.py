"""What Ref and Fn::GetAtt give of a resource, as attributes of Terraform's."""

from __future__ import annotations

from collections.abc import Mapping

from iacdrift.sources.cloudformation.names import snake

_ITSELF: Mapping[str, str] = {
    "aws_ec2_managed_prefix_list": "PrefixListId",
    "aws_eip": "AllocationId",
    "aws_instance": "InstanceId",
    "aws_internet_gateway": "InternetGatewayId",
    "aws_launch_template": "LaunchTemplateId",
    "aws_lb": "LoadBalancerArn",
    "aws_lb_listener": "ListenerArn",
    "aws_lb_target_group": "TargetGroupArn",
    "aws_nat_gateway": "NatGatewayId",
    "aws_route_table": "RouteTableId",
    "aws_security_group": "GroupId",
    "aws_subnet": "SubnetId",
    "aws_vpc": "VpcId",
}
"""The attribute that is the resource's own id, beside `Id` and `Arn`."""

_OTHERS: Mapping[str, Mapping[str, str]] = {
    "aws_db_instance": {"Endpoint.Address": "address", "Endpoint.Port": "port"},
    "aws_eks_cluster": {"ClusterSecurityGroupId": "cluster_security_group_id"},
    "aws_elasticache_cluster": {"ConfigurationEndpoint.Address": "configuration_endpoint_address"},
    "aws_elasticache_replication_group": {
        "ConfigurationEndPoint.Address": "configuration_endpoint_address",
        "PrimaryEndPoint.Address": "primary_endpoint_address",
        "ReaderEndPoint.Address": "reader_endpoint_address",
    },
    "aws_elasticsearch_domain": {"DomainEndpoint": "endpoint"},
    "aws_instance": {"PublicIp": "public_ip", "PrivateIp": "private_ip"},
    "aws_memorydb_cluster": {"ClusterEndpoint.Address": "cluster_address"},
    "aws_network_interface": {"PrimaryPrivateIpAddress": "private_ip"},
    "aws_opensearch_domain": {"DomainEndpoint": "endpoint"},
    "aws_rds_cluster": {"Endpoint.Address": "endpoint", "ReadEndpoint.Address": "reader_endpoint", "Endpoint.Port": "port"},
    "aws_rds_cluster_instance": {"Endpoint.Address": "endpoint", "Endpoint.Port": "port"},
    "aws_redshift_cluster": {"Endpoint.Address": "dns_name", "Endpoint.Port": "port"},
    "aws_vpc": {"DefaultSecurityGroup": "default_security_group_id", "DefaultNetworkAcl": "default_network_acl_id"},
    "aws_docdb_cluster": {"ReadEndpoint": "reader_endpoint"},
    "aws_neptune_cluster": {"ReadEndpoint": "reader_endpoint"},
}


def attribute_of(kind: str, name: str | None) -> str:
    """Terraform's attribute of what Fn::GetAtt names; None: of what Ref gives."""
    if name is None:
        return "public_ip" if kind == "aws_eip" else "id"
    if name in ("Id", "Arn") or _ITSELF.get(kind) == name:
        return "id"
    return _OTHERS.get(kind, {}).get(name) or snake(name.replace(".", "_"))
