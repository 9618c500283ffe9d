"""The writers: what they write has the shape of what Terraform 1.11.4 and the AWS provider 5.100.0 wrote (tests/data/terraform)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from tests.properties.truth.files import show_plan, show_state, tfstate, write
from tests.properties.truth.sampling import topology
from tests.properties.truth.small import SSH, group, network
from tests.properties.truth.topology import Direction, Layout, Rule, Topology

REAL = Path(__file__).parents[2] / "data" / "terraform" / "edge-and-bastion"
SAMPLE = range(0, 40)


@pytest.fixture(scope="module")
def real_state() -> dict[str, Any]:
    return json.loads((REAL / "terraform.tfstate").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def real_plan() -> dict[str, Any]:
    return json.loads((REAL / "noop-plan.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def sample() -> list[Topology]:
    return [topology(number) for number in SAMPLE]


def shown(module: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from module.get("resources", ())
    for child in module.get("child_modules", ()):
        yield from shown(child)


def configured(module: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from module.get("resources", ())
    for call in module.get("module_calls", {}).values():
        yield from configured(call["module"])


def test_every_resource_has_one_address(sample: list[Topology]) -> None:
    for drawn in sample:
        found = [r.address for r in write(drawn, provable_from_state=False).resources]
        assert len(found) == len(set(found))


def test_attributes_are_those_of_the_provider(sample: list[Topology], real_state: dict[str, Any]) -> None:
    known = {r["type"]: set(r["instances"][0]["attributes"]) for r in real_state["resources"]}
    compared = set()
    for drawn in sample:
        for resource in write(drawn, provable_from_state=False).resources:
            if resource.type in known:
                compared.add(resource.type)
                assert set(resource.values) <= known[resource.type], resource.address
    assert len(compared) >= 12


def test_a_state_has_the_keys_of_a_real_one(sample: list[Topology], real_state: dict[str, Any]) -> None:
    written = [tfstate(write(drawn, provable_from_state=True).resources) for drawn in sample]
    assert all(set(w) == set(real_state) and w["version"] == 4 for w in written)
    real = {key for r in real_state["resources"] for key in r}
    real_instance = {key for r in real_state["resources"] for i in r["instances"] for key in i}
    ours = {key for w in written for r in w["resources"] for key in r}
    assert ours <= real
    assert "module" in ours
    assert {key for w in written for r in w["resources"] for i in r["instances"] for key in i} <= real_instance


def test_a_plan_has_the_keys_of_a_real_one(sample: list[Topology], real_plan: dict[str, Any]) -> None:
    written = [show_plan(write(drawn, provable_from_state=False).resources) for drawn in sample]
    assert all(set(w) <= set(real_plan) for w in written)
    for part in ("planned_values", "prior_state"):

        def values(plan: dict[str, Any], part: str = part) -> dict[str, Any]:
            return plan[part]["root_module"] if part == "planned_values" else plan[part]["values"]["root_module"]

        real = {key for r in shown(values(real_plan)) for key in r}
        assert {key for w in written for r in shown(values(w)) for key in r} <= real
    real = {key for r in configured(real_plan["configuration"]["root_module"]) for key in r}
    assert {key for w in written for r in configured(w["configuration"]["root_module"]) for key in r} <= real
    assert {key for w in written for c in w["resource_changes"] for key in c["change"]} <= {
        k for c in real_plan["resource_changes"] for k in c["change"]
    }


def test_what_the_code_does_not_set_is_not_in_the_configuration() -> None:
    standalone = network(groups=(group(SSH, style="standalone"),))
    plan = show_plan(write(standalone, provable_from_state=False).resources)
    expressions = {r["address"]: r["expressions"] for r in configured(plan["configuration"]["root_module"])}
    assert "ingress" not in expressions["aws_security_group.g00"]
    assert expressions["aws_security_group_rule.g00_in0"]["from_port"] == {"constant_value": 22}


def test_drift_is_mirrored_where_the_code_sets_nothing_and_nowhere_else() -> None:
    hole = Rule("tcp", 8080, 8080, cidrs=("0.0.0.0/0",))
    drifted = network(groups=(group(SSH, style="standalone", drift=(hole,)),))
    found = {r.address: r.values for r in write(drifted, provable_from_state=True).resources}
    assert [rule["from_port"] for rule in found["aws_security_group.g00"]["ingress"]] == [22, 8080]
    inline = network(groups=(group(SSH, drift=(hole,)),))
    found = {r.address: r.values for r in write(inline, provable_from_state=False).resources}
    assert [rule["from_port"] for rule in found["aws_security_group.g00"]["ingress"]] == [22]


def test_drift_that_only_a_configuration_can_unmask_is_left_out_of_states() -> None:
    hole = Rule("tcp", 8080, 8080, cidrs=("0.0.0.0/0",))
    unset = network(groups=(evolve(group(), ingress=Direction((), "unset", (hole,))),))
    for provable, expected in ((True, []), (False, [8080])):
        found = {r.address: r.values for r in write(unset, provable_from_state=provable).resources}
        assert [rule["from_port"] for rule in found["aws_security_group.g00"]["ingress"]] == expected


def test_counted_and_modular_machines_keep_their_addresses() -> None:
    for layout, address in (
        (Layout(counted_instances=True), "aws_instance.node0[0]"),
        (Layout(module_instances=True), 'module.fleet0["i0"].aws_instance.this'),
    ):
        pad = write(network(SSH, layout=layout), provable_from_state=True)
        assert pad.addresses["i0"] == address
        assert address in {r["address"] for r in shown(show_state(pad.resources)["values"]["root_module"])}
