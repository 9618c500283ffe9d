"""What a repository declares is found, and what only looks like it isn't."""

from __future__ import annotations

from pathlib import Path

import pytest

from iacdrift.connect import tree
from iacdrift.connect.found import name_of
from iacdrift.connect.search import look
from iacdrift.connect.tree import walk
from tests.command import ROOT
from tests.connect.repository import lay_out


def test_one_of_everything(tmp_path: Path) -> None:
    repository = look(lay_out(tmp_path))
    assert {(one.name, one.tool, *one.sources) for one in repository.found} == {
        ("live-prod", "terraform", "tf:live/prod"),
        ("live-many-blue", "terraform", "tf:live/many?workspace=blue"),
        ("live-many-green", "terraform", "tf:live/many?workspace=green"),
        ("live-tofu", "tofu", "tf:live/tofu"),
        ("live-json", "terraform", "tf:live/json"),
        ("shop-dev", "pulumi", "pulumi:app?stack=dev"),
        ("shop-prod", "pulumi", "pulumi:app?stack=prod"),
        ("shop", "pulumi", "pulumi:app2"),
        ("synth", "cdktf", "synth/cdktf.out"),
        ("assembly", "cdk", "assembly/cdk.out"),
        ("cfn", "cloudformation", "cfn/template.yaml"),
        ("sam", "sam", "sam/template.yaml"),
    }
    assert (repository.host, repository.branch, repository.cut) == ("gitlab", "trunk", None)


def test_expectations_join_what_is_declared_beside_them(tmp_path: Path) -> None:
    text = "schema: iacdrift/expectation/1\n"
    files = {"root/main.tf": 'provider "aws" {}\n', "root/ports.yaml": text, "alone/a.json": '{"schema": "iacdrift/expectation/1"}'}
    stacks = {"app/Pulumi.yaml": "name: app\n", "app/Pulumi.a.yaml": "", "app/Pulumi.b.yaml": "", "app/e.yml": text}
    found = {one.name: one for one in look(lay_out(tmp_path, {**files, **stacks})).found}
    assert found["root"].sources == ("tf:root", "root/ports.yaml")
    assert found["alone"].sources == ("alone/a.json",)
    # whose it is of two stacks is for a person to say
    assert found["app-a"].sources == ("pulumi:app?stack=a",)
    assert "app/e.yml" in found["app-b"].suggested[-1]


def test_what_a_reader_of_the_file_should_know(tmp_path: Path) -> None:
    told = {one.name: " | ".join((*one.remarks, *one.suggested)) for one in look(lay_out(tmp_path)).found}
    assert "backend s3" in told["live-prod"]
    assert "TF_CLI_ARGS_plan=-var-file=prod.tfvars" in told["live-prod"]
    assert "backend azurerm" in told["live-json"]
    assert "-backend-config" in told["live-json"]
    assert "workspaces: edge" in told["live-tofu"]
    assert "s3://" in told["shop-dev"]
    assert "(python)" in told["shop-dev"]
    assert "?stack=NAME" in told["shop"]
    assert "stacks: net, web" in told["synth"]
    assert 'stack = ["hello"]' in told["sam"]
    assert "parameter-file" in told["cfn"]


def test_the_examples_of_this_repository() -> None:
    found = {(one.tool, one.folder.as_posix()) for one in look(ROOT / "examples").found}
    assert found == {
        ("terraform", "terraform/local-service"),
        ("pulumi", "pulumi/aws-web"),
        ("pulumi", "pulumi/local-service"),
        ("cdktf", "cdktf/runtime-assertion"),
        ("cdktf", "cdktf/two-stacks"),
    }


def test_gitignore_of_folders_above_counts_and_links_are_not_followed(tmp_path: Path) -> None:
    lay_out(tmp_path, {".git/HEAD": "", ".gitignore": "a/skip/\n*.log.tf\n", "a/skip/x.tf": "", "a/b/x.tf": "", "a/b/y.log.tf": ""})
    lay_out(tmp_path, {"a/b/.gitignore": "!y.log.tf\n"})
    (tmp_path / "a" / "round").symlink_to(tmp_path)
    seen = walk(tmp_path / "a")
    assert dict(seen.folders) == {Path(): (), Path("b"): (".gitignore", "x.tf", "y.log.tf")}


def test_the_walk_ends_and_says_where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay_out(tmp_path, {f"{number}/main.tf": "" for number in range(5)})
    monkeypatch.setattr(tree, "MOST_FOLDERS", 3)
    assert "first 3 folders" in str(walk(tmp_path).cut)
    monkeypatch.setattr(tree, "MOST_FOLDERS", 100)
    assert walk(tmp_path).cut is None
    lay_out(tmp_path, {"/".join("abcdefghijklmnop") + "/main.tf": ""})
    assert "deeper than" in str(walk(tmp_path).cut)


@pytest.mark.parametrize(
    ("signs", "host"),
    [
        ({".github/x": ""}, "github"),
        ({".gitlab-ci.yml": ""}, "gitlab"),
        ({"azure-pipelines.yml": ""}, "azure"),
        ({"Jenkinsfile": ""}, "jenkins"),
        ({".git/config": '[remote "origin"]\n url = https://token@github.com/a/gitlab.git\n'}, "github"),
        ({".git/config": '[remote "o"]\n url = https://dev.azure.com/a/_git/b\n'}, "azure"),
        ({".git/config": '[remote "origin"]\n url = ssh://git@code.example.com/github/b.git\n'}, "none"),
        ({}, "none"),
    ],
)
def test_where_the_pipelines_run(tmp_path: Path, signs: dict[str, str], host: str) -> None:
    assert look(lay_out(tmp_path, signs)).host == host


def test_names_need_no_quotes() -> None:
    assert name_of("live", "eu central", "$(x)") == "live-eu-central-x"
    assert name_of("-.-") == "infrastructure"
    assert len(name_of("a" * 100)) == 64
