"""Peering connections: two VPCs joined, once somebody accepts."""

import pytest

from iacdrift.model.network import Peering
from iacdrift.sources.resource import Action
from tests.providers.resources import LATER, code, network, part, parts, plan, state

KIND = "aws_vpc_peering_connection.ab"
ENDS = {"vpc_id": "vpc-a", "peer_vpc_id": "vpc-b"}


@pytest.mark.parametrize("accepted", [{"auto_accept": True}, {"accept_status": "active"}])
def test_an_accepted_connection(accepted):
    found = part(state(KIND, id="pcx-1", **ENDS, **accepted), kind=Peering)
    assert (found.key, found.vpcs, found.doubt) == ("pcx-1", ("vpc-a", "vpc-b"), None)


@pytest.mark.parametrize("status", ["pending-acceptance", "", None])
def test_a_connection_that_nobody_accepts_is_in_doubt(status):
    assert "nobody accepts" in part(state(KIND, id="pcx-1", **ENDS, accept_status=status), kind=Peering).doubt


def test_an_accepter_accepts_it():
    accepter = state("aws_vpc_peering_connection_accepter.b", id="pcx-1", vpc_peering_connection_id="pcx-1", auto_accept=True)
    assert network(state(KIND, id="pcx-1", **ENDS), accepter).peerings["pcx-1"].doubt is None


def test_one_that_the_plan_deletes_is_gone():
    assert parts(plan(KIND, ENDS, {"id": "pcx-1"}, action=Action.DELETE)) == []


def test_a_connection_to_a_vpc_that_is_not_known_joins_nothing():
    assert parts(code(KIND, {**ENDS, "peer_vpc_id": LATER})) == []
