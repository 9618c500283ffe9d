"""The history as small multiples: one little chart for each kind of finding and for each host, a bar a run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from attrs import frozen

from iacdrift.drift.report import DriftReport
from iacdrift.drift.trend import EarlierRun

HIGH, WIDE, GAP = 36, 8, 3
MOST_RUNS = 20
MOST_HOSTS = 12


@frozen(slots=True)
class Bar:
    """One run. `verdict` styles it: an incomplete run may have seen less than there was."""

    x: int
    y: int
    high: int
    verdict: str


@frozen(slots=True)
class Chart:
    """One row of bars. `text` says it for whoever doesn't see it."""

    name: str
    now: int
    bars: tuple[Bar, ...]
    wide: int
    text: str


@frozen(slots=True)
class Trend:
    """All charts. `hidden`: hosts that have none."""

    runs: int
    first: str
    kinds: tuple[Chart, ...]
    hosts: tuple[Chart, ...]
    hidden: int = 0


def trend_of(report: DriftReport, past: Sequence[EarlierRun]) -> Trend | None:
    """The last runs and this one; None where there is none before it."""
    if not past:
        return None
    runs = (*past[-(MOST_RUNS - 1) :], EarlierRun.of(report))
    kinds = tuple(_charts(runs, lambda run: run.kinds))
    hosts = tuple(_charts(runs, lambda run: run.hosts))
    return Trend(len(runs), runs[0].finished_at, kinds, hosts[:MOST_HOSTS], max(0, len(hosts) - MOST_HOSTS))


def _charts(runs: Sequence[EarlierRun], of: Callable[[EarlierRun], Mapping[str, int]]) -> Iterator[Chart]:
    """What has most findings now first, then what had most; all on one scale, so that they compare."""
    names = {name for run in runs for name in of(run)}
    most = max((count for run in runs for count in of(run).values()), default=1)
    for name in sorted(names, key=lambda name: (-of(runs[-1]).get(name, 0), -sum(of(run).get(name, 0) for run in runs), name)):
        counts = [of(run).get(name, 0) for run in runs]
        said = ", ".join(str(count) for count in counts)
        bars = tuple(_bar(number, count, most, run.verdict) for number, (count, run) in enumerate(zip(counts, runs, strict=True)))
        yield Chart(name, counts[-1], bars, len(runs) * (WIDE + GAP), f"findings in {len(runs)} runs, oldest first: {said}")


def _bar(number: int, count: int, most: int, verdict: str) -> Bar:
    high = max(3, round(HIGH * count / most)) if count else 1
    return Bar(number * (WIDE + GAP), HIGH - high, high, verdict)
