"""A deployed stack as AWS's API tells it, through boto3: physical ids, outputs, addresses. Rules are never asked for.

Region, credentials and `AWS_ENDPOINT_URL` are boto3's own settings.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from iacdrift.errors import SourceError

Answer = Mapping[str, Any]
_NESTED = "AWS::CloudFormation::Stack"
_CALLS: Mapping[str, tuple[str, str, str]] = {
    "AWS::EC2::Instance": ("ec2", "describe_instances", "InstanceIds"),
    "AWS::EC2::EIP": ("ec2", "describe_addresses", "PublicIps"),
    "AWS::EC2::NetworkInterface": ("ec2", "describe_network_interfaces", "NetworkInterfaceIds"),
    "AWS::EC2::NatGateway": ("ec2", "describe_nat_gateways", "NatGatewayIds"),
    "AWS::ElasticLoadBalancingV2::LoadBalancer": ("elbv2", "describe_load_balancers", "LoadBalancerArns"),
    "AWS::ElasticLoadBalancing::LoadBalancer": ("elb", "describe_load_balancers", "LoadBalancerNames"),
    "AWS::OpenSearchService::Domain": ("opensearch", "describe_domains", "DomainNames"),
    "AWS::Elasticsearch::Domain": ("es", "describe_elasticsearch_domains", "DomainNames"),
}
"""Types that are asked about in one call: the service, the call, and how it names the ids."""
_SINGLY: Mapping[str, tuple[str, str, str]] = {
    "AWS::RDS::DBInstance": ("rds", "describe_db_instances", "DBInstanceIdentifier"),
    "AWS::RDS::DBCluster": ("rds", "describe_db_clusters", "DBClusterIdentifier"),
    "AWS::ElastiCache::CacheCluster": ("elasticache", "describe_cache_clusters", "CacheClusterId"),
    "AWS::ElastiCache::ReplicationGroup": ("elasticache", "describe_replication_groups", "ReplicationGroupId"),
    "AWS::Redshift::Cluster": ("redshift", "describe_clusters", "ClusterIdentifier"),
}
"""Types that are asked about one by one."""
_FULLER: Mapping[str, Mapping[str, Any]] = {"AWS::ElastiCache::CacheCluster": {"ShowCacheNodeInfo": True}}
"""What a call must be told besides, or it leaves the endpoints out."""
DEEPEST = 10


def ask(stacks: Iterable[str]) -> Iterator[tuple[str, list[Answer]]]:
    """Each stack's name with all answers about it. SourceError, one sentence, where boto3 is missing or AWS refuses."""
    try:
        import boto3
        from botocore.exceptions import BotoCoreError, ClientError
    except ImportError:
        raise SourceError("--stack asks AWS through boto3, which isn't installed: pip install 'iacdrift[aws]'") from None
    session = boto3.session.Session()
    for stack in stacks:
        try:
            yield stack, list(_about(session, stack, 0))
        except ClientError as error:
            said = error.response.get("Error", {})
            raise SourceError(f"AWS refuses to tell of the stack {stack}: {said.get('Message') or said.get('Code')}") from None
        except BotoCoreError as error:
            raise SourceError(f"AWS can't be asked about the stack {stack}: {error}") from None


def _about(session: Any, stack: str, depth: int) -> Iterator[Answer]:
    formation = session.client("cloudformation")
    described = formation.describe_stacks(StackName=stack)
    yield described
    found = described["Stacks"][0]
    resources = [
        {**item, "StackName": found["StackName"], "StackId": found["StackId"]}
        for page in formation.get_paginator("list_stack_resources").paginate(StackName=stack)
        for item in page["StackResourceSummaries"]
        if item.get("PhysicalResourceId") and item.get("ResourceStatus") != "DELETE_COMPLETE"
    ]
    yield {"StackResourceSummaries": resources}
    ids: dict[str, list[str]] = {}
    for item in resources:
        ids.setdefault(item["ResourceType"], []).append(item["PhysicalResourceId"])
    yield from _things(session, ids)
    for inner in ids.get(_NESTED, ()) if depth < DEEPEST else ():
        yield from _about(session, inner, depth + 1)
    if depth == 0:
        yield {"Exports": [item for page in formation.get_paginator("list_exports").paginate() for item in page["Exports"]]}


def _things(session: Any, ids: Mapping[str, list[str]]) -> Iterator[Answer]:
    for kind, named in ids.items():
        if kind in _CALLS:
            service, call, parameter = _CALLS[kind]
            yield getattr(session.client(service), call)(**{parameter: named})
        for service, call, parameter in [_SINGLY[kind]] if kind in _SINGLY else ():
            yield from (getattr(session.client(service), call)(**{parameter: name}, **_FULLER.get(kind, {})) for name in named)
    if vpcs := ids.get("AWS::EC2::VPC"):
        wanted = [{"Name": "vpc-id", "Values": vpcs}, {"Name": "group-name", "Values": ["default"]}]
        yield session.client("ec2").describe_security_groups(Filters=wanted)
