"""Blocking public access decides on every way from the internet, and isn't modelled."""

import pytest

from tests.providers.resources import network, state

KIND = "aws_vpc_block_public_access_options.all"


@pytest.mark.parametrize("mode", ["block-bidirectional", "block-ingress", None])
def test_it_clouds_every_way_from_the_internet(mode):
    assert KIND in network(state(KIND, id="x", internet_gateway_block_mode=mode)).clouded


def test_switched_off_it_says_nothing():
    assert network(state(KIND, id="x", internet_gateway_block_mode="off")).clouded is None
