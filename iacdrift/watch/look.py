"""One look at one target: read (again only where something changed), scan, confirm at once what is new, judge."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from ipaddress import ip_address
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from iacdrift.assertion import ExpectedPart, Pipeline, expected_part
from iacdrift.drift.report import DriftReport, Severity
from iacdrift.errors import HistoryError
from iacdrift.options import expect_options
from iacdrift.recording import compared, reminded
from iacdrift.settle import joined
from iacdrift.watch.backends import Backend
from iacdrift.watch.budget import Budget

if TYPE_CHECKING:
    from iacdrift.history.store import Store
    from iacdrift.scan.job import Job
    from iacdrift.scan.task import Only

READ_AGAIN = 600.0
"""Seconds after which sources are read again though nothing seems to have changed: not everything elsewhere can be asked."""
_MOST_FILES = 5000


@frozen(slots=True)
class Looked:
    """What came of a look. `stopped`: the watch is ending, so that it is only a part."""

    report: DriftReport
    stopped: bool = False


class Look:
    """Looks at one target, again and again. `options`: of `check`, by parameter. Not for two threads at once."""

    def __init__(self, options: Mapping[str, Any], store: Store, budget: Budget) -> None:
        self._options = options
        self._store = store
        self._budget = budget
        self.backend = Backend(options)
        self._part: ExpectedPart | None = None
        self._mark: object = None
        self._read_at = 0.0

    def __call__(self, ports: str | None, stop: Event) -> Looked:
        """`ports` None: those of the target. `stop`: once set, the scan ends with what it learnt. Raises what `check` raises."""
        options = {**self._options, **({} if ports is None else {"ports": ports})}
        part = self.expected(options)
        pipeline = Pipeline.of(options)
        asked = reminded(pipeline.settings, part, self._store.database.location)
        pipeline = evolve(pipeline, options=compared(pipeline.options, part, self._store), settings=asked, progress=_Stopping(stop))
        entry = self._budget.reserve(pipeline.plan(part).packets) if self._budget.hour or self._budget.day else None
        observed = pipeline.observe(part)
        report = pipeline.judge(part, observed)
        if not observed.interrupted and (only := self._new(report)):
            observed = joined(observed, pipeline.observe(part, only))
            report = pipeline.judge(part, observed)
        self._budget.settle(entry, observed.packets_sent)
        return Looked(report, stop.is_set())

    @property
    def files(self) -> tuple[Path, ...]:
        """Where changes of its sources would be seen."""
        return tuple(path for path in paths_of(self._options) if path.exists())

    def expected(self, options: Mapping[str, Any] | None = None) -> ExpectedPart:
        """What may answer, read again where something changed; `options` None: the target's own."""
        options = self._options if options is None else options
        mark = (marks(self.files), self.backend.recorded)
        aged = options.get("max_age") is not None or time.monotonic() - self._read_at > READ_AGAIN
        if self._part is None or aged or mark != self._mark:
            self._part = expected_part(options["sources"], options["vantage"], **expect_options(options))
            # Taken before it was read: what changes meanwhile is read next time.
            self._mark, self._read_at = mark, time.monotonic()
        return self._part

    def _new(self, report: DriftReport) -> Only:
        """The ports of findings that nobody knows yet, but for those that answered with data, which the scan has confirmed already.

        None where it can't be told what is known.
        """
        try:
            known = self._store.annotated(report)
        except HistoryError:
            return ()
        mild = Severity.NOTE
        fresh = [item for item in known.findings if item.new and item.severity is not mild and not item.observed.confirmed]
        return tuple((ip_address(item.address), item.protocol, item.ports) for item in fresh if item.address)


def paths_of(options: Mapping[str, Any]) -> Iterator[Path]:
    """The files and directories that a target is read from, as far as they lie on this machine."""
    for source in options["sources"]:
        text = str(source)
        yield from (Path(one.partition("?")[0]) for one in (text, text.partition(":")[2]) if one and one != "-")
    if options.get("code"):
        yield Path(options["code"])
    for key in ("states", "outputs"):
        yield from (Path(path) for _, path in options.get(key) or ())
    yield from (Path(path) for path in options.get("parameter_files") or ())


def marks(paths: tuple[Path, ...]) -> object:
    """What changes when a file does: size, time and number of each, of a bounded number of them."""
    found = []
    for file in _files(paths):
        try:
            told = file.stat()
        except OSError:
            continue
        found.append((str(file), told.st_mtime_ns, told.st_size, told.st_ino))
        if len(found) >= _MOST_FILES:
            break
    return tuple(found)


def _files(paths: tuple[Path, ...]) -> Iterator[Path]:
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        hidden = (".terraform", ".git", "node_modules", "__pycache__", ".venv")
        for entry in sorted(path.iterdir()):
            if entry.is_file() or entry.name not in hidden:
                yield from [entry] if not entry.is_dir() else sorted(one for one in entry.glob("**/*") if one.is_file())[:_MOST_FILES]


class _Stopping:
    """Ends a scan as Ctrl-C does, from another thread: the scan asks it often enough."""

    def __init__(self, stop: Event) -> None:
        self._stop = stop

    def planned(self, hosts: int, ports: int, packets: int, seconds: float) -> None:
        """Nothing."""

    def started(self, job: Job, packets: int, seconds: float) -> None:
        """The next Nmap doesn't begin."""
        self._ask()

    def advanced(self, fraction: float) -> None:
        """The one that runs is ended."""
        self._ask()

    def ended(self, job: Job) -> None:
        """Nothing."""

    def finished(self) -> None:
        """Nothing."""

    def _ask(self) -> None:
        if self._stop.is_set():
            raise KeyboardInterrupt


LookFunction = Callable[[str | None, Event], Looked]
