"""What the watch knows of each target at this moment, for whoever looks: the latest report, the runs before it, what is wrong."""

from __future__ import annotations

from threading import Lock

from attrs import evolve, frozen

from iacdrift.drift.report import DriftReport
from iacdrift.drift.trend import EarlierRun


@frozen(slots=True)
class Shown:
    """One target. `version` grows with each report; `problem`: why there is none, or none that is newer."""

    report: DriftReport | None = None
    past: tuple[EarlierRun, ...] = ()
    version: int = 0
    problem: str | None = None


class Board:
    """Written by the watch's threads, read by the page's."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._shown = dict.fromkeys(names, Shown())
        self._lock = Lock()

    @property
    def names(self) -> tuple[str, ...]:
        """All targets, in the file's order."""
        return tuple(self._shown)

    def of(self, name: str) -> Shown:
        """KeyError where there is no such target."""
        return self._shown[name]

    def put(self, name: str, report: DriftReport, past: tuple[EarlierRun, ...]) -> None:
        """Another report."""
        with self._lock:
            self._shown[name] = Shown(report, past, self._shown[name].version + 1)

    def fail(self, name: str, problem: str) -> None:
        """A look that gave no report; the last one stays."""
        with self._lock:
            self._shown[name] = evolve(self._shown[name], problem=problem)
