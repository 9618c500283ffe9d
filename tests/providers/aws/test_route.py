"""`aws_route`: one route of a table."""

from iacdrift.model.network import TargetKind
from iacdrift.providers.parts import Note
from iacdrift.sources.resource import Action, Unknown
from iacdrift.surface.expect import expect
from iacdrift.surface.vantage import Vantage
from tests.providers.resources import LATER, code, nets, network, part, parts, plan, ref, state

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
    assert part(code(KIND, {**OUT, "route_table_id": LATER}), kind=Note)


VPC = state("aws_vpc.main", id="vpc-1", cidr_block="10.0.0.0/16")
TABLES = [state(f"aws_route_table.{name}", id=f"rtb-{name}", vpc_id="vpc-1") for name in ("a", "b")]


def _hosts(*more, table="rtb-a", vantage="internet"):
    """What is expected of port 443 of a machine in a subnet with this table (None: the VPC's main one)."""
    subnet = state("aws_subnet.a", id="subnet-a", vpc_id="vpc-1", cidr_block="10.0.1.0/24")
    link = [state("aws_route_table_association.a", id="assoc-1", subnet_id="subnet-a", route_table_id=table)] if table else []
    rule = {"protocol": "tcp", "from_port": 443, "to_port": 443, "cidr_blocks": ["0.0.0.0/0"]}
    group = state(
        "aws_security_group.web", id="sg-1", vpc_id="vpc-1", ingress=[rule], egress=[{"protocol": "-1", "from_port": 0, "to_port": 0}]
    )
    web = state(
        "aws_instance.web", id="i-1", subnet_id="subnet-a", private_ip="10.0.1.5", public_ip="198.51.100.7", vpc_security_group_ids=["sg-1"]
    )
    return expect(network(VPC, *TABLES, subnet, *link, group, web, *more), Vantage.parse(vantage)).hosts[0]


def test_a_route_of_no_known_table_may_be_in_each():
    lost = _hosts()
    assert not lost.tcp.unknown
    for unknown in (LATER, Unknown("known after apply", ("aws_route_table.a.id",))):
        found = _hosts(code(KIND, {**OUT, "route_table_id": unknown}))
        assert 443 in found.tcp.unknown_by_code
        assert any("isn't known" in because.detail for because in found.explains.because("tcp", 443))


def test_a_route_that_names_its_table_is_in_no_other():
    other = Unknown("known after apply", ("aws_route_table.b.id",))
    assert not _hosts(code(KIND, {**OUT, "route_table_id": other})).tcp.unknown
    assert not _hosts(code(KIND, {**OUT, "route_table_id": ref("aws_route_table.elsewhere.id")})).tcp.unknown


def test_a_route_of_a_main_table_that_is_not_known_leaves_its_vpc_in_doubt():
    main = code(KIND, {**OUT, "route_table_id": ref("aws_vpc.main.main_route_table_id")})
    assert not _hosts(table=None).tcp.unknown
    assert 443 in _hosts(main, table=None).tcp.unknown_by_code


def test_a_route_to_a_gateway_that_is_not_known_is_unknown():
    assert 443 in _hosts(code(KIND, {**OUT, "route_table_id": "rtb-a", "gateway_id": LATER})).tcp.unknown_by_code
    assert (
        443 in _hosts(code(KIND, {"route_table_id": "rtb-a", "destination_cidr_block": LATER, "gateway_id": "igw-1"})).tcp.unknown_by_code
    )


def test_it_joins_its_table():
    found = network(state("aws_route_table.main", id="rtb-1", vpc_id="vpc-1"), state(KIND, id="r-1", **OUT)).tables["rtb-1"]
    assert [route.kind for route in found.routes] == [TargetKind.INTERNET]
