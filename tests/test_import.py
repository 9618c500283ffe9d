"""`import iacdrift` costs nothing: heavy libraries are imported where they are used."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import iacdrift
from tests.command import ROOT

HEAVY = {"attrs", "click", "defusedxml", "hcl2", "lark", "nmap", "orjson", "pulumi", "rich", "yaml", "cdktf", "cdktn", "jsii"}


def loaded_by(code: str) -> set[str]:
    program = f"{code}\nimport sys\nprint('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    return {name.split(".")[0] for name in done.stdout.split()}


def test_importing_the_package_imports_nothing_heavy() -> None:
    assert not loaded_by("import iacdrift") & HEAVY


def test_a_command_that_judges_nothing_loads_nothing_of_the_verdict() -> None:
    program = "from iacdrift.cli import cli\ncli.all_commands()\nimport iacdrift.history.listing, iacdrift.recording"
    done = subprocess.run(
        [sys.executable, "-c", f"{program}\nimport sys\nprint('\\n'.join(sys.modules))"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    assert not {"iacdrift.assertion", "iacdrift.drift.report", "iacdrift.history.store"} & set(done.stdout.split())


def test_importing_the_command_line_imports_click_and_no_output_or_parser() -> None:
    assert loaded_by("import iacdrift.cli") & HEAVY == {"attrs", "click"}


def test_help_and_version_need_no_heavy_library() -> None:
    program = "import iacdrift.cli, contextlib\nwith contextlib.suppress(SystemExit): iacdrift.cli.main(['--version'])"
    assert loaded_by(program) & HEAVY == {"attrs", "click"}


def test_no_command_brings_what_it_needs_before_it_runs() -> None:
    """A run with a configuration file looks at every command's options, and so does `--help`."""
    further = {"sqlalchemy", "alembic", "tomlkit", "jinja2", "apprise", "apscheduler", "starlette", "uvicorn", "boto3", "tf", "asyncio"}
    loaded = loaded_by("from iacdrift.cli import cli\nassert len(cli.all_commands()) > 12")
    assert not loaded & (HEAVY | further) - {"attrs", "click"}


@pytest.mark.parametrize("name", iacdrift.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(iacdrift, name).__name__ == name
    assert name in dir(iacdrift)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'assert_no_drift'"):
        _ = iacdrift.assert_no_drift


def test_the_package_is_typed() -> None:
    assert (Path(iacdrift.__file__).parent / "py.typed").exists()
