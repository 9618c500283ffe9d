"""aws_opensearch_domain, aws_elasticsearch_domain: search domains, in a VPC or public behind an access policy."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import evolve

from iacdrift.providers.attributes import at_path, fixed, recorded, text
from iacdrift.providers.aws.managed import listener, named
from iacdrift.providers.aws.placement import Groups, groups_in
from iacdrift.providers.links import Links
from iacdrift.sources.resource import Resource


def translate(resource: Resource, links: Links) -> Iterator[object]:
    """In a VPC its groups filter; outside no filter does (an access policy answers requests, not packets)."""
    options = {"vpc_options": fixed(resource, "vpc_options")}
    subnets, _ = links.resolve_all(at_path(options, "vpc_options", "subnet_ids"), resource)
    inside = bool(subnets)
    declared_groups = at_path({"vpc_options": resource.declared.get("vpc_options")}, "vpc_options", "security_group_ids")
    groups = groups_in({"security_group_ids": declared_groups}, resource, links) if inside else Groups(None)
    enforced = at_path({"o": fixed(resource, "domain_endpoint_options")}, "o", "enforce_https")
    ports = [listener(resource, 443, "https")] + ([] if enforced else [listener(resource, 80, "http")])
    endpoint = named(
        resource,
        text(recorded(resource, "endpoint")),
        ports,
        groups=groups,
        subnets=tuple(sorted(subnets)),
        public=not inside,
        split_horizon=inside,
    )
    yield endpoint if inside else evolve(endpoint, ungrouped=True)
