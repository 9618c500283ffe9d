"""From inside: the sentences of "From inside", local and more specific routes, peering."""

import pytest

from iacdrift.errors import UsageError
from tests.providers.resources import code, state
from tests.surface.networks import (
    ALL6,
    ANYWHERE,
    WEB,
    WEB6,
    WEB_PRIVATE,
    acl,
    asked,
    everything,
    gateway,
    group,
    hidden,
    machine,
    reasons,
    seen_from,
    subnet,
    table,
    tcp,
    two_subnets,
    vpc,
    way,
)

ALL = group("all", everything(ANYWHERE, ALL6))
WEB_HERE = machine("web", WEB_PRIVATE, WEB, "all", ipv6=[WEB6])
CLIENT = machine("client", "10.0.2.5", "198.51.100.9", "all", at="b", ipv6=["2001:db8:0:2::5"])
FROM = "aws_instance.client"


def net(*more):
    """`web` in subnet a, `client` in subnet b, both behind a group that admits everything."""
    return [*two_subnets(), ALL, WEB_HERE, CLIENT, *more]


def unrouted(*more):
    """The same two subnets, their route tables as given."""
    subnets = [subnet(), subnet("b", "10.0.2.0/24", "2001:db8:0:2::/64")]
    return [vpc(), *subnets, gateway(), acl("open", "a", "b"), ALL, WEB_HERE, CLIENT, *more]


# -- where one stands ------------------------------------------------------------------------------------------------


def test_an_address_in_a_declared_vpcs_range_stands_inside_it():
    found = seen_from("10.0.2.5", net())
    assert (found.vantage.network, found.vantage.to_dict()["ipv4"]) == ("aws_vpc.main", "10.0.2.5")


def test_on_the_interface_that_owns_it():
    locked = [
        group("web", tcp(443, "sg-lb")),
        group("lb"),
        machine("web", WEB_PRIVATE, WEB, "web"),
        machine("lb", "10.0.2.9", None, "lb", at="b"),
    ]
    assert asked([*two_subnets(), *locked], WEB_PRIVATE, 443, "10.0.2.9") == "allowed"


def test_an_address_outside_every_declared_network_stands_on_the_internet():
    assert seen_from("203.0.113.9", net()).vantage.network is None
    assert asked(net(), WEB, 22, "10.9.9.9") == "allowed"  # private, but of nobody that the code knows


def test_a_resource_is_a_place_to_stand():
    assert asked(net(), WEB_PRIVATE, 22, FROM) == "allowed"
    assert seen_from(FROM, net()).vantage.network == "aws_vpc.main"


def test_two_vpcs_with_one_range_are_ambiguous_and_a_resource_address_is_asked_for():
    twin = [vpc("twin", "10.0.0.0/16", None), subnet("t", "10.0.1.0/24", None, of="twin"), machine("t", "10.0.1.5", None, "all", at="t")]
    with pytest.raises(UsageError, match=r"several networks \(aws_vpc.main, aws_vpc.twin\): name the resource"):
        seen_from("10.0.2.5", net(*twin))
    assert seen_from(FROM, net(*twin)).vantage.network == "aws_vpc.main"


def test_a_resource_vantage_with_several_interfaces_asks_for_the_interface():
    second = state(
        "aws_network_interface.second", id="eni-2", subnet_id="subnet-a", private_ips=["10.0.1.77"], attachment=[{"instance": "i-client"}]
    )
    with pytest.raises(UsageError, match=r"several interfaces: name one of"):
        seen_from(FROM, net(second))
    assert seen_from("aws_network_interface.second", net(second)).vantage.network == "aws_vpc.main"


def test_a_resource_that_has_no_interface_is_refused():
    with pytest.raises(UsageError, match="no interface in the sources belongs to it"):
        seen_from("aws_instance.nobody", net())


def test_a_resource_whose_subnet_is_in_no_source_is_refused():
    with pytest.raises(UsageError, match="where it stands can't be told"):
        seen_from("aws_instance.lost", net(machine("lost", "10.0.9.5", None, "all", at="gone")))


