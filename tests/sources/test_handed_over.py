"""Resources handed over while they are applied: what the code sets is declared, everything else mirrors the cloud."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from iacdrift import expected_surface
from iacdrift.errors import SourceError
from iacdrift.sources.handed_over import SCHEMA
from iacdrift.sources.read import read_sources
from iacdrift.sources.resource import Inventory, Origin, Unknown
from iacdrift.surface.expected import ExpectedSurface
from iacdrift.terraform_provider.inputs import sources

STACK = Path(__file__).parents[1] / "data" / "terraform" / "edge-and-bastion"


def objects(name: str, *keys: str) -> dict[str, Any]:
    """Every resource of a plan or state as the object that its address gives in an expression."""
    values: Any = json.loads((STACK / name).read_text())
    for key in keys:
        values = values[key]
    return {entry["address"]: entry["values"] for entry in _entries(values["root_module"])}


def _entries(module: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from module.get("resources", ())
    for child in module.get("child_modules", ()):
        yield from _entries(child)


def given(handed: Mapping[str, Any], plan: str | None = None) -> list[Any]:
    config = {"resources": json.dumps(handed)}
    return sources(config | ({"plan": str(STACK / plan)} if plan else {}))


def ports(surface: ExpectedSurface) -> list[Any]:
    return [(host["address"], host["owner"], host["status"], host["tcp"], host["udp"]) for host in surface.to_dict()["hosts"]]  # type: ignore[attr-defined]


def inventory(tmp_path: Path, code: str, handed: Mapping[str, Any]) -> Inventory:
    (tmp_path / "main.tf").write_text(code)
    return read_sources([{"schema": SCHEMA, "resources": handed, "folder": str(tmp_path)}])


@pytest.mark.parametrize("vantage", ["internet", "10.20.0.99"])
@pytest.mark.parametrize("plan", [None, "create-plan.json", "noop-plan.json"])
def test_code_or_plan_make_of_the_objects_what_a_plan_of_the_same_moment_says(plan: str | None, vantage: str) -> None:
    handed = given(objects("state.json", "values"), plan)
    surface = expected_surface(*handed, vantage=vantage, **({} if plan else {"code": STACK}))
    assert surface.declared_from == "configuration"
    same = [STACK / plan, STACK / "state.json"] if plan else [STACK / "noop-plan.json"]
    assert ports(surface) == ports(expected_surface(*same, vantage=vantage))


@pytest.mark.parametrize("plan", [None, "noop-plan.json"])
def test_drift_that_the_objects_mirror_is_taken_for_code_by_neither(plan: str | None) -> None:
    """The objects as Terraform hands them over after somebody opened 8080 and 22 by hand and took 80 away."""
    drifted = objects("refresh-only-plan-after-drift.json", "prior_state", "values")
    assert json.dumps(drifted["aws_security_group.edge"]["ingress"]) != json.dumps(
        objects("state.json", "values")["aws_security_group.edge"]["ingress"]
    ), "the fixture must hold the drift"
    rules = objects("state.json", "values")  # what the apply has just put back
    kept = drifted | {address: value for address, value in rules.items() if "rule" in address or address == "aws_security_group.bastion"}
    surface = expected_surface(*given(kept, plan), vantage="10.20.0.99", **({} if plan else {"code": STACK}))
    assert ports(surface) == ports(expected_surface(STACK / "noop-plan.json", vantage="10.20.0.99"))


def test_a_rule_that_nobody_handed_over_isnt_read_from_the_groups_mirror() -> None:
    """A state's reader would take it from there: without rule resources in sight a group's inline rules count as its own."""
    drifted = objects("refresh-only-plan-after-drift.json", "prior_state", "values")
    groups = {address: value for address, value in drifted.items() if "rule" not in address}
    entries = [
        {"address": address, "mode": "managed", "type": address.split(".")[0], "name": "x", "values": groups[address]} for address in groups
    ]
    state = {"format_version": "1.0", "values": {"root_module": {"resources": entries}}}
    assert 8080 in admitted(expected_surface(state, vantage="10.20.0.99")), "the fixture must be able to show it"
    assert 8080 not in admitted(expected_surface(*given(groups), vantage="10.20.0.99", code=STACK))


def admitted(surface: ExpectedSurface) -> set[int]:
    """Every TCP port that isn't surely blocked on the edge's interface."""
    return {port for host in surface.hosts if host.owner == "aws_network_interface.edge" for port in host.tcp.allowed | host.tcp.unknown}


def test_without_its_block_a_resource_is_a_gap(tmp_path: Path) -> None:
    found = inventory(tmp_path, 'resource "aws_vpc" "main" {}\n', {"aws_security_group.web": {"id": "sg-1", "ingress": []}})
    assert [resource.origin for resource in found.resources] == [Origin.STATE]
    assert len(found.gaps) == 1
    assert found.gaps[0].startswith(f"aws_security_group.web: its block isn't in the code of {tmp_path}")


def test_only_what_the_block_sets_is_declared(tmp_path: Path) -> None:
    code = (
        'resource "aws_security_group" "web" {\n  name = "web"\n  dynamic "ingress" {\n    for_each = var.rules\n    content {}\n  }\n'
        "  lifecycle {\n    ignore_changes = [egress]\n  }\n  egress = []\n}\n"
    )
    mirror = [{"from_port": 8080}]
    found = inventory(
        tmp_path, code, {"aws_security_group.web": {"id": "sg-1", "name": "web", "ingress": mirror, "egress": mirror, "tags": {}}}
    )
    [group] = found.resources
    assert found.gaps == ()
    assert group.origin is Origin.CODE
    assert group.provenance.at == "main.tf:1"
    assert group.declared["name"] == "web"
    assert isinstance(group.declared["ingress"], Unknown)
    assert isinstance(group.declared["egress"], Unknown)
    assert "tags" not in group.declared
    assert group.recorded["ingress"] == mirror


def test_count_and_for_each_are_resources_of_their_own(tmp_path: Path) -> None:
    one = {"id": "i-1", "tags": {}}
    handed = {
        "aws_instance.counted": [one, one],
        "aws_instance.each": {"a": one, "b": one},
        "aws_instance.single[0]": one,
        'module.shop["x"].aws_instance.web': one,
        "data.aws_vpc.main": {"id": "vpc-1"},
    }
    blocks = ("counted", "each", "single")
    found = inventory(tmp_path, "".join(f'resource "aws_instance" "{name}" {{}}\n' for name in blocks), handed)
    assert [resource.address for resource in found.resources] == [
        "aws_instance.counted[0]",
        "aws_instance.counted[1]",
        'aws_instance.each["a"]',
        'aws_instance.each["b"]',
        "aws_instance.single[0]",
        'module.shop["x"].aws_instance.web',
        "data.aws_vpc.main",
    ]
    assert [resource.data for resource in found.resources].count(True) == 1
    assert len(found.gaps) == 1, "the module's code isn't there"


@pytest.mark.parametrize("handed", [{"web": {}}, {"aws_instance.web.id": "i-1"}, {"aws_instance.web": "i-1"}, {"aws_instance.web": [1]}])
def test_what_is_no_resource_is_named(handed: dict[str, Any]) -> None:
    with pytest.raises(SourceError, match="resources: "):
        read_sources([{"schema": SCHEMA, "resources": handed}])


@pytest.mark.parametrize("text", ["", "[", "[]", '"x"'])
def test_what_is_no_object_says_how_to_write_it(text: str) -> None:
    with pytest.raises(SourceError, match="jsonencode"):
        sources({"resources": text or " "})


def test_a_list_in_the_objects_place_is_refused() -> None:
    with pytest.raises(SourceError, match="keys are addresses"):
        read_sources([{"schema": SCHEMA, "resources": []}])
