"""aws_route: one route of a table."""

from __future__ import annotations

from collections.abc import Iterator

from iacdrift.providers.attributes import fixed, text
from iacdrift.providers.aws.routes import routes
from iacdrift.providers.links import Links
from iacdrift.providers.parts import Note, TableRoute
from iacdrift.sources.resource import Action, Resource


def translate(resource: Resource, links: Links) -> Iterator[object]:
    """The route, unless the plan is about to delete it. That its target is gone is known from the record only."""
    if resource.action is Action.DELETE:
        return
    table = links.resolve(fixed(resource, "route_table_id"), resource)
    if not isinstance(table, str):
        yield Note(f"{resource.address} belongs to a route table that isn't known")
        return
    values = {**resource.declared, "state": text(resource.recorded.get("state"))}
    for route in routes(values, resource, links):
        yield TableRoute(table, route)
