"""Routes from the internet; the sentences of "Routes" and "What no room models"."""

import pytest

from tests.providers.resources import LATER, state
from tests.surface.networks import (
    ALL6,
    ANYWHERE,
    ELSEWHERE,
    IN_OFFICE,
    OFFICE,
    OUT,
    WEB,
    WEB6,
    WEB_PRIVATE,
    acl,
    asked,
    everything,
    gateway,
    group,
    machine,
    prefix_list,
    reasons,
    seen_from,
    subnet,
    table,
    vpc,
    way,
    web,
)

PLACE = [vpc(), subnet(), gateway(), acl("open", "a"), *web(everything(ANYWHERE, ALL6))]


def routed(*routes):
    return [*PLACE, *table("a", *routes, subnets="a")]


def out(destination=ANYWHERE):
    return way(destination, gateway_id="igw-main")


# -- an internet gateway ---------------------------------------------------------------------------------------------


def test_a_route_to_an_internet_gateway_admits_its_family():
    net = routed(out())
    assert (asked(net, WEB, 22), asked(net, WEB6, 22)) == ("allowed", "blocked")
    net = routed(out(ALL6))
    assert (asked(net, WEB, 22), asked(net, WEB6, 22)) == ("blocked", "allowed")


def test_without_a_route_nothing_comes_in():
    assert asked(routed(), WEB, 22) == "blocked"
    assert reasons(routed(), WEB, 22) == ["aws_route_table.a: no route leads to an internet gateway"]


def test_a_route_that_covers_the_known_vantage_only():
    net = routed(out(OFFICE))
    assert (asked(net, WEB, 22, IN_OFFICE), asked(net, WEB, 22, ELSEWHERE)) == ("allowed", "blocked")
    assert asked(net, WEB, 22) == "unknown by vantage"


def test_the_longest_prefix_wins():
    net = routed(out(), way(OFFICE, vpc_peering_connection_id="pcx-1"))
    assert (asked(net, WEB, 22, IN_OFFICE), asked(net, WEB, 22, ELSEWHERE)) == ("blocked", "allowed")
    assert asked(net, WEB, 22) == "unknown by vantage"


def test_a_blackhole_blocks():
    net = routed({**out(), "state": "blackhole"})
    assert asked(net, WEB, 22) == "blocked"
    assert "which is gone" in reasons(net, WEB, 22)[0]
    assert asked(routed(out(), {**out(OFFICE), "state": "blackhole"}), WEB, 22, IN_OFFICE) == "blocked"


@pytest.mark.parametrize("target", [{"nat_gateway_id": "nat-1"}, {"gateway_id": "nat-1"}, {"egress_only_gateway_id": "eigw-1"}])
def test_egress_only_and_nat_gateways_never_admit(target):
    net = routed(way(ANYWHERE, **target), way(ALL6, **target))
    assert (asked(net, WEB, 22), asked(net, WEB6, 22)) == ("blocked", "blocked")


def test_two_halves_are_a_default_route():
    assert asked(routed(out("0.0.0.0/1"), out("128.0.0.0/1")), WEB, 22) == "allowed"


def test_a_route_to_a_prefix_list():
    net = routed({"destination_prefix_list_id": "pl-office", "gateway_id": "igw-main"})
    assert asked([*net, prefix_list("office", OFFICE)], WEB, 22, IN_OFFICE) == "allowed"
    assert asked([*net, prefix_list("office", OFFICE)], WEB, 22, ELSEWHERE) == "blocked"
    assert asked(net, WEB, 22, IN_OFFICE) == "unknown by code"


# -- which table -----------------------------------------------------------------------------------------------------


def test_the_main_table_serves_a_subnet_without_an_association():
    main = state("aws_main_route_table_association.m", id="m", vpc_id="vpc-main", route_table_id="rtb-m")
    assert asked([*PLACE, *table("m", out()), main], WEB, 22) == "allowed"
    assert asked([*PLACE, *table("m"), main], WEB, 22) == "blocked"


def test_the_default_table_is_the_main_one():
    default = state("aws_default_route_table.m", id="rtb-m", vpc_id="vpc-main", route=[out()])
    assert asked([*PLACE, default], WEB, 22) == "allowed"


