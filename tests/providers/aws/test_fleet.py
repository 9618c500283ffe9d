"""Fleets: a surface without addresses, by the groups of whatever their machines start from."""

import pytest

from iacdrift.sources.resource import Action
from tests.providers.resources import LATER, plan, ref, state
from tests.surface.networks import ELSEWHERE, IN_OFFICE, OFFICE, asked, group, host, reasons, seen_from, tcp, two_subnets

TEMPLATE = state("aws_launch_template.web", id="lt-web", name="web", latest_version=3, vpc_security_group_ids=["sg-web"])
OTHER = state("aws_launch_template.other", id="lt-other", name="other", vpc_security_group_ids=["sg-other"])
CONFIGURATION = state("aws_launch_configuration.web", id="web-conf", name="web-conf", security_groups=["sg-web"])
WHERE = {"vpc_zone_identifier": ["subnet-a"]}


def net(*more):
    return [*two_subnets(), group("web", tcp(443, OFFICE)), group("other", tcp(80)), TEMPLATE, OTHER, CONFIGURATION, *more]


def spec(**named):
    return {"launch_template_specification": [named]}


def asg(**more):
    return state("aws_autoscaling_group.web", id="web", **{**WHERE, **more})


MIXED = [{"launch_template": [{**spec(launch_template_id="lt-web", version="$Latest"), "override": []}]}]

BEHIND_WEB = {
    "template by id": asg(launch_template=[{"id": "lt-web", "name": "web", "version": "3"}]),
    "template by name": asg(launch_template=[{"id": "", "name": "web", "version": "$Latest"}]),
    "configuration": asg(launch_configuration="web-conf"),
    "mixed": asg(mixed_instances_policy=MIXED),
    "mixed by name": asg(mixed_instances_policy=[{"launch_template": [spec(launch_template_name="web")]}]),
    "node group": state("aws_eks_node_group.web", id="c:n", subnet_ids=["subnet-a"], launch_template=[{"id": "lt-web", "version": "3"}]),
    "ecs": state("aws_ecs_service.web", id="svc", network_configuration=[{"subnets": ["subnet-a"], "security_groups": ["sg-web"]}]),
    "spot": state(
        "aws_spot_fleet_request.web", id="sfr", launch_specification=[{"subnet_id": "subnet-a", "vpc_security_group_ids": ["sg-web"]}]
    ),
    "spot template": state(
        "aws_spot_fleet_request.web", id="sfr", launch_template_config=[{**spec(id="lt-web"), "overrides": [{"subnet_id": "subnet-a"}]}]
    ),
    "ec2 fleet": state(
        "aws_ec2_fleet.web",
        id="fleet",
        launch_template_config=[{**spec(launch_template_id="lt-web"), "override": [{"subnet_id": "subnet-a"}]}],
    ),
}


@pytest.mark.parametrize("fleet", BEHIND_WEB.values(), ids=BEHIND_WEB)
def test_a_fleet_is_one_entry_without_an_address_and_with_its_groups_surface(fleet):
    found = host(net(fleet), fleet.address, IN_OFFICE)
    assert (found.status.value, found.address, found.name) == ("unaddressed", None, None)
    assert (str(found.tcp.allowed), str(found.tcp.unknown)) == ("443", "")
    assert asked(net(fleet), fleet.address, 443, ELSEWHERE) == "blocked"
    assert len(seen_from("internet", net(fleet)).hosts) == 1


@pytest.mark.parametrize("fleet", BEHIND_WEB.values(), ids=BEHIND_WEB)
def test_it_lies_in_its_subnets(fleet):
    assert host(net(fleet), fleet.address).within == ("aws_vpc.main", "aws_subnet.a")


def test_it_is_no_managed_endpoint_so_any_service_may_start_there():
    assert host(net(asg(launch_configuration="web-conf")), "aws_autoscaling_group.web").managed is False


def test_from_inside_too():
    fleet = asg(launch_template=[{"id": "lt-web"}])
    assert asked(net(fleet), "aws_autoscaling_group.web", 443, "10.0.1.9") == "blocked"
    assert asked(net(asg(launch_template=[{"id": "lt-other"}])), "aws_autoscaling_group.web", 80, "10.0.1.9") == "allowed"


def test_a_surface_without_addresses_has_a_gap():
    assert any("unaddressed" in gap for gap in seen_from("internet", net(asg(launch_configuration="web-conf"))).gaps)


def test_a_template_gives_groups_on_its_interfaces():
    template = state("aws_launch_template.nic", id="lt-nic", network_interfaces=[{"device_index": 0, "security_groups": ["sg-web"]}])
    assert asked(net(asg(launch_template=[{"id": "lt-nic"}]), template), "aws_autoscaling_group.web", 443, IN_OFFICE) == "allowed"


def test_by_reference_before_anything_has_an_id():
    template = plan("aws_launch_template.new", {"vpc_security_group_ids": ["sg-web"]}, action=Action.CREATE)
    named = [{"id": ref("aws_launch_template.new.id"), "version": "$Latest"}]
    fleet = plan("aws_autoscaling_group.new", {**WHERE, "launch_template": named}, action=Action.CREATE)
    assert asked(net(template, fleet), "aws_autoscaling_group.new", 443, IN_OFFICE) == "allowed"


def test_a_fleet_that_the_plan_deletes_is_none():
    gone = plan("aws_autoscaling_group.web", {}, {**WHERE, "id": "web", "launch_configuration": "web-conf"}, action=Action.DELETE)
    assert seen_from("internet", net(gone)).hosts == ()


UNKNOWN = {
    "template in no source": (asg(launch_template=[{"id": "lt-gone", "name": "gone"}]), "launch template that is in no source"),
    "configuration in no source": (asg(launch_configuration="gone"), "launch configuration that is in no source"),
    "template later": (plan("aws_autoscaling_group.web", {**WHERE, "launch_template": [{"id": LATER}]}), "in no source"),
    "block later": (plan("aws_autoscaling_group.web", {**WHERE, "launch_template": LATER}), "in no source"),
    "nodes": (state("aws_eks_node_group.web", id="c:n", subnet_ids=["subnet-a"], launch_template=[]), "cluster's own security group"),
    "ecs on machines": (state("aws_ecs_service.web", id="svc", network_configuration=[]), "network of the machines"),
    "ecs later": (plan("aws_ecs_service.web", {"network_configuration": LATER}), "known after apply"),
    "specifications that differ": (
        state(
            "aws_spot_fleet_request.web",
            id="sfr",
            launch_specification=[{"subnet_id": "subnet-a", "vpc_security_group_ids": [f"sg-{name}"]} for name in ("web", "other")],
        ),
        "groups differ",
    ),
    "templates that differ": (
        state("aws_ec2_fleet.web", id="f", launch_template_config=[spec(launch_template_id=f"lt-{name}") for name in ("web", "other")]),
        "groups differ",
    ),
}


@pytest.mark.parametrize(("fleet", "why"), UNKNOWN.values(), ids=UNKNOWN)
def test_groups_that_cannot_be_told_are_unknown_by_code(fleet, why):
    assert asked(net(fleet), fleet.address, 443) == "unknown by code"
    assert any(why in reason for reason in reasons(net(fleet), fleet.address, 443))
