"""add_runtime_assertion with the real library: run by test_inside.py in the library's own environment."""

from __future__ import annotations

import pytest
from shared import Aws, Group, annotations, app, lib, synthesised

from iacdrift.cdktf import add_runtime_assertion
from iacdrift.errors import UsageError

ADDRESS = "registry.terraform.io/iacdrift/iacdrift"


def written(folder, *, before=lambda stack: None, after=lambda stack: None, **options):
    program = app(folder)
    stack = Group(program, port=443)
    before(stack)
    add_runtime_assertion(stack, **options)
    after(stack)
    program.synth()
    return synthesised(folder, "shop")


def test_the_data_source_its_postcondition_and_its_provider(tmp_path):
    synth = written(tmp_path, vantage="internet", ports="declared", scope=["198.51.100.0/24"], rate=500, settle=60, sources="n.tfstate")
    assert synth["terraform"]["required_providers"]["iacdrift"] == {"source": ADDRESS}
    assert synth["provider"]["iacdrift"] == [{}]
    data = synth["data"]["iacdrift_network"]["iacdrift"]
    assert data.pop("//")["metadata"]["path"] == "shop/iacdrift"
    names = ("aws_security_group.web", "aws_vpc_security_group_ingress_rule.rule")
    assert data.pop("resources") == "${jsonencode({" + ", ".join(f'"{name}" = {name}' for name in names) + "})}"
    assert data == {
        "after": "${timestamp()}",
        "vantage": "internet",
        "ports": "declared",
        "scope": ["198.51.100.0/24"],
        "rate": 500,
        "sources": ["n.tfstate"],
        "settle": 60,
        "depends_on": list(names),
        "lifecycle": {"postcondition": [{"condition": "${self.passed}", "error_message": "${self.report}"}]},
    }


def test_resources_that_come_later_and_those_of_escape_hatches_are_handed_over(tmp_path):
    def after(stack):
        Aws(stack, "later", "security_group", name="later")
        stack.add_override("resource.aws_eip.hatch", {"domain": "vpc"})

    data = written(tmp_path, after=after)["data"]["iacdrift_network"]["iacdrift"]
    assert {"aws_security_group.later", "aws_eip.hatch"} <= set(data["depends_on"])
    assert '"aws_eip.hatch" = aws_eip.hatch' in data["resources"]
    assert '"aws_security_group.later" = aws_security_group.later' in data["resources"]


def test_in_a_unit_test_it_is_in_the_text():
    stack = Group(lib.Testing.app(), port=443)
    add_runtime_assertion(stack, vantage=["203.0.113.9", "2001:db8::9"], version="0.1.0")
    text = lib.Testing.synth(stack)
    assert lib.Testing.to_have_data_source_with_properties(text, "iacdrift_network", {"vantage": "203.0.113.9,2001:db8::9"})
    assert '"version": "0.1.0"' in text
    assert "aws_security_group.web" in text


def test_expectations_become_blocks(tmp_path):
    expect = [{"host": "198.51.100.7", "open": ["443/tcp"], "admitted_from": ["203.0.113.0/24"]}]
    assert written(tmp_path, expect=expect)["data"]["iacdrift_network"]["iacdrift"]["expect"] == expect


def test_without_enforcement_a_check_block_warns(tmp_path):
    synth = written(tmp_path, enforce=False)
    assert "lifecycle" not in synth["data"]["iacdrift_network"]["iacdrift"]
    asked = {"condition": "${data.iacdrift_network.iacdrift.passed}", "error_message": "${data.iacdrift_network.iacdrift.report}"}
    assert synth["check"] == {"iacdrift": {"assert": [asked]}}


def test_two_vantages_are_two_assertions(tmp_path):
    def before(stack):
        add_runtime_assertion(stack, name="inside", vantage="10.0.0.9")

    found = written(tmp_path, before=before, vantage="internet")["data"]["iacdrift_network"]
    assert {name: one["vantage"] for name, one in found.items()} == {"inside": "10.0.0.9", "iacdrift": "internet"}
    assert found["inside"]["depends_on"] == found["iacdrift"]["depends_on"]


def test_the_report_can_be_an_output(tmp_path):
    program = app(tmp_path)
    stack = Group(program, port=443)
    found = add_runtime_assertion(stack)
    lib.TerraformOutput(stack, "report", value=found.get_string_attribute("report_json"))
    program.synth()
    assert synthesised(tmp_path, "shop")["output"]["report"]["value"] == "${data.iacdrift_network.iacdrift.report_json}"


def test_a_module_is_waited_for_and_that_its_resources_are_not_seen_is_said(tmp_path):
    def before(stack):
        lib.TerraformHclModule(stack, "servers", source="terraform-aws-modules/ec2-instance/aws")

    synth = written(tmp_path, before=before)
    assert "module.servers" in synth["data"]["iacdrift_network"]["iacdrift"]["depends_on"]
    ((path, level, text),) = annotations(tmp_path)
    assert (path, level) == ("shop", "warn")
    assert "doesn't see the resources in servers" in text


def test_what_has_no_meaning_is_refused():
    stack = Group(lib.Testing.app(), port=443)
    with pytest.raises(UsageError, match="no such keyword of a runtime assertion: prots, states"):
        add_runtime_assertion(stack, prots="22", states={})
    with pytest.raises(UsageError, match="takes a stack"):
        add_runtime_assertion(stack.group)
    with pytest.raises(UsageError, match="no construct of cdktf or cdktn"):
        add_runtime_assertion("shop")
    with pytest.raises(UsageError, match="a name in Terraform"):
        add_runtime_assertion(stack, name="the assertion")
