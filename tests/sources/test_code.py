import json
from pathlib import Path

import pytest

from iacdrift.errors import SourceError
from iacdrift.sources.code import CodeTree, read_folder
from iacdrift.sources.resource import Origin, Unknown
from tests.sources.places import EDGE, SOURCES, by_address, read


def test_a_dynamic_block_in_the_code_makes_the_planned_value_declared():
    (group,) = read("dynamic/plan.json").resources
    assert group.declared["ingress"][0]["to_port"] == 443
    assert (group.origin, group.provenance.at) == (Origin.CODE, "main.tf:3")


def test_a_dynamic_block_over_nothing_declares_nothing(tmp_path):
    plan = json.loads((SOURCES / "dynamic/plan.json").read_text())
    (tmp_path / "main.tf").write_bytes((SOURCES / "dynamic/main.tf").read_bytes())
    for given, declared in (({"value": []}, False), ({"value": [443]}, True)):
        (tmp_path / "plan.json").write_text(json.dumps({**plan, "variables": {"ports": given}}))
        (group,) = read(tmp_path / "plan.json").resources
        assert ("ingress" in group.declared) is declared
        assert group.origin is Origin.CODE


def test_without_the_code_it_is_not_declared_and_the_origin_says_so(tmp_path):
    path = tmp_path / "plan.json"
    path.write_bytes((SOURCES / "dynamic/plan.json").read_bytes())
    (group,) = read(path).resources
    assert "ingress" not in group.declared
    assert group.origin is Origin.PLAN


def test_ignored_changes_are_what_was_recorded_so_only_constants_are_declared():
    (group,) = read("ignored/plan.json").resources
    assert isinstance(group.declared["ingress"], Unknown)
    assert "ignore_changes" in group.declared["ingress"].why
    assert group.declared["description"] == "code's"
    assert group.declared["name"] == "web"


def test_lines_in_local_modules_are_relative_to_the_root():
    found = by_address(read(EDGE / "noop-plan.json"))
    assert found['module.service["worker"].aws_instance.node[0]'].provenance.at == "modules/service/main.tf:5"
    assert found["aws_security_group.edge"].provenance.at == "main.tf:94"
    assert found["data.aws_ami.any"].provenance.at == "main.tf:243"


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.tf").write_text(text)
    return folder


def test_a_file_that_does_not_parse_gives_its_lines_and_a_note(tmp_path):
    write(tmp_path, broken='\nresource "aws_eip" "a" {\n  tags = = {\n}\n', fine='resource "aws_eip" "b" { domain = "vpc" }\n')
    tree = CodeTree(tmp_path)
    assert tree.find("aws_eip.a").at == "broken.tf:2"
    assert tree.find("aws_eip.a").names is None
    assert tree.find("aws_eip.b").names == {"domain"}
    assert any("broken.tf:2" in note for note in tree.notes())


def test_names_of_nested_and_dynamic_blocks_and_no_meta_arguments(tmp_path):
    write(
        tmp_path,
        main="""resource "aws_security_group" "a" {
          count = 1
          dynamic "egress" {
            for_each = []
            content {}
          }
          ingress { from_port = 1 }
          name = <<-EOT
            resource "aws_eip" "not_me" {}
          EOT
          lifecycle { create_before_destroy = true }
        }
        """,
    )
    tree = CodeTree(tmp_path)
    assert tree.find("aws_security_group.a").names == {"egress", "ingress", "name"}
    assert tree.find("aws_eip.not_me") is None


def test_override_files_add_to_what_they_override(tmp_path):
    write(tmp_path, a_override='resource "aws_eip" "a" { tags = {} }\n', main='\nresource "aws_eip" "a" { domain = "vpc" }\n')
    block = CodeTree(tmp_path).find("aws_eip.a")
    assert (block.at, block.names) == ("main.tf:2", {"domain", "tags"})


def test_terraform_json_is_code_too(tmp_path):
    (tmp_path / "main.tf.json").write_text(
        '{"resource": {"aws_security_group": {"a": {"name": "x", "dynamic": {"ingress": {}}, "lifecycle": {"ignore_changes": ["name"]}}}}}'
    )
    block = CodeTree(tmp_path).find("aws_security_group.a")
    assert (block.at, block.names, block.ignored) == ("main.tf.json", {"name", "ingress"}, {"name"})


def test_modules_from_a_registry_are_found_where_init_put_them(tmp_path):
    write(tmp_path, main='module "m" { source = "registry.example/x/y" }\n')
    (tmp_path / ".terraform/modules/m").mkdir(parents=True)
    write(tmp_path / ".terraform/modules/m", main='resource "aws_eip" "a" {}\n')
    (tmp_path / ".terraform/modules/modules.json").write_text('{"Modules": [{"Key": "m", "Dir": ".terraform/modules/m"}]}')
    assert CodeTree(tmp_path).find("module.m[0].aws_eip.a").at == ".terraform/modules/m/main.tf:1"


def test_a_module_that_calls_itself_ends(tmp_path):
    write(tmp_path, main='module "m" { source = "./." }\nresource "aws_eip" "a" {}\n')
    assert CodeTree(tmp_path).find("module.m.module.m.module.m.aws_eip.a").at == "main.tf:2"


def test_junk_is_noted_and_never_raises(tmp_path):
    (tmp_path / "junk.tf").write_bytes(b'resource \xff\xfe "a" {')
    (tmp_path / "junk.tf.json").write_text("[1]")
    module = read_folder(tmp_path, tmp_path)
    assert module.blocks == {}
    assert len(module.unread) == 2


def test_code_must_be_a_directory():
    with pytest.raises(SourceError, match="--code"):
        read(EDGE / "noop-plan.json", code=EDGE / "main.tf")


def test_a_literally_empty_dynamic_block_declares_nothing_either(tmp_path):
    (tmp_path / "plan.json").write_bytes((SOURCES / "dynamic/plan.json").read_bytes())
    (tmp_path / "main.tf").write_text((SOURCES / "dynamic/main.tf").read_text().replace("var.ports\n", "[]\n"))
    (group,) = read(tmp_path / "plan.json").resources
    assert "ingress" not in group.declared


@pytest.mark.parametrize("folder", [EDGE, EDGE / "modules/service", SOURCES / "dynamic", SOURCES / "ignored"], ids=str)
def test_lines_alone_are_the_same_as_those_of_the_parser(folder):
    parsed, scanned = read_folder(folder, folder), read_folder(folder, folder, lines_only=True)
    assert parsed.blocks
    assert {key: (block.at, block.source) for key, block in scanned.blocks.items()} == {
        key: (block.at, block.source) for key, block in parsed.blocks.items()
    }


def test_lines_alone_leave_out_comments_and_texts(tmp_path):
    write(
        tmp_path,
        main="""/*
resource "aws_eip" "commented" {}
*/
# resource "aws_eip" "too" {}
module "m" { source = "./below" }
resource "aws_eip" "a" {
  name = <<-EOT
  resource "aws_eip" "not_me" {
  /* "
  EOT
  tags = { a = "/*", b = "x # y" }
}
data "aws_ami" "b" {}
""",
    )
    found = read_folder(tmp_path, tmp_path, lines_only=True).blocks
    assert {key: block.at for key, block in found.items()} == {
        "module.m": "main.tf:5",
        "aws_eip.a": "main.tf:6",
        "data.aws_ami.b": "main.tf:13",
    }
    assert found["module.m"].source == "./below"
