"""`aws_vpc`, `aws_default_vpc` and the data source."""

from tests.providers.resources import code, nets, network, part, state


def test_a_vpc_with_its_ranges():
    found = part(state("aws_vpc.main", id="vpc-1", cidr_block="10.0.0.0/16", ipv6_cidr_block="2001:db8::/56"))
    assert (found.key, found.networks, found.is_default) == ("vpc-1", nets("10.0.0.0/16", "2001:db8::/56"), False)


def test_its_main_table_is_what_the_code_associates_not_what_was_recorded():
    assert part(state("aws_vpc.main", id="vpc-1", main_route_table_id="rtb-1")).main_table is None


def test_a_default_vpc():
    assert part(state("aws_default_vpc.main", id="vpc-d", cidr_block="172.31.0.0/16")).is_default
    assert part(state("data.aws_vpc.main", id="vpc-d", cidr_block="172.31.0.0/16", default=True)).is_default
    assert not part(state("data.aws_vpc.main", id="vpc-e", cidr_block="172.31.0.0/16", default=False)).is_default


def test_a_data_source_holds_further_ranges():
    found = part(state("data.aws_vpc.main", id="vpc-1", cidr_block="10.0.0.0/16", cidr_block_associations=[{"cidr_block": "10.1.0.0/16"}]))
    assert found.networks == nets("10.0.0.0/16", "10.1.0.0/16")


def test_its_default_group_has_a_key_even_without_an_id():
    assert part(state("aws_vpc.main", id="vpc-1", default_security_group_id="sg-d")).default_group == "sg-d"
    found = network(code("aws_vpc.main", {"cidr_block": "10.0.0.0/16"}))
    assert found.vpcs["aws_vpc.main@code"].default_group in found.groups
