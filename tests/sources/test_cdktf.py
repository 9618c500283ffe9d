import json
import shutil

import pytest

from iacdrift.errors import SourceError
from iacdrift.sources.resource import Action, Origin, Reference, Sensitive, Unknown
from tests.sources.places import SOURCES, SYNTH, by_address, read


def test_a_synth_alone_is_declared_and_linked_by_reference():
    inventory = read(SYNTH / "manifest.json")
    found = by_address(inventory)
    web = found["aws_instance.web-0"]
    assert web.declared["vpc_security_group_ids"] == [
        Reference("aws_security_group.web", "id"),
        Reference("aws_security_group.admin", "id"),
    ]
    assert web.declared["subnet_id"] == Reference("aws_subnet.subnet", "id"), "through the other stack's output"
    assert web.recorded == {}
    assert web.origin is Origin.CODE
    assert web.provenance.stack == "web"
    assert web.provenance.at == "stacks/web/cdk.tf.json (web/web-0)"
    assert "//" not in web.declared
    assert found["aws_security_group.web"].declared["ingress"][0]["to_port"] == 443


def test_states_are_joined_by_the_name_of_the_stack():
    states = {name: SYNTH / "stacks" / name / "state.json" for name in ("network", "web")}
    inventory = read(SYNTH, states=states)
    found = by_address(inventory)
    web = found["aws_instance.web-0"]
    assert web.declared["vpc_security_group_ids"] == [found[f"aws_security_group.{name}"].recorded["id"] for name in ("web", "admin")]
    assert web.declared["subnet_id"] == found["aws_subnet.subnet"].recorded["id"]
    assert found["aws_eip.ip-0"].recorded["public_ip"] == "127.243.175.157"
    assert found["aws_eip.ip-0"].action is Action.KEEP
    assert "arn" not in web.declared
    assert [info.kind for info in inventory.sources] == ["cdktf", "tfstate", "tfstate"]


def test_states_given_as_sources_find_their_stack(tmp_path):
    network = tmp_path / "no-name.json"
    shutil.copy(SYNTH / "stacks/network/state.json", network)
    inventory = read(SYNTH / "stacks/web/state.json", SYNTH, network)
    found = by_address(inventory)
    assert found["aws_eip.ip-0"].recorded["public_ip"] == "127.243.175.157"
    assert found["aws_subnet.subnet"].recorded["id"].startswith("subnet-")
    assert len(found) == 10


def test_the_state_of_the_local_backend_is_found_beside_the_synth(tmp_path):
    shutil.copytree(SYNTH, tmp_path / "cdktf.out")
    shutil.copy(SYNTH / "stacks/web/state.json", tmp_path / "terraform.web.tfstate")
    inventory = read(tmp_path)
    assert by_address(inventory)["aws_eip.ip-0"].recorded["public_ip"] == "127.243.175.157"
    assert any("terraform.web.tfstate" in note for note in inventory.notes)


def test_outputs_tell_addresses_and_cross_stack_values():
    outputs = {name: SYNTH / "stacks" / name / "outputs.json" for name in ("network", "web")}
    found = by_address(read(SYNTH, outputs=outputs))
    assert found["aws_eip.ip-0"].recorded == {"public_ip": "127.243.175.157"}
    assert found["aws_instance.web-0"].declared["subnet_id"] == "subnet-f34a5b9b44afa4327"


def test_what_the_synth_no_longer_declares_is_leaving(tmp_path):
    state = json.loads((SYNTH / "stacks/web/state.json").read_text())
    extra = {"address": "aws_instance.old", "mode": "managed", "type": "aws_instance", "name": "old", "values": {"id": "i-old"}}
    state["values"]["root_module"]["resources"].append(extra)
    (tmp_path / "web.json").write_text(json.dumps(state))
    old = by_address(read(SYNTH, states={"web": tmp_path / "web.json"}))["aws_instance.old"]
    assert (old.action, old.declared, old.recorded) == (Action.DELETE, {}, {"id": "i-old"})


def test_expressions():
    inventory = read("synth/values")
    found = by_address(inventory)
    group = found["aws_security_group.g"].declared
    assert group["name"] == "g-22"
    assert group["ingress"] == {"cidr_blocks": ["203.0.113.0/24"], "from_port": 22}
    assert group["vpc_id"] == Reference("aws_vpc.v", "id")
    assert group["mixed"] == Unknown("x-${aws_eip.e.public_ip}", ("aws_eip.e.public_ip",))
    assert isinstance(group["description"], Unknown)
    assert "join" in group["description"].why
    for key in ("revoke", "missing", "var", "escaped"):
        assert isinstance(group[key], Unknown), key
    assert isinstance(found["aws_security_group_rule.d"].declared["ingress"], Unknown)
    assert found["aws_instance.n[1]"].declared["tags"] == {"n": 1}
    assert found['aws_instance.m["x"]'].declared == {"private_ip": "10.0.0.1", "name": "x"}
    assert found["data.aws_subnet.s"].data
    assert found["aws_eip.e"].declared["instance"] == Reference("aws_instance.n[0]", "id")
    assert any("aws_instance.u" in gap for gap in inventory.gaps), "how many there are can't be told"


