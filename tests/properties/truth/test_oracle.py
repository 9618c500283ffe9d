"""The judge itself: small networks whose answers were worked out by hand from aws-reachability.md."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from tests.needs import needs
from tests.properties.truth.bed import Bed
from tests.properties.truth.probes import Probe, answered
from tests.properties.truth.small import (
    LEAVE,
    OUT_FREELY,
    OUTSIDE,
    OUTSIDE6,
    PUBLIC,
    PUBLIC6,
    SSH,
    TO_WORLD,
    card,
    entry,
    group,
    network,
)
from tests.properties.truth.topology import (
    ANY4,
    ANY6,
    Acl,
    Direction,
    Group,
    Instance,
    Peering,
    PrefixList,
    Route,
    Rule,
    Subnet,
    Table,
    Topology,
    Vpc,
)
from tests.properties.truth.truth import Outcome, Standpoint, answers, standpoints

pytestmark = [pytest.mark.live, needs("namespaces"), needs("nft")]

HERE = Rule("tcp", 1000, 2000, cidrs=("203.0.113.0/24",), cidrs6=("2001:db8::/32",))


def passes(
    bed: Bed,
    topology: Topology,
    port: int,
    *,
    source: str = OUTSIDE,
    target: str = PUBLIC,
    protocol: str = "tcp",
    client: int = 50123,
    **strangers: str,
) -> bool:
    """Whether an answer comes back to this one packet."""
    laid = bed.lay(topology, strangers)
    vantage = laid.home.get(source, laid.world)
    return bool(answered(vantage, laid.home.values(), [Probe(source, target, protocol, port, client)], laid.stateful))


@pytest.mark.parametrize(
    ("rule", "port", "asked", "expected"),
    [
        (SSH, 22, {}, True),
        (SSH, 21, {}, False),
        (SSH, 23, {}, False),
        (SSH, 22, {"protocol": "udp"}, False),
        (SSH, 22, {"source": OUTSIDE6, "target": PUBLIC6}, True),
        (HERE, 999, {}, False),
        (HERE, 1000, {}, True),
        (HERE, 2000, {}, True),
        (HERE, 2001, {}, False),
        (HERE, 1500, {"source": "203.0.114.0"}, False),
        (HERE, 1500, {"source": OUTSIDE6, "target": PUBLIC6}, True),
        (HERE, 1500, {"source": "2a00::1", "target": PUBLIC6}, False),
        (Rule("17", 53, 53, cidrs=(ANY4,)), 53, {"protocol": "udp"}, True),
        (Rule("17", 53, 53, cidrs=(ANY4,)), 53, {}, False),
        (Rule("17", 53, 53, cidrs=(ANY4,)), 53, {"protocol": "udp", "source": OUTSIDE6, "target": PUBLIC6}, False),
        (Rule("tcp", 0, 0, cidrs=(ANY4,)), 0, {}, True),
        (Rule("tcp", 0, 0, cidrs=(ANY4,)), 1, {}, False),
        (Rule("udp", 0, 0, cidrs=(ANY4,)), 0, {"protocol": "udp"}, True),
        (Rule("-1", 0, 0, cidrs=(ANY4,)), 65535, {"protocol": "udp"}, True),
        (Rule("icmp", -1, -1, cidrs=(ANY4,)), 22, {}, False),
        (Rule("-1", 0, 0, groups=("g00",), itself=True), 22, {}, False),
    ],
)
def test_a_group_from_outside(bed: Bed, rule: Rule, port: int, asked: dict[str, Any], expected: bool) -> None:
    assert passes(bed, network(rule), port, **asked) is expected


@pytest.mark.parametrize(
    ("routes", "expected", "expected6"),
    [
        (TO_WORLD, True, True),
        ((), False, False),
        ((Route(ANY4, "nat"), Route(ANY6, "eigw")), False, False),
        ((Route(ANY4, "nat"), Route("203.0.113.0/24", "igw"), Route(ANY6, "eigw"), Route("2001:db8::/32", "igw")), True, True),
        ((Route(ANY4, "igw"), Route("203.0.113.0/24", "nat"), Route(ANY6, "igw"), Route("2001:db8::/32", "eigw")), False, False),
        ((Route("0.0.0.0/1", "igw"),), False, False),
        ((Route("128.0.0.0/1", "igw"), Route("2000::/3", "igw")), True, True),
    ],
)
def test_routes(bed: Bed, routes: tuple[Route, ...], expected: bool, expected6: bool) -> None:
    asked = network(SSH, routes=routes)
    assert passes(bed, asked, 22) is expected
    assert passes(bed, asked, 22, source=OUTSIDE6, target=PUBLIC6) is expected6


@pytest.mark.parametrize(
    ("acl", "client", "expected"),
    [
        (None, 1024, True),
        ((), 1024, False),
        ((entry(10, True), *OUT_FREELY), 1024, True),
        ((entry(10, True), entry(5, False, protocol="tcp", first=22, last=22), *OUT_FREELY), 1024, False),
        ((entry(5, True), entry(10, False, protocol="tcp", first=22, last=22), *OUT_FREELY), 1024, True),
        ((entry(5, False, protocol="17", first=22, last=22), entry(10, True), *OUT_FREELY), 1024, True),
        ((entry(5, False, "203.0.113.9/32"), entry(10, True), *OUT_FREELY), 1024, False),
        ((entry(5, False, "203.0.113.8/32"), entry(10, True), *OUT_FREELY), 1024, True),
        ((entry(10, True), entry(1, True, egress=True, protocol="6", first=1024, last=2000)), 2000, True),
        ((entry(10, True), entry(1, True, egress=True, protocol="6", first=1024, last=2000)), 2001, False),
        ((entry(10, True), entry(1, True, egress=True, protocol="17", first=1024, last=65535)), 2000, False),
        ((entry(10, True),), 2000, False),
        ((entry(10, True, ANY6), *OUT_FREELY), 2000, False),
    ],
)
def test_network_acls(bed: Bed, acl: tuple[Any, ...] | None, client: int, expected: bool) -> None:
    assert passes(bed, network(SSH, acl=acl), 22, client=client) is expected


def two_vpcs(there: Rule, *, back: bool = True, egress: Direction = LEAVE, peer_routes: bool = True) -> Topology:
    """Two peered VPCs, a machine in each; the second one's group has this rule."""
    out = (Route("10.2.0.0/16", "peer:p0"),) if peer_routes else ()
    return Topology(
        vpcs=(Vpc("v0", "10.1.0.0/16"), Vpc("v1", "10.2.0.0/16")),
        subnets=(Subnet("s00", "v0", "10.1.1.0/24", None, "t0"), Subnet("s10", "v1", "10.2.1.0/24", None, "t1")),
        tables=(Table("t0", "v0", out), Table("t1", "v1", (Route("10.1.0.0/16", "peer:p0"),) if back else ())),
        peerings=(Peering("p0", "v0", "v1"),),
        groups=(group(egress=egress), Group("g10", "v1", Direction((there,)), LEAVE)),
        instances=(Instance("i0", (card(),)), Instance("i1", (card("n1", "s10"),))),
    )


