"""The composite action: its steps run as GitHub's runner runs them, against the command itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.command import ROOT
from tests.connect.repository import lay_out

EMPTY = '{"schema": "iacdrift/expectation/1", "expectations": []}'
PIP = '#!/bin/sh\necho "$@" >>"$RUNNER_TEMP/pip.calls"\n'


def action() -> dict[str, Any]:
    told: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text())
    return told


def run(folder: Path, **given: str) -> tuple[int, str, str]:
    """The step `Run` with these inputs: exit code, stdout, and what it handed on."""
    temp = folder / "temp"
    if not temp.exists():
        lay_out(temp, {"iacdrift/bin/iacdrift": f'#!/bin/sh\nexec "{sys.executable}" -m iacdrift "$@"\n'})
        (temp / "iacdrift/bin/iacdrift").chmod(0o755)
    inputs = {name: str(about.get("default", "")) for name, about in action()["inputs"].items()} | given
    step = next(one for one in action()["runs"]["steps"] if one["name"] == "Run")
    environment = {name: inputs[value.removeprefix("${{ inputs.").removesuffix(" }}")] for name, value in step["env"].items()}
    output = folder / "output"
    output.write_text("")
    runner = {"RUNNER_TEMP": str(temp), "GITHUB_OUTPUT": str(output), "PYTHONPATH": str(ROOT)}
    words = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
    done = subprocess.run(words, cwd=folder, env={**os.environ, **environment, **runner}, capture_output=True, text=True, check=False)
    assert "is meant?" not in done.stderr, "an input's variable looks like an option"
    return done.returncode, done.stdout, output.read_text()


def test_sources_that_are_named_and_words_with_spaces(tmp_path: Path) -> None:
    lay_out(tmp_path, {"a b.json": EMPTY, "c.json": EMPTY})
    code, out, told = run(tmp_path, command="expect", source="a b.json\nc.json\n", vantage="internet", args="--format\njson\n")
    assert (code, told) == (0, "exit-code=0\n")
    assert json.loads(out)["vantage"]["kind"] == "internet"
    assert json.loads((tmp_path / "iacdrift-reports/iacdrift.json").read_text()) == json.loads(out)


def test_the_targets_of_the_repository(tmp_path: Path) -> None:
    toml = "".join(f'[[target]]\nname = "{name}"\nfrom = "c.json"\nvantage = "internet"\n' for name in ("x", "y"))
    lay_out(tmp_path, {"c.json": EMPTY, "iacdrift.toml": toml})
    assert run(tmp_path, command="expect")[0] == 0
    assert sorted(path.name for path in (tmp_path / "iacdrift-reports").iterdir()) == ["x.json", "y.json"]
    assert run(tmp_path, command="expect", target="y", reports="only")[0] == 0
    assert [path.name for path in (tmp_path / "only").iterdir()] == ["y.json"]


def test_the_exit_code_is_handed_on_and_ends_the_step(tmp_path: Path) -> None:
    code, _, told = run(tmp_path, command="expect", source="missing.json")
    assert (code, told) == (2, "exit-code=2\n")


@pytest.mark.parametrize(
    ("version", "package"), [("", str(ROOT)), ("0.1.0", "iacdrift==0.1.0"), ("~=0.1", "iacdrift~=0.1"), (">=0.1", "iacdrift>=0.1")]
)
def test_what_is_installed(tmp_path: Path, version: str, package: str) -> None:
    lay_out(tmp_path, {"bin/python3": '#!/bin/sh\nmkdir -p "$3/bin" && cp "$RUNNER_TEMP/pip" "$3/bin/pip"\n', "pip": PIP})
    (tmp_path / "bin/python3").chmod(0o755)
    (tmp_path / "pip").chmod(0o755)
    step = next(one for one in action()["runs"]["steps"] if one["name"] == "Install")
    given = {"ACTION_VERSION": version, "ACTION_PATH": str(ROOT), "ACTION_COMMAND": "preview", "RUNNER_TEMP": str(tmp_path)}
    assert set(step["env"]) == set(given) - {"RUNNER_TEMP"}
    environment = {**os.environ, **given, "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"}
    subprocess.run(["bash", "-eo", "pipefail", "-c", step["run"]], env=environment, check=True)
    assert (tmp_path / "pip.calls").read_text().split()[-1] == package


def test_no_input_reaches_the_shell_as_code() -> None:
    for step in action()["runs"]["steps"]:
        assert "${{" not in step["run"]
