"""An interface that EC2 describes: whose it is, and which addresses it has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from iacdrift.model.network import Endpoint
from iacdrift.providers.attributes import addresses, flag, items, recorded, rows, text
from iacdrift.providers.links import Links
from iacdrift.providers.parts import Described
from iacdrift.sources.resource import Resource, Unknown, Value

_MANAGED = (
    "nat_gateway",
    "network_load_balancer",
    "gateway_load_balancer",
    "gateway_load_balancer_endpoint",
    "vpc_endpoint",
    "transit_gateway",
)
_BALANCER = "ELB "


def translate(resource: Resource, links: Links) -> Iterator[object]:
    """What EC2 says of the interface. `managed`: a gateway, balancer or endpoint of the provider's own."""
    del links
    kind, words = text(recorded(resource, "interface_type")) or "interface", text(recorded(resource, "description")) or ""
    managed = kind in _MANAGED or (flag(recorded(resource, "requester_managed")) is True and words.startswith(_BALANCER))
    tags = recorded(resource, "tags") or {}
    yield Described(
        str(recorded(resource, "interface_id")),
        tuple(_endpoints(resource)),
        text(recorded(resource, "subnet_id")),
        frozenset(str(group) for group in items(recorded(resource, "security_groups"))),
        text(recorded(resource, "instance")),
        f"{recorded(resource, 'interface_id')} ({_words(resource, kind, words)})",
        frozenset(_fleets(tags, words)),
        managed,
    )


def _fleets(tags: Mapping[str, Value], words: str) -> Iterator[str]:
    """The ids of fleets that the tags may mean: a value alone, a node group behind its cluster, a service's ARN."""
    yield from map(str, tags.values())
    if "eks:nodegroup-name" in tags:
        yield f"{tags.get('eks:cluster-name')}:{tags['eks:nodegroup-name']}"
    if "aws:ecs:serviceName" in tags:  # of a task's interface, whose description is the ARN of its attachment
        yield f"{words.partition(':attachment/')[0]}:service/{tags.get('aws:ecs:clusterName')}/{tags['aws:ecs:serviceName']}"


def _words(resource: Resource, kind: str, words: str) -> str:
    machine = text(recorded(resource, "instance"))
    said = [kind.replace("_", " "), f"on {machine}" if machine else "", f"described as {words!r}" if words else ""]
    return ", ".join(part for part in said if part)


def _endpoints(resource: Resource) -> Iterator[Endpoint]:
    for row in rows(recorded(resource, "addresses")):
        if isinstance(row, Unknown):
            continue
        for private in addresses(row.get("private")):
            yield Endpoint(private)
            for public in addresses(row.get("public")):
                yield Endpoint(public, True, private)
    for address in addresses(recorded(resource, "ipv6_addresses")):
        yield Endpoint(address)
