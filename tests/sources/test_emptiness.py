"""A dynamic block over nothing: what it would set is then the cloud's own, however often it was refreshed into the state."""

import json
from pathlib import Path

import pytest

from iacdrift.assertion import expected_part
from iacdrift.sources.configuration import Configuration, Scope
from iacdrift.sources.emptiness import Emptiness
from iacdrift.sources.resource import Resource, Unknown
from tests.sources.places import read

RULE = {"from_port": 22, "to_port": 22, "protocol": "tcp", "cidr_blocks": ["0.0.0.0/0"]}
CONFIGURATION = Configuration.from_module(
    {
        "variables": {"defaulted": {"default": []}, "secret": {"default": [], "ephemeral": True}},
        "module_calls": {
            "m": {
                "expressions": {"constant": {"constant_value": []}, "passed": {"references": ["var.full"]}},
                "module": {"variables": {"mine": {"default": [1]}}},
            }
        },
    }
)
GIVEN = {"none": {"value": []}, "full": {"value": [1]}, "yes": {"value": True}, "no": {"value": False}, "text": {"value": "x"}}
WRITTEN = {
    ((), "local.none"): "[]",
    ((), "local.chained"): "toset(local.none)",
    ((), "local.round"): "local.round",
    (("m",), "local.none"): "[1]",
    ((), "module.m.passed"): "var.full",
}
ROOT, INSIDE = Scope(CONFIGURATION), Scope(CONFIGURATION, (("m", '["a"]'),))


def asked(text: str, scope: Scope = ROOT) -> bool | None:
    return Emptiness(GIVEN, lambda modules, name: WRITTEN.get((modules, name))).of(text, scope)


@pytest.mark.parametrize(
    ("text", "empty"),
    [
        ("[]", True),
        ("{ }", True),
        ("${[]}", True),
        ("toset([])", True),
        ("tomap({})", True),
        ("[aws_x.y.id]", False),
        ('{ a = "]" }', False),
        ("[for one in var.full : one if one > 3]", None),
        ("{for one in var.full : one => one}", None),
        ("var.none", True),
        ("var.full", False),
        ("var.text", None),
        ("var.absent", None),
        ("var.defaulted", True),
        ("var.secret", None),
        ("var.full.part", None),
        ("local.none", True),
        ("local.chained", True),
        ("local.round", None),
        ("local.absent", None),
        ("concat(var.none, local.none)", True),
        ("concat(data.x.y.z, [1])", False),
        ("concat(data.x.y.z, [])", None),
        ("compact(var.full)", None),
        ("var.no ? var.full : []", True),
        ("!var.no ? [1] : []", False),
        ('data.x.y == "a?b:c" ? [1] : []', None),
        ("data.x.y ? [] : {}", True),
        ("var.yes ? (var.no ? [1] : []) : [2]", True),
        ("(var.none)", True),
        ("toset(var.none) == [] ? [1] : [1]", False),
        ("[[], [1]][0]", None),
        ("", None),
        ("(", None),
    ],
)
def test_what_the_code_leaves_no_choice_about(text: str, empty: bool | None) -> None:
    assert asked(text) is empty


@pytest.mark.parametrize(("text", "empty"), [("var.constant", True), ("var.passed", False), ("var.mine", False), ("local.none", False)])
def test_inside_a_module_the_caller_tells(text: str, empty: bool) -> None:
    assert asked(text, INSIDE) is empty


def plan(folder: Path, code: str, *, actions: str = "no-op", name: str = "main.tf") -> Path:
    """A plan that keeps a group whose only rule was opened by hand and refreshed into the state some time ago."""
    values = {"id": "sg-1", "name": "web", "ingress": [RULE], "egress": [], "vpc_id": "vpc-1"}
    kept = {"address": "aws_security_group.web", "mode": "managed", "type": "aws_security_group", "name": "web"}
    node = {"address": "aws_instance.node", "mode": "managed", "type": "aws_instance", "name": "node"}
    machine = {
        "id": "i-1",
        "public_ip": "198.51.100.7",
        "private_ip": "10.0.0.7",
        "vpc_security_group_ids": ["sg-1"],
        "instance_state": "running",
    }
    root = {"resources": [{**kept, "values": values}, {**node, "values": machine}]}
    before = None if actions == "create" else values
    configured = [
        {**kept, "expressions": {"name": {"constant_value": "web"}}},
        {**node, "expressions": {"vpc_security_group_ids": {"constant_value": ["sg-1"]}}},
    ]
    document = {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "variables": {"none": {"value": []}},
        "planned_values": {"root_module": root},
        "prior_state": {"format_version": "1.0", "values": {"root_module": {"resources": []} if before is None else root}},
        "configuration": {"root_module": {"resources": configured}},
        "resource_changes": [
            {**kept, "change": {"actions": [actions], "before": before, "after": values, "after_unknown": {}}},
            {**node, "change": {"actions": ["no-op"], "before": machine, "after": machine, "after_unknown": {}}},
        ],
    }
    (folder / name).write_text(code)
    (folder / "plan.json").write_text(json.dumps(document))
    return folder / "plan.json"


