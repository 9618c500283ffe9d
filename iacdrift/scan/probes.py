"""Nmap's own service probes with shorter waits, for a first and quick look at what listens.

Most of detection's time is waiting: six seconds for a banner that no web server sends, and once more inside TLS. What a
quick look doesn't recognise is looked at again with Nmap's own patience, so nothing is lost by it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

FILE = "service-probes"
_BANNER, _ANSWER, _DATAGRAM = 1500, 2000, 1000
"""Milliseconds for a banner, for the answer to a question, and for a datagram, which needs no more than one round trip."""
_PROBE = re.compile(r"Probe (TCP|UDP) (\S+) ")


def shipped_probes(nmap: str) -> str | None:
    """The path of the file that this Nmap reads, where it lies in the usual place beside it."""
    found = Path(nmap).resolve().parents[1] / "share" / "nmap" / "nmap-service-probes"
    return str(found) if found.is_file() else None


@lru_cache(maxsize=2)
def hurried(path: str) -> str:
    """The text of that file with the short waits. OSError where it can't be read."""
    return "".join(_hurried(Path(path).read_text(encoding="latin-1").splitlines(keepends=True)))


def _hurried(lines: list[str]) -> Iterator[str]:
    for line in lines:
        if line.startswith("totalwaitms "):
            continue
        yield line
        if found := _PROBE.match(line):
            wait = _DATAGRAM if found[1] == "UDP" else _BANNER if found[2] == "NULL" else _ANSWER
            yield f"totalwaitms {wait}\n"
