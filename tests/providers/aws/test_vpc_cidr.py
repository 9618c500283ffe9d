"""A further range of a VPC."""

from iacdrift.providers.parts import VpcFact
from iacdrift.sources.resource import Action
from tests.providers.resources import LATER, code, nets, network, part, parts, plan, state

KIND = "aws_vpc_ipv4_cidr_block_association.more"


def test_a_further_range_is_a_fact_of_its_vpc():
    found = part(state(KIND, id="vpc-cidr-assoc-1", vpc_id="vpc-1", cidr_block="10.1.0.0/16"))
    assert found == VpcFact("vpc-1", network=nets("10.1.0.0/16")[0])


def test_an_ipv6_range():
    found = part(state("aws_vpc_ipv6_cidr_block_association.more", id="x", vpc_id="vpc-1", ipv6_cidr_block="2001:db8::/56"))
    assert found.network == nets("2001:db8::/56")[0]


def test_the_vpc_then_has_both():
    vpc = state("aws_vpc.main", id="vpc-1", cidr_block="10.0.0.0/16")
    more = state(KIND, id="vpc-cidr-assoc-1", vpc_id="vpc-1", cidr_block="10.1.0.0/16")
    assert network(vpc, more).vpcs["vpc-1"].networks == nets("10.0.0.0/16", "10.1.0.0/16")


def test_a_range_that_is_not_known_yet_is_the_recorded_one():
    assert part(code(KIND, {"vpc_id": "vpc-1", "cidr_block": LATER}, {"cidr_block": "10.1.0.0/16"})).network == nets("10.1.0.0/16")[0]


def test_a_range_that_the_plan_deletes_is_gone():
    assert parts(plan(KIND, {"vpc_id": "vpc-1", "cidr_block": "10.1.0.0/16"}, action=Action.DELETE)) == []
