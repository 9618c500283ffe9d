"""`iacdrift init`: what it writes is read again by the other commands, and what is there stays."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from iacdrift.cli import check
from iacdrift.cli_options import key_shapes
from iacdrift.connect.search import look
from iacdrift.targets import targets_of
from tests.command import ROOT, iacdrift, refused
from tests.connect.repository import FILES, lay_out
from tests.needs import needs
from tests.shop import Shop

ODD = {"a\u202eb/main.tf": 'provider "x" {}\n', "x\ny/main.tf": 'provider "x" {}\n'}
KNOWN = key_shapes([check])


def test_the_file_is_what_check_understands(tmp_path: Path) -> None:
    lay_out(tmp_path)
    ran = iacdrift("init", "--ci", "none", cwd=tmp_path)
    assert ran.code == 0, ran.err
    targets = targets_of(tomllib.loads((tmp_path / "iacdrift.toml").read_text())["target"], KNOWN)
    assert [(target.name, *target.sources) for target in targets] == [(one.name, *one.sources) for one in look(tmp_path).found]
    # also where a person takes the comments away
    lines = (tmp_path / "iacdrift.toml").read_text().splitlines()
    plain = "\n".join(line.removeprefix("# ") if re.match(r"# (stack|outputs|parameter-file|state) = ", line) else line for line in lines)
    assert len(targets_of(tomllib.loads(plain)["target"], KNOWN)) == len(targets)


@pytest.mark.parametrize("files", [FILES, {"a b'\"]\\#/main.tf": 'provider "x" {}\n', **ODD}])
def test_names_out_of_the_repository_end_no_string_and_no_comment(tmp_path: Path, files: dict[str, str]) -> None:
    ran = iacdrift("init", "--ci", "none", cwd=lay_out(tmp_path, files))
    assert ran.code == 0, ran.err
    assert "\u202e" not in ran.out
    assert ("can't be shown" in ran.out) == (files is not FILES)
    assert targets_of(tomllib.loads((tmp_path / "iacdrift.toml").read_text())["target"], KNOWN)


def test_a_dry_run_shows_all_of_it_and_writes_nothing(tmp_path: Path) -> None:
    lay_out(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    ran = iacdrift("init", "--dry-run", cwd=tmp_path)
    assert ran.code == 0
    assert "--- iacdrift.toml ---" in ran.out
    assert "--- .gitlab/iacdrift.gitlab-ci.yml ---" in ran.out  # guessed from the remote
    assert sorted(tmp_path.rglob("*")) == before


def test_nothing_is_overwritten_unasked(tmp_path: Path) -> None:
    lay_out(tmp_path, {**FILES, "iacdrift.toml": "# mine\n", ".gitlab-ci.yml": "build:\n  script: [make]\n"})
    ran = iacdrift("init", cwd=tmp_path)
    assert ran.code == 0
    assert (tmp_path / "iacdrift.toml").read_text() == "# mine\n"
    assert "kept (it is there already, --force overwrites) iacdrift.toml" in ran.out
    assert "add to .gitlab-ci.yml: include:" in ran.out
    assert iacdrift("init", "--force", "--ci", "none", cwd=tmp_path).code == 0
    assert "[[target]]" in (tmp_path / "iacdrift.toml").read_text()
    assert "as it is iacdrift.toml" in iacdrift("init", "--ci", "none", cwd=tmp_path).out


def test_where_nothing_is_declared(tmp_path: Path) -> None:
    assert "holds no Terraform" in refused(iacdrift("init", cwd=tmp_path))
    assert list(tmp_path.iterdir()) == []
    assert "is no directory" in refused(iacdrift("init", "nowhere", cwd=tmp_path))


def test_on_a_terminal_it_asks(tmp_path: Path) -> None:
    lay_out(tmp_path)
    parent, child = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, "-m", "iacdrift", "init"], cwd=tmp_path, stdin=child, stdout=child, stderr=child, env=environment
    ):
        os.close(child)
        os.write(parent, b"jenkins\n")
        told = b""
        while chunk := _read(parent):
            told += chunk
    os.close(parent)
    assert b"[gitlab]" in told
    assert (tmp_path / "Jenkinsfile.iacdrift").exists()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # the other end is closed
        return b""


@pytest.mark.live
@needs("root")
@needs("nmap")
def test_from_the_repository_to_the_first_report(shop: Shop) -> None:
    """The demo's stack as a new user's repository: init, the plan that a pipeline makes, preview, check."""
    assert iacdrift("init", "--ci", "none", cwd=shop.directory).code == 0
    settings = shop.directory / "iacdrift.toml"
    text = settings.read_text()
    assert 'from = ["tf:.", "expectation.yaml"]' in text
    settings.write_text(text.replace('"tf:."', '"plan.json"').replace('# vantage = "internet"', 'vantage = "internet"'))
    assert iacdrift("doctor", cwd=shop.directory).code == 0
    assert "nothing changes" in iacdrift("preview", cwd=shop.directory).out
    ran = iacdrift("check", "--ports", "6379,18080-18090,18443", "-o", "sarif:{target}.sarif", cwd=shop.directory)
    assert ran.code == 1, ran.err
    assert "exposed" in ran.out
    assert len(list(shop.directory.glob("*.sarif"))) == 1


@needs("terraform")
def test_a_terraform_root_with_workspaces_is_read_as_it_was_written(tmp_path: Path) -> None:
    lay_out(tmp_path, {"main.tf": 'resource "terraform_data" "x" {\n  input = terraform.workspace\n}\n'})
    quiet = {**os.environ, "CHECKPOINT_DISABLE": "1"}
    for words in (["init"], ["workspace", "new", "blue"], ["apply", "-auto-approve"], ["workspace", "new", "green"]):
        subprocess.run(["terraform", *words], cwd=tmp_path, check=True, capture_output=True, env=quiet)
    assert iacdrift("init", "--ci", "none", cwd=tmp_path).code == 0
    names = [one.name for one in look(tmp_path).found]
    assert [name.rpartition("-")[2] for name in names] == ["blue"]  # green has no state yet: nothing was applied there
    ran = iacdrift("doctor", cwd=tmp_path)
    assert ran.code == 0, ran.out
    assert "its state can be read" in ran.out
    assert "PREVIEW" in iacdrift("preview", cwd=tmp_path).out
    unknown = refused(iacdrift("expect", "--from", "tf:.?workspace=red", cwd=tmp_path))
    assert "there is no workspace of that name; there is default, blue, green" in unknown
    assert not (tmp_path / "terraform.tfstate.d" / "red").exists()
    assert "only workspace=NAME" in refused(iacdrift("expect", "--from", "tf:.?stack=red", cwd=tmp_path))
