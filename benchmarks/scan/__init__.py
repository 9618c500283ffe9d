"""Our verdict beside the scanners that a user would pick instead, in a network made of namespaces: `python -m benchmarks --only scan`."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.compare import Row
from benchmarks.scan.cases import CASES, QUICK
from benchmarks.scan.figures import rows
from benchmarks.scan.page import detail, section, with_section
from benchmarks.scan.rounds import measure

_NEEDED = ("nmap", "nft", "ip", "nsenter", "unshare")
NAMES = tuple(case.name for case in CASES)


def scans(
    folder: Path, page: Path, count: int, names: Sequence[str] = (), *, quick: bool = False, everybody: bool = False
) -> Iterator[Row]:
    """What each case must show; every figure goes to stdout too, and into the page after a run of all cases."""
    missing = [name for name in _NEEDED if shutil.which(name) is None]
    if os.geteuid() != 0 or missing:
        yield Row("Scans in namespaces", float("nan"), "skipped", None, f"needs {', '.join(missing) or 'root'}")
        return
    cases = tuple(case for case in (QUICK if quick else CASES) if not names or case.name in names)
    outcomes = []
    for outcome in measure(cases, 1 if quick else count, folder, everybody=everybody):
        outcomes.append(outcome)
        print(detail(outcome), end="", flush=True)
        yield from rows(outcome)
    if not quick and not names:
        page.write_text(with_section(page.read_text(encoding="utf-8"), section(outcomes, count, everybody=everybody)), encoding="utf-8")
