"""Interfaces of their own."""

import pytest

from iacdrift.model.network import Interface, Presence
from iacdrift.sources.resource import Action
from tests.providers.resources import LATER, code, ip, network, part, plan, state

KIND = "aws_network_interface.edge"
HERE = {"id": "eni-1", "subnet_id": "subnet-b", "private_ip": "10.0.2.50", "private_ips": ["10.0.2.50", "10.0.2.51"]}


def test_its_addresses_subnet_and_groups():
    found = part(state(KIND, **HERE, ipv6_addresses=["2001:db8::50"], security_groups=["sg-1"]), kind=Interface)
    assert [e.address for e in found.endpoints] == [ip("10.0.2.50"), ip("10.0.2.51"), ip("2001:db8::50")]
    assert (found.subnets, found.groups) == (("subnet-b",), frozenset({"sg-1"}))


def test_addresses_in_order_are_addresses_too():
    found = part(
        state(KIND, id="eni-1", subnet_id="subnet-b", private_ip_list=["10.0.2.9"], ipv6_address_list=["2001:db8::9"]), kind=Interface
    )
    assert [e.address for e in found.endpoints] == [ip("10.0.2.9"), ip("2001:db8::9")]


def test_groups_come_from_what_is_declared_not_from_what_a_refresh_recorded():
    found = part(code(KIND, {"security_groups": ["sg-1"]}, {**HERE, "security_groups": ["sg-1", "sg-open"]}), kind=Interface)
    assert found.groups == {"sg-1"}


def test_groups_that_are_not_set_mirror_the_cloud():
    assert part(code(KIND, {}, {**HERE, "security_groups": ["sg-open"]}), kind=Interface).groups is None


def test_groups_that_are_not_known_are_a_doubt():
    assert part(code(KIND, {"security_groups": LATER}, HERE), kind=Interface).doubt


def test_attached_to_a_machine_it_answers_to_the_machines_name():
    found = network(state("aws_instance.edge", id="i-1", private_ip="10.0.1.5"), state(KIND, **HERE, attachment=[{"instance": "i-1"}]))
    (edge,) = [i for i in found.interfaces if i.owner == KIND]
    assert {"aws_instance.edge", "i-1", KIND, "eni-1"} <= edge.aliases


@pytest.mark.parametrize(("action", "presence"), [(Action.DELETE, Presence.LEAVING), (Action.KEEP, Presence.PRESENT)])
def test_its_presence(action, presence):
    found = part(plan(KIND, {}, HERE, action=action), kind=Interface)
    assert {e.presence for e in found.endpoints} == {presence}


def test_one_that_the_plan_creates_is_pending():
    found = part(plan(KIND, {"private_ips": ["10.0.2.50"]}, {}, action=Action.CREATE), kind=Interface)
    assert [(e.address, e.presence) for e in found.endpoints] == [(None, Presence.PENDING)]


def test_it_outlives_a_machine_that_leaves():
    leaving = plan("aws_instance.edge", {}, {"id": "i-1", "primary_network_interface_id": "eni-1"}, action=Action.DELETE)
    (edge,) = [i for i in network(leaving, state(KIND, **HERE)).interfaces if i.owner == KIND]
    assert edge.presence is Presence.PRESENT
