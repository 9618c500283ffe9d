"""NetworkDriftCheck with the real library: run by test_inside.py in the library's own environment."""

from __future__ import annotations

import sys

import jsii
import pytest
from shared import WORLD, Aws, AwsStack, Group, annotations, app, lib, rule

from iacdrift.cdktf import NetworkDriftCheck
from iacdrift.errors import UsageError

SSH = "aws_security_group.web admits tcp/22 from the whole internet: aws_vpc_security_group_ingress_rule.rule: tcp/22 from 0.0.0.0/0"


def refused(folder, program):
    with pytest.raises(RuntimeError) as error:
        program.synth()
    assert not (folder / "manifest.json").exists(), "nothing is written"
    return str(error.value)


def test_exposure_ends_the_synth_at_the_construct_and_nothing_is_written(tmp_path):
    program = app(tmp_path)
    lib.Aspects.of(Group(program, port=22)).add(NetworkDriftCheck())
    text = refused(tmp_path, program)
    assert f"shop/rule: {SSH} (shop/rule)" in text


def test_what_is_meant_for_everybody_passes(tmp_path):
    program = app(tmp_path)
    lib.Aspects.of(Group(program, port=443)).add(NetworkDriftCheck())
    lib.Aspects.of(Group(program, "office", port=22, source="203.0.113.0/24")).add(NetworkDriftCheck())
    program.synth()
    assert annotations(tmp_path) == []


def test_a_warning_lets_the_synth_pass_and_is_said_once(tmp_path):
    program = app(tmp_path)
    stack, check = Group(program, port=22), NetworkDriftCheck(level="warning")
    for n in range(5):
        Aws(stack, f"more-{n}", "security_group")
    lib.Aspects.of(stack).add(check)
    lib.Aspects.of(stack.group).add(check)
    program.synth()
    assert annotations(tmp_path) == [("shop/rule", "warn", f"{SSH} (shop/rule)")]


def test_a_stack_is_judged_once_however_many_constructs_it_has(tmp_path, monkeypatch):
    program, calls = app(tmp_path), []
    stack, check = Group(program), NetworkDriftCheck()
    monkeypatch.setattr(check, "judged", lambda one: calls.append(one) or ())
    for n in range(5):
        Aws(stack, f"more-{n}", "security_group")
    lib.Aspects.of(stack).add(check)
    program.synth()
    assert calls == [stack]


def test_nothing_that_scans_is_even_imported(tmp_path):
    program = app(tmp_path)
    lib.Aspects.of(Group(program, port=443)).add(NetworkDriftCheck())
    program.synth()
    assert not [name for name in sys.modules if name.startswith(("iacdrift.scan.run", "iacdrift.scan.process", "nmap"))]


def test_attached_to_an_app_all_its_stacks_are_judged(tmp_path):
    program = app(tmp_path)
    Group(program, "one", port=443), Group(program, "two", port=3389)
    NetworkDriftCheck().attach(program)
    assert "two/rule: aws_security_group.web admits tcp/3389" in refused(tmp_path, program)
    with pytest.raises(UsageError, match="no stack to check yet"):
        NetworkDriftCheck().attach(app(tmp_path))


def test_tokens_are_resolved(tmp_path):
    program = app(tmp_path)
    stack = Group(program)
    everybody = lib.TerraformLocal(stack, "everybody", WORLD)
    rule(stack, "rule", stack.group, lib.Token.as_number(lib.Lazy.number_value(Port())), everybody.as_string)
    lib.Aspects.of(stack).add(NetworkDriftCheck())
    assert SSH in refused(tmp_path, program)


@jsii.implements(lib.INumberProducer)
class Port:
    def produce(self, context):
        return 22


def test_a_rule_for_another_stacks_group_is_judged_where_it_stands(tmp_path):
    program = app(tmp_path)
    first, second = Group(program, "first"), AwsStack(program, "second")
    rule(second, "rule", first.group, 22)
    NetworkDriftCheck(level="warning").attach(program)
    program.synth()
    assert [(path, level) for path, level, _ in annotations(tmp_path)] == [("second/rule", "warn")]


