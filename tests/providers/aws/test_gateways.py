"""Gateways: a NAT gateway's addresses are known; the others are known by the routes that name them."""

from tests.providers.resources import ip, network, parts, state


def test_a_nat_gateways_public_address_is_what_it_sends_with():
    found = network(state("aws_nat_gateway.main", id="nat-1", public_ip="203.0.113.60", private_ip="10.0.1.9"))
    assert found.nat_addresses == {"nat-1": (ip("203.0.113.60"),)}
    assert found.known_addresses == {ip("203.0.113.60"), ip("10.0.1.9")}
    assert found.interfaces == ()


def test_other_gateways_add_nothing_and_are_modelled():
    assert parts(state("aws_internet_gateway.main", id="igw-1", vpc_id="vpc-1")) == []
    assert network(state("aws_egress_only_internet_gateway.main", id="eigw-1")).unmodelled == ()
