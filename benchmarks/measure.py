"""Runs a command in a process of its own and says what it took; every figure is the median of an odd number of rounds."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from attrs import frozen


@frozen
class Taken:
    """What one process took: processor seconds (user and system), its largest resident memory in MB, what it printed."""

    seconds: float
    megabytes: float
    output: str
    code: int


def run(argv: Sequence[str | Path], *, seconds: float = 1800) -> Taken:
    """Runs to the end. Processor time: on a machine that does other things too, time on the clock says little."""
    with tempfile.TemporaryFile() as out:
        with subprocess.Popen([str(part) for part in argv], stdout=out, stderr=subprocess.DEVNULL, env=as_installed()) as child:
            _, status, usage = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        text = out.read().decode("utf-8", "replace")
    return Taken(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, text, child.returncode)


def as_installed() -> dict[str, str]:
    """The environment, in which Python keeps its compiled modules as it does for every installed package."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPYCACHEPREFIX": str(Path(tempfile.gettempdir()) / f"iacdrift-bench-bytecode-{os.getuid()}")}


def task(name: str, *arguments: str | Path) -> dict[str, Any]:
    """What a function of `benchmarks.tasks` says of itself, in a fresh interpreter."""
    taken = run([sys.executable, "-m", "benchmarks.tasks", name, *arguments])
    if taken.code != 0:
        raise RuntimeError(f"benchmarks.tasks {name} ended with {taken.code}")
    found: dict[str, Any] = json.loads(taken.output)
    return found


def rounds(count: int, once: Callable[[], dict[str, float]]) -> dict[str, float]:
    """The median of each figure over an odd number of rounds. One round asks all sides in turn, so a ratio compares neighbours."""
    assert count % 2, "an even number of rounds has no middle one"
    found = [once() for _ in range(count)]
    return {name: median(one[name] for one in found) for name in found[0]}


def machine() -> str:
    """What the figures were taken on, without naming it."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    python = platform.python_version()
    return f"{os.cpu_count()} cores, {memory:.0f} GiB of memory, {platform.system()} {platform.machine()}, Python {python}"