def test_a_rule_for_the_group_of_a_later_stack_too(tmp_path):
    program = app(tmp_path)
    second, first = AwsStack(program, "second"), Group(program, "first")
    rule(second, "rule", first.group, 22)
    NetworkDriftCheck(level="warning").attach(program)
    program.synth()
    assert [(path, level) for path, level, _ in annotations(tmp_path)] == [("second/rule", "warn")]


def test_stacks_with_the_same_names_are_told_apart(tmp_path):
    program = app(tmp_path)
    first, second = Group(program, "first", port=443), Group(program, "second", port=22)
    Aws(second, "same", "security_group", name="x", description=first.group.id)
    check = NetworkDriftCheck(level="warning", justified=[{"resource": "aws_security_group.other", "why": "no"}])
    check.attach(program)
    program.synth()
    assert [path for path, _, _ in annotations(tmp_path)] == ["second/rule"]
    excused = app(tmp_path / "excused")
    first, second = Group(excused, "first", port=443), Group(excused, "second", port=22)
    Aws(second, "same", "security_group", name="x", description=first.group.id)
    NetworkDriftCheck(justified=[{"resource": "aws_security_group.web", "why": "a honeypot"}]).attach(excused)
    excused.synth()


def test_a_remote_state_of_a_stack_of_the_app_is_followed(tmp_path):
    program = app(tmp_path)
    source = AwsStack(program, "source")
    lib.LocalBackend(source, path="source.tfstate")
    lib.TerraformOutput(source, "everybody", value=WORLD)
    stack = Group(program)
    remote = lib.DataTerraformRemoteStateLocal(stack, "remote", path="source.tfstate")
    rule(stack, "rule", stack.group, 22, remote.get_string("everybody"))
    NetworkDriftCheck().attach(program)
    assert f"shop/rule: {SSH}" in refused_after_first(program)


def refused_after_first(program):
    with pytest.raises(RuntimeError) as error:
        program.synth()
    return str(error.value)


def test_a_remote_state_of_elsewhere_is_not_known_and_never_passes_in_silence(tmp_path):
    program = app(tmp_path)
    stack = Group(program)
    remote = lib.DataTerraformRemoteStateLocal(stack, "remote", path="elsewhere.tfstate")
    rule(stack, "rule", stack.group, 22, remote.get_string("everybody"))
    lib.Aspects.of(stack).add(NetworkDriftCheck())
    program.synth()
    ((path, level, text),) = annotations(tmp_path)
    assert (path, level) == ("shop", "warn")
    assert "it couldn't be judged who is admitted, because values aren't known" in text
    assert "data.terraform_remote_state.remote.outputs.everybody" in text


def test_what_is_not_known_can_end_the_synth(tmp_path):
    program = app(tmp_path)
    stack = Group(program)
    rule(stack, "rule", stack.group, 22, lib.TerraformVariable(stack, "office", type="string").string_value)
    lib.Aspects.of(stack).add(NetworkDriftCheck(unjudged="error"))
    assert "it couldn't be judged who is admitted" in refused(tmp_path, program)


def test_a_rule_for_a_group_that_no_stack_holds_is_judged(tmp_path):
    program = app(tmp_path)
    stack = AwsStack(program, "shop")
    ports = {"ip_protocol": "tcp", "from_port": 22, "to_port": 22}
    Aws(stack, "rule", "vpc_security_group_ingress_rule", security_group_id="sg-0123456789abcdef0", cidr_ipv4=WORLD, **ports)
    lib.Aspects.of(stack).add(NetworkDriftCheck())
    assert "sg-0123456789abcdef0 admits tcp/22 from the whole internet" in refused(tmp_path, program)


