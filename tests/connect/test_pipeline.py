"""The pipelines that init writes are what their hosts take, and their shell does what it says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import yaml

from iacdrift.connect.pipeline import pipeline
from iacdrift.connect.search import look
from tests.command import ROOT
from tests.connect.repository import FILES, lay_out
from tests.needs import actionlint, needs

SCHEMAS = {
    "github": {"iacdrift.yml": "vendor.github-workflows"},
    "gitlab": {"iacdrift.gitlab-ci.yml": "vendor.gitlab-ci", ".gitlab-ci.yml": "vendor.gitlab-ci"},
    "azure": {"azure-pipelines-iacdrift.yml": "vendor.azure-pipelines"},
}
ODD = {"it's ${{ secrets.X }} $(id)/main.tf": 'terraform {\n  backend "s3" {}\n}\n'}
ONE = {"main.tf": 'terraform {\n  backend "s3" {}\n}\n'}
REPOSITORIES = pytest.mark.parametrize("files", [FILES, ONE, {**FILES, **ODD}], ids=["everything", "one root", "odd names"])


def write(folder: Path, host: str) -> list[Path]:
    """The files of a host's pipeline, in the repository."""
    paths = []
    for file in pipeline(look(folder), host):
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file.text)
        paths.append(path)
    return paths