def code(over: str, more: str = "", second: str = "") -> str:
    blocks = "".join(
        f'  dynamic "ingress" {{\n    for_each = {each}\n    content {{\n      from_port = ingress.value\n    }}\n  }}\n'
        for each in filter(None, (over, second))
    )
    return f'{more}\nresource "aws_security_group" "web" {{\n  name = "web"\n{blocks}}}\nresource "aws_instance" "node" {{}}\n'


def group(path: Path) -> Resource:
    return next(found for found in read(path).resources if found.type == "aws_security_group")


@pytest.mark.parametrize(
    ("over", "more", "second"),
    [
        ("local.rules", "locals {\n  rules = toset([])\n}", ""),
        ("var.none", "", "[]"),
        ('var.on ? ["22"] : []', 'variable "on" {}', ""),
    ],
)
def test_empty_ones_declare_nothing_and_what_cannot_be_told_is_said(tmp_path: Path, over: str, more: str, second: str) -> None:
    found = group(plan(tmp_path, code(over, more, second)))
    surely_empty = "?" not in over
    assert ("ingress" in found.declared) is not surely_empty
    assert list(found.assumed) == ([] if surely_empty else ["ingress"])


def test_one_of_two_that_surely_sets_something_declares_it(tmp_path: Path) -> None:
    found = group(plan(tmp_path, code("data.x.y.z", second="[22]")))
    assert "ingress" in found.declared
    assert not found.assumed


def test_what_the_plan_creates_is_the_codes_own(tmp_path: Path) -> None:
    assert not group(plan(tmp_path, code("data.x.y.z"), actions="create")).assumed


def test_json_code_tells_as_much(tmp_path: Path) -> None:
    def written(over: object) -> str:
        body = {"name": "web", "dynamic": {"ingress": {"for_each": over, "content": {}}}}
        return json.dumps({"locals": {"rules": []}, "resource": {"aws_security_group": {"web": body}}})

    for over, declared, assumed in (([], False, False), ("${local.rules}", False, False), ([22], True, False), ("${var.x}", True, True)):
        found = group(plan(tmp_path, written(over), name="main.tf.json"))
        assert ("ingress" in found.declared, bool(found.assumed)) == (declared, assumed)


def test_an_override_replaces_the_blocks_of_its_name(tmp_path: Path) -> None:
    (tmp_path / "a_override.tf").write_text('resource "aws_security_group" "web" {\n  tags = {}\n}\n')
    assert "ingress" not in group(plan(tmp_path, code("[]"))).declared
    (tmp_path / "a_override.tf").write_text('resource "aws_security_group" "web" {\n  ingress {\n    from_port = 22\n  }\n}\n')
    assert "ingress" in group(plan(tmp_path, code("[]"))).declared


def test_the_report_names_the_resource_and_the_place_and_strict_makes_it_unknown(tmp_path: Path) -> None:
    path = plan(tmp_path, code("data.x.y.z"))
    lax = expected_part([path], "internet").surface
    (told,) = [each for each in lax.assumptions if "dynamic block" in each.text]
    assert told.resource == "aws_security_group.web"
    assert told.text.startswith("main.tf:2: its ingress comes from a dynamic block")
    assert 22 in lax.hosts[0].tcp.allowed
    strict = expected_part([path], "internet", strict=True).surface
    assert 22 in strict.hosts[0].tcp.unknown_by_code
    sure = expected_part([plan(tmp_path, code("[22]"))], "internet").surface
    assert not [each for each in sure.assumptions if "dynamic block" in each.text]


def test_unknown_stays_unknown(tmp_path: Path) -> None:
    path = plan(tmp_path, code("data.x.y.z"))
    document = json.loads(path.read_text())
    was = {**document["resource_changes"][0]["change"]["before"], "ingress": []}
    change = {"actions": ["update"], "before": was, "after": document["resource_changes"][0]["change"]["after"]}
    document["resource_drift"] = [{**document["resource_changes"][0], "change": change}]
    path.write_text(json.dumps(document))
    found = group(path)
    assert isinstance(found.declared["ingress"], Unknown)
    assert not found.assumed