def test_an_escape_hatch_that_opens_is_seen(tmp_path):
    program = app(tmp_path)
    stack = Group(program, port=22, source="203.0.113.0/24")
    stack.node.find_child("rule").add_override("cidr_ipv4", WORLD)
    lib.Aspects.of(stack).add(NetworkDriftCheck())
    assert f"shop/rule: {SSH}" in refused(tmp_path, program)


def test_an_escape_hatch_that_closes_is_seen(tmp_path):
    program = app(tmp_path)
    stack = Group(program, port=22)
    stack.node.find_child("rule").add_override("cidr_ipv4", "203.0.113.0/24")
    lib.Aspects.of(stack).add(NetworkDriftCheck())
    program.synth()
    assert annotations(tmp_path) == []


def test_a_resource_that_only_an_escape_hatch_makes_is_judged_on_its_stack(tmp_path):
    program = app(tmp_path)
    stack = Group(program)
    body = {"security_group_id": "${aws_security_group.web.id}", "ip_protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_ipv4": WORLD}
    stack.add_override("resource.aws_vpc_security_group_ingress_rule.rule", body)
    lib.Aspects.of(stack).add(NetworkDriftCheck())
    assert f"shop: {SSH}" in refused(tmp_path, program)


def test_what_another_aspect_changes_is_seen_whichever_comes_first(tmp_path):
    @jsii.implements(lib.IAspect)
    class Opens:
        def visit(self, node):
            if getattr(node, "terraform_resource_type", "") == "aws_vpc_security_group_ingress_rule":
                node.add_override("cidr_ipv4", WORLD)

    program = app(tmp_path)
    stack = Group(program, port=22, source="203.0.113.0/24")
    lib.Aspects.of(stack).add(NetworkDriftCheck())
    lib.Aspects.of(stack).add(Opens())
    assert SSH in refused(tmp_path, program)


def test_an_inline_rule_of_a_block_is_judged_too(tmp_path):
    program = app(tmp_path)
    stack = Group(program)
    stack.group.add_override("ingress", [{"from_port": 5432, "to_port": 5432, "protocol": "tcp", "cidr_blocks": [WORLD]}])
    lib.Aspects.of(stack).add(NetworkDriftCheck())
    assert "shop/web: aws_security_group.web admits tcp/5432" in refused(tmp_path, program)


def test_a_justification_covers_its_ports_and_needs_a_reason(tmp_path):
    program = app(tmp_path)
    stack = Group(program, port=22)
    lib.Aspects.of(stack).add(NetworkDriftCheck(justified=[{"resource": "aws_security_group.web", "ports": "22", "why": "a honeypot"}]))
    program.synth()
    for wrong in ({"resource": "x"}, {"resource": "x", "why": " "}, {"resource": "x", "why": "y", "ports": "ssh"}):
        with pytest.raises(UsageError):
            NetworkDriftCheck(justified=[wrong])


def test_the_ports_can_be_chosen(tmp_path):
    program = app(tmp_path)
    lib.Aspects.of(Group(program, port=443)).add(NetworkDriftCheck(tcp="443"))
    assert "admits tcp/443" in refused(tmp_path, program)
    with pytest.raises(UsageError, match="no set of ports"):
        NetworkDriftCheck(tcp="https")
    with pytest.raises(UsageError, match="error or warning"):
        NetworkDriftCheck(level="info")


def test_in_a_unit_test_it_runs_with_the_validations():
    stack = Group(lib.Testing.app(), port=22)
    lib.Aspects.of(stack).add(NetworkDriftCheck())
    with pytest.raises(RuntimeError, match="admits tcp/22"):
        lib.Testing.synth(stack, True)


def test_in_a_unit_test_another_stacks_group_is_found_as_well():
    program = lib.Testing.app()
    first, second = Group(program, "first"), AwsStack(program, "second")
    rule(second, "rule", first.group, 22)
    lib.Aspects.of(second).add(NetworkDriftCheck())
    with pytest.raises(RuntimeError, match=r"aws_security_group\.web admits tcp/22"):
        lib.Testing.synth(second, True)
