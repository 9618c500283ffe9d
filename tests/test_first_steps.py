"""README's "Connect a repository" as a new user walks it: a first report with what is wrong, and a first alert that arrives."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.first_steps import walk
from tests.needs import needs

pytestmark = [pytest.mark.live, needs("nmap"), needs("git")]


def test_from_a_repository_to_the_first_alert(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    walked = walk(tmp_path, install=False)
    steps = {step.command: step for step in walked.steps}
    assert [command.split()[1] for command in steps] == ["init", "doctor", "check", "alert"]
    assert steps["iacdrift init --ci github"].code == 0, steps
    assert (tmp_path / "shop" / ".github" / "workflows" / "iacdrift.yml").exists() or list(tmp_path.glob("shop/**/iacdrift.yml"))
    report = steps["iacdrift check"]
    assert report.code == 1, report.said
    assert "exposed" in report.said
    assert len(walked.arrived) == 2
    assert "it arrives" in walked.arrived[0]
    assert "tcp/6379" in walked.arrived[1]
    with capsys.disabled():
        print(f" first report and first alert after {walked.seconds:.0f} s of commands ", end="")
