"""Elastic IPs: whose they are, and which auto-assigned address they replace."""

import pytest

from iacdrift.model.network import AddressMapping, Presence
from iacdrift.sources.resource import Action
from tests.providers.resources import LATER, code, ip, network, part, plan, ref, state

MACHINE = {"id": "i-1", "private_ip": "10.0.1.5", "secondary_private_ips": ["10.0.1.6"], "public_ip": "198.51.100.7"}
WEB = state("aws_instance.web", **MACHINE)
ENI = {"id": "eni-1", "private_ip": "10.0.1.5", "private_ips": ["10.0.1.5", "10.0.1.6"]}


def public(*resources):
    """Public address -> the private one that it is mapped to."""
    return {str(e.address): str(e.private) for i in network(*resources).interfaces for e in i.endpoints if e.public}


def eip(**attributes):
    return state("aws_eip.web", **{"id": "eipalloc-1", "public_ip": "203.0.113.50", **attributes})


def test_an_elastic_ip_of_an_instance_replaces_the_auto_assigned_one_of_its_private_address():
    assert public(WEB, eip(instance="i-1", private_ip="10.0.1.5")) == {"203.0.113.50": "10.0.1.5"}


def test_an_elastic_ip_of_a_secondary_address_leaves_the_auto_assigned_one_alone():
    assert public(WEB, eip(instance="i-1", private_ip="10.0.1.6")) == {"203.0.113.50": "10.0.1.6", "198.51.100.7": "10.0.1.5"}


def test_without_a_word_on_the_private_address_it_is_the_primary_one():
    assert public(WEB, eip(instance="i-1")) == {"203.0.113.50": "10.0.1.5"}


def test_an_instance_that_already_recorded_its_elastic_ip():
    assert public(state("aws_instance.web", **{**MACHINE, "public_ip": "203.0.113.50"}), eip(instance="i-1")) == {
        "203.0.113.50": "10.0.1.5"
    }


def test_an_elastic_ip_of_a_network_interface():
    edge = state("aws_network_interface.edge", **ENI)
    found = public(edge, eip(network_interface="eni-1", associate_with_private_ip="10.0.1.6"))
    assert found == {"203.0.113.50": "10.0.1.6"}


def test_two_elastic_ips_of_one_interface():
    edge = state("aws_network_interface.edge", **ENI)
    second = state("aws_eip.two", id="eipalloc-2", public_ip="203.0.113.51", network_interface="eni-1", private_ip="10.0.1.6")
    assert public(edge, eip(network_interface="eni-1", private_ip="10.0.1.5"), second) == {
        "203.0.113.50": "10.0.1.5",
        "203.0.113.51": "10.0.1.6",
    }


@pytest.mark.parametrize("named", [{"instance_id": "i-1"}, {"instance_id": "i-1", "private_ip_address": "10.0.1.5"}])
def test_an_association_gives_the_address(named):
    link = state("aws_eip_association.web", id="eipassoc-1", allocation_id="eipalloc-1", **named)
    assert public(WEB, eip(), link) == {"203.0.113.50": "10.0.1.5"}


def test_an_association_to_an_interface():
    link = state("aws_eip_association.web", id="x", allocation_id="eipalloc-1", network_interface_id="eni-1", private_ip_address="10.0.1.6")
    assert public(state("aws_network_interface.edge", **ENI), eip(), link) == {"203.0.113.50": "10.0.1.6"}


def test_an_association_that_the_plan_deletes_leaves_the_address_unattached():
    link = plan("aws_eip_association.web", {"allocation_id": "eipalloc-1", "instance_id": "i-1"}, action=Action.DELETE)
    assert public(WEB, eip(), link) == {"198.51.100.7": "10.0.1.5"}


@pytest.mark.parametrize("nobody", ["", None])
def test_an_unattached_elastic_ip_belongs_to_no_interface(nobody):
    found = network(WEB, eip(instance=nobody, network_interface=nobody))
    assert [item.address for item in found.unattached] == [ip("203.0.113.50")]
    assert "203.0.113.50" not in {str(e.address) for i in found.interfaces for e in i.endpoints}


def test_an_elastic_ip_of_something_in_no_source_is_unattached():
    assert len(network(eip(instance="i-elsewhere")).unattached) == 1


def test_every_elastic_ip_is_a_known_address():
    assert ip("203.0.113.50") in network(eip()).known_addresses


def test_in_a_create_plan_a_machine_gets_a_pending_public_address():
    web = plan("aws_instance.web", {"ami": "ami-1"}, {}, action=Action.CREATE)
    address = plan("aws_eip.web", {"instance": ref("aws_instance.web.id")}, {}, action=Action.CREATE)
    (found,) = network(web, address).interfaces
    assert [(e.address, e.presence) for e in found.endpoints if e.public] == [(None, Presence.PENDING)]


def test_an_elastic_ip_that_the_plan_releases_is_leaving():
    found = part(
        plan("aws_eip.web", {}, {"id": "e", "public_ip": "203.0.113.50", "instance": "i-1"}, action=Action.DELETE), kind=AddressMapping
    )
    assert found.presence is Presence.LEAVING


def test_where_it_is_attached_is_recorded_where_the_code_does_not_know_yet():
    found = part(code("aws_eip.web", {"instance": LATER}, {"id": "e", "public_ip": "203.0.113.50", "instance": "i-1"}), kind=AddressMapping)
    assert found.target == "i-1"
