"""aws_elasticache_cluster, aws_elasticache_replication_group, aws_elasticache_serverless_cache, aws_memorydb_cluster: caches by name."""

from __future__ import annotations

from collections.abc import Iterator

from iacdrift.providers.attributes import at_path, fixed, recorded, rows, text, whole
from iacdrift.providers.aws.managed import listener, named, subnets_of_group
from iacdrift.providers.aws.placement import groups_of, subnets_of
from iacdrift.providers.links import Links, key_of
from iacdrift.sources.resource import Resource, Unknown

_SUBNET_GROUPS = ("aws_elasticache_subnet_group", "aws_memorydb_subnet_group")
_NAMES = ("primary_endpoint_address", "reader_endpoint_address", "configuration_endpoint_address", "cluster_address")


def translate(resource: Resource, links: Links) -> Iterator[object]:
    """One endpoint a name; caches are never public. A member of a replication group has the group's filters and place."""
    placed = _group_of(resource, links) or resource
    groups = groups_of(placed, links, "security_group_ids")
    subnets = subnets_of_group(placed, "subnet_group_name", links, *_SUBNET_GROUPS) or subnets_of(placed, links, "subnet_ids")
    engine = text(fixed(resource, "engine")) or text(fixed(placed, "engine")) or "redis"
    service, usual = ("memcached", 11211) if engine == "memcached" else ("redis", 6379)
    own = whole(fixed(resource, "port")) or whole(fixed(placed, "port")) or usual
    for name, ports in (_names(resource) or {None: []}).items():
        listeners = [listener(resource, port, service) for port in ports or [own]]
        yield named(resource, name, listeners, groups=groups, subnets=subnets, public=False)


def _group_of(resource: Resource, links: Links) -> Resource | None:
    key = links.resolve(fixed(resource, "replication_group_id"), resource)
    found = [r for r in links.of_type("aws_elasticache_replication_group") if key_of(r) == key]
    return found[0] if found and resource.type == "aws_elasticache_cluster" else None


def _names(resource: Resource) -> dict[str | None, list[int]]:
    """Every name, and the ports that are recorded with it: a serverless cache's reader is another port of the same name."""
    found: list[tuple[str | None, int | None]] = [(text(recorded(resource, name)), None) for name in _NAMES]
    for name in ("endpoint", "reader_endpoint", "cluster_endpoint"):
        found.append((text(at_path(resource.recorded, name, "address")), whole(at_path(resource.recorded, name, "port"))))
    nodes = rows(recorded(resource, "cache_nodes"))
    found += [(text(node.get("address")), whole(node.get("port"))) for node in nodes if not isinstance(node, Unknown)]
    ports: dict[str | None, list[int]] = {name: [] for name, _ in found if name}
    for key, port in found:
        if key and port and port not in ports[key]:
            ports[key].append(port)
    return ports