@pytest.mark.parametrize("text", [["10.0.0.1", "10.0.0.2"], ["internet", "10.0.0.1"], ["10.0.0.1", "::1", "::2"], ["--script=x"], [""]])
def test_what_is_no_vantage_is_refused(text):
    with pytest.raises(UsageError, match="--vantage"):
        seen_from(text, net())


# -- within one VPC --------------------------------------------------------------------------------------------------


def test_inside_one_vpc_the_local_route_connects():
    bare = unrouted(*table("none", subnets="ab"))
    assert (asked(bare, WEB_PRIVATE, 22, FROM), asked(bare, WEB6, 22, FROM)) == ("allowed", "allowed")


def test_also_without_any_declared_table():
    assert asked(unrouted(), WEB_PRIVATE, 22, FROM) == "allowed"


@pytest.mark.parametrize("target", [{"vpc_endpoint_id": "vpce-1"}, {"network_interface_id": "eni-1"}])
def test_a_more_specific_route_to_something_else_that_covers_the_target_is_unknown(target):
    there = unrouted(*table("b", way("10.0.1.0/24", **target), subnets="b"), *table("a", subnets="a"))
    assert asked(there, WEB_PRIVATE, 22, FROM) == "unknown by code"
    back = unrouted(*table("a", way("10.0.2.0/24", **target), subnets="a"), *table("b", subnets="b"))
    assert asked(back, WEB_PRIVATE, 22, FROM) == "unknown by code"


def test_a_more_specific_route_beside_the_target_is_harmless():
    beside = unrouted(*table("b", way("10.0.7.0/24", vpc_endpoint_id="vpce-1"), subnets="b"), *table("a", subnets="a"))
    assert asked(beside, WEB_PRIVATE, 22, FROM) == "allowed"


def test_a_default_route_somewhere_else_does_not_take_local_traffic():
    other = unrouted(*table("ab", way(ANYWHERE, transit_gateway_id="tgw-1"), subnets="ab"))
    assert asked(other, WEB_PRIVATE, 22, FROM) == "allowed"


def test_a_source_address_inside_counts_for_rules_with_ranges():
    locked = [*two_subnets(), group("web", tcp(22, "10.0.2.0/24")), machine("web", WEB_PRIVATE, WEB, "web"), ALL, CLIENT]
    assert asked(locked, WEB_PRIVATE, 22, FROM) == "allowed"
    assert asked(locked, WEB_PRIVATE, 22, "10.0.1.99") == "blocked"


# -- peered VPCs -----------------------------------------------------------------------------------------------------

OTHER = [
    vpc("other", "10.5.0.0/16", None),
    subnet("o", "10.5.1.0/24", None, of="other"),
    acl("o", "o", vpc="other"),
    machine("api", "10.5.1.7", None, "api", at="o"),
]
PCX = state("aws_vpc_peering_connection.p", id="pcx-1", vpc_id="vpc-main", peer_vpc_id="vpc-other", accept_status="active")


def peered(*, there="10.5.0.0/16", back="10.0.0.0/16", link=PCX, rule=None):
    pcx = {"vpc_peering_connection_id": "pcx-1"}
    routes = [
        *table("ab", *([way(there, **pcx)] if there else []), subnets="ab"),
        *table("o", *([way(back, **pcx)] if back else []), subnets="o", of="other"),
    ]
    links = [link] if link else []
    return [*unrouted(), *OTHER, *routes, *links, group("api", rule or everything(), vpc="other")]


def api(resources, port=443):
    return asked(resources, "10.5.1.7", port, FROM)


def test_across_a_peering_with_routes_on_both_sides():
    assert api(peered()) == "allowed"


def test_without_a_route_on_one_side_it_is_blocked():
    assert api(peered(there=None)) == "blocked"
    assert api(peered(back=None)) == "blocked"
    assert api(peered(back="10.0.1.0/24")) == "blocked"


def test_routes_to_the_others_subnet_are_enough():
    assert api(peered(there="10.5.1.0/24", back="10.0.2.0/24")) == "allowed"


def test_without_a_connection_it_is_not_in_view():
    assert "isn't connected" in hidden(peered(link=None), "10.5.1.7", FROM)


