"""Warehouses by name: public, private, or not known."""

import pytest

from iacdrift.sources.resource import Action
from tests.providers.resources import LATER, plan, state
from tests.surface.networks import ELSEWHERE, IN_OFFICE, OFFICE, asked, group, hidden, host, tcp, two_subnets

NAME = "dwh.abcdefghij.eu-west-1.redshift.amazonaws.com"
CLIENT = "10.0.1.9"
PLACE = state("aws_redshift_subnet_group.data", id="dwh", name="dwh", subnet_ids=["subnet-b"])


def cluster(public=False, **more):
    """A cluster as a state holds it."""
    values = {"id": "dwh", "endpoint": f"{NAME}:5439", "dns_name": NAME, "port": 5439, "publicly_accessible": public}
    place = {"cluster_subnet_group_name": "dwh", "vpc_security_group_ids": ["sg-dwh"]}
    return state("aws_redshift_cluster.dwh", **{**values, **place, **more})


def net(warehouse, *rules):
    return [*two_subnets(), PLACE, group("dwh", *(rules or (tcp(5439),))), warehouse]


@pytest.mark.parametrize("dns_name", [NAME, None])
def test_a_private_cluster_answers_inside_only(dns_name):
    assert asked(net(cluster(dns_name=dns_name)), NAME, 5439, CLIENT) == "open"
    assert asked(net(cluster(dns_name=dns_name), tcp(22)), NAME, 22, CLIENT) == "blocked"
    assert "private" in hidden(net(cluster()), NAME)


@pytest.mark.parametrize(("vantage", "answer"), [(IN_OFFICE, "open"), (ELSEWHERE, "blocked")])
def test_a_public_cluster_answers_whom_its_groups_admit(vantage, answer):
    assert asked(net(cluster(True), tcp(5439, OFFICE)), NAME, 5439, vantage) == answer


@pytest.mark.parametrize("said", [None, LATER])
def test_where_nothing_says_it_the_default_differs_between_versions_so_it_is_unknown(said):
    declared = {"cluster_subnet_group_name": "dwh", "vpc_security_group_ids": ["sg-dwh"], "publicly_accessible": said}
    made = plan("aws_redshift_cluster.dwh", declared, action=Action.CREATE)
    assert asked(net(made), "aws_redshift_cluster.dwh", 5439) == "unknown by code"


def test_a_cluster_that_may_be_public_is_private_inside_its_vpc_all_the_same():
    assert asked(net(cluster(None)), NAME, 5439, CLIENT) == "open"


def test_a_serverless_workgroup():
    ends = [{"address": "wg.123456789012.eu-west-1.redshift-serverless.amazonaws.com", "port": 5439, "vpc_endpoint": []}]
    values = {"id": "wg", "endpoint": ends, "port": 5439, "publicly_accessible": False}
    place = {"security_group_ids": ["sg-dwh"], "subnet_ids": ["subnet-b"]}
    found = net(state("aws_redshiftserverless_workgroup.wg", **values, **place))
    assert asked(found, ends[0]["address"], 5439, CLIENT) == "open"
    assert host(found, ends[0]["address"], CLIENT).services == {("tcp", 5439): "postgresql"}
