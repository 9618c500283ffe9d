"""aws_opensearch_domain, aws_elasticsearch_domain: search domains, in a VPC or public behind an access policy."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import evolve

from iacdrift.providers.attributes import at_path, fixed, recorded, rows, text
from iacdrift.providers.aws.managed import anybody, listener, named, truth
from iacdrift.providers.aws.placement import Groups, groups_within
from iacdrift.providers.links import Links
from iacdrift.sources.resource import Resource, Unknown, Value


def translate(resource: Resource, links: Links) -> Iterator[object]:
    """In a VPC its groups filter; outside no filter does (an access policy answers requests, not packets)."""
    options = {"vpc_options": fixed(resource, "vpc_options")}
    subnets, _ = links.resolve_all(at_path(options, "vpc_options", "subnet_ids"), resource)
    inside = bool(rows(options["vpc_options"]))
    groups = groups_within(resource, "vpc_options", "security_group_ids", links) if inside else Groups(None)
    enforced = _enforces(fixed(resource, "domain_endpoint_options"))
    ports = [listener(resource, 443, "https")]
    if enforced is not True:
        plain = listener(resource, 80, "http")
        ports.append(plain if enforced is False else evolve(plain, doubt="whether it enforces HTTPS isn't known"))
    endpoint = named(
        resource,
        text(recorded(resource, "endpoint")),
        ports,
        groups=groups,
        subnets=tuple(sorted(subnets)),
        public=not inside,
        split_horizon=inside,
    )
    yield endpoint if inside else evolve(endpoint, admits=anybody(resource))


def _enforces(options: Value) -> bool | None:
    """Whether HTTP is refused: the provider's block does so unless it says otherwise, AWS doesn't."""
    found = rows(options)
    if not found:
        return False
    return None if isinstance(found[0], Unknown) else truth(found[0].get("enforce_https"), True)
