"""The real `iacdrift watch` as a process, in a directory of its own, with what it says."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from attrs import Factory, define

from tests.command import ROOT


@define
class Running:
    """`said`: its lines on stderr so far."""

    process: subprocess.Popen[str]
    said: list[str] = Factory(list)

    def until(self, true: Callable[[], object], seconds: float = 60.0) -> None:
        """Waits; fails with what it said where that doesn't come."""
        deadline = time.monotonic() + seconds
        while not true():
            assert self.process.poll() is None, self.said
            assert time.monotonic() < deadline, self.said
            time.sleep(0.05)

    def looked(self, times: int = 1) -> bool:
        """Whether there have been so many verdicts."""
        return sum(": IN SYNC" in line or ": DRIFT" in line or ": INCOMPLETE" in line for line in self.said) >= times

    def end(self, number: int, seconds: float = 60.0) -> int:
        """The exit code after this signal."""
        self.process.send_signal(number)
        return self.process.wait(seconds)


@contextmanager
def watching(directory: Path, *words: str, env: dict[str, str] | None = None) -> Iterator[Running]:
    """Started inside the block; killed behind it, if it still runs."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("IACDRIFT_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "iacdrift", "watch", *words],
        cwd=directory,
        env=kept | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"} | (env or {}),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    running = Running(process)
    assert process.stderr is not None
    lines = process.stderr
    reader = threading.Thread(target=lambda: running.said.extend(iter(lines.readline, "")), daemon=True)
    reader.start()
    try:
        yield running
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        reader.join(5)
        lines.close()
