"""The real command, run as users run it: a process of its own, its output and its exit code."""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from attrs import frozen

from tests.started import Starter, interpreters

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
    environment = kept | {"PYTHONPATH": str(ROOT)} | (env or {})
    starter = _starter()
    if stdin or interpreters(environment) != starter.fits:
        return cold(*words, cwd=cwd or ROOT, stdin=stdin, env=environment, timeout=timeout)
    return Ran(*starter.run(list(map(str, words)), cwd or ROOT, environment, timeout))


def cold(*words: str | Path, cwd: Path, env: Mapping[str, str], stdin: str = "", timeout: float = 120) -> Ran:
    """The same in a new interpreter, with this environment and nothing else."""
    done = subprocess.run(
        [sys.executable, "-m", "iacdrift", *map(str, words)],
        cwd=cwd,
        input=stdin,
        env=env,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


@cache
def _starter() -> Starter:
    """One for all tests of this process; importing what the command imports takes longer than most of its runs."""
    starter = Starter(ROOT)
    atexit.register(starter.close)
    return starter


def refused(ran: Ran, code: int = 2) -> str:
    """The one clear sentence of a run that gave no verdict: documented code, nothing on stdout, no traceback."""
    assert ran.code == code, (ran.code, ran.err)
    assert ran.out == ""
    assert "Traceback" not in ran.err
    assert "internal error" not in ran.err
    assert len(ran.sentences) == 1, ran.err
    assert ran.sentences[0].startswith("iacdrift: ")
    return ran.sentences[0]