def test_single_blocks_become_lists_and_secrets_secret_where_the_state_knows(tmp_path):
    state = {
        "version": 4,
        "resources": [
            {
                "mode": "managed",
                "type": "aws_security_group",
                "name": "g",
                "instances": [
                    {
                        "attributes": {"id": "sg-1", "ingress": [], "name": "n"},
                        "sensitive_attributes": [[{"type": "get_attr", "value": "name"}]],
                    }
                ],
            },
            {
                "mode": "managed",
                "type": "aws_instance",
                "name": "u",
                "instances": [{"index_key": 0, "attributes": {"id": "i-0"}}, {"index_key": 1, "attributes": {"id": "i-1"}}],
            },
        ],
    }
    (tmp_path / "a.tfstate").write_text(json.dumps(state))
    found = by_address(read("synth/values", states={"a": tmp_path / "a.tfstate"}))
    assert found["aws_security_group.g"].declared["ingress"] == [{"cidr_blocks": ["203.0.113.0/24"], "from_port": 22}]
    assert found["aws_security_group.g"].declared["name"] == Sensitive("g-22")
    assert {"aws_instance.u[0]", "aws_instance.u[1]"} <= found.keys()
    assert found["aws_instance.n[0]"].action is Action.CREATE


def test_references_in_a_circle_end():
    found = by_address(read("synth/cyclic"))
    assert isinstance(found["aws_security_group.a"].declared["description"], Unknown)
    assert isinstance(found["aws_security_group.a"].declared["name"], Unknown | Reference)


def test_a_stack_without_resources_is_empty_not_an_error():
    inventory = read("synth/without-resources")
    assert inventory.resources == ()
    assert "declares no resource" in inventory.gaps[0]


def test_a_stack_whose_file_is_missing_is_named():
    inventory = read("synth/missing-file")
    assert len(inventory.resources) == 1
    assert any("stacks/b/cdk.tf.json" in gap for gap in inventory.gaps)


def test_one_stack_alone_is_a_source():
    assert len(read(SYNTH / "stacks/network/cdk.tf.json").resources) == 2


def test_a_stack_that_does_not_exist_is_refused():
    with pytest.raises(SourceError, match="no stack 'nope'; its stacks: network, web"):
        read(SYNTH, states={"nope": SYNTH / "manifest.json"})


def test_the_manifest_of_aws_cdk_is_told_apart():
    with pytest.raises(SourceError, match="AWS CDK's manifest, not CDKTF's"):
        read(f"cdktf:{SOURCES / 'other/cdk-manifest.json'}")


def test_stacks_with_the_same_names_stay_apart(tmp_path):
    def stack(name, other=None):
        return {
            "//": {"metadata": {"stackName": name}},
            "data": {"terraform_remote_state": {f"cross-stack-reference-input-{other}": {"backend": "s3"}}} if other else {},
            "resource": {
                "aws_vpc": {"v": {"cidr_block": "10.0.0.0/16"}},
                "aws_subnet": {
                    name: {
                        "vpc_id": f"${{data.terraform_remote_state.cross-stack-reference-input-{other}.outputs.v}}"
                        if other
                        else "${aws_vpc.v.id}"
                    }
                },
            },
            "output": {"v": {"value": "${aws_vpc.v.id}"}},
        }

    for name, other in (("dev", None), ("prod", "dev")):
        (tmp_path / "stacks" / name).mkdir(parents=True)
        (tmp_path / "stacks" / name / "cdk.tf.json").write_text(json.dumps(stack(name, other)))
    (tmp_path / "manifest.json").write_text(json.dumps({"version": "0", "stacks": {"dev": {}, "prod": {}}}))
    found = by_address(read(tmp_path))
    assert {"dev/aws_vpc.v", "prod/aws_vpc.v"} <= found.keys()
    assert found["aws_subnet.dev"].declared["vpc_id"] == Reference("dev/aws_vpc.v", "id")
    assert found["aws_subnet.prod"].declared["vpc_id"] == Reference("dev/aws_vpc.v", "id")