def test_a_main_table_association_wins_over_the_default_table():
    default = state("aws_default_route_table.d", id="rtb-d", vpc_id="vpc-main", route=[out()])
    main = state("aws_main_route_table_association.m", id="m", vpc_id="vpc-main", route_table_id="rtb-m")
    for order in ([default, *table("m"), main], [*table("m"), main, default]):
        assert asked([*PLACE, *order], WEB, 22) == "blocked"


def test_an_association_wins_over_the_main_table():
    default = state("aws_default_route_table.m", id="rtb-m", vpc_id="vpc-main", route=[out()])
    assert asked([*routed(), default], WEB, 22) == "blocked"


def test_awss_own_main_table_has_the_local_route_only():
    assert asked(PLACE, WEB, 22) == "blocked"
    assert "local route only" in reasons(PLACE, WEB, 22)[0]


def test_a_default_vpcs_main_table_has_an_internet_route():
    default = state("aws_default_vpc.d", id="vpc-main", cidr_block="10.0.0.0/16")
    assert asked([default, *PLACE[1:]], WEB, 22) == "allowed"


# -- a subnet that isn't in the code ---------------------------------------------------------------------------------

NOWHERE = [group("web", everything()), machine("web", WEB_PRIVATE, WEB, "web")]


def test_for_a_subnet_that_is_not_in_the_code_awss_defaults_are_assumed_and_reported():
    assert asked(NOWHERE, WEB, 22) == "allowed"
    texts = " ".join(a.text for a in seen_from("internet", NOWHERE).assumptions)
    assert "a route to the internet is taken for granted" in texts
    assert "a network ACL that admits everything is taken for granted" in texts


def test_strict_turns_it_into_unknown():
    assert asked(NOWHERE, WEB, 22, strict=True) == "unknown by code"


def test_strict_leaves_blocked_what_a_filter_blocks():
    closed = [group("web"), machine("web", WEB_PRIVATE, WEB, "web")]
    assert asked(closed, WEB, 22, strict=True) == "blocked"


def test_strict_leaves_alone_what_is_in_the_code():
    assert asked(routed(out()), WEB, 22, strict=True) == "allowed"


# -- what no room models ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "target",
    [
        {"vpc_endpoint_id": "vpce-1"},
        {"transit_gateway_id": "tgw-1"},
        {"gateway_id": "vgw-1"},
        {"network_interface_id": "eni-1"},
        {"gateway_id": LATER},
    ],
)
def test_a_route_whose_target_is_not_understood_makes_the_path_unknown(target):
    assert asked(routed(way(ANYWHERE, **target)), WEB, 22) == "unknown by code"


def test_a_more_specific_route_that_is_not_understood_concerns_its_own_destination():
    net = routed(out(), way(OFFICE, transit_gateway_id="tgw-1"))
    assert (asked(net, WEB, 22, IN_OFFICE), asked(net, WEB, 22, ELSEWHERE)) == ("unknown by code", "allowed")


def test_a_destination_that_is_not_known_makes_the_path_unknown():
    assert asked(routed(out(), {"cidr_block": LATER, "nat_gateway_id": "nat-1"}), WEB, 22) == "unknown by code"


def test_a_gateway_route_table_makes_every_path_from_the_internet_unknown():
    edge = state("aws_route_table_association.edge", id="e", gateway_id="igw-main", route_table_id="rtb-a")
    assert asked([*routed(out()), edge], WEB, 22) == "unknown by code"


def test_blocking_public_access_makes_every_path_from_the_internet_unknown():
    options = state("aws_vpc_block_public_access_options.o", id="o", internet_gateway_block_mode="block-bidirectional")
    assert asked([*routed(out()), options], WEB, 22) == "unknown by code"


def test_what_blocks_stays_blocked_on_an_unknown_path():
    closed = [r for r in routed(way(ANYWHERE, transit_gateway_id="tgw-1")) if r.address != "aws_security_group.web"]
    assert asked([*closed, group("web")], WEB, 22) == "blocked"


def test_routes_of_two_tables_are_apart():
    more = [subnet("b", "10.0.2.0/24", "2001:db8:0:2::/64"), *table("b", subnets="b"), acl("b", "b")]
    other = machine("private", "10.0.2.5", "198.51.100.9", "web", at="b")
    net = [*routed(*OUT), *more, other]
    assert (asked(net, WEB, 22), asked(net, "198.51.100.9", 22)) == ("allowed", "blocked")