def test_a_connection_that_nobody_accepted_is_unknown():
    waiting = state(
        "aws_vpc_peering_connection.p", id="pcx-1", vpc_id="vpc-main", peer_vpc_id="vpc-other", accept_status="pending-acceptance"
    )
    assert api(peered(link=waiting)) == "unknown by code"


def test_both_routes_go_through_the_same_connection():
    second = state("aws_vpc_peering_connection.q", id="pcx-2", vpc_id="vpc-main", peer_vpc_id="vpc-third", accept_status="active")
    wrong = [r for r in peered() if r.address != "aws_route_table.ab"]
    astray = table("ab", way("10.5.0.0/16", vpc_peering_connection_id="pcx-2"))
    assert api([*wrong, *astray, second]) == "blocked"


def test_a_group_of_a_peered_vpc_is_a_source():
    assert api(peered(rule=tcp(443, "sg-all"))) == "allowed"
    assert api(peered(rule=tcp(443, "sg-other"))) == "blocked"


def test_a_vpc_peered_with_the_peer_is_not_connected():
    third = [
        vpc("third", "10.6.0.0/16", None),
        subnet("t", "10.6.1.0/24", None, of="third"),
        machine("far", "10.6.1.7", None, "all", at="t"),
        state("aws_vpc_peering_connection.q", id="pcx-2", vpc_id="vpc-other", peer_vpc_id="vpc-third", accept_status="active"),
    ]
    assert "isn't connected" in hidden([*peered(), *third], "10.6.1.7", FROM)


def test_a_transit_gateway_in_between_is_unknown_until_modelled():
    through = [r for r in peered() if r.address != "aws_route_table.ab"]
    assert api([*through, *table("ab", way("10.5.0.0/16", transit_gateway_id="tgw-1"))]) == "unknown by code"


# -- names and unmodelled things -------------------------------------------------------------------------------------


def test_a_target_whose_subnet_is_in_no_source_is_unknown_where_its_address_may_lie_in_the_vantages_network():
    lost = machine("lost", "10.0.9.5", None, "all", at="gone")
    assert asked(net(lost), "10.0.9.5", 22, FROM) == "unknown by code"


def test_a_target_whose_subnet_is_in_no_source_is_not_in_view_where_its_address_cannot():
    lost = machine("lost", "10.77.9.5", None, "all", at="gone")
    assert "isn't connected" in hidden(net(lost), "10.77.9.5", FROM)


def test_a_vantage_in_no_declared_subnet_assumes_the_local_route_and_an_open_acl():
    assert asked(net(), WEB_PRIVATE, 22, "10.0.9.9") == "allowed"
    assert asked(net(), WEB_PRIVATE, 22, "10.0.9.9", strict=True) == "unknown by code"
    assert seen_from("10.0.9.9", net()).assumptions


def test_a_vpc_whose_range_is_only_recorded_is_a_place_to_stand_too():
    generated = code("aws_vpc.main", {}, {"id": "vpc-main", "cidr_block": "10.0.0.0/16"})
    assert seen_from("10.0.2.5", [generated, *net()[1:]]).vantage.network == "aws_vpc.main"


# -- IPv6 keeps its address ------------------------------------------------------------------------------------------


def test_ipv6_inside_is_seen_by_the_vantages_own_address():
    locked = [*two_subnets(), group("web", tcp(22, "2001:db8:0:2::/64")), machine("web", WEB_PRIVATE, WEB, "web", ipv6=[WEB6]), ALL, CLIENT]
    assert asked(locked, WEB6, 22, FROM) == "allowed"
    assert asked(locked, WEB6, 22, ("203.0.113.9", "2001:db8:ffff::1")) == "blocked"


def test_a_resource_vantage_without_ipv6_sees_no_ipv6_host():
    bare = [*two_subnets(), ALL, WEB_HERE, machine("client", "10.0.2.5", None, "all", at="b")]
    assert "has no IPv6 address" in hidden(bare, WEB6, FROM)


def test_the_way_names_the_rule_that_admits():
    assert reasons(net(), WEB_PRIVATE, 22, FROM) == [f"aws_security_group.all: every protocol and port from {ANYWHERE}, {ALL6}"]
