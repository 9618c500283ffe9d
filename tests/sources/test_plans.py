import json

import pytest

from iacdrift.errors import SourceError
from iacdrift.sources.read import read_sources
from iacdrift.sources.resource import Action, Origin, Reference, Sensitive, Unknown
from tests.sources.places import EDGE, SOURCES, WEB, by_address, read


def test_an_inline_rule_that_the_configuration_does_not_set_is_not_declared():
    found = by_address(read(EDGE / "plan-after-drift.json"))
    edge = found["aws_security_group.edge"]
    assert "ingress" not in edge.declared
    assert 8080 in [rule["to_port"] for rule in edge.recorded["ingress"]]
    assert edge.declared["name"] == "edge"
    assert edge.origin is Origin.CODE


def test_an_inline_rule_that_it_does_set_is_declared_as_planned_not_as_recorded():
    bastion = by_address(read(EDGE / "plan-after-drift.json"))["aws_security_group.bastion"]
    assert bastion.action is Action.UPDATE

    def ssh(rules):
        return {cidr for rule in rules if rule["to_port"] == 22 for cidr in rule["cidr_blocks"]}

    assert ssh(bastion.declared["ingress"]) == {"203.0.113.0/24", "198.51.100.7/32"}
    assert "0.0.0.0/0" in ssh(bastion.recorded["ingress"])


def test_without_code_the_origin_is_the_plan_alone(tmp_path):
    path = tmp_path / "plan.json"
    path.write_bytes((EDGE / "plan-after-drift.json").read_bytes())
    found = by_address(read(path))
    assert {resource.origin for resource in found.values() if not resource.data} == {Origin.PLAN}
    assert found["aws_security_group.edge"].provenance.at is None


def test_code_may_lie_elsewhere(tmp_path):
    path = tmp_path / "plan.json"
    path.write_bytes((EDGE / "plan-after-drift.json").read_bytes())
    edge = by_address(read(path, code=EDGE))["aws_security_group.edge"]
    assert (edge.origin, edge.provenance.at) == (Origin.CODE, "main.tf:94")


def test_a_rule_that_was_removed_by_hand_is_still_declared():
    rule = by_address(read(EDGE / "plan-after-drift.json"))['aws_security_group_rule.edge_http["80"]']
    assert rule.action is Action.CREATE
    assert rule.recorded == {}
    assert (rule.declared["from_port"], rule.declared["cidr_blocks"]) == (80, ["0.0.0.0/0"])


def test_a_create_plan_links_resources_by_reference():
    found = by_address(read(EDGE / "create-plan.json"))
    rule = found["aws_vpc_security_group_ingress_rule.app_from_edge"].declared
    assert rule["security_group_id"] == Reference("aws_security_group.app", "id")
    assert rule["referenced_security_group_id"] == Reference("aws_security_group.edge", "id")
    assert found["aws_instance.bastion"].declared["vpc_security_group_ids"] == [Reference("aws_security_group.bastion", "id")]
    assert found["aws_instance.bastion"].declared["subnet_id"] == Reference('aws_subnet.public["a"]', "id")
    assert found["aws_eip.bastion"].declared["instance"] == Reference("aws_instance.bastion", "id")
    assert found["aws_instance.bastion"].recorded == {}
    assert found["aws_instance.bastion"].action is Action.CREATE


def test_a_reference_is_followed_through_the_variables_of_a_module():
    node = by_address(read(EDGE / "create-plan.json"))['module.service["api"].aws_instance.node[0]'].declared
    assert node["vpc_security_group_ids"] == [Reference("aws_security_group.app", "id"), Reference("aws_security_group.mesh", "id")]
    assert isinstance(node["subnet_id"], Unknown)
    assert "aws_subnet.private" in node["subnet_id"].references


def test_each_value_of_a_resource_is_the_instance_with_the_same_key():
    found = by_address(read(EDGE / "create-plan.json"))
    assert found['aws_route_table_association.public["b"]'].declared["subnet_id"] == Reference('aws_subnet.public["b"]', "id")