@pytest.mark.parametrize(
    ("topology", "expected"),
    [
        (two_vpcs(Rule("tcp", 22, 22, groups=("g00",))), True),
        (two_vpcs(Rule("tcp", 22, 22, cidrs=("10.1.1.10/32",))), True),
        (two_vpcs(Rule("tcp", 22, 22, cidrs=("10.1.1.11/32",))), False),
        (two_vpcs(Rule("tcp", 22, 22, groups=("g10",))), False),
        (two_vpcs(SSH, back=False), False),
        (two_vpcs(SSH, peer_routes=False), False),
        (two_vpcs(SSH, egress=Direction(())), False),
        (two_vpcs(SSH, egress=Direction((Rule("tcp", 22, 22, groups=("g10",)),))), True),
        (two_vpcs(SSH, egress=Direction((Rule("tcp", 22, 22, cidrs=("10.2.0.0/16",)),))), True),
        (two_vpcs(SSH, egress=Direction((Rule("udp", 22, 22, cidrs=(ANY4,)),))), False),
    ],
)
def test_peering_groups_as_sources_and_own_egress(bed: Bed, topology: Topology, expected: bool) -> None:
    assert passes(bed, topology, 22, source="10.1.1.10", target="10.2.1.10") is expected


def test_within_a_subnet_no_acl_is_asked_but_a_public_address_leaves_and_comes_back(bed: Bed) -> None:
    closed = (entry(1, False), entry(2, False, ANY6))
    asked = network(SSH, acl=closed)
    asked = evolve(asked, instances=(*asked.instances, Instance("i1", (card("n1", last=20, public=(("10.1.1.20", "52.95.110.20"),)),))))
    assert passes(bed, asked, 22, source="10.1.1.20", target="10.1.1.10")
    assert not passes(bed, asked, 22, source="10.1.1.20", target=PUBLIC)
    freely = evolve(asked, vpcs=(evolve(asked.vpcs[0], default_acl=None),))
    assert passes(bed, freely, 22, source="10.1.1.20", target=PUBLIC)


