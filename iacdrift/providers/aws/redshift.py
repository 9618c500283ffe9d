"""aws_redshift_cluster, aws_redshiftserverless_workgroup: warehouses by name."""

from __future__ import annotations

from collections.abc import Iterator

from iacdrift.providers.attributes import at_path, fixed, recorded, text, whole
from iacdrift.providers.aws.managed import listener, named, subnets_of_group, truth
from iacdrift.providers.aws.placement import groups_of, subnets_of
from iacdrift.providers.links import Links
from iacdrift.sources.resource import Resource


def translate(resource: Resource, links: Links) -> Iterator[object]:
    """The endpoint; whether it is public is unknown where nothing says it, for the default differs between provider versions."""
    name = (
        text(recorded(resource, "dns_name"))
        or text(recorded(resource, "endpoint"))
        or text(at_path(resource.recorded, "endpoint", "address"))
    )
    yield named(
        resource,
        name,
        [listener(resource, whole(fixed(resource, "port")) or 5439, "postgresql")],
        groups=groups_of(resource, links, "vpc_security_group_ids", "security_group_ids"),
        subnets=subnets_of_group(resource, "cluster_subnet_group_name", links, "aws_redshift_subnet_group")
        or subnets_of(resource, links, "subnet_ids"),
        public=truth(fixed(resource, "publicly_accessible"), None),
    )
