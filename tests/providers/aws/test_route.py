"""`aws_route`: one route of a table."""

from iacdrift.model.network import TargetKind
from iacdrift.providers.parts import Note
from iacdrift.sources.resource import Action
from tests.providers.resources import LATER, code, nets, network, part, parts, plan, state

KIND = "aws_route.out"
OUT = {"route_table_id": "rtb-1", "destination_cidr_block": "0.0.0.0/0", "gateway_id": "igw-1"}


def test_a_route():
    found = part(state(KIND, id="r-1", **OUT))
    assert (found.table, found.route.kind, found.route.destination) == ("rtb-1", TargetKind.INTERNET, nets("0.0.0.0/0")[0])
    assert found.route.because.detail == "0.0.0.0/0 to igw-1"


def test_an_ipv6_route():
    found = part(state(KIND, id="r-1", route_table_id="rtb-1", destination_ipv6_cidr_block="::/0", egress_only_gateway_id="eigw-1"))
    assert (found.route.kind, found.route.destination) == (TargetKind.EGRESS_ONLY, nets("::/0")[0])


def test_where_it_leads_is_declared_and_that_its_target_is_gone_is_recorded():
    assert part(code(KIND, OUT, {**OUT, "gateway_id": "nat-1"})).route.kind is TargetKind.INTERNET
    assert part(code(KIND, OUT, {**OUT, "state": "blackhole"})).route.kind is TargetKind.BLACKHOLE


def test_a_route_that_the_plan_deletes_is_gone():
    assert parts(plan(KIND, OUT, action=Action.DELETE)) == []


def test_a_route_of_no_known_table_is_said():
    assert isinstance(part(code(KIND, {**OUT, "route_table_id": LATER})), Note)


def test_it_joins_its_table():
    found = network(state("aws_route_table.main", id="rtb-1", vpc_id="vpc-1"), state(KIND, id="r-1", **OUT)).tables["rtb-1"]
    assert [route.kind for route in found.routes] == [TargetKind.INTERNET]
