"""Pulumi's previews, exports and checkpoints of the reference stack give what Terraform's plan of the same stack gives."""

from __future__ import annotations

import copy
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from iacdrift import expected_surface
from iacdrift.errors import SourceError
from iacdrift.model.ports import PortSet
from iacdrift.sources.read import read_sources
from iacdrift.sources.resource import Action, Inventory, Origin, Reference, Resource, Sensitive, Unknown
from iacdrift.surface.expected import ExpectedSurface

DATA = Path(__file__).parents[1] / "data"
STACK = DATA / "pulumi" / "edge-and-bastion"
TERRAFORM = DATA / "terraform" / "edge-and-bastion"
VANTAGES = ("internet", "203.0.113.9", "198.51.100.8", "10.20.0.4", "10.20.10.5", "10.20.1.50", "10.20.11.77")


def shown(surface: ExpectedSurface) -> dict[str, Any]:
    """The four sets of every host, by address or name."""
    hosts = surface.to_dict()["hosts"]
    return {str(host["address"] or host["name"]): (host["status"], host["tcp"], host["udp"]) for host in hosts}


def load(name: str) -> Any:
    return json.loads((STACK / name).read_text())


def find(inventory: Inventory, end: str) -> Resource:
    found = [resource for resource in inventory.resources if resource.address.endswith(end)]
    assert len(found) == 1, f"{end}: {[resource.address for resource in found]}"
    return found[0]


@pytest.mark.parametrize("vantage", VANTAGES)
@pytest.mark.parametrize("name", ["preview-clean.json", "preview-after-refresh.json", "export.json", "checkpoint.json"])
def test_the_surface_is_that_of_the_same_stack_in_terraform(name: str, vantage: str) -> None:
    mine = shown(expected_surface(STACK / name, vantage=vantage))
    assert mine == shown(expected_surface(TERRAFORM / "noop-plan.json", vantage=vantage))
    assert mine


# What each form is worth


@pytest.mark.parametrize("vantage", ["10.20.0.4", "10.20.10.5"])
def test_drift_that_was_refreshed_into_the_record_stays_blocked(vantage: str) -> None:
    hosts = shown(expected_surface(STACK / "preview-after-refresh.json", vantage=vantage))
    for address in ("10.20.1.50", "10.20.1.51"):
        assert "8080" not in str(hosts[address][1]["open"]) + str(hosts[address][1]["allowed"])
        assert 8080 in PortSet.parse(hosts[address][1]["blocked"])


def test_the_drift_is_really_in_that_record() -> None:
    edge = find(read_sources([STACK / "preview-after-refresh.json"]), "SecurityGroup::edge")
    assert 8080 in [rule["to_port"] for rule in edge.recorded["ingress"]]
    assert "ingress" not in edge.declared


@pytest.mark.parametrize(
    ("name", "origin", "declared_from"),
    [
        ("preview-clean.json", Origin.CODE, "configuration"),
        ("preview-after-refresh.json", Origin.CODE, "configuration"),
        ("export.json", Origin.STATE, "state"),
        ("export-after-refresh.json", Origin.STATE, "state"),
        ("export-after-refresh-by-position.json", Origin.STATE, "state"),
        ("checkpoint.json", Origin.STATE, "state"),
    ],
)
def test_an_export_is_no_program(name: str, origin: Origin, declared_from: str) -> None:
    inventory = read_sources([STACK / name])
    assert {resource.origin for resource in inventory.resources} == {origin}
    assert any("drift that was refreshed into them can't be seen" in note for note in inventory.notes) == (origin is Origin.STATE)
    assert expected_surface(STACK / name, vantage="internet").declared_from == declared_from


def test_of_an_export_the_inputs_are_preferred_to_the_outputs() -> None:
    bastion = find(read_sources([STACK / "export-after-refresh.json"]), "SecurityGroup::bastion")
    ssh = [rule["cidr_blocks"] for rule in bastion.declared["ingress"] if rule["to_port"] == 22]
    assert ssh == [["203.0.113.0/24", "198.51.100.7/32"]]
    assert ["0.0.0.0/0"] in [rule["cidr_blocks"] for rule in bastion.recorded["ingress"] if rule["to_port"] == 22]