def test_a_member_is_no_member_when_it_comes_through_the_gateway(bed: Bed) -> None:
    asked = network(Rule("tcp", 22, 22, itself=True))
    asked = evolve(asked, instances=(*asked.instances, Instance("i1", (card("n1", last=20, public=(("10.1.1.20", "52.95.110.20"),)),))))
    assert passes(bed, asked, 22, source="10.1.1.20", target="10.1.1.10")
    assert not passes(bed, asked, 22, source="10.1.1.20", target=PUBLIC)


def test_peering_is_not_transitive(bed: Bed) -> None:
    vpcs = tuple(Vpc(f"v{n}", f"10.{n + 1}.0.0/16") for n in range(3))
    ways = {0: ("p0", "p0"), 1: ("p0", "p1"), 2: ("p1", "p1")}
    tables = tuple(
        Table(f"t{n}", f"v{n}", tuple(Route(f"10.{far + 1}.0.0/16", f"peer:{ways[n][far > n]}") for far in range(3) if far != n))
        for n in range(3)
    )
    asked = Topology(
        vpcs,
        tuple(Subnet(f"s{n}0", f"v{n}", f"10.{n + 1}.1.0/24", None, f"t{n}") for n in range(3)),
        tables,
        groups=tuple(Group(f"g{n}0", f"v{n}", Direction((SSH,)), LEAVE) for n in range(3)),
        peerings=(Peering("p0", "v0", "v1"), Peering("p1", "v1", "v2")),
        instances=tuple(Instance(f"i{n}", (card(f"n{n}", f"s{n}0"),)) for n in range(3)),
    )
    assert passes(bed, asked, 22, source="10.1.1.10", target="10.2.1.10")
    assert not passes(bed, asked, 22, source="10.1.1.10", target="10.3.1.10")


def test_a_stranger_is_in_no_group(bed: Bed) -> None:
    asked = network(Rule("tcp", 22, 22, itself=True), Rule("tcp", 23, 23, cidrs=("10.1.0.0/16",)))
    assert not passes(bed, asked, 22, source="10.1.1.250", target="10.1.1.10", s00="10.1.1.250")
    laid = bed.lay(asked, {"s00": "10.1.1.250"})
    assert answered(laid.strangers["s00"], laid.home.values(), [Probe("10.1.1.250", "10.1.1.10", "tcp", 23, 5000)])


def test_a_network_without_a_gateway_is_not_on_the_internet(bed: Bed) -> None:
    asked = network(SSH, routes=())
    asked = evolve(asked, vpcs=(evolve(asked.vpcs[0], igw=False),))
    assert not passes(bed, asked, 22)
    assert not passes(bed, asked, 22, source=OUTSIDE6, target=PUBLIC6)


def test_the_main_table_and_an_acl_serve_a_subnet_that_names_none_or_one(bed: Bed) -> None:
    asked = network(SSH)
    main = evolve(asked, subnets=(evolve(asked.subnets[0], table=None),), tables=(evolve(asked.tables[0], main="association"),))
    assert passes(bed, main, 22)
    acl = Acl("a00", "v0", (entry(1, False), *OUT_FREELY))
    assert not passes(bed, evolve(main, acls=(acl,), subnets=(evolve(main.subnets[0], acl="a00"),)), 22)


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ((Rule("tcp", 22, 22, cidrs=(ANY4,)),), Outcome.YES),
        ((Rule("tcp", 22, 22, cidrs=("0.0.0.0/1", "128.0.0.0/1")),), Outcome.YES),
        ((Rule("tcp", 22, 22, cidrs=("0.0.0.0/1",)), Rule("-1", 0, 0, cidrs=("128.0.0.0/1",))), Outcome.YES),
        ((Rule("tcp", 22, 22, cidrs=("0.0.0.0/1",)),), Outcome.DEPENDS),
        ((Rule("tcp", 22, 22, cidrs=("198.51.100.7/32",)),), Outcome.DEPENDS),
        ((Rule("tcp", 22, 22, cidrs=("10.0.0.0/8",)),), Outcome.NO),
        ((Rule("tcp", 22, 22, lists=("l0",)),), Outcome.YES),
        ((Rule("tcp", 22, 22, itself=True),), Outcome.NO),
        ((Rule("tcp", 22, 22, cidrs6=(ANY6,)),), Outcome.NO),
    ],
)
def test_the_internet_is_everybody_on_it(bed: Bed, rules: tuple[Rule, ...], expected: Outcome) -> None:
    asked = network(*rules, lists=(PrefixList("l0", 4, ("0.0.0.0/1", "128.0.0.0/1")),))
    found = {(q.target, q.protocol, q.port): o for q, o in answers(bed, asked).items() if q.standpoint == Standpoint("internet")}
    assert found[PUBLIC, "tcp", 22] is expected


