"""`-o html:FILE` from the command line: the file is whole, and shows the runs that the history holds."""

from __future__ import annotations

import re
from pathlib import Path

from tests.command import iacdrift
from tests.stored import PLAN, scanned


def diffed(folder: Path, hour: int, open_ports: tuple[int, ...], *options: str) -> str:
    page = folder / f"{hour}.html"
    xml = scanned(folder, open_ports=open_ports, hour=hour)
    ran = iacdrift("diff", "--from", str(PLAN), "--nmap-xml", str(xml), "--vantage", "internet", "-o", f"html:{page}", *options, cwd=folder)
    assert ran.code in (0, 1), ran.err
    return page.read_text(encoding="utf-8")


def test_earlier_runs_are_bars_beside_this_one(tmp_path: Path) -> None:
    history = ("--history", str(tmp_path / "history.db"))
    assert "No earlier run is at hand" in diffed(tmp_path, 0, (8080,), *history)
    diffed(tmp_path, 1, (8080, 8443), *history)
    page = diffed(tmp_path, 2, (), *history)
    assert re.search(r'aria-label="exposed: findings in 3 runs, oldest first: 1, 1, 0"', page)
    again = diffed(tmp_path, 3, (8080,), *history)
    assert "exposed: findings in 4 runs, oldest first: 1, 1, 0, 1" in again
    # What was scanned before them isn't told that it comes after.
    assert "exposed: findings in 2 runs, oldest first: 1, 1" in diffed(tmp_path, 1, (8080, 8443), *history)


def test_without_a_history_the_page_says_so(tmp_path: Path) -> None:
    assert "No earlier run is at hand" in diffed(tmp_path, 0, (8080,), "--no-history")