def test_nested_blocks_carry_references_and_leave_out_what_is_computed():
    found = by_address(read(EDGE / "create-plan.json"))
    (block,) = found["aws_instance.edge"].declared["network_interface"]
    assert block["network_interface_id"] == Reference("aws_network_interface.edge", "id")
    (rule,) = found["aws_security_group.db"].declared["ingress"]
    assert rule["security_groups"] == [Reference("aws_security_group.app", "id")]
    (action,) = found["aws_lb_listener.edge"].declared["default_action"]
    assert "order" not in action


def test_what_is_unknown_and_not_set_by_the_code_is_not_declared():
    found = by_address(read(EDGE / "create-plan.json"))
    assert "source_security_group_id" not in found["aws_security_group_rule.edge_quic"].declared
    assert "ingress" not in found["aws_security_group.edge"].declared
    assert "public_ip" not in found["aws_eip.bastion"].declared


def test_links_that_only_the_configuration_knows():
    found = by_address(read("plans/associations.json"))
    association = found["aws_eip_association.a"].declared
    assert association["instance_id"] == Reference("aws_instance.many[1]", "id")
    assert association["allocation_id"] == Unknown("known after apply", ("aws_instance.many", "count.index"))
    assert "private_ip_address" not in association
    rule = found["aws_security_group_rule.r"].declared
    assert rule["security_group_id"] == Reference("aws_security_group.g", "id")
    assert "source_security_group_id" not in rule
    (inline,) = found["aws_security_group.w"].declared["ingress"]
    assert inline["cidr_blocks"] == Unknown("known after apply", ("local.ranges",))
    assert inline["security_groups"] == [Reference("aws_security_group.g", "id")]


def test_actions():
    found = by_address(read("plans/actions.json"))
    assert {address: resource.action for address, resource in found.items()} == {
        "aws_instance.create": Action.CREATE,
        "aws_instance.update": Action.UPDATE,
        "aws_instance.swap": Action.REPLACE,
        "aws_instance.swap2": Action.REPLACE,
        "aws_instance.kept": Action.KEEP,
        "aws_instance.kept (deposed a1b2c3d4)": Action.DELETE,
        "aws_instance.gone": Action.DELETE,
        "aws_instance.forgotten": Action.DELETE,
    }
    assert found["aws_instance.gone"].recorded == {"id": "i-g"}
    assert found["aws_instance.kept (deposed a1b2c3d4)"].recorded == {"id": "i-d"}
    assert found["aws_instance.kept"].recorded["id"] == "i-k"


def test_a_planned_value_that_differs_from_the_prior_one_is_declared():
    found = by_address(read("plans/actions.json"))
    assert found["aws_instance.update"].declared == {"ami": "y", "ebs_optimized": True}
    assert "user_data" not in found["aws_instance.kept"].declared


@pytest.mark.parametrize("path", [EDGE, WEB])
def test_a_refresh_only_plan_evaluates_no_code_so_it_is_read_as_a_state(path):
    inventory = read(path / "refresh-only-plan-after-drift.json")
    managed = [resource for resource in inventory.resources if not resource.data]
    assert managed
    assert {resource.origin for resource in managed} == {Origin.STATE}
    assert Action.DELETE not in {resource.action for resource in managed}
    assert any("-refresh-only" in note for note in inventory.notes)


def test_a_refresh_only_plan_declares_what_was_recorded_before_the_refresh():
    found = by_address(read(EDGE / "refresh-only-plan-after-drift.json"))
    edge = found["aws_security_group.edge"]
    assert 8080 not in [rule["to_port"] for rule in edge.declared["ingress"]]
    assert 8080 in [rule["to_port"] for rule in edge.recorded["ingress"]]
    vanished = found['aws_security_group_rule.edge_http["80"]']
    assert (vanished.declared["from_port"], vanished.recorded, vanished.action) == (80, {}, Action.CREATE)