def test_a_part_of_the_clients_ports_depends(bed: Bed) -> None:
    asked = network(SSH, acl=(entry(1, True), entry(1, True, egress=True, protocol="tcp", first=1024, last=60999)))
    found = {
        o for q, o in answers(bed, asked).items() if (q.standpoint.kind, q.target, q.protocol, q.port) == ("outside", PUBLIC, "tcp", 22)
    }
    assert found == {Outcome.DEPENDS}


def test_every_kind_of_standpoint_is_asked_from(bed: Bed) -> None:
    assert {place.kind for place in standpoints(network(SSH))} == {"internet", "outside", "interface", "stranger"}


def over_the_internet(*routes: Route, igw: bool = True, answers_over: str = "igw") -> Topology:
    """Two VPCs with a peering for IPv4 alone; the first one's table has these routes."""
    asked = two_vpcs(SSH)
    vpcs = (evolve(asked.vpcs[0], cidr6="2600:1f00:1::/56", igw=igw, eigw=True), evolve(asked.vpcs[1], cidr6="2600:1f00:2::/56"))
    subnets = tuple(evolve(s, cidr6=f"2600:1f00:{n}:1::/64") for n, s in enumerate(asked.subnets, 1))
    tables = (
        Table("t0", "v0", routes),
        Table("t1", "v1", (Route(ANY6, "igw"), *((Route("2600:1f00:1::/56", answers_over),) if answers_over != "igw" else ()))),
    )
    instances = (Instance("i0", (card(ipv6=(PUBLIC6,)),)), Instance("i1", (card("n1", "s10", ipv6=("2600:1f00:2:1::b",)),)))
    return evolve(asked, vpcs=vpcs, subnets=subnets, tables=tables, instances=instances)


@pytest.mark.parametrize(
    ("topology", "expected"),
    [
        (over_the_internet(Route(ANY6, "igw")), True),
        (over_the_internet(Route(ANY6, "eigw")), True),
        (over_the_internet(Route(ANY6, "eigw"), igw=False), True),
        (over_the_internet(), False),
        (over_the_internet(Route("2001:db8::/32", "igw")), False),
        (over_the_internet(Route(ANY6, "igw"), answers_over="peer:p0"), False),
        (over_the_internet(Route(ANY6, "igw"), Route("2600:1f00:2::/56", "peer:p0")), False),
        (over_the_internet(Route(ANY6, "igw"), Route("2600:1f00:2::/56", "peer:p0"), answers_over="peer:p0"), True),
    ],
)
def test_ipv6_leaves_and_comes_in_with_its_own_address_and_answers_go_back_the_same_way(
    bed: Bed, topology: Topology, expected: bool
) -> None:
    assert passes(bed, topology, 22, source=PUBLIC6, target="2600:1f00:2:1::b") is expected


def test_nothing_new_comes_in_through_an_egress_only_gateway(bed: Bed) -> None:
    asked = network(SSH, routes=(Route(ANY6, "eigw"),))
    assert not passes(bed, asked, 22, source=OUTSIDE6, target=PUBLIC6)
    alone = evolve(asked, vpcs=(evolve(asked.vpcs[0], igw=False),))
    assert not passes(bed, alone, 22, source=OUTSIDE6, target=PUBLIC6)
    assert not passes(bed, alone, 22, source=OUTSIDE6, target=PUBLIC6, protocol="udp")
