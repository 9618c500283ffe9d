"""Route tables with inline routes: targets as states write them, the mirror rule, the main table."""

import pytest

from iacdrift.model.filters import ListPeer, UnknownPeer
from iacdrift.model.network import RouteTable, TargetKind
from iacdrift.providers.parts import SubnetTable, VpcFact
from iacdrift.sources.resource import Sensitive
from tests.providers.resources import LATER, code, nets, network, part, parts, plan, ref, state

KIND = "aws_route_table.public"
OUT = {"cidr_block": "0.0.0.0/0", "gateway_id": "igw-1"}


def table(*others, **attributes):
    return part(state(KIND, id="rtb-1", vpc_id="vpc-1", **attributes), *others, kind=RouteTable)


def kind_of(*others, **route):
    (found,) = table(*others, route=[{"cidr_block": "0.0.0.0/0", **route}]).routes
    return found.kind


@pytest.mark.parametrize(
    ("route", "kind"),
    [
        ({"gateway_id": "igw-1"}, TargetKind.INTERNET),
        ({"gateway_id": "local"}, TargetKind.LOCAL),
        ({"nat_gateway_id": "nat-1"}, TargetKind.NAT),
        ({"egress_only_gateway_id": "eigw-1"}, TargetKind.EGRESS_ONLY),
        ({"vpc_peering_connection_id": "pcx-1"}, TargetKind.PEERING),
        ({"gateway_id": "vgw-1"}, TargetKind.UNKNOWN),
        ({"gateway_id": "vpce-1"}, TargetKind.UNKNOWN),
        ({"transit_gateway_id": "tgw-1"}, TargetKind.UNKNOWN),
        ({"vpc_endpoint_id": "vpce-1"}, TargetKind.UNKNOWN),
        ({"network_interface_id": "eni-1"}, TargetKind.UNKNOWN),
        ({}, TargetKind.UNKNOWN),
    ],
)
def test_where_a_route_leads(route, kind):
    assert kind_of(**route) is kind


def test_a_gateway_id_can_hold_a_nat_gateway():
    assert kind_of(gateway_id="nat-0a1") is TargetKind.NAT


def test_a_gateway_is_known_by_its_resource_whatever_its_id_looks_like():
    gateway = state("aws_internet_gateway.main", id="gw-emulated", vpc_id="vpc-1")
    assert kind_of(gateway, gateway_id="gw-emulated") is TargetKind.INTERNET


def test_a_gateway_without_an_id_yet():
    gateway = plan("aws_internet_gateway.main", {})
    found = part(plan(KIND, {"route": [{**OUT, "gateway_id": ref("aws_internet_gateway.main.id")}]}), gateway)
    assert found.routes[0].kind is TargetKind.INTERNET


def test_a_gateway_that_is_not_known_is_not_understood():
    assert kind_of(gateway_id=LATER) is TargetKind.UNKNOWN


def test_a_route_whose_target_is_gone_is_a_blackhole():
    assert kind_of(gateway_id="igw-1", state="blackhole") is TargetKind.BLACKHOLE


def test_both_families_and_prefix_lists():
    found = table(
        route=[OUT, {"ipv6_cidr_block": "::/0", "gateway_id": "igw-1"}, {"destination_prefix_list_id": "pl-1", "gateway_id": "igw-1"}]
    )
    assert [route.destination for route in found.routes] == [*nets("0.0.0.0/0", "::/0"), ListPeer("pl-1")]


@pytest.mark.parametrize(
    "route", [{"cidr_block": LATER, "gateway_id": "igw-1"}, {"destination_prefix_list_id": LATER, "gateway_id": "igw-1"}]
)
def test_a_destination_that_is_not_known(route):
    assert isinstance(table(route=[route]).routes[0].destination, UnknownPeer)


def test_routes_come_from_what_is_declared_not_from_what_a_refresh_recorded():
    found = part(code(KIND, {"route": [OUT]}, {"id": "rtb-1", "route": [{**OUT, "cidr_block": "10.9.0.0/16"}]}))
    assert [route.destination for route in found.routes] == list(nets("0.0.0.0/0"))


def test_in_code_routes_that_are_not_set_mirror_the_cloud():
    found = part(code(KIND, {"vpc_id": "vpc-1"}, {"id": "rtb-1", "route": [OUT]}))
    assert (found.routes, found.doubt) == ((), None)


def test_in_a_plan_routes_that_are_not_set_but_recorded_may_come_from_dynamic_blocks():
    assert "give --code DIR" in part(plan(KIND, {}, {"id": "rtb-1", "route": [OUT]})).doubt


def test_in_a_state_route_resources_alone_declare_the_routes():
    route = state("aws_route.out", id="r-1", route_table_id="rtb-1", destination_cidr_block="0.0.0.0/0", gateway_id="igw-1")
    assert table(route, route=[OUT, {**OUT, "cidr_block": "10.9.0.0/16"}]).routes == ()


def test_routes_that_are_not_known_are_a_doubt():
    assert part(code(KIND, {"route": LATER})).doubt


def test_the_default_table_is_its_vpcs_main_table():
    assert part(state("aws_default_route_table.main", id="rtb-m", vpc_id="vpc-1"), kind=VpcFact) == VpcFact("vpc-1", main_table="rtb-m")


def test_the_default_table_of_a_vpc_without_an_id_yet():
    vpc = plan("aws_vpc.main", {"cidr_block": "10.0.0.0/16"})
    default = plan("aws_default_route_table.main", {"default_route_table_id": ref("aws_vpc.main.default_route_table_id"), "route": [OUT]})
    assert part(default, vpc, kind=VpcFact).vpc == "aws_vpc.main@code"


def test_a_data_source_with_recorded_routes_and_associations():
    found = parts(
        state(
            "data.aws_route_table.a",
            id="rtb-9",
            vpc_id="vpc-1",
            routes=[OUT],
            associations=[{"subnet_id": "subnet-a", "route_table_id": "rtb-9"}],
        )
    )
    assert [item.routes[0].kind for item in found if isinstance(item, RouteTable)] == [TargetKind.INTERNET]
    assert [item for item in found if isinstance(item, SubnetTable)] == [SubnetTable("subnet-a", "rtb-9")]


def test_a_sensitive_destination_is_never_printed():
    (route,) = part(code(KIND, {"route": Sensitive([{**OUT, "cidr_block": "203.0.113.66/32"}])})).routes
    assert route.destination == nets("203.0.113.66/32")[0]
    assert "203.0.113" not in route.because.detail


def test_two_states_with_the_same_names_keep_their_tables():
    two = (state(KIND, source="a", id="rtb-a", route=[OUT]), state(KIND, source="b", id="rtb-b", route=[]))
    found = network(*two).tables
    assert (len(found["rtb-a"].routes), len(found["rtb-b"].routes)) == (1, 0)
