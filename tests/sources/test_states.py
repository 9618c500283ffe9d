import json

import pytest

from iacdrift.errors import SourceError
from iacdrift.sources.resource import Action, Origin, Sensitive
from tests.sources.places import EDGE, by_address, read


@pytest.mark.parametrize("name", ["terraform.tfstate", "state.json"])
def test_a_real_state_is_read_whole(name):
    inventory = read(EDGE / name)
    found = by_address(inventory)
    assert len(found) == 38
    node = found['module.service["api"].aws_instance.node[1]']
    assert node.recorded["private_ip"]
    assert node.declared is node.recorded
    assert node.origin is Origin.STATE
    assert node.action is Action.KEEP
    assert node.provenance.at == "modules/service/main.tf:5"
    assert found['aws_subnet.public["a"]'].recorded["cidr_block"] == "10.20.0.0/24"
    assert found["data.aws_ami.any"].data
    assert inventory.gaps == ()


def test_the_state_file_names_its_lineage_serial_hash_and_age():
    (info,) = read(EDGE / "terraform.tfstate").sources
    assert (info.kind, info.serial, info.lineage) == ("tfstate", 38, "3c9d719d-f221-ab73-8a44-be299313d44a")
    assert info.sha256 == "73bc14991359330b0224844cc23032b8fd96bf29d9ee678b424e970024fa9f02"
    assert info.written_at
    assert info.path == str(EDGE / "terraform.tfstate")


def test_both_forms_of_a_state_say_the_same():
    file, shown = by_address(read(EDGE / "terraform.tfstate")), by_address(read(EDGE / "state.json"))
    assert file.keys() == shown.keys()
    for address, resource in file.items():
        assert resource.recorded["id"] == shown[address].recorded["id"]


def test_spellings_of_real_states():
    found = by_address(read("states/shapes.tfstate"))
    assert set(found) == {
        "aws_instance.count[0]",
        "aws_instance.count[1]",
        'module.container["grafana"].module.volume[0].aws_instance.map["a\\"b"]',
        "aws_instance.tainted",
        "aws_instance.replaced",
        "aws_instance.replaced (deposed a1b2c3d4)",
        "aws_db_instance.db",
        "data.aws_subnet.here",
    }
    assert found["aws_instance.replaced (deposed a1b2c3d4)"].action is Action.DELETE
    assert found["aws_instance.replaced"].action is Action.KEEP


def test_sensitive_paths_of_version_4_are_marked_and_only_they():
    inventory = read("states/shapes.tfstate")
    values = by_address(inventory)["aws_db_instance.db"].recorded
    assert values["password"] == Sensitive("hunter2")
    assert values["nested"][0] == {"token": Sensitive("s3cret"), "port": 1}
    assert values["id"] == 1234
    assert "hunter2" not in repr(inventory)
    assert "s3cret" not in repr(inventory)


def test_flat_attributes_are_read_where_there_are_no_others():
    assert by_address(read("states/flat.tfstate"))["aws_eip.old"].recorded["public_ip"] == "198.51.100.7"


def test_show_json_marks_secrets_and_reads_nested_modules():
    found = by_address(read("states/show-1.0.json"))
    assert found["aws_eip.a"].recorded == {"id": "e-1", "secret": Sensitive("hunter2")}
    assert found["module.m.aws_eip.b[0]"].recorded == {"id": "e-2"}


def test_an_empty_state_is_a_gap():
    inventory = read("states/empty.tfstate")
    assert inventory.resources == ()
    (gap,) = inventory.gaps
    assert "this state is empty (serial 9, written by Terraform 1.9.5)" in gap
    assert read("states/show-empty.json").gaps


def test_an_empty_state_beside_another_source_is_a_note():
    inventory = read("states/empty.tfstate", "states/web-a.tfstate")
    assert inventory.gaps == ()
    assert any("this state is empty" in note for note in inventory.notes)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("states/encrypted.tfstate", "is encrypted by OpenTofu.*tofu show -json"),
        ("states/stub.tfstate", "terraform init.*terraform state pull"),
        ("states/old-stub.tfstate", "terraform init.*terraform state pull"),
        ("states/version-3.tfstate", "a state of version 3.*upgrade it"),
        ("states/version-3-with-backend.tfstate", "a state of version 3.*upgrade it"),
        ("states/version-1.tfstate", "a state of version 1.*upgrade it"),
        ("states/version-5.tfstate", "a state of version 5.*newer iacdrift"),
        ("states/lfs-pointer.tfstate", "Git LFS pointer.*git lfs pull"),
        ("states/cloud.json", "Terraform Cloud.*download what data.attributes.hosted-"),
        ("states/show-2.0.json", "format version 2.0"),
        ("states/broken-shape.tfstate", "no type and name"),
        ("states/instances-are-text.tfstate", "structure is broken"),
    ],
)
def test_what_is_no_state_that_can_be_read_is_refused_with_what_to_do(name, sentence):
    with pytest.raises(SourceError, match=sentence) as raised:
        read(name)
    text = str(raised.value)
    assert name in text
    assert "\n" not in text
    for secret in ("hunter2", "AKIASECRET", "archivist.example"):
        assert secret not in text


def test_a_backend_alone_makes_no_stub():
    assert len(read("states/shapes.tfstate").resources) == 8


def test_a_state_made_of_a_refreshed_plan_reads_the_drift_as_recorded(tmp_path):
    prior = json.loads((EDGE / "refresh-only-plan-after-drift.json").read_text())["prior_state"]
    path = tmp_path / "state.json"
    path.write_text(json.dumps(prior))
    edge = by_address(read(path))["aws_security_group.edge"]
    assert edge.origin is Origin.STATE
    assert 8080 in [rule["to_port"] for rule in edge.recorded["ingress"]]
