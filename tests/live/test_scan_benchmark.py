"""The benchmark of scans still runs from end to end, in small: nobody learns that at the end of an hour."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.scan import scans
from tests.needs import needs

pytestmark = [pytest.mark.live, needs("root"), needs("nft"), needs("nmap")]


def test_the_benchmark_runs_and_nothing_is_missed_or_invented(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With loss, and on hosts with declared ports; the scanners that aren't here are left out with a word."""
    page = tmp_path / "benchmarks.md"
    rows = list(scans(tmp_path, page, 1, ("declared", "loss-1"), quick=True))
    printed = capsys.readouterr().out
    complete = [row.met for row in rows if row.what in ("… listeners not found", "… listeners missed", "… false opens")]
    assert complete == ["yes"] * 4
    assert "| declared | iacdrift check |" in printed
    assert "| 18 of 18 | 0 | 1 |" in printed
    assert not page.exists()