def test_a_resource_carries_its_urn_line_and_stack() -> None:
    found = find(read_sources([STACK / "preview-clean.json"]), "api-0")
    assert found.type == "aws_instance"
    assert found.address == "aws:ec2/instance:Instance::api-0"
    assert found.provenance.urn == "urn:pulumi:dev::edge-and-bastion::edge:service:Service$aws:ec2/instance:Instance::api-0"
    assert found.provenance.stack == "edge-and-bastion/dev"
    assert str(found.provenance.at).startswith("__main__.py:")


def test_components_and_providers_hold_nothing_themselves() -> None:
    types = {resource.type for resource in read_sources([STACK / "export.json"]).resources}
    assert not [kind for kind in types if kind.startswith(("pulumi:", "edge:"))]
    assert {"aws_instance", "aws_lb", "aws_ec2_managed_prefix_list"} <= types


@pytest.mark.parametrize("name", ["preview-clean.json", "export.json", "checkpoint.json"])
def test_a_secret_is_never_shown(name: str) -> None:
    database = find(read_sources([STACK / name]), "aws:rds/instance:Instance::main")
    assert isinstance(database.declared["password"], Sensitive)
    assert isinstance(database.declared["password"].value, Unknown)
    assert "ciphertext" not in repr(database)
    assert "v1:" not in repr(database)


def test_a_checkpoint_may_be_packed(tmp_path: Path) -> None:
    packed = tmp_path / "dev.json.gz"
    packed.write_bytes(gzip.compress((STACK / "checkpoint.json").read_bytes()))
    assert len(read_sources([packed]).resources) == len(read_sources([STACK / "checkpoint.json"]).resources)


# Hand-made steps


SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
GROUP, RULE = "aws:ec2/securityGroup:SecurityGroup", "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"


def urn(kind: str, name: str) -> str:
    return f"urn:pulumi:dev::shop::{kind}::{name}"


def step(op: str, kind: str, name: str, inputs: Any = None, outputs: Any = None, **more: Any) -> dict[str, Any]:
    state = {"urn": urn(kind, name), "custom": True, "type": kind, **more}
    made: dict[str, Any] = {"op": op, "urn": urn(kind, name)}
    if inputs is not None:
        made["newState"] = state | {"inputs": inputs}
    if outputs is not None:
        made["oldState"] = state | {"inputs": inputs or {}, "outputs": outputs, "id": f"id-{name}"}
    return made


def preview(*steps: dict[str, Any], **more: Any) -> Inventory:
    return read_sources([{"config": {}, "duration": 1, "steps": list(steps), "changeSummary": {}} | more])


def test_what_is_known_after_the_update_refers_to_where_it_comes_from() -> None:
    rule = {"securityGroupId": UNKNOWN, "referencedSecurityGroupId": UNKNOWN, "ipProtocol": "tcp", "fromPort": 22.0, "toPort": 22.0}
    depends = {"securityGroupId": [urn(GROUP, "a")], "referencedSecurityGroupId": [urn(GROUP, "a"), urn(GROUP, "b")]}
    found = find(
        preview(
            step("create", GROUP, "a", {}), step("create", GROUP, "b", {}), step("create", RULE, "r", rule, propertyDependencies=depends)
        ),
        "::r",
    )
    assert found.action is Action.CREATE
    assert found.declared["security_group_id"] == Reference(f"{GROUP}::a", "id")
    assert isinstance(found.declared["referenced_security_group_id"], Unknown)  # of two groups nobody can tell which
    assert (found.declared["from_port"], type(found.declared["from_port"])) == (22, int)


def test_an_unknown_network_is_never_a_reference_to_a_group() -> None:
    rule = {"ingress": [{"cidrBlocks": [UNKNOWN], "fromPort": 1, "toPort": 2, "protocol": "tcp"}]}
    found = find(preview(step("create", GROUP, "a", rule, propertyDependencies={"ingress": [urn(GROUP, "b")]})), "::a")
    assert isinstance(found.declared["ingress"][0]["cidr_blocks"][0], Unknown)


def test_all_groups_of_a_list_are_taken_where_each_fits_once() -> None:
    kind = "aws:ec2/instance:Instance"
    groups = {"vpcSecurityGroupIds": [UNKNOWN, "sg-1", UNKNOWN]}
    depends = {"vpcSecurityGroupIds": [urn(GROUP, "a"), urn(GROUP, "b")]}
    steps = (step("create", GROUP, "a", {}), step("create", GROUP, "b", {}))
    found = find(preview(*steps, step("create", kind, "i", groups, propertyDependencies=depends)), "::i")
    assert found.declared["vpc_security_group_ids"] == [Reference(f"{GROUP}::a", "id"), "sg-1", Reference(f"{GROUP}::b", "id")]
    depends = {"vpcSecurityGroupIds": [urn(GROUP, "a")]}
    short = find(preview(*steps, step("create", kind, "i", {"vpcSecurityGroupIds": UNKNOWN}, propertyDependencies=depends)), "::i")
    assert short.declared["vpc_security_group_ids"] == Reference(f"{GROUP}::a", "id")


