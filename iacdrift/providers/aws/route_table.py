"""aws_route_table, aws_default_route_table (and the data source): a table with its inline routes."""

from __future__ import annotations

from collections.abc import Iterator

from iacdrift.model.network import Route, RouteTable
from iacdrift.providers.attributes import because, declared, empty, fixed, from_state, recorded, rows, text
from iacdrift.providers.aws.routes import routes
from iacdrift.providers.links import Links, key_of
from iacdrift.providers.parts import SubnetTable, VpcFact
from iacdrift.sources.resource import Origin, Resource, Unknown


def translate(resource: Resource, links: Links) -> Iterator[object]:
    """The table; the default one is also its VPC's main table."""
    key = _key(resource, links)
    vpc = _vpc(resource, links)
    found, doubt = _inline(resource, key, links)
    yield RouteTable(key, because(resource, "route table"), found, vpc, doubt)
    if vpc and resource.type == "aws_default_route_table":
        yield VpcFact(vpc, main_table=key)
    if resource.data:
        yield from _associations(resource, key)


def _key(resource: Resource, links: Links) -> str:
    named = links.resolve(fixed(resource, "default_route_table_id"), resource)
    return named if isinstance(named, str) and not text(resource.recorded.get("id")) else key_of(resource)


def _vpc(resource: Resource, links: Links) -> str | None:
    vpc = links.resolve(fixed(resource, "vpc_id"), resource)
    if isinstance(vpc, str):
        return vpc
    return links.owner_of(fixed(resource, "default_route_table_id"), resource, "aws_vpc", "aws_default_vpc")


def _inline(resource: Resource, key: str, links: Links) -> tuple[tuple[Route, ...], str | None]:
    value = declared(resource, "routes" if resource.data else "route")
    managed = key in links.referrers("aws_route", "route_table_id")
    if managed and (from_state(resource) or empty(value)) and not resource.data:
        return (), None
    if empty(value):
        hidden = resource.origin is Origin.PLAN and "route" not in resource.declared and not empty(recorded(resource, "route"))
        return (), "its routes may come from dynamic blocks, which a plan leaves out: give --code DIR" if hidden else None
    found: list[Route] = []
    doubt = None
    for row in rows(value):
        if isinstance(row, Unknown):
            doubt = f"its routes aren't known: {row.why}"
        else:
            found.extend(routes(row, resource, links))
    return tuple(found), doubt


def _associations(resource: Resource, key: str) -> Iterator[object]:
    for row in rows(recorded(resource, "associations")):
        subnet = None if isinstance(row, Unknown) else text(row.get("subnet_id"))
        if subnet:
            yield SubnetTable(subnet, key)
