"""Bad usage ends with one sentence and exit 2; help, version and completion work without any source."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from iacdrift import __version__
from iacdrift.cli_target import Target
from iacdrift.errors import UsageError
from tests.command import ROOT, cold, iacdrift, refused
from tests.stored import scanned

PLAN = ROOT / "iacdrift" / "demo" / "stack" / "plan.json"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["check"], "no source given"),
        (["expect"], "no source given"),
        (["diff", "--from", PLAN], "diff needs --nmap-xml FILE"),
        (["check", "--from", PLAN, "--ports", "99999"], "'99999' is not a port"),
        (["check", "--from", PLAN, "--scope", "everything"], "give a CIDR"),
        (["check", "--from", PLAN, "--control", "a:b:c"], "--control 'a:b:c'"),
        (["check", "--from", PLAN, "--rate", "0"], "--rate"),
        (["check", "--from", PLAN, "--family", "5"], "--family"),
        (["check", "--from", PLAN, "--vantage", "the moon"], "it is auto, internet, an IP address"),
        (["check", "--from", PLAN, "--format", "xml"], "no format 'xml'"),
        (["check", "--from", PLAN, "-o", "report.json"], "give FORMAT:PATH"),
        (["check", "--from", PLAN, "-o", "yaml:report"], "no format 'yaml'"),
        (["check", "--from", PLAN, "--max-age", "soon"], "is no duration"),
        (["check", "--from", PLAN, "--state", "x"], "is not NAME=PATH"),
        (["check", "--from", PLAN, "--fail-on", "note"], "--fail-on"),
        (["check", "--from", PLAN, "--settle", "-1"], "is no duration"),
        (["explain", "--from", PLAN, "198.51.100.7"], "is no HOST:PORT"),
        (["explain", "--from", PLAN], "Missing argument"),
        (["check", "--nothing"], "No such option"),
        (["frobnicate"], "No such command"),
    ],
)
def test_bad_usage_is_one_sentence(words: list[str | Path], sentence: str, tmp_path: Path) -> None:
    assert sentence in refused(iacdrift(*words, cwd=tmp_path))
    assert not list(tmp_path.iterdir())


def test_version() -> None:
    ran = iacdrift("--version")
    assert (ran.code, ran.out) == (0, f"iacdrift, version {__version__}\n")


@pytest.mark.parametrize("command", ["expect", "check", "diff", "explain", "plan-scan", "demo"])
def test_every_command_has_help_with_an_example(command: str) -> None:
    ran = iacdrift(command, "--help")
    assert ran.code == 0
    assert f"iacdrift {command}" in ran.out.split("Example", 1)[1]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(shell: str) -> None:
    ran = iacdrift("completion", shell)
    assert ran.code == 0
    assert "_IACDRIFT_COMPLETE" in ran.out


def test_completion_completes_commands() -> None:
    ran = iacdrift(env={"_IACDRIFT_COMPLETE": "bash_complete", "COMP_WORDS": "iacdrift pl", "COMP_CWORD": "1"})
    assert "plan-scan" in ran.out


def test_without_a_command_help_is_shown_and_it_is_an_error() -> None:
    ran = iacdrift()
    assert ran.code == 2
    assert "Traceback" not in ran.err


def test_debug_shows_the_traceback_and_the_same_code(tmp_path: Path) -> None:
    ran = iacdrift("check", "--from", "nothing.json", "--debug", cwd=tmp_path)
    assert ran.code == 2
    assert "Traceback" in ran.err
    assert "nothing.json" in ran.sentences[-1]


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("198.51.100.7:443", Target("198.51.100.7", "tcp", 443)),
        ("[2001:db8::1]:53/udp", Target("2001:db8::1", "udp", 53)),
        ('module.a["x"].aws_instance.web[0]:22/tcp', Target('module.a["x"].aws_instance.web[0]', "tcp", 22)),
        ("shop.example.com:0", Target("shop.example.com", "tcp", 0)),
    ],
)
def test_targets(text: str, target: Target) -> None:
    assert Target.parse(text) == target


@pytest.mark.parametrize("text", ["", "host", "host:", ":22", "host:70000", "2001:db8::1:22", "host:22/sctp", "host:-1"])
def test_no_targets(text: str) -> None:
    with pytest.raises(UsageError):
        Target.parse(text)


FROM = ["--from", PLAN, "--vantage", "internet"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["expect", *FROM], 0),
        (["explain", *FROM, "127.44.0.10:18080"], 0),
        (["plan-scan", *FROM], 0),
        (["diff", *FROM, "--nmap-xml", "scan-0.xml", "--format", "json"], 1),
        (["diff", *FROM, "--nmap-xml", "scan-0.xml", "--no-history", "--format", "html"], 1),
        (["check", *FROM, "--scope", "192.0.2.0/24"], 2),
        (["check", "--nothing"], 2),
        (["preview", "--from", PLAN], 0),
        (["history", "list"], 0),
        (["baseline", "show"], 2),
        (["ignore", "list"], 2),
        (["alert", "list"], 0),
        (["watch", "--dry-run"], 2),
        (["fix", "nothing"], 2),
    ],
)
def test_the_tests_start_the_command_that_users_start(tmp_path: Path, words: list[str | Path], code: int) -> None:
    """Most tests start it without the time of its imports; what it then says is what it says in a new interpreter."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("IACDRIFT_")}
    said = []
    for place, run in ((tmp_path / "a", cold), (tmp_path / "b", iacdrift)):
        place.mkdir()
        scanned(place)
        said.append(run(*words, cwd=place, env=environment | {"PYTHONPATH": str(ROOT), "IACDRIFT_HISTORY": "h.db"}))
    assert said[0] == said[1]
    assert said[0].code == code, said[0].err
