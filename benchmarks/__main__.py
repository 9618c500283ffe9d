"""`python -m benchmarks`: every comparison, a table on the terminal, and the same in docs/benchmarks.md."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from attrs import evolve

from benchmarks.compare import Row, large_diff, large_plan, policy_scanner, start_up
from benchmarks.history import kept
from benchmarks.large import large
from benchmarks.measure import machine
from benchmarks.page import painted
from benchmarks.scan import NAMES, scans
from benchmarks.scan.page import section_of, with_section
from benchmarks.watch import delivered

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"
_INTRO = """# Benchmarks

Written by `make bench` (`python -m benchmarks`): every figure is taken in one run on one machine, the sides of a comparison one after the
other in the same round, and is the median of as many rounds as its row says. Ratios compare processor time (user and system) and the
largest resident memory of processes of their own; only scans are measured on the clock. The made-up plan and the Nmap files come from
`benchmarks/`.

The plan is leaner than a real one (no null attributes, no provider names), so that it stays below 150 MB; what no translator knows is about
to be created in it, everything else unchanged.

Taken on {machine}.

| | measured | goal | met | rounds | |
|---|---|---|---|---|---|
"""


def main() -> int:
    """Runs what was asked for; writes the page only after a whole run."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="iacdrift-bench-") as made:
        folder, count = Path(made), options.rounds
        taken = dict.fromkeys(("plan", "checkov", "diff", "scan", "page", "watch"), count)
        taken |= {"start": max(count, 5), "history": max(count, 3), "large": 1}
        parts: dict[str, Callable[[], Iterator[Row]]] = {
            "start": lambda: start_up(folder, taken["start"]),
            "plan": lambda: large_plan(folder, count, options.resources),
            "checkov": lambda: policy_scanner(folder, count),
            "diff": lambda: large_diff(folder, count, options.hosts),
            "scan": lambda: scans(folder, PAGE, count, options.cases, quick=options.quick, everybody=options.everybody),
            "history": lambda: kept(folder, count),
            "page": lambda: painted(folder, count),
            "watch": lambda: delivered(folder, count),
            "large": large,
        }
        rows = []
        for name in options.only or parts:
            for row in parts[name]():
                rows += [evolve(row, rounds=taken[name])] if name != "scan" else []  # they have a section of their own
                print(_line(evolve(row, rounds=taken[name])), flush=True)
    if not options.only:
        page = _INTRO.format(machine=machine()) + "".join(f"{_line(row)}\n" for row in rows)
        PAGE.write_text(with_section(page, section_of(PAGE.read_text(encoding="utf-8"))))
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="an odd number")
    parser.add_argument("--resources", type=int, default=100_000, help="of the large plan")
    parser.add_argument("--hosts", type=int, default=10_000, help="of the Nmap files")
    parts = ("start", "plan", "checkov", "diff", "scan", "history", "page", "watch", "large")
    parser.add_argument("--only", action="append", choices=parts, help="repeatable; writes no page, but scan its section of it")
    parser.add_argument("--cases", action="append", choices=NAMES, default=[], help="of the scans; repeatable")
    parser.add_argument("--quick", action="store_true", help="the scans in small: whether everything works")
    parser.add_argument("--everybody", action="store_true", help="the scans: every scanner in every round, which takes three times as long")
    return parser.parse_args()


def _line(row: Row) -> str:
    figure = row.unit if row.figure != row.figure else f"{row.figure:.2f} {row.unit}" if row.figure < 10 else f"{row.figure:.0f} {row.unit}"
    goal = "" if row.goal is None else f"at most {row.goal:g} {row.unit}"
    return f"| {row.what} | {figure} | {goal} | {row.met} | {row.rounds or ''} | {row.aside} |"


if __name__ == "__main__":
    sys.exit(main())
