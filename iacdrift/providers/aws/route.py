"""aws_route: one route of a table."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import evolve

from iacdrift.model.network import Route, TargetKind
from iacdrift.providers.attributes import fixed, text
from iacdrift.providers.aws.routes import routes
from iacdrift.providers.links import Links
from iacdrift.providers.parts import MainTableDoubt, Note, TableRoute
from iacdrift.sources.resource import Action, Reference, Resource, Unknown, Value


def translate(resource: Resource, links: Links) -> Iterator[object]:
    """The route, unless the plan is about to delete it. That its target is gone is known from the record only."""
    if resource.action is Action.DELETE:
        return
    named = fixed(resource, "route_table_id")
    table = links.resolve(named, resource)
    values = {**resource.declared, "state": text(resource.recorded.get("state"))}
    if isinstance(table, str):
        for route in routes(values, resource, links):
            yield TableRoute(table, route)
    else:
        yield Note(f"{resource.address} belongs to a route table that isn't known")
        yield from _perhaps(resource, links, named, tuple(routes(values, resource, links)))


def _perhaps(resource: Resource, links: Links, named: Value, found: tuple[Route, ...]) -> Iterator[object]:
    """A route whose table isn't known may be in each table that it could mean: nothing can be told of what it leads to there."""
    if isinstance(named, Reference) and links.at(named, resource) is None:
        return  # a table that no source holds is none of those that the sources hold
    for key in sorted(links.possible(named, *_TABLES)):
        for route in found:
            because = evolve(route.because, detail=f"{route.because.detail}, in a route table that isn't known")
            yield TableRoute(key, evolve(route, kind=TargetKind.UNKNOWN, target=None, because=because))
    if not (isinstance(named, Unknown) and named.references and all(set(_TABLES) & set(one.split(".")) for one in named.references)):
        owner = links.owner_of(named, resource, "aws_vpc", "aws_default_vpc") if isinstance(named, Reference) else None
        yield MainTableDoubt(owner, f"{resource.address}: its route table isn't known, and may be the VPC's main one")


_TABLES = ("aws_route_table", "aws_default_route_table")
