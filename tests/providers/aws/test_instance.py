"""Machines: primary interface, groups in each style, presence, launch templates, addresses."""

import pytest

from iacdrift.model.network import Interface, Presence
from iacdrift.providers.parts import Attachment, Machine
from iacdrift.sources.resource import Action
from tests.providers.resources import LATER, code, ip, network, part, parts, plan, ref, state

KIND = "aws_instance.web"
HERE = {"id": "i-1", "subnet_id": "subnet-a", "private_ip": "10.0.1.5", "public_ip": "198.51.100.7", "instance_state": "running"}
GROUPED = {"vpc_security_group_ids": ["sg-1"]}


def machine(*others, **attributes):
    """The assembled interface of the machine, in the company of others."""
    (found,) = [i for i in network(state(KIND, **{**HERE, **GROUPED, **attributes}), *others).interfaces if i.owner == KIND]
    return found


def addresses(interface, *, public):
    return [str(e.address) for e in interface.endpoints if e.public is public and e.address]


def test_a_machine_has_a_primary_interface_with_its_addresses():
    found = machine(secondary_private_ips=["10.0.1.6"], ipv6_addresses=["2001:db8::5"])
    assert addresses(found, public=False) == ["10.0.1.5", "10.0.1.6", "2001:db8::5"]
    assert addresses(found, public=True) == ["198.51.100.7"]
    assert (found.subnets, found.groups) == (("subnet-a",), frozenset({"sg-1"}))


def test_its_public_address_is_mapped_to_its_private_one():
    assert [(e.address, e.private) for e in machine().endpoints if e.public] == [(ip("198.51.100.7"), ip("10.0.1.5"))]


@pytest.mark.parametrize("nothing", ["", None])
def test_without_a_public_address(nothing):
    assert addresses(machine(public_ip=nothing), public=True) == []


def test_an_address_is_public_because_the_resource_says_so_not_because_of_its_range():
    assert addresses(machine(public_ip="127.0.0.5"), public=True) == ["127.0.0.5"]
    assert addresses(machine(private_ip="198.18.0.5"), public=False) == ["198.18.0.5"]


def test_it_is_known_under_its_address_and_its_id():
    assert {KIND, "i-1"} <= machine().aliases


# -- groups ----------------------------------------------------------------------------------------------------------


def test_groups_come_from_what_is_declared_not_from_what_a_refresh_recorded():
    found = part(code(KIND, GROUPED, {**HERE, "vpc_security_group_ids": ["sg-1", "sg-open"]}), kind=Interface)
    assert found.groups == {"sg-1"}


@pytest.mark.parametrize("unset", [{}, {"vpc_security_group_ids": None}, {"vpc_security_group_ids": []}])
def test_groups_that_are_not_set_mirror_the_cloud_so_the_default_group_serves(unset):
    assert part(code(KIND, unset, {**HERE, "vpc_security_group_ids": ["sg-open"]}), kind=Interface).groups is None


def test_groups_that_are_not_known_are_a_doubt():
    found = part(code(KIND, {"vpc_security_group_ids": ["sg-1", LATER]}, HERE), kind=Interface)
    assert found.groups == {"sg-1"}
    assert "known after apply" in found.doubt


def test_groups_by_reference_before_they_have_ids():
    group = plan("aws_security_group.web", {"name": "web"})
    found = part(plan(KIND, {"vpc_security_group_ids": [ref("aws_security_group.web.id")]}), group, kind=Interface)
    assert found.groups == {"aws_security_group.web@code"}


def test_a_reference_to_a_group_that_is_in_no_source_is_a_doubt():
    found = part(plan(KIND, {"vpc_security_group_ids": [ref("aws_security_group.gone.id")]}), kind=Interface)
    assert "aws_security_group.gone is in no source" in found.doubt


def test_groups_in_classic_style_by_name():
    group = state("aws_security_group.web", id="sg-web", name="web", vpc_id="vpc-d")
    found = machine(group, vpc_security_group_ids=[], security_groups=["web"])
    assert found.groups == {"sg-web"}


def test_a_classic_name_that_several_groups_have_stays_a_name_that_nothing_resolves():
    groups = [state(f"aws_security_group.{n}", id=f"sg-{n}", name="web", vpc_id=f"vpc-{n}") for n in "ab"]
    assert machine(*groups, vpc_security_group_ids=[], security_groups=["web"]).groups == {"web"}


def test_groups_of_a_launch_template_by_id():
    template = state("aws_launch_template.web", id="lt-1", name="web", vpc_security_group_ids=["sg-lt"])
    found = machine(template, vpc_security_group_ids=[], launch_template=[{"id": "lt-1", "name": "web", "version": "$Latest"}])
    assert found.groups == {"sg-lt"}


def test_groups_of_a_launch_template_by_name_and_on_its_interfaces():
    template = state("aws_launch_template.web", id="lt-1", name="web", network_interfaces=[{"security_groups": ["sg-eni"]}])
    assert machine(template, vpc_security_group_ids=[], launch_template=[{"id": "", "name": "web"}]).groups == {"sg-eni"}


def test_a_launch_template_in_no_source_is_a_doubt():
    assert "launch template that is in no source" in machine(vpc_security_group_ids=[], launch_template=[{"id": "lt-9"}]).doubt


