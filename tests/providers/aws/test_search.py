"""Search domains: in a VPC behind its groups, outside behind an access policy that lets every packet through."""

import pytest

from tests.providers.resources import LATER, plan, state
from tests.surface.networks import asked, group, hidden, host, reasons, seen_from, tcp, two_subnets

NAME = "search-logs-abc.eu-west-1.es.amazonaws.com"
CLIENT = "10.0.1.9"
INSIDE = [{"subnet_ids": ["subnet-b"], "security_group_ids": ["sg-logs"], "vpc_id": "vpc-main", "availability_zones": ["eu-west-1a"]}]
ENFORCED = [{"enforce_https": True, "tls_security_policy": "Policy-Min-TLS-1-2-2019-07"}]


def domain(kind="aws_opensearch_domain", **more):
    """A domain as a state holds it."""
    values = {"id": "arn:domain/logs", "domain_name": "logs", "endpoint": NAME, "vpc_options": [], "domain_endpoint_options": ENFORCED}
    return state(f"{kind}.logs", **{**values, **more})


def net(found, *rules):
    return [*two_subnets(), group("logs", *(rules or (tcp(443),))), found]


@pytest.mark.parametrize("kind", ["aws_opensearch_domain", "aws_elasticsearch_domain"])
def test_outside_a_vpc_it_answers_everybody(kind):
    found = host(net(domain(kind)), NAME)
    assert (str(found.tcp.open), found.managed, found.services) == ("443", True, {("tcp", 443): "https"})
    assert 22 in found.tcp.blocked


def test_outside_a_vpc_nothing_is_taken_for_granted_about_subnets():
    assert seen_from("internet", net(domain())).assumptions == ()
    assert asked(net(domain()), NAME, 443, strict=True) == "open"
    assert "outside the user's networks" in reasons(net(domain()), NAME, 443)[-1]


def test_without_enforced_https_it_answers_on_http_too():
    assert str(host(net(domain(domain_endpoint_options=[{"enforce_https": False}])), NAME).tcp.open) == "80,443"
    assert str(host(net(domain(domain_endpoint_options=[])), NAME).tcp.open) == "80,443"


def test_the_providers_block_enforces_https_unless_it_says_otherwise():
    assert str(host(net(domain(domain_endpoint_options=[{"custom_endpoint_enabled": False}])), NAME).tcp.open) == "443"


def test_whether_it_enforces_https_is_not_known():
    made = plan("aws_opensearch_domain.logs", {"domain_endpoint_options": [{"enforce_https": LATER}]}, {"id": "x", "endpoint": NAME})
    assert asked(net(made), NAME, 80) == "unknown by code"
    assert asked(net(made), NAME, 443) == "open"


def test_in_a_vpc_it_is_private_and_behind_its_groups():
    found = net(domain(vpc_options=INSIDE), tcp(443, "10.0.1.0/24"))
    assert asked(found, NAME, 443, CLIENT) == "open"
    assert asked(found, NAME, 443, "10.0.2.9") == "blocked"
    assert "private" in hidden(found, NAME)


@pytest.mark.parametrize("options", [[{"subnet_ids": LATER, "security_group_ids": ["sg-logs"]}], LATER])
def test_where_in_a_vpc_is_not_known_it_is_not_public(options):
    made = plan("aws_opensearch_domain.logs", {"vpc_options": options}, {"id": "x", "endpoint": NAME})
    assert "private" in hidden(net(made), NAME)
    assert asked(net(made), NAME, 443, CLIENT) == "unknown by code"


def test_a_dynamic_block_is_left_out_of_a_plan():
    made = plan("aws_opensearch_domain.logs", {}, {"id": "x", "endpoint": NAME, "vpc_options": INSIDE})
    assert "give --code DIR" in reasons(net(made), NAME, 443, CLIENT)[0]