def valid(schema: str, path: Path) -> str:
    """What the vendor's schema has against a file."""
    command = [sys.executable, "-m", "check_jsonschema", "--regex-variant", "nonunicode", "--builtin-schema", schema, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout[-800:] + done.stderr[-800:]


def linted(folder: Path) -> str:
    """What actionlint, with shellcheck, has against the workflows of a repository."""
    (folder / ".git").mkdir(exist_ok=True)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run([str(actionlint())], cwd=folder, capture_output=True, text=True, check=False, env={**os.environ, "PATH": path})
    return done.stdout + done.stderr


@REPOSITORIES
@pytest.mark.parametrize("host", list(SCHEMAS))
def test_the_vendors_schema_takes_it(tmp_path: Path, host: str, files: dict[str, str]) -> None:
    for path in write(lay_out(tmp_path, files), host):
        assert valid(SCHEMAS[host][path.name], path) == ""


def test_the_schema_check_can_fail(tmp_path: Path) -> None:
    (tmp_path / "x.yml").write_text("job:\n  script: [a]\n  rules: 1\n")
    assert valid("vendor.gitlab-ci", tmp_path / "x.yml")


@needs("actionlint")
@REPOSITORIES
def test_actionlint_takes_the_workflow(tmp_path: Path, files: dict[str, str]) -> None:
    write(lay_out(tmp_path, files), "github")
    assert linted(tmp_path) == ""


@needs("actionlint")
def test_actionlint_and_the_shellcheck_in_it_can_fail(tmp_path: Path) -> None:
    [path] = write(lay_out(tmp_path, ONE), "github")
    path.write_text(path.read_text().replace('"$IACDRIFT"', "$IACDRIFT").replace("runs-on: ubuntu-latest", "runs-on: ubuntu-none", 1))
    told = linted(tmp_path)
    assert "SC2086" in told
    assert "ubuntu-none" in told


@pytest.mark.parametrize("host", list(SCHEMAS))
def test_a_folders_name_is_one_word_for_the_shell_and_no_expression(tmp_path: Path, host: str) -> None:
    text = "".join(path.read_text() for path in write(lay_out(tmp_path, ODD), host))
    assert "${{ secrets.X" not in text
    assert "$(id)" not in text
    [line] = [line.strip() for line in text.splitlines() if "init -input" in line][:1]
    shown = subprocess.run(["bash", "-c", f'terraform() {{ printf "%s\\n" "$@"; }}; {line}'], capture_output=True, text=True, check=True)
    assert shown.stdout.splitlines()[0] == "-chdir=it's ${{ secrets.X }} $(id)"


def test_pull_requests_get_no_packets_and_no_rights_but_the_comment(tmp_path: Path) -> None:
    [path] = write(lay_out(tmp_path), "github")
    jobs = yaml.safe_load(path.read_text())["jobs"]
    preview = jobs["preview"]
    assert preview["permissions"] == {"contents": "read", "pull-requests": "write"}
    assert "pull_request_target" not in path.read_text()
    assert not any("iacdrift check" in str(step) or "secrets." in str(step) or "nmap" in str(step) for step in preview["steps"])
    assert "iacdrift check" in str(jobs["check"]["steps"])
    assert all("@v" in step["uses"] for step in chain(preview["steps"], jobs["check"]["steps"]) if "uses" in step)


def step(path: Path, job: str, name: str) -> str:
    steps: list[dict[str, Any]] = yaml.safe_load(path.read_text())["jobs"][job]["steps"]
    return next(str(one["run"]) for one in steps if one.get("name") == name)


GH = """#!/bin/bash
# answers as `gh api` does: the comments that there are, and what was sent
echo "$@" >>calls
case "$*" in *--paginate*) jq -r "${@: -1}" comments.json ;; *) cat comment.json >>sent ;; esac
"""


@needs("jq")
@pytest.mark.parametrize(("there", "call"), [([], "--method POST COMMENTS "), ([7], "--method PATCH COMMENT/7 ")])
def test_the_comment_is_replaced_by_its_marker(tmp_path: Path, there: list[int], call: str) -> None:
    [path] = write(lay_out(tmp_path, ONE), "github")
    lay_out(tmp_path, {"bin/gh": GH, "iacdrift-reports/shop.md": "<!-- iacdrift:preview -->\nnew"})
    (tmp_path / "bin/gh").chmod(0o755)
    bot = [{"id": number, "user": {"type": "Bot"}, "body": "<!-- iacdrift:preview -->\nold"} for number in there]
    others = [
        {"id": 1, "user": {"type": "User"}, "body": "<!-- iacdrift:preview --> quoted by a person"},
        {"id": 2, "user": {"type": "Bot"}, "body": "x"},
    ]
    (tmp_path / "comments.json").write_text(json.dumps([*others, *bot]))
    environment = {**os.environ, "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}", "COMMENTS": "COMMENTS", "COMMENT": "COMMENT"}
    subprocess.run(["bash", "-e", "-c", step(path, "preview", "Comment")], cwd=tmp_path, env=environment, check=True)
    assert call in (tmp_path / "calls").read_text()
    assert json.loads((tmp_path / "sent").read_text())["body"].startswith("<!-- iacdrift:preview -->\nnew")


@needs("jq")
def test_each_target_is_an_analysis_of_its_own(tmp_path: Path) -> None:
    [path] = write(lay_out(tmp_path, ONE), "github")
    results = [{"baselineState": "new"}, {"baselineState": "absent"}, {}]
    run = {"automationDetails": {"id": "iacdrift/"}, "results": results}
    lay_out(tmp_path, {"iacdrift-reports/a b.sarif": json.dumps({"runs": [run]}), "iacdrift-reports/a b.md": "# x"})
    environment = {**os.environ, "GITHUB_STEP_SUMMARY": str(tmp_path / "summary")}
    subprocess.run(["bash", "-e", "-c", step(path, "check", "Summary")], cwd=tmp_path, env=environment, check=True)
    [uploaded] = json.loads((tmp_path / "iacdrift-sarif/a b.sarif").read_text())["runs"]
    assert uploaded == {"automationDetails": {"id": "iacdrift-a b/"}, "results": [{"baselineState": "new"}, {}]}
    assert (tmp_path / "summary").read_text() == "# x"


def test_the_jenkinsfile_is_whole(tmp_path: Path) -> None:
    [path] = write(lay_out(tmp_path), "jenkins")
    text = path.read_text()
    assert text.count("{") == text.count("}")
    assert text.count("'''") % 2 == 0
    assert "[%" not in text
    assert "changeRequest()" in text


def test_the_action_is_what_github_takes() -> None:
    assert valid("vendor.github-actions", ROOT / "action.yml") == ""


@needs("actionlint")
@pytest.mark.parametrize(("word", "why"), [("source", None), ("sauce", 'input "sauce" is not defined')])
def test_a_workflow_may_use_the_action(tmp_path: Path, word: str, why: str | None) -> None:
    steps = f"[{{uses: ./, with: {{command: preview, {word}: plan.json}}}}]"
    workflow = f"on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps: {steps}\n"
    lay_out(tmp_path, {"action.yml": (ROOT / "action.yml").read_text(), ".github/workflows/own.yml": workflow})
    told = linted(tmp_path)
    assert (why in told) if why else told == ""


def test_what_says_no_change_by_itself_is_compared_with_the_base(tmp_path: Path) -> None:
    [path] = write(lay_out(tmp_path / "terraform", ONE), "github")
    assert "--base" not in path.read_text()
    for name, text in (("e.json", '{"schema": "iacdrift/expectation/1"}'), ("cdk.json", "{}"), ("template.yaml", FILES["cfn/inner.yaml"])):
        [path] = write(lay_out(tmp_path / name, {name: text}), "github")
        assert "--base .iacdrift-base" in path.read_text()
        assert "path: .iacdrift-base" in path.read_text()
