"""Blocking public access decides on every way from the internet, and isn't modelled."""

import pytest

from tests.providers.resources import network, state
from tests.surface.networks import WEB, WEB_PRIVATE, a_public_subnet, asked, host, machine, reasons, tcp, web

KIND = "aws_vpc_block_public_access_options.all"


def blocking(mode):
    return state(KIND, id="x", internet_gateway_block_mode=mode)


@pytest.mark.parametrize("mode", ["block-bidirectional", "block-ingress", None])
def test_it_clouds_every_way_from_the_internet(mode):
    assert KIND in network(blocking(mode)).clouded
    net = [*a_public_subnet(), *web(tcp(443)), blocking(mode)]
    assert asked(net, WEB, 443) == "unknown by code"
    assert KIND in reasons(net, WEB, 443)[0]


def test_what_a_group_blocks_is_blocked_still():
    assert asked([*a_public_subnet(), *web(tcp(443)), blocking("block-ingress")], WEB, 22) == "blocked"


def test_where_the_subnet_is_in_no_source_too():
    far = machine("far", "10.7.0.5", "198.51.100.77", "web", subnet_id=None)
    net = [*a_public_subnet(), *web(tcp(443)), far, blocking("block-ingress")]
    assert asked(net, "198.51.100.77", 443) == "unknown by code"
    assert str(host(net, "198.51.100.77").tcp.allowed) == ""


def test_the_inside_is_not_concerned():
    assert asked([*a_public_subnet(), *web(tcp(443)), blocking("block-bidirectional")], WEB_PRIVATE, 443, "10.0.1.9") == "allowed"


def test_what_lies_outside_every_vpc_is_not_concerned():
    end = "https://0123.gr7.eu-west-1.eks.amazonaws.com"
    cluster = state(
        "aws_eks_cluster.main", id="main", endpoint=end, vpc_config=[{"endpoint_public_access": True, "subnet_ids": ["subnet-a"]}]
    )
    assert asked([*a_public_subnet(), cluster, blocking("block-ingress")], end.removeprefix("https://"), 443) == "open"


def test_switched_off_it_says_nothing():
    assert network(blocking("off")).clouded is None
    assert asked([*a_public_subnet(), *web(tcp(443)), blocking("off")], WEB, 443) == "allowed"
