"""From inside to a public name: out through the vantage's own filters, with the source that targets then see."""

import pytest

from tests.providers.resources import LATER, code, ref, state
from tests.surface.networks import (
    ALL6,
    ANYWHERE,
    OUT,
    acl,
    asked,
    everything,
    gateway,
    group,
    machine,
    subnet,
    table,
    tcp,
    vpc,
    way,
)

NAME = "shop.elb.example.com"
FROM = "aws_instance.client"
MINE = "198.51.100.9"
NAT = state("aws_nat_gateway.n", id="nat-1", public_ip="203.0.113.60", subnet_id="subnet-a")


def shop(*sources, routes=OUT, egress=None, own_acl=None, public=MINE):
    """A public balancer in subnet a that admits these sources on 443; `client` stands in subnet b, whose routes are given."""
    balancer = state(
        "aws_lb.shop",
        id="lb-1",
        arn="lb-1",
        dns_name=NAME,
        load_balancer_type="application",
        internal=False,
        security_groups=["sg-shop"],
        subnets=["subnet-a"],
    )
    listener = state("aws_lb_listener.https", id="li-1", load_balancer_arn="lb-1", port=443, protocol="HTTPS")
    return [
        vpc(), subnet(), subnet("b", "10.0.2.0/24", None), gateway(), acl("a", "a"), own_acl or acl("b", "b"),
        *table("a", *OUT, subnets="a"), *table("b", *routes, subnets="b"), balancer, listener,
        group("shop", tcp(443, *sources)), group("client", egress=egress or [everything(ANYWHERE, ALL6)]),
        machine("client", "10.0.2.5", public, "client", at="b"), NAT,
    ]  # fmt: skip


def test_the_public_ipv4_mapped_to_the_vantages_private_address_is_the_source():
    assert asked(shop(f"{MINE}/32"), NAME, 443, FROM) == "open"
    assert asked(shop("203.0.113.0/24"), NAME, 443, FROM) == "blocked"
    assert asked(shop("10.0.0.0/16"), NAME, 443, FROM) == "blocked"


def test_without_a_public_address_nothing_is_known_of_the_source_not_even_that_it_gets_out():
    assert asked(shop("203.0.113.0/24", public=None), NAME, 443, FROM) == "unknown by vantage"
    assert asked(shop(ANYWHERE, public=None), NAME, 443, FROM) == "unknown by vantage"


def test_through_a_nat_gateway_the_nats_address_is_the_source():
    nat = [way(ANYWHERE, nat_gateway_id="nat-1")]
    assert asked(shop("203.0.113.60/32", routes=nat), NAME, 443, FROM) == "open"
    assert asked(shop(f"{MINE}/32", routes=nat), NAME, 443, FROM) == "blocked"


def test_without_a_route_out_it_is_blocked():
    assert asked(shop(ANYWHERE, routes=()), NAME, 443, FROM) == "blocked"


def test_without_a_known_table_it_is_unknown():
    net = [one for one in shop(ANYWHERE) if one.declared.get("route_table_id") != "rtb-b" or one.declared.get("subnet_id") != "subnet-b"]
    assert asked(net, NAME, 443, FROM) == "blocked"
    own = code("aws_route_table_association.late", {"subnet_id": "subnet-b", "route_table_id": LATER})
    main = code("aws_main_route_table_association.late", {"vpc_id": "vpc-main", "route_table_id": LATER})
    route = code("aws_route.late", {"route_table_id": ref("aws_vpc.main.main_route_table_id"), "destination_cidr_block": ANYWHERE})
    for unknown in (own, main, route):
        assert asked([*net, unknown], NAME, 443, FROM) == "unknown by code"


def test_a_way_out_that_is_not_modelled_is_unknown():
    assert asked(shop(ANYWHERE, routes=[way(ANYWHERE, transit_gateway_id="tgw-1")]), NAME, 443, FROM) == "unknown by code"


def test_the_vantages_own_acl_must_let_it_out_and_the_answer_in():
    assert asked(shop(ANYWHERE, own_acl=acl("b", "b", egress=())), NAME, 443, FROM) == "blocked"
    assert asked(shop(ANYWHERE, own_acl=acl("b", "b", ingress=())), NAME, 443, FROM) == "blocked"


def test_the_vantages_own_groups_must_let_it_out():
    assert asked(shop(ANYWHERE, egress=[tcp(80)]), NAME, 443, FROM) == "blocked"
    assert asked(shop(ANYWHERE, egress=[tcp(443)]), NAME, 443, FROM) == "open"


@pytest.mark.parametrize("port", [80, 22, 65535])
def test_every_port_without_a_listener_is_blocked(port):
    assert asked(shop(ANYWHERE), NAME, port, FROM) == "blocked"


def test_a_group_as_source_does_not_match_a_public_way():
    assert asked(shop("sg-client"), NAME, 443, FROM) == "blocked"


def test_a_public_address_of_another_private_address_is_not_the_source():
    second = state("aws_eip.second", id="eipalloc-1", public_ip="203.0.113.77", instance="i-client", private_ip="10.0.2.6")
    assert asked([*shop("203.0.113.77/32", public=None), second], NAME, 443, FROM) == "unknown by vantage"
