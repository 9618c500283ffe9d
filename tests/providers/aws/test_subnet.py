"""`aws_subnet`, `aws_default_subnet` and the data source."""

import pytest

from tests.providers.resources import LATER, code, nets, part, plan, ref, state


def test_a_subnet_of_a_vpc():
    found = part(state("aws_subnet.a", id="subnet-a", vpc_id="vpc-1", cidr_block="10.0.1.0/24", ipv6_cidr_block="2001:db8::/64"))
    assert (found.key, found.vpc, found.networks) == ("subnet-a", "vpc-1", nets("10.0.1.0/24", "2001:db8::/64"))


@pytest.mark.parametrize("empty", ["", None])
def test_without_ipv6(empty):
    found = part(state("aws_subnet.a", id="subnet-a", vpc_id="vpc-1", cidr_block="10.0.1.0/24", ipv6_cidr_block=empty))
    assert found.networks == nets("10.0.1.0/24")


def test_a_range_that_is_known_after_apply_is_the_recorded_one():
    found = part(plan("aws_subnet.a", {"cidr_block": "10.0.1.0/24", "ipv6_cidr_block": LATER}, {"ipv6_cidr_block": "2001:db8::/64"}))
    assert found.networks == nets("10.0.1.0/24", "2001:db8::/64")


def test_in_a_create_plan_its_vpc_is_the_one_that_it_refers_to():
    vpc = plan("aws_vpc.main", {"cidr_block": "10.0.0.0/16"})
    assert part(plan("aws_subnet.a", {"vpc_id": ref("aws_vpc.main.id")}), vpc).vpc == "aws_vpc.main@code"


def test_default_subnets_and_data_sources_are_subnets():
    assert part(state("aws_default_subnet.a", id="subnet-d", vpc_id="vpc-d", cidr_block="172.31.0.0/20")).networks == nets("172.31.0.0/20")
    assert part(state("data.aws_subnet.a", id="subnet-x", vpc_id="vpc-d", cidr_block="172.31.0.0/20")).key == "subnet-x"


@pytest.mark.parametrize(("said", "public"), [(True, True), (False, False), ("true", True), (None, None)])
def test_whether_machines_get_a_public_address(said, public):
    assert part(code("aws_subnet.a", {"map_public_ip_on_launch": said})).public_by_default is public
