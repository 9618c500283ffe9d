"""Kubernetes API endpoints: public behind a list of CIDRs, private behind groups of which EKS manages one."""

import pytest

from iacdrift.sources.resource import Action, Sensitive
from tests.providers.resources import LATER, code, plan, state
from tests.surface.networks import (
    ELSEWHERE,
    IN_OFFICE,
    OFFICE,
    a_public_subnet,
    asked,
    gateway,
    group,
    hidden,
    host,
    machine,
    reasons,
    seen_from,
    subnet,
    table,
    tcp,
    vpc,
)

NAME = "0123456789ABCDEF.gr7.eu-west-1.eks.amazonaws.com"
ENDPOINT = f"https://{NAME}"
CLIENT = "10.0.1.9"


def config(public=True, private=False, cidrs=("0.0.0.0/0",), **more):
    """A cluster's `vpc_config` block as a state holds it."""
    ends = {"endpoint_public_access": public, "endpoint_private_access": private, "public_access_cidrs": list(cidrs)}
    place = {"subnet_ids": ["subnet-a"], "security_group_ids": ["sg-eks"], "cluster_security_group_id": "sg-managed", "vpc_id": "vpc-main"}
    return {**place, **ends, **more}


def net(*, private_subnet=False, **more):
    place = [vpc(), subnet(), gateway(), *table("private", subnets="a")] if private_subnet else a_public_subnet()
    return [*place, group("eks", tcp(443)), state("aws_eks_cluster.main", id="main", endpoint=ENDPOINT, vpc_config=[config(**more)])]


@pytest.mark.parametrize(
    ("vantage", "cidrs", "answer"),
    [
        ("internet", ["0.0.0.0/0"], "open"),
        (IN_OFFICE, [OFFICE], "open"),
        (ELSEWHERE, [OFFICE], "blocked"),
        (ELSEWHERE, [OFFICE, "192.0.2.0/24"], "open"),
        ("internet", [OFFICE], "unknown by vantage"),
        ("internet", [], "open"),
    ],
)
def test_the_public_endpoint_answers_whom_its_list_names(vantage, cidrs, answer):
    assert asked(net(cidrs=cidrs), NAME, 443, vantage) == answer


def test_every_other_port_is_blocked():
    found = host(net(), NAME)
    assert (str(found.tcp.open), found.managed, found.services) == ("443", True, {("tcp", 443): "https"})
    assert 6443 in found.tcp.blocked


@pytest.mark.parametrize("private", [False, True])
def test_no_subnet_or_group_of_the_users_stands_before_the_public_endpoint(private):
    assert asked(net(private_subnet=True, private=private), NAME, 443) == "open"
    assert seen_from("internet", net(private_subnet=True, private=private)).assumptions == ()


def test_the_list_is_named_as_the_reason():
    assert reasons(net(cidrs=[OFFICE]), NAME, 443, ELSEWHERE)[-1] == f"aws_eks_cluster.main: public_access_cidrs {OFFICE}"


def test_a_private_endpoint_is_not_in_view_from_the_internet():
    assert "private" in hidden(net(public=False, private=True), NAME)


@pytest.mark.parametrize("public", [True, False])
def test_from_inside_the_private_endpoint_is_behind_a_group_that_no_source_holds(public):
    assert asked(net(public=public, private=True, cidrs=[OFFICE]), NAME, 443, CLIENT) == "unknown by code"


def test_from_inside_a_public_only_endpoint_sees_the_way_out():
    client = [machine("client", CLIENT, "203.0.113.50", "client"), group("client")]
    assert asked([*net(cidrs=[OFFICE]), *client], NAME, 443, CLIENT) == "open"
    assert asked([*net(cidrs=["192.0.2.0/24"]), *client], NAME, 443, CLIENT) == "blocked"
    assert asked(net(), NAME, 443, "10.0.1.77") == "unknown by vantage"  # no public address is mapped to its own


# -- what isn't known ------------------------------------------------------------------------------------------------


def planned(recorded=None, **more):
    declared = {"subnet_ids": ["subnet-a"], "security_group_ids": ["sg-eks"], **more}
    made = plan("aws_eks_cluster.main", {"vpc_config": [declared]}, recorded or {}, action=Action.KEEP if recorded else Action.CREATE)
    return [*a_public_subnet(), group("eks", tcp(443)), made]


def test_unset_it_is_public_for_everybody():
    assert asked(planned(), "aws_eks_cluster.main", 443) == "open"
    assert host(planned(), "aws_eks_cluster.main").status.value == "pending"


@pytest.mark.parametrize("name", ["endpoint_public_access", "public_access_cidrs"])
def test_access_that_is_not_known_is_unknown(name):
    assert asked(planned(**{name: LATER}), "aws_eks_cluster.main", 443) == "unknown by code"


def test_the_list_comes_from_the_code_not_from_what_a_refresh_recorded():
    recorded = {"id": "main", "endpoint": ENDPOINT, "vpc_config": [config(cidrs=["0.0.0.0/0"])]}
    assert asked(planned(recorded, public_access_cidrs=[OFFICE]), NAME, 443, ELSEWHERE) == "blocked"


def test_a_block_that_the_plan_does_not_show_is_not_read_from_the_record():
    recorded = {"id": "main", "endpoint": ENDPOINT, "vpc_config": [config()]}
    assert asked([*a_public_subnet(), plan("aws_eks_cluster.main", {}, recorded)], NAME, 443) == "unknown by code"


@pytest.mark.parametrize("cidrs", [Sensitive(["203.0.113.0/24"]), [Sensitive("203.0.113.0/24")]])
def test_a_sensitive_list_counts_but_is_never_printed(cidrs):
    made = code("aws_eks_cluster.main", {"vpc_config": [{**config(), "public_access_cidrs": cidrs}]}, {"id": "main", "endpoint": ENDPOINT})
    net = [*a_public_subnet(), made]
    assert asked(net, NAME, 443, ELSEWHERE) == "blocked"
    assert asked(net, NAME, 443, IN_OFFICE) == "open"
    assert reasons(net, NAME, 443, ELSEWHERE)[-1] == "aws_eks_cluster.main: public_access_cidrs (sensitive)"


def test_a_data_source_is_not_known():
    found = state("data.aws_eks_cluster.main", id="main", endpoint=ENDPOINT, vpc_config=[config()])
    assert asked([*a_public_subnet(), found], NAME, 443) == "unknown by code"
