"""Runs one program to its end or its deadline, and reads what it found open."""

from __future__ import annotations

import re
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from attrs import frozen

from benchmarks.measure import as_installed
from benchmarks.scan.cases import Listener

_GREPPABLE = re.compile(r"^Host: (\S+) .*?Ports: (.*)$", re.MULTILINE)
_OPEN = re.compile(r"(\d+)/open/tcp")
_MASSCAN = re.compile(r"^open tcp (\d+) (\S+)", re.MULTILINE)
_RUSTSCAN = re.compile(r"^(\S+) -> \[([\d,]*)\]", re.MULTILINE)
_GRACE = 3.0
"""Seconds that a program has to end by itself."""


class OutOfTimeError(Exception):
    """The deadline passed; the program was ended."""


@frozen
class Deadline:
    """A moment on the monotonic clock, the same in every process of this machine."""

    at: float

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        """So many seconds from now."""
        return cls(time.monotonic() + seconds)

    @property
    def left(self) -> float:
        """Seconds."""
        return max(0.01, self.at - time.monotonic())


def run(argv: Sequence[str | Path], deadline: Deadline, folder: Path, codes: Sequence[int] = (0,)) -> str:
    """What it prints. OutOfTimeError where it is ended, RuntimeError where it fails."""
    words = [str(word) for word in argv]
    pipe = subprocess.PIPE
    with subprocess.Popen(words, text=True, cwd=folder, env=as_installed(), stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe) as child:
        try:
            out, complaint = child.communicate(timeout=deadline.left)
        except subprocess.TimeoutExpired:
            _end(child)
            raise OutOfTimeError(words[0]) from None
    if child.returncode not in codes:
        raise RuntimeError(f"{' '.join(words)[:300]} ended with {child.returncode}: {complaint[-500:]}")
    return out


def _end(child: subprocess.Popen[str]) -> None:
    """As by Ctrl-C, so that it ends what it has started; killed where it doesn't heed that."""
    child.send_signal(signal.SIGINT)
    try:
        child.communicate(timeout=_GRACE)
    except subprocess.TimeoutExpired:
        child.kill()
        child.communicate()


def of_nmap(text: str) -> frozenset[Listener]:
    """From `-oG`."""
    return frozenset((host, int(port)) for host, ports in _GREPPABLE.findall(text) for port in _OPEN.findall(ports))


def of_masscan(text: str) -> frozenset[Listener]:
    """From `-oL`."""
    return frozenset((host, int(port)) for port, host in _MASSCAN.findall(text))


def of_rustscan(text: str) -> frozenset[Listener]:
    """From `--greppable`."""
    return frozenset((host, int(port)) for host, ports in _RUSTSCAN.findall(text) for port in ports.split(",") if port)
