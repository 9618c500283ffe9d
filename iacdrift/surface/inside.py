"""From inside a VPC: local and more specific routes, peering both ways, the vantage's own network ACL."""

from __future__ import annotations

from ipaddress import ip_network

from attrs import frozen

from iacdrift.model.addresses import Address, Space
from iacdrift.model.admission import Answer
from iacdrift.model.because import Because
from iacdrift.model.filters import UnknownPeer
from iacdrift.model.network import Interface, Network, Peering, Route, TargetKind
from iacdrift.surface.place import Place, vpc_of
from iacdrift.surface.routes import destinations, most_specific
from iacdrift.surface.ruling import Ruling, agree
from iacdrift.surface.stages import ACL_IN, ACL_OUT, OWN_ACL_IN, OWN_ACL_OUT, ROUTE, Side, acl_in, acl_of, acl_out, answers_in, answers_out

RETURN_ROUTE = "route of the answer"
STAGES = (ROUTE, RETURN_ROUTE, OWN_ACL_OUT, ACL_IN, f"{ACL_OUT} (answers)", f"{OWN_ACL_IN} (answers)")


@frozen(slots=True)
class Crossing:
    """From a place inside to one address of an interface; `target` None where only its name is known."""

    network: Network
    place: Place
    interface: Interface
    target: Address | None
    strict: bool = False


def inside_stages(ways: Crossing) -> tuple[Ruling, ...]:
    """Routes and ACLs between a place inside and an interface of the same or a peered VPC."""
    if not ways.interface.subnets:
        text = "its subnet is in no source, so the way to it can't be told"
        return (Ruling.everywhere(ROUTE, Answer.UNKNOWN_BY_CODE, Because(ways.interface.owner, text, ways.interface.because.at)),)
    each = [_to_subnet(ways, key) for key in ways.interface.subnets]
    return tuple(agree(tuple(same)) for same in zip(*each, strict=True))


def _to_subnet(ways: Crossing, key: str) -> tuple[Ruling, ...]:
    here, there = Side(ways.network, ways.place.subnet or "the vantage's subnet", ways.strict), Side(ways.network, key, ways.strict)
    if ways.place.subnet == key:
        return tuple(
            Ruling.everywhere(stage, Answer.ADMITTED, there.because("within one subnet nothing stands between")) for stage in STAGES
        )
    source = ways.place.space
    goal = Space.of(ways.target) if ways.target else space_of(there, ways.place.version)
    start, end = ways.place.vpc, vpc_of(ways.network, ways.interface)
    if end is None:
        return tuple(Ruling.everywhere(stage, Answer.UNKNOWN_BY_CODE, there.because("its VPC is in no source")) for stage in STAGES)
    return (
        _one_way(ROUTE, here, goal, (start, end)),
        _one_way(RETURN_ROUTE, there, source, (end, start)),
        acl_out(here, goal, OWN_ACL_OUT),
        acl_in(there, source),
        answers_out(there, source),
        answers_in(here, goal),
    )


def space_of(side: Side, version: int) -> Space:
    """All addresses of a subnet; every address where they aren't known."""
    nets = [net for net in side.subnet.networks if net.version == version] if side.subnet else []
    net = nets[0] if nets else ip_network("0.0.0.0/0" if version == 4 else "::/0")
    return Space(version, ((int(net.network_address), int(net.broadcast_address)),))


def treats_alike(here: Side, goal: Space) -> bool:
    """Whether no route and no ACL entry of this side divides the addresses: then what holds for one holds for all of them."""
    acl, table = here.network.acls.get(acl_of(here) or ""), here.table()
    nets = [entry.network for entry in (*acl.ingress, *acl.egress) if not isinstance(entry.network, UnknownPeer)] if acl else []
    nets += destinations(table, here.vpc, here.network) if table else ()
    return all(goal.within(net) or not goal.meets(net) for net in nets)


def _one_way(stage: str, side: Side, goal: Space, ends: tuple[str | None, str | None]) -> Ruling:
    if side.subnet is None:
        if ends[0] == ends[1]:  # the local route connects unless a table, of which none is known, says otherwise
            return side.assumed(stage, "its route table is in no source: the local route is taken for granted")
        return Ruling.everywhere(stage, Answer.UNKNOWN_BY_CODE, side.because("it is in no source, so its routes aren't known"))
    if side.subnet.table_doubt:
        return Ruling.everywhere(stage, Answer.UNKNOWN_BY_CODE, side.because(side.subnet.table_doubt))
    table = side.table()
    if table is None:
        return _without_table(stage, side, same=ends[0] == ends[1])
    route = most_specific(table, side.vpc, goal, side.network)
    if isinstance(route, str):
        return Ruling.everywhere(stage, Answer.UNKNOWN_BY_CODE, Because(table.because.resource, route, table.because.at))
    if route is None:
        return Ruling.everywhere(stage, Answer.BLOCKED, Because(table.because.resource, "it has no route there", table.because.at))
    return _judge(stage, side.network, route, ends)


def _without_table(stage: str, side: Side, *, same: bool) -> Ruling:
    if same:
        return Ruling.everywhere(stage, Answer.ADMITTED, side.because("one VPC: the local route"))
    if side.subnet and side.subnet.table:
        return Ruling.everywhere(stage, Answer.UNKNOWN_BY_CODE, side.because(f"its route table {side.subnet.table} is in no source"))
    text = "no route table is declared for it, and the VPC's main table has the local route only"
    return Ruling.everywhere(stage, Answer.BLOCKED, side.because(text))


def _judge(stage: str, network: Network, route: Route, ends: tuple[str | None, str | None]) -> Ruling:
    start, end = ends
    if route.kind is TargetKind.LOCAL:
        return Ruling.everywhere(stage, Answer.ADMITTED if start == end else Answer.BLOCKED, route.because)
    if route.kind is TargetKind.BLACKHOLE:
        return Ruling.everywhere(stage, Answer.BLOCKED, route.because)
    if route.kind is TargetKind.PEERING and start != end:
        return _peered(stage, network.peerings.get(route.target or ""), route, {start, end})
    if start != end and route.kind in (TargetKind.INTERNET, TargetKind.NAT, TargetKind.EGRESS_ONLY):
        return Ruling.everywhere(stage, Answer.BLOCKED, route.because)
    text = f"{route.because.detail}: more specific than the local route, and where it leads isn't modelled"
    return Ruling.everywhere(stage, Answer.UNKNOWN_BY_CODE, Because(route.because.resource, text, route.because.at))


def _peered(stage: str, peering: Peering | None, route: Route, ends: set[str | None]) -> Ruling:
    if peering is None:
        text = f"{route.because.detail}: that peering connection is in no source"
        return Ruling.everywhere(stage, Answer.UNKNOWN_BY_CODE, Because(route.because.resource, text, route.because.at))
    if set(peering.vpcs) != ends:
        return Ruling.everywhere(
            stage, Answer.BLOCKED, Because(route.because.resource, f"{route.because.detail}: it leads to another VPC", route.because.at)
        )
    if peering.doubt:
        return Ruling.everywhere(stage, Answer.UNKNOWN_BY_CODE, Because(peering.because.resource, peering.doubt, peering.because.at))
    return Ruling.everywhere(stage, Answer.ADMITTED, route.because)


def connected(network: Network, vpc: str) -> frozenset[str]:
    """The VPC itself and those that a peering connection joins to it."""
    joined = {end for peering in network.peerings.values() if vpc in peering.vpcs for end in peering.vpcs}
    return frozenset(joined | {vpc})
