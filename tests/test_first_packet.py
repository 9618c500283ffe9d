"""What `check` has loaded when it starts its first Nmap: nothing of what is needed only once something answered."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command import ROOT
from tests.scan.test_process import pretending

_HOOKED = """
import sys
from pathlib import Path

def hook(event, details):
    {hook}

sys.addaudithook(hook)
from iacdrift.cli import main
main(sys.argv[1:])
"""


def started(directory: Path, hook: str, *words: str, **environment: str) -> str:
    """Check one host by a process whose events (PEP 578) go through a hook: `event`, `details`. What it says on stderr."""
    source = directory / "one.json"
    source.write_text(json.dumps({"schema": "iacdrift/expectation/1", "expectations": [{"host": "127.0.0.1", "open": ["80/tcp"]}]}))
    check = ("check", "--from", str(source), "--ports", "80", "--scan-type", "connect", "--vantage", "127.0.0.1", *words)
    return subprocess.run(
        [sys.executable, "-c", _HOOKED.format(hook=hook), *check],
        capture_output=True,
        text=True,
        cwd=directory,
        env=os.environ | {"XDG_STATE_HOME": str(directory / "state"), "PYTHONPATH": str(ROOT)} | environment,
        check=False,
    ).stderr


def loaded_at_the_first_packet(directory: Path, *words: str, **environment: str) -> set[str]:
    """The modules at the moment at which a check starts its first Nmap."""
    told = directory / "modules"
    told.unlink(missing_ok=True)
    hook = (
        'if event == "subprocess.Popen" and "--stats-every" in details[1] and not Path("modules").exists():\n'
        '        Path("modules").write_text(" ".join(sys.modules))'
    )
    said = started(directory, hook, "--nmap", pretending(directory, "exit 1"), *words, **environment)
    assert told.exists(), said
    return set(told.read_text().split())


@pytest.mark.parametrize("words", [(), ("--no-history",), ("--history", "/nowhere/h.db")])
def test_no_check_loads_what_opens_a_history(tmp_path: Path, words: tuple[str, ...]) -> None:
    loaded = loaded_at_the_first_packet(tmp_path, *words)
    assert not loaded & {"sqlalchemy", "sqlite3", "iacdrift.history.store"}
    assert "iacdrift.scan.run" in loaded


def test_the_other_commands_are_loaded_only_for_a_file_or_a_name_of_theirs(tmp_path: Path) -> None:
    others = {"iacdrift.cli_history", "iacdrift.cli_watch", "tomllib"}
    assert not loaded_at_the_first_packet(tmp_path, "--no-history", IACDRIFT_RATE="500") & others
    assert others - {"tomllib"} <= loaded_at_the_first_packet(tmp_path, "--no-history", IACDRIFT_PORT="8080")
    (tmp_path / "iacdrift.toml").write_text("rate = 500")
    assert others <= loaded_at_the_first_packet(tmp_path, "--no-history")


def test_no_check_loads_what_judges(tmp_path: Path) -> None:
    loaded = loaded_at_the_first_packet(tmp_path, "--no-history")
    assert {name for name in loaded if name.startswith(("iacdrift.drift.", "iacdrift.remedy", "iacdrift.outputs."))} == {
        "iacdrift.drift.words",
        "iacdrift.drift.settings",
        "iacdrift.outputs.registry",
    }


def test_what_is_expected_is_drawn_without_what_judges_or_other_parsers(tmp_path: Path) -> None:
    state = ROOT / "tests" / "data" / "terraform" / "edge-and-bastion" / "terraform.tfstate"
    (tmp_path / "terraform.tfstate").write_bytes(state.read_bytes())
    code = (
        "import sys\nfrom iacdrift.cli_exit import guarded\nfrom iacdrift.cli import cli\nguarded(cli, sys.argv[1:])\nprint(*sys.modules)"
    )
    words = ("expect", "--from", "terraform.tfstate", "--vantage", "internet")
    done = subprocess.run(
        [sys.executable, "-c", code, *words],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        check=True,
    )
    loaded = set(done.stdout.splitlines()[-1].split())
    assert {"iacdrift.outputs.text_surface", "rich.console"} <= loaded
    assert loaded.isdisjoint({"iacdrift.drift.report", "iacdrift.drift.matrix", "yaml", "hcl2", "nmap", "tomllib"})