def test_secrets_in_plain_text_are_read_and_kept() -> None:
    secret = {SIGNATURE: SECRET, "plaintext": json.dumps([{"cidrBlocks": ["192.0.2.0/24"], "fromPort": 22.0}])}
    found = find(preview(step("same", GROUP, "a", {"ingress": secret}, {})), "::a")
    assert isinstance(found.declared["ingress"], Sensitive)
    assert found.declared["ingress"].value == [{"cidr_blocks": ["192.0.2.0/24"], "from_port": 22}]
    assert "192.0.2" not in repr(found)


@pytest.mark.parametrize("inputs", [{SIGNATURE: SECRET, "ciphertext": "v1:x"}, UNKNOWN])
def test_inputs_that_nobody_can_see_are_unknown_and_not_absent(inputs: Any) -> None:
    found = find(preview(step("same", GROUP, "a", inputs, {"name": "a"})), "::a")
    assert isinstance(found.declared["ingress"], Unknown)
    assert isinstance(found.declared["egress"], Unknown)


def test_ignored_changes_hide_what_the_program_says() -> None:
    inputs = {"ingress": [{"fromPort": 22, "toPort": 22, "protocol": "tcp", "cidrBlocks": ["0.0.0.0/0"]}], "name": "a"}
    ignored = find(preview(step("same", GROUP, "a", inputs, inputs, ignoreChanges=["ingress[0].cidrBlocks"])), "::a")
    assert isinstance(ignored.declared["ingress"], Unknown)
    assert ignored.declared["name"] == "a"
    everything = find(preview(step("same", GROUP, "a", inputs, inputs, ignoreChanges=["*"])), "::a")
    assert isinstance(everything.declared["name"], Unknown)
    fresh = find(preview(step("create", GROUP, "a", inputs, ignoreChanges=["ingress"])), "::a")
    assert fresh.declared["ingress"]


def test_a_replacement_is_one_resource() -> None:
    new, old = {"name": "b"}, {"name": "a", "id": "sg-1"}
    found = find(
        preview(
            step("create-replacement", GROUP, "a", new, old),
            step("replace", GROUP, "a", new, old),
            step("delete-replaced", GROUP, "a", None, old),
        ),
        "::a",
    )
    assert (found.action, found.declared["name"], found.recorded["name"]) == (Action.REPLACE, "b", "a")


def test_what_the_program_no_longer_holds_is_leaving() -> None:
    found = find(preview(step("delete", GROUP, "a", None, {"ingress": []}, retainOnDelete=True)), "::a")
    assert (found.action, found.declared) == (Action.DELETE, {})
    assert found.recorded["id"] == "id-a"


def test_an_alias_keeps_the_record_of_the_old_name() -> None:
    renamed = step("same", GROUP, "new", {"name": "x"}, {"name": "x"})
    renamed["oldState"]["urn"] = urn(GROUP, "old")
    assert find(preview(renamed), "::new").recorded["id"] == "id-new"


def test_what_the_program_only_reads_says_nothing_of_its_rules() -> None:
    outputs = {"ingress": [{"fromPort": 0, "toPort": 0, "protocol": "-1"}], "vpcId": "vpc-1"}
    found = find(preview(step("read", GROUP, "a", {}, outputs, external=True)), "::a")
    assert found.data
    assert found.recorded["vpc_id"] == "vpc-1"
    assert "ingress" not in found.recorded
    assert "ingress" not in found.declared


def test_one_name_below_two_parents() -> None:
    steps = [step("same", GROUP, "x", {}, {}) for _ in range(2)]
    for one, parent in zip(steps, ("a:b:C", "d:e:F"), strict=True):
        one["urn"] = one["newState"]["urn"] = f"urn:pulumi:dev::shop::{parent}${GROUP}::x"
    assert {resource.address for resource in preview(*steps).resources} == {f"a:b:C${GROUP}::x", f"d:e:F${GROUP}::x"}


