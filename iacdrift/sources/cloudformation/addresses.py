"""Whether the records say where everything is that answers: what is deployed and has no address couldn't be looked at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from iacdrift.sources.cloudformation.stack import Stack
from iacdrift.sources.resource import Action, Resource

_MACHINES = frozenset({"aws_eip", "aws_instance", "aws_network_interface"})
_ENDPOINTS = frozenset(
    {
        "aws_db_instance",
        "aws_docdb_cluster",
        "aws_eks_cluster",
        "aws_elasticache_cluster",
        "aws_elasticache_replication_group",
        "aws_elasticache_serverless_cache",
        "aws_elasticsearch_domain",
        "aws_elb",
        "aws_lb",
        "aws_memorydb_cluster",
        "aws_mq_broker",
        "aws_msk_cluster",
        "aws_neptune_cluster",
        "aws_opensearch_domain",
        "aws_rds_cluster",
        "aws_rds_cluster_instance",
        "aws_redshift_cluster",
        "aws_redshiftserverless_workgroup",
    }
)
_ADDRESSES = ("private_ip", "public_ip", "private_ips", "ipv6_addresses")
_GONE = frozenset({"terminated", "shutting-down"})


def unaddressed(root: Stack, resources: Sequence[Resource]) -> Iterator[str]:
    """Gaps of one stack that is deployed, or that is read beside deployed ones: a template alone says nothing of that."""
    if root.record is None:
        if root.world.records.stacks:
            yield f"stack {root.name}: no source says what of it is deployed: give describe-stack-resources as JSON, or --stack"
        return
    yield from dict.fromkeys(f"stack {root.name}: {why}" for why in root.world.records.cut)
    for resource in resources:
        if resource.action is Action.CREATE or resource.recorded.get("instance_state") in _GONE:
            continue
        if resource.type in _MACHINES and not any(resource.recorded.get(name) for name in _ADDRESSES):
            yield f"no source says the addresses of {resource.address}: give describe-instances and describe-addresses as JSON, or --stack"
        if resource.type in _ENDPOINTS and not _named(resource):
            yield f"no source says the name of {resource.address}'s endpoint: give the stack's outputs, or its describe call as JSON"


def _named(resource: Resource) -> bool:
    names = ("dns_name", "address", "instances", "cache_nodes")
    return any(
        value and (name in names or "endpoint" in name or "bootstrap" in name or "cluster_address" in name)
        for name, value in resource.recorded.items()
    )