def drifted(expression, restored=False):
    """A group whose `ingress` drifted from 443 to 8080, in a plan that takes it back or leaves it."""
    before, after = ([{"from_port": port, "to_port": port}] for port in (443, 8080))
    group = {"address": "aws_security_group.g", "mode": "managed", "type": "aws_security_group", "name": "g"}
    planned = before if restored else after
    return {
        "format_version": "1.2",
        "planned_values": {"root_module": {"resources": [{**group, "values": {"ingress": planned}}]}},
        "resource_drift": [
            {**group, "change": {"actions": ["update"], "before": {"id": "sg-1", "ingress": before}, "after": {"ingress": after}}}
        ],
        "resource_changes": [{**group, "change": {"actions": ["update" if restored else "no-op"], "after_unknown": {}}}],
        "prior_state": {"values": {"root_module": {"resources": [{**group, "values": {"id": "sg-1", "ingress": after}}]}}},
        "configuration": {"root_module": {"resources": [{**group, "expressions": {"ingress": expression}}]}},
    }


def test_drift_that_the_plan_leaves_is_not_declared():
    (left,) = read_sources([drifted({"references": ["var.rules"]})]).resources
    assert isinstance(left.declared["ingress"], Unknown)
    assert "drifted" in left.declared["ingress"].why
    (constant,) = read_sources([drifted({"constant_value": [{"from_port": 443, "to_port": 443}]})]).resources
    assert constant.declared["ingress"] == [{"from_port": 443, "to_port": 443}]


def test_drift_that_the_plan_takes_back_is_declared_as_planned():
    (group,) = read_sources([drifted({"references": ["var.rules"]}, restored=True)]).resources
    assert group.declared["ingress"] == [{"from_port": 443, "to_port": 443}]
    assert group.recorded["ingress"] == [{"from_port": 8080, "to_port": 8080}]


@pytest.mark.parametrize("version", ["0.1", "0.2", "1.0", "1.1"])
def test_every_format_version_up_to_1_is_read(version):
    (group,) = read(f"plans/format-{version}.json").resources
    assert group.declared == {"name": "web"}
    assert group.recorded["id"] == "sg-1"


@pytest.mark.parametrize("name", ["utf-16.json", "utf-16-without-mark.json", "bom.json", "wrapped.json"])
def test_encodings_and_wrappers(name):
    inventory = read(f"plans/{name}")
    assert inventory.resources[0].declared == {"name": "web"}
    assert inventory.sources[0].kind == "plan"


def test_a_parsed_dict_is_a_source():
    (group,) = read_sources([json.loads((SOURCES / "plans/wrapped.json").read_text())]).resources
    assert group.declared == {"name": "web"}


def test_the_plan_says_when_it_was_made():
    assert read("plans/bom.json").sources[0].written_at == "2026-01-02T03:04:05Z"


def test_an_errored_plan_is_a_gap():
    (gap,) = read("plans/errored.json").gaps
    assert "errored: true" in gap
    assert read("plans/bom.json").gaps == ()


def test_a_plan_without_prior_state_and_changes_is_read_as_recorded_values():
    (group,) = read("plans/without-prior.json").resources
    assert group.origin is Origin.STATE


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("plans/format-2.0.json", "format version 2.0"),
        ("plans/text.json", "the text of terraform plan.*terraform show -json"),
        ("plans/log.json", "the log of terraform plan -json.*terraform show -json"),
        ("plans/only-changes.json", "only a part of a plan"),
    ],
)
def test_what_is_no_plan_is_refused_with_what_to_do(name, sentence):
    with pytest.raises(SourceError, match=sentence):
        read(name)


def test_the_text_of_a_real_plan_is_told():
    with pytest.raises(SourceError, match="the text of terraform plan"):
        read(EDGE / "plan-after-drift.txt")


def test_secrets_are_marked_in_declared_and_recorded():
    inventory = read("plans/secret.json")
    found = by_address(inventory)
    assert found["aws_db_instance.d"].declared == {"password": Sensitive("hunter2"), "port": 5432}
    assert found["aws_db_instance.d"].recorded["password"] == Sensitive("hunter2")
    assert found["aws_db_instance.all"].declared == {"port": Sensitive(1)}
    assert "hunter2" not in repr(inventory)


def test_recorded_values_are_not_copied():
    data = json.loads((EDGE / "noop-plan.json").read_text())
    found = by_address(read_sources([data]))
    prior = {entry["address"]: entry["values"] for entry in data["prior_state"]["values"]["root_module"]["resources"]}
    assert found["aws_security_group.edge"].recorded is prior["aws_security_group.edge"]
