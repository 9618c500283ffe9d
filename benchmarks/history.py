"""The history: what keeping a report costs, and how long a list of many takes."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from attrs import evolve

from benchmarks.compare import Row
from benchmarks.measure import run
from iacdrift.drift.report import DriftReport
from iacdrift.recording import store_at
from tests.outputs import reports

_HOSTS, _REPORTS, _FINDINGS = 100, 1000, 1000
_SCAN = 100.0
"""Seconds that a scan of 100 hosts takes at the least: 1,000 ports of each, 1,000 packets a second."""


def kept(folder: Path, count: int) -> Iterator[Row]:
    """Storing a report of 100 hosts against their scan; the list of 1,000 reports of 1,000 findings."""
    store = store_at(folder / "hosts.db")
    assert store is not None
    seconds = []
    for _ in range(max(count, 3)):
        begun = time.perf_counter()
        store.store(store.annotated(_report(_HOSTS, _HOSTS)))
        seconds.append(time.perf_counter() - begun)
    worst = max(seconds) / _SCAN
    yield Row(
        "keeping a report of 100 hosts / their scan at 1,000 packets a second", worst, "ratio", 0.05, "the slowest, which makes the file"
    )
    many = store_at(folder / "many.db")
    assert many is not None
    report = _report(_HOSTS, _FINDINGS)
    for _ in range(_REPORTS):
        many.store(report)
    command: list[str | Path] = [sys.executable, "-m", "iacdrift", "history", "list", "--history", folder / "many.db"]
    listed = statistics.median(run(command).seconds for _ in range(max(count, 3)))
    yield Row("history list, 1,000 reports of 1,000 findings", listed, "s", 1.0, "processor time, start included")


def _report(hosts: int, findings: int) -> DriftReport:
    made = reports.drift()
    first, host = made.findings[0], made.hosts[0]
    return evolve(
        made,
        hosts=tuple(evolve(host, address=f"10.0.0.{number}", owner=f"aws_instance.h{number}") for number in range(hosts)),
        findings=tuple(evolve(first, id=f"exposed-tcp-8080-{number:012x}") for number in range(findings)),
    )
