"""Routes: longest prefix wins, the VPC's own ranges are local (AWS VPC user guide, route tables)."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import frozen

from iacdrift.model.addresses import AnyNetwork, Space
from iacdrift.model.admission import Answer
from iacdrift.model.because import Because
from iacdrift.model.filters import ListPeer, UnknownPeer
from iacdrift.model.network import Network, Route, RouteTable, TargetKind, Vpc


@frozen(slots=True)
class Lookup:
    """Where packets to a set of addresses go: the routes that some of them take, those that may, and whether some have none."""

    taken: tuple[Route, ...]
    perhaps: tuple[Route, ...]
    none: bool


def look_up(table: RouteTable, vpc: Vpc | None, space: Space, network: Network) -> Lookup:
    """Follow the table for every address of the set."""
    perhaps: list[Route] = []
    known: list[tuple[AnyNetwork, Route]] = [(net, _local(vpc, net)) for net in (vpc.networks if vpc else ())]
    for route in table.routes:
        networks, sure = _destinations(route, network)
        known.extend((net, route) for net in networks)
        if not sure:
            perhaps.append(route)
    taken: list[Route] = []
    rest = space
    # the most specific first; a static route as specific as a local one can't exist in AWS
    for net, route in sorted(known, key=lambda pair: -pair[0].prefixlen):
        if rest.meets(net):
            taken.append(route)
            rest = rest.without(net)
    return Lookup(tuple(dict.fromkeys(taken)), tuple(perhaps), bool(rest))


def _local(vpc: Vpc | None, net: AnyNetwork) -> Route:
    resource, at = (vpc.because.resource, vpc.because.at) if vpc else ("", None)
    return Route(net, TargetKind.LOCAL, Because(resource, f"{net} is local", at))


def destinations(table: RouteTable, vpc: Vpc | None, network: Network) -> list[AnyNetwork]:
    """Every range that a route of the table is known to lead to."""
    local = vpc.networks if vpc else ()
    return [*local, *(net for route in table.routes for net in _destinations(route, network)[0])]


def _destinations(route: Route, network: Network) -> tuple[Iterable[AnyNetwork], bool]:
    if isinstance(route.destination, UnknownPeer):
        return (), False
    if isinstance(route.destination, ListPeer):
        found = network.lists.get(route.destination.list)
        return (found.networks, not found.doubt) if found else ((), False)
    return (route.destination,), True


def internet_answer(table: RouteTable, vpc: Vpc | None, space: Space, network: Network) -> tuple[Answer, tuple[Because, ...]]:
    """Whether the internet at these addresses reaches a subnet with this table, and what decides."""
    if table.doubt:
        return Answer.UNKNOWN_BY_CODE, (Because(table.because.resource, table.doubt, table.because.at),)
    found = look_up(table, vpc, space, network)
    taken = [route for route in found.taken if route.kind is not TargetKind.LOCAL]
    good = [route for route in taken if route.kind is TargetKind.INTERNET]
    unclear = [route for route in taken if route.kind is TargetKind.UNKNOWN] + list(found.perhaps)
    bad = [route for route in taken if route not in good and route.kind is not TargetKind.UNKNOWN]
    nowhere = (Because(table.because.resource, "no route leads to an internet gateway", table.because.at),) if found.none else ()
    if unclear:
        return Answer.UNKNOWN_BY_CODE, tuple(route.because for route in unclear)
    if not good:
        return Answer.BLOCKED, tuple(route.because for route in bad) or nowhere or _nowhere(table)
    if bad or found.none:
        return Answer.UNKNOWN_BY_VANTAGE, tuple(route.because for route in taken) + nowhere
    return Answer.ADMITTED, tuple(route.because for route in good)


def _nowhere(table: RouteTable) -> tuple[Because, ...]:
    return (Because(table.because.resource, "no route leads to an internet gateway", table.because.at),)


def most_specific(table: RouteTable, vpc: Vpc | None, space: Space, network: Network) -> Route | str | None:
    """The one route that packets to one address take; None where there is none; a text where it can't be told."""
    if table.doubt:
        return table.doubt
    found = look_up(table, vpc, space, network)
    if found.perhaps:
        return found.perhaps[0].because.detail
    return found.taken[0] if found.taken else None
