"""aws_elasticache_cluster, aws_elasticache_replication_group, aws_elasticache_serverless_cache, aws_memorydb_cluster: caches by name."""

from __future__ import annotations

from collections.abc import Iterator

from iacdrift.providers.attributes import at_path, fixed, recorded, rows, text, whole
from iacdrift.providers.aws.managed import listener, named, subnets_of_group
from iacdrift.providers.aws.placement import groups_of, subnets_of
from iacdrift.providers.links import Links
from iacdrift.sources.resource import Resource, Unknown

_SUBNET_GROUPS = ("aws_elasticache_subnet_group", "aws_memorydb_subnet_group")
_NAMES = ("primary_endpoint_address", "reader_endpoint_address", "configuration_endpoint_address", "cluster_address")


def translate(resource: Resource, links: Links) -> Iterator[object]:
    """One endpoint a name; caches are never public."""
    groups = groups_of(resource, links, "security_group_ids")
    subnets = subnets_of_group(resource, "subnet_group_name", links, *_SUBNET_GROUPS) or subnets_of(resource, links, "subnet_ids")
    engine = text(fixed(resource, "engine")) or "redis"
    service, usual = ("memcached", 11211) if engine == "memcached" else ("redis", 6379)
    port = whole(fixed(resource, "port")) or usual
    for name in _names(resource) or [None]:
        yield named(resource, name, [listener(resource, port, service)], groups=groups, subnets=subnets, public=False)


def _names(resource: Resource) -> list[str | None]:
    found = [text(recorded(resource, name)) for name in _NAMES]
    found += [text(at_path(resource.recorded, name, "address")) for name in ("endpoint", "reader_endpoint", "cluster_endpoint")]
    nodes = rows(recorded(resource, "cache_nodes"))
    found += [text(node.get("address")) for node in nodes if not isinstance(node, Unknown)]
    return list(dict.fromkeys(name for name in found if name))