def test_a_type_that_no_room_knows_keeps_pulumis_name() -> None:
    surface = expected_surface(
        {"config": {}, "duration": 1, "steps": [step("same", "aws:s3/bucket:Bucket", "logs", {}, {})], "changeSummary": {}},
        vantage="internet",
    )
    assert [one.to_dict()["type"] for one in surface.unmodelled] == ["aws:s3/bucket:Bucket"]


# What is no whole answer


def test_a_preview_that_leaves_out_what_stays_the_same_is_refused() -> None:
    with pytest.raises(SourceError, match="--show-sames"):
        preview(step("update", GROUP, "a", {}, {}), changeSummary={"same": 7, "update": 1})


def test_a_preview_that_failed_is_a_gap() -> None:
    inventory = preview(step("create", GROUP, "a", {}), diagnostics=[{"severity": "error", "message": "the secret is hunter2"}])
    assert any("stopped with an error" in gap for gap in inventory.gaps)
    assert "hunter2" not in str(inventory.gaps)


def test_a_refresh_is_no_program() -> None:
    with pytest.raises(SourceError, match="--refresh-json"):
        read_sources([STACK / "refresh-preview.json"])


def test_an_empty_preview_is_a_gap() -> None:
    assert any("holds no resource" in gap for gap in read_sources([{"duration": 1, "config": {}}]).gaps)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"version": 2}, "an export of version 2; 3 and 4 are read"),
        ({"version": None}, "an export of version None"),
    ],
)
def test_an_export_of_another_version_is_refused(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(SourceError, match=sentence):
        read_sources([load("export.json") | change])


def test_an_export_with_a_pending_operation_is_refused() -> None:
    export = load("export.json")
    export["deployment"]["pending_operations"] = [{"type": "creating", "resource": {}}]
    with pytest.raises(SourceError, match="1 pending operation, whose outcome nobody knows"):
        read_sources([export])


def test_what_waits_for_its_deletion_is_leaving() -> None:
    export = load("export.json")
    replaced = copy.deepcopy(next(state for state in export["deployment"]["resources"] if state["urn"].endswith("Instance::bastion")))
    export["deployment"]["resources"].append(replaced | {"delete": True, "id": "i-old"})
    inventory = read_sources([export])
    assert find(inventory, "Instance::bastion").action is Action.KEEP
    old = next(resource for resource in inventory.resources if resource.recorded.get("id") == "i-old")
    assert (old.action, old.declared) == (Action.DELETE, {})


# The contract in outputs


EXPECTED = {"schema": "iacdrift/expectation/1", "host": "198.51.100.7", "open": ["443/tcp"]}


def test_outputs_are_a_source_where_they_hold_an_expectation() -> None:
    (found,) = read_sources([{"network": EXPECTED, "url": "https://shop"}]).resources
    assert (found.type, found.declared["open"]) == ("iacdrift_expectation", ["443/tcp"])


def test_outputs_without_an_expectation_are_one_sentence() -> None:
    with pytest.raises(SourceError, match="holds no expectation"):
        read_sources([f"pulumi:{STACK / 'outputs.json'}"])


def test_an_export_and_a_preview_hand_over_the_stacks_outputs() -> None:
    export = load("export.json")
    root = next(state for state in export["deployment"]["resources"] if state["type"] == "pulumi:pulumi:Stack")
    root["outputs"]["network"] = EXPECTED
    root["outputs"]["later"] = EXPECTED | {"host": UNKNOWN}
    inventory = read_sources([export])
    assert [resource.address for resource in inventory.resources if resource.type == "iacdrift_expectation"] == ["expectation.network"]
    assert any("later" in gap for gap in inventory.gaps)
    shows = load("preview-clean.json")
    shows["steps"][0]["oldState"]["outputs"]["network"] = EXPECTED
    inventory = read_sources([shows])
    assert [resource.address for resource in inventory.resources if resource.type == "iacdrift_expectation"] == ["expectation.network"]
    assert any("those of its last update" in note for note in inventory.notes)


@pytest.mark.parametrize("host", [{SIGNATURE: SECRET, "ciphertext": "v1:x"}, {SIGNATURE: SECRET, "plaintext": '"192.0.2.1"'}, "[secret]"])
def test_an_address_that_is_a_secret_is_refused_and_not_shown(host: Any) -> None:
    with pytest.raises(SourceError, match="output network: host: it is a secret") as raised:
        read_sources([{"network": EXPECTED | {"host": host}}])
    assert "192.0.2.1" not in str(raised.value)
