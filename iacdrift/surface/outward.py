"""From inside out: to a public address, through the vantage's own filters and gateway, with the source that targets then see."""

from __future__ import annotations

from iacdrift.model.addresses import PUBLIC, Address, Space
from iacdrift.model.admission import Answer
from iacdrift.model.because import Because
from iacdrift.model.network import Interface, Network, Route, TargetKind
from iacdrift.surface.place import Place, vpc_of
from iacdrift.surface.routes import look_up, most_specific
from iacdrift.surface.ruling import Ruling
from iacdrift.surface.seen import Seen
from iacdrift.surface.stages import OWN_ACL_OUT, Side, acl_out, answers_in

STAGE = "the vantage's way out"


def way_out(network: Network, place: Place, target: Address | None, strict: bool) -> tuple[tuple[Ruling, ...], Seen]:
    """The vantage's own stages, and how the internet sees it behind them."""
    goal = Space.of(target) if target else PUBLIC[place.version]
    side = Side(network, place.subnet or "the vantage's subnet", strict)
    ruling, seen = _gateway(network, place, side, goal)
    return (ruling, acl_out(side, goal, OWN_ACL_OUT), answers_in(side, goal)), seen


def leaves_by_gateway(network: Network, place: Place, interface: Interface, target: Address | None) -> bool:
    """Whether packets to an IPv6 address of another VPC go out to the internet: IPv6 needs no translation to come in there."""
    if place.version != 6 or target is None or place.vpc == vpc_of(network, interface):
        return False
    side = Side(network, place.subnet or "")
    table = side.table()
    route = most_specific(table, side.vpc, Space.of(target), network) if table else None
    return isinstance(route, Route) and route.kind in (TargetKind.INTERNET, TargetKind.EGRESS_ONLY)


def _gateway(network: Network, place: Place, side: Side, goal: Space) -> tuple[Ruling, Seen]:
    anywhere = Seen.internet(place.version)
    if side.subnet is not None and side.subnet.table_doubt:
        return Ruling.everywhere(STAGE, Answer.UNKNOWN_BY_CODE, side.because(side.subnet.table_doubt)), anywhere
    table = side.table()
    if table is None and side.vpc is not None and not side.vpc.is_default and side.subnet is not None and not side.subnet.table:
        text = "no route table is declared for it, and the VPC's main table has the local route only"
        return Ruling.everywhere(STAGE, Answer.BLOCKED, side.because(text)), anywhere
    if table is None or table.doubt:
        return Ruling.everywhere(STAGE, Answer.UNKNOWN_BY_CODE, side.because("its route table isn't known")), anywhere
    found = look_up(table, side.vpc, goal, network)
    taken = [route for route in found.taken if route.kind is not TargetKind.LOCAL]
    if found.perhaps or len({route.kind for route in taken}) > 1:
        return Ruling.everywhere(STAGE, Answer.UNKNOWN_BY_CODE, table.because), anywhere
    if not taken or taken[0].kind in (TargetKind.BLACKHOLE, TargetKind.PEERING):
        because = Because(table.because.resource, "no route leads out to the internet", table.because.at)
        return Ruling.everywhere(STAGE, Answer.BLOCKED, because), anywhere
    return _through(network, place, taken[0])


def _through(network: Network, place: Place, route: Route) -> tuple[Ruling, Seen]:
    passed = Ruling.everywhere(STAGE, Answer.ADMITTED, route.because)
    if route.kind is TargetKind.NAT:
        addresses = network.nat_addresses.get(route.target or "", ())
        return passed, Seen.internet(4, addresses[0] if len(addresses) == 1 else None)
    if route.kind is TargetKind.EGRESS_ONLY and place.version == 6:
        return passed, Seen.internet(6, place.address)
    if route.kind is TargetKind.INTERNET and place.version == 4 and _mapped(place) is None:
        text = f"{route.because.detail}: no public address is mapped to the vantage's own, as far as the code says"
        because = Because(route.because.resource, text, route.because.at)
        return Ruling.everywhere(STAGE, Answer.UNKNOWN_BY_VANTAGE, because), Seen.internet(4)
    if route.kind is TargetKind.INTERNET:
        return passed, Seen.internet(place.version, place.address if place.version == 6 else _mapped(place))
    return Ruling.everywhere(STAGE, Answer.UNKNOWN_BY_CODE, route.because), Seen.internet(place.version)


def _mapped(place: Place) -> Address | None:
    """The public IPv4 that is mapped to the vantage's own private address."""
    endpoints = place.interface.endpoints if place.interface else ()
    return next((e.address for e in endpoints if e.public and e.private == place.address and e.address), None)
