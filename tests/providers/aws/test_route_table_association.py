"""Which table serves a subnet, a VPC, or a gateway."""

from iacdrift.providers.parts import EdgeTable, Note, SubnetTable, VpcFact
from iacdrift.sources.resource import Action
from tests.providers.resources import LATER, code, network, part, parts, plan, ref, state

KIND = "aws_route_table_association.a"
LINK = {"route_table_id": "rtb-1", "subnet_id": "subnet-a"}
SUBNET = state("aws_subnet.a", id="subnet-a", vpc_id="vpc-1", cidr_block="10.0.1.0/24")
VPC = state("aws_vpc.main", id="vpc-1", cidr_block="10.0.0.0/16")


def test_a_subnets_table():
    assert part(state(KIND, id="rtbassoc-1", **LINK)) == SubnetTable("subnet-a", "rtb-1")
    assert network(SUBNET, state(KIND, id="rtbassoc-1", **LINK)).subnets["subnet-a"].table == "rtb-1"


def test_the_main_table_of_a_vpc():
    main = state("aws_main_route_table_association.main", id="rtbassoc-2", vpc_id="vpc-1", route_table_id="rtb-1")
    assert part(main) == VpcFact("vpc-1", main_table="rtb-1", firm=True)
    assert network(VPC, main).vpcs["vpc-1"].main_table == "rtb-1"


def test_a_gateways_table_is_not_modelled_and_puts_its_vpc_in_doubt():
    gateway = state("aws_internet_gateway.main", id="igw-1", vpc_id="vpc-1")
    edge = state(KIND, id="rtbassoc-3", route_table_id="rtb-1", gateway_id="igw-1")
    assert isinstance(part(edge, gateway), EdgeTable)
    assert "gateway route table" in network(VPC, gateway, edge).vpcs["vpc-1"].edge_doubt


def test_one_that_the_plan_deletes_is_gone():
    assert parts(plan(KIND, LINK, action=Action.DELETE)) == []


def test_a_table_that_is_not_known_is_a_doubt_of_the_subnet():
    assert network(SUBNET, code(KIND, {**LINK, "route_table_id": LATER})).subnets["subnet-a"].table_doubt


def test_two_tables_of_one_subnet_are_a_doubt():
    other = state("aws_route_table_association.b", id="rtbassoc-9", route_table_id="rtb-2", subnet_id="subnet-a")
    assert network(SUBNET, state(KIND, id="rtbassoc-1", **LINK), other).subnets["subnet-a"].table_doubt


def test_a_subnet_that_is_not_known_is_said():
    assert part(code(KIND, {**LINK, "subnet_id": LATER}), kind=Note)


def test_a_subnet_that_is_not_known_may_be_each_without_an_association_of_its_own():
    other = state("aws_subnet.b", id="subnet-b", vpc_id="vpc-1", cidr_block="10.0.2.0/24")
    own = state("aws_route_table_association.own", id="rtbassoc-1", **LINK)
    found = network(SUBNET, other, own, code("aws_route_table_association.late", {**LINK, "subnet_id": LATER})).subnets
    assert (found["subnet-a"].table, found["subnet-a"].table_doubt) == ("rtb-1", None)
    assert "may be this one" in found["subnet-b"].table_doubt


def test_a_subnet_that_no_source_holds_is_none_of_the_others():
    assert not network(SUBNET, code(KIND, {**LINK, "subnet_id": ref("aws_subnet.elsewhere.id")})).subnets["subnet-a"].table_doubt


def test_a_main_table_that_is_not_known_puts_subnets_without_their_own_in_doubt():
    main, other = "aws_main_route_table_association.main", state("aws_subnet.b", id="subnet-b", vpc_id="vpc-1", cidr_block="10.0.2.0/24")
    for declared in ({"vpc_id": "vpc-1", "route_table_id": LATER}, {"vpc_id": LATER, "route_table_id": "rtb-1"}):
        found = network(VPC, SUBNET, other, state(KIND, id="rtbassoc-1", **LINK), code(main, declared)).subnets
        assert (found["subnet-a"].table_doubt, "main route table" in found["subnet-b"].table_doubt) == (None, True)
