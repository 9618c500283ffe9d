"""The HTML report: how long writing one of 1,000 findings takes, and when a browser paints it first."""

from __future__ import annotations

import shutil
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.compare import Row
from iacdrift.drift.trend import EarlierRun
from iacdrift.outputs.html import render_page
from tests.outputs import large

_FINDINGS = 1000
_PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"


def painted(folder: Path, count: int) -> Iterator[Row]:
    """Writing the page on the clock, and Chromium's own figures of it: first paint, and until every filter works."""
    report = large.findings(_FINDINGS)
    past = (EarlierRun.of(report),) * 19
    page = folder / "report.html"
    seconds = []
    for _ in range(max(count, 3)):
        begun = time.perf_counter()
        page.write_text(render_page(report, past=past), encoding="utf-8")
        seconds.append(time.perf_counter() - begun)
    yield Row("HTML report of 1,000 findings, written", statistics.median(seconds), "s", 5.0, f"{page.stat().st_size / 1e6:.1f} MB")
    if shutil.which("chromium") is None:
        return
    first, ready = _opened(page, max(count, 3))
    yield Row("its first paint in Chromium", first, "s", 1.0, "first contentful paint, from the file")
    yield Row("its filters work", ready, "s", 3.0, "the script has run")


def _opened(page: Path, count: int) -> tuple[float, float]:
    """Median seconds to the first contentful paint, and to the end of loading."""
    from playwright.sync_api import sync_playwright

    first, ready = [], []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for _ in range(count):
            tab = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
            tab.goto(page.as_uri())
            tab.wait_for_timeout(500)
            first.append(tab.evaluate(_PAINT) / 1000)
            ready.append(tab.evaluate("performance.getEntriesByType('navigation')[0].domInteractive") / 1000)
        browser.close()
    return statistics.median(first), statistics.median(ready)
