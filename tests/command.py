"""The real command, run as users run it: a process of its own, its output and its exit code."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from attrs import frozen

ROOT = Path(__file__).parents[1]


@frozen
class Ran:
    """What one run of the command left behind."""

    code: int
    out: str
    err: str

    @property
    def sentences(self) -> list[str]:
        """The lines on stderr."""
        return [line for line in self.err.splitlines() if line]


def iacdrift(*words: str | Path, cwd: Path | None = None, stdin: str = "", env: dict[str, str] | None = None, timeout: float = 120) -> Ran:
    """Run it with nothing but these options: the environment's own `IACDRIFT_…` are left out."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("IACDRIFT_") and name != "NO_COLOR"}
    done = subprocess.run(
        [sys.executable, "-m", "iacdrift", *map(str, words)],
        cwd=cwd or ROOT,
        input=stdin,
        env=kept | {"PYTHONPATH": str(ROOT)} | (env or {}),
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def refused(ran: Ran, code: int = 2) -> str:
    """The one clear sentence of a run that gave no verdict: documented code, nothing on stdout, no traceback."""
    assert ran.code == code, (ran.code, ran.err)
    assert ran.out == ""
    assert "Traceback" not in ran.err
    assert "internal error" not in ran.err
    assert len(ran.sentences) == 1, ran.err
    assert ran.sentences[0].startswith("iacdrift: ")
    return ran.sentences[0]