def test_the_machines_own_groups_win_over_its_templates():
    template = state("aws_launch_template.web", id="lt-1", name="web", vpc_security_group_ids=["sg-lt"])
    assert machine(template, launch_template=[{"id": "lt-1"}]).groups == {"sg-1"}


# -- presence --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("recorded", "presence"),
    [
        ("running", Presence.PRESENT),
        ("pending", Presence.PRESENT),
        ("", Presence.PRESENT),
        (None, Presence.PRESENT),
        ("stopped", Presence.STOPPED),
        ("stopping", Presence.STOPPED),
        ("terminated", Presence.LEAVING),
        ("shutting-down", Presence.LEAVING),
    ],
)
def test_what_the_record_says_of_it(recorded, presence):
    found = machine(instance_state=recorded)
    assert found.presence is presence
    assert {e.presence for e in found.endpoints} == {presence}


def test_a_machine_that_the_plan_destroys_is_leaving():
    (found,) = network(plan(KIND, {}, HERE, action=Action.DELETE)).interfaces
    assert {e.presence for e in found.endpoints} == {Presence.LEAVING}


def test_a_machine_that_the_plan_replaces_leaves_and_a_pending_one_comes():
    (found,) = network(plan(KIND, GROUPED, HERE, action=Action.REPLACE)).interfaces
    assert {(str(e.address), e.presence) for e in found.endpoints if not e.public} == {
        ("10.0.1.5", Presence.LEAVING),
        ("None", Presence.PENDING),
    }


def test_a_machine_that_the_plan_creates_is_pending():
    (found,) = network(plan(KIND, GROUPED, {}, action=Action.CREATE)).interfaces
    assert [(e.address, e.presence) for e in found.endpoints] == [(None, Presence.PENDING)]


@pytest.mark.parametrize("how", ["it says so", "its subnet gives one"])
def test_a_pending_machine_gets_a_public_address(how):
    said = {"associate_public_ip_address": True} if how == "it says so" else {}
    subnet = plan("aws_subnet.a", {"map_public_ip_on_launch": how != "it says so", "cidr_block": "10.0.1.0/24"})
    created = plan(KIND, {**GROUPED, **said, "subnet_id": ref("aws_subnet.a.id")}, {}, action=Action.CREATE)
    (found,) = network(subnet, created).interfaces
    assert [(e.address, e.public, e.presence) for e in found.endpoints if e.public] == [(None, True, Presence.PENDING)]


# -- interfaces that resources of their own declare ----------------------------------------------------------------


ENI = {"id": "eni-1", "subnet_id": "subnet-b", "private_ips": ["10.0.2.9"], "private_ip": "10.0.2.9", "security_groups": ["sg-eni"]}


@pytest.mark.parametrize(
    "named",
    [
        {"network_interface": [{"network_interface_id": "eni-1", "device_index": 0}]},
        {"primary_network_interface": [{"network_interface_id": "eni-1"}]},
        {"primary_network_interface_id": "eni-1"},
    ],
)
def test_a_primary_interface_of_its_own_is_the_only_one(named):
    found = network(state(KIND, **HERE, **named), state("aws_network_interface.web", **ENI)).interfaces
    assert [i.owner for i in found] == ["aws_network_interface.web"]
    assert found[0].groups == {"sg-eni"}
    assert addresses(found[0], public=True) == ["198.51.100.7"]
    assert {KIND, "aws_network_interface.web"} <= found[0].aliases


def test_a_secondary_interface_of_its_own_comes_beside_the_primary_one():
    second = {"network_interface": [{"network_interface_id": "eni-1", "device_index": 1}]}
    found = network(state(KIND, **HERE, **GROUPED, **second), state("aws_network_interface.web", **ENI)).interfaces
    assert {i.owner: addresses(i, public=True) for i in found} == {KIND: ["198.51.100.7"], "aws_network_interface.web": []}


def test_a_stopped_machines_interface_is_stopped_too():
    named = {"network_interface": [{"network_interface_id": "eni-1", "device_index": 0}]}
    stopped = state(KIND, **{**HERE, "instance_state": "stopped"}, **named)
    (found,) = network(stopped, state("aws_network_interface.web", **ENI)).interfaces
    assert found.presence is Presence.STOPPED


def test_the_parts_of_a_machine():
    named = {"network_interface": [{"network_interface_id": "eni-1", "device_index": 1}]}
    kinds = [type(item) for item in parts(state(KIND, **HERE, **GROUPED, **named))]
    assert kinds == [Machine, Attachment, Interface]


def test_a_spot_request_is_a_machine_under_its_instances_id():
    spot = state("aws_spot_instance_request.web", **{**HERE, "id": "sir-1"}, spot_instance_id="i-9", **GROUPED)
    assert part(spot, kind=Interface).key == "i-9"


def test_two_states_with_the_same_names_are_two_machines():
    other = {**HERE, "id": "i-2", "private_ip": "10.9.1.5", "public_ip": "198.51.100.8"}
    found = network(state(KIND, source="a", **HERE), state(KIND, source="b", **other)).interfaces
    assert [(i.source, addresses(i, public=True)) for i in found] == [("a", ["198.51.100.7"]), ("b", ["198.51.100.8"])]
