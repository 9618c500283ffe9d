"""An interface to a machine, a group to an interface: resources of their own."""

from iacdrift.providers.parts import Attachment, GroupMembership, Note
from iacdrift.sources.resource import Action
from tests.providers.resources import LATER, code, network, part, parts, plan, state

TO_MACHINE = {"network_interface_id": "eni-1", "instance_id": "i-1", "device_index": 1}
TO_GROUP = {"network_interface_id": "eni-1", "security_group_id": "sg-2"}
ENI = state("aws_network_interface.edge", id="eni-1", private_ips=["10.0.2.50"], security_groups=["sg-1"])


def test_an_interface_on_a_machine():
    link = state("aws_network_interface_attachment.edge", id="eni-attach-1", **TO_MACHINE)
    assert part(link) == Attachment("eni-1", "i-1")
    machine = state("aws_instance.edge", id="i-1", private_ip="10.0.1.5")
    (edge,) = [i for i in network(machine, ENI, link).interfaces if i.owner == "aws_network_interface.edge"]
    assert "aws_instance.edge" in edge.aliases


def test_a_group_on_an_interface_is_added_to_its_own():
    link = state("aws_network_interface_sg_attachment.edge", id="x", **TO_GROUP)
    assert part(link) == GroupMembership("eni-1", "sg-2")
    assert network(ENI, link).interfaces[0].groups == {"sg-1", "sg-2"}


def test_a_group_on_a_machines_primary_interface():
    machine = state(
        "aws_instance.web", id="i-1", primary_network_interface_id="eni-1", private_ip="10.0.1.5", vpc_security_group_ids=["sg-1"]
    )
    found = network(machine, state("aws_network_interface_sg_attachment.web", id="x", **TO_GROUP)).interfaces[0]
    assert found.groups == {"sg-1", "sg-2"}


def test_what_the_plan_deletes_is_gone():
    assert parts(plan("aws_network_interface_sg_attachment.edge", TO_GROUP, action=Action.DELETE)) == []
    assert parts(plan("aws_network_interface_attachment.edge", TO_MACHINE, action=Action.DELETE)) == []


def test_a_group_that_is_not_known_is_a_group_that_no_source_holds():
    found = part(code("aws_network_interface_sg_attachment.edge", {**TO_GROUP, "security_group_id": LATER}))
    assert isinstance(found, GroupMembership)
    assert "aws_network_interface_sg_attachment.edge" in found.group


def test_an_interface_that_is_not_known_is_said():
    assert isinstance(part(code("aws_network_interface_sg_attachment.edge", {**TO_GROUP, "network_interface_id": LATER})), Note)
    assert isinstance(part(code("aws_network_interface_attachment.edge", {**TO_MACHINE, "network_interface_id": LATER})), Note)
