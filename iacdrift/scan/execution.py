"""A scan in portions, run by any `concurrent.futures.Executor`, and what they learnt as one surface."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Executor, Future, wait
from datetime import UTC, datetime

from attrs import define, evolve, field, frozen

from iacdrift.errors import ScopeError
from iacdrift.scan.job import Job, Pace
from iacdrift.scan.portion import SECONDS, Learnt, Portion, key, perform, portions_of, unseen
from iacdrift.scan.progress import Progress, SilentProgress
from iacdrift.scan.scope import guard, sweep_targets
from iacdrift.scan.settings import ScanSettings
from iacdrift.scan.standing import Standing
from iacdrift.scan.targets import present_hosts
from iacdrift.scan.task import Only
from iacdrift.surface.expected import Address, ExpectedHost, ExpectedSurface
from iacdrift.surface.observed import Control, ObservedHost, ObservedSurface

ATTEMPTS = 3
"""How often one portion is given away before its ports stay undetermined."""
_TICK = 1.0
_DESERTED = 10.0
"""Seconds without any worker at the vantage after which nobody is waited for: one that restarts is back by then."""


@frozen(slots=True)
class Workforce:
    """Who runs portions. `slots`: how many at a time, which share the rate; `present`: how many workers there are right now."""

    executor: Executor
    slots: int
    present: Callable[[], int]

    @classmethod
    def of(cls, executor: Executor) -> Workforce:
        """Any executor; one that doesn't say how many workers it has gets one portion at a time."""
        slots = max(1, int(getattr(executor, "_max_workers", 1)))
        return cls(executor, slots, lambda: slots)


def scan_elsewhere(  # noqa: PLR0917
    expected: ExpectedSurface,
    settings: ScanSettings,
    workforce: Workforce,
    standing: Standing | None = None,
    progress: Progress | None = None,
    only: Only | None = None,
) -> ObservedSurface:
    """What packets prove, sent by the workers. ScopeError where an address may not be scanned, here or in a worker's eyes.

    What no worker could learn is in the result with its reason: a portion is given to another worker where one was lost,
    and stays undetermined where that goes on.
    """
    _guard(expected, settings)
    workforce = evolve(workforce, slots=min(workforce.slots, settings.rate))
    portions = portions_of(expected, settings, standing, workforce.slots, only)
    if not portions:
        return ObservedSurface()
    run = _Run(workforce, settings, deque(_Given(portion) for portion in portions), progress or SilentProgress())
    started = datetime.now(UTC).isoformat(timespec="seconds")
    try:
        run.all()
    finally:
        run.progress.finished()
    found = joined(tuple(run.learnt), settings)
    return evolve(found, interrupted=run.interrupted or found.interrupted, started_at=started)


def _guard(expected: ExpectedSurface, settings: ScanSettings) -> None:
    """The same refusals as on the worker, before anything is given away."""
    for host in present_hosts(expected):
        if host.address is not None and host.address.version in settings.families:
            guard(host.address, settings.scope, host.owner)
    sweep_targets(expected, settings.sweep, settings.scope)


@define
class _Given:
    """A portion and how often it was given away."""

    portion: Portion
    attempts: int = 0
    since: float = 0.0
    why: str = "no worker took it"


@define
class _Run:
    """Gives portions away, `slots` at a time, until all are learnt or nobody is left to learn them."""

    workforce: Workforce
    settings: ScanSettings
    waiting: deque[_Given]
    progress: Progress
    learnt: list[tuple[Portion, ObservedSurface]] = field(factory=list)
    interrupted: str | None = None
    running: dict[Future[Learnt], _Given] = field(factory=dict)
    deserted: float | None = None
    packets: int = 0
    total: int = 0
    started: float = field(factory=time.monotonic)

    def all(self) -> None:
        self._announce()
        try:
            while self.waiting or self.running:
                self._give()
                self._take()
                self._watch()
        except KeyboardInterrupt:
            self.interrupted = "interrupted by the user"
            self._abandon(self.interrupted)

    def _announce(self) -> None:
        portions = [given.portion for given in self.waiting]
        self.total = max(1, sum(portion.packets for portion in portions))
        hosts = [host for portion in portions for host in portion.surface.hosts if host.address is not None]
        seconds = self.total / self.settings.rate
        self.progress.planned(len(hosts), 0, self.total, seconds)
        if hosts and hosts[0].address is not None:
            told = Job("portion", "syn", (hosts[0].address,), hosts[0].tcp.open, Pace(self.settings.rate))
            self.progress.started(told, self.total, seconds)

    def _give(self) -> None:
        while self.waiting and len(self.running) < self.workforce.slots and self.workforce.present():
            given = self.waiting.popleft()
            portion = evolve(given.portion, settings=evolve(given.portion.settings, timeout=self._left()))
            given.attempts, given.since = given.attempts + 1, time.monotonic()
            try:
                self.running[self.workforce.executor.submit(perform, portion)] = given
            except RuntimeError as error:  # a pool that broke or was shut down takes nothing any more
                given.why = f"the executor takes no more work: {error}"
                self.waiting.append(given)
                self._abandon(given.why)

    def _left(self) -> float | None:
        return None if self.settings.timeout is None else max(1.0, self.settings.timeout - (time.monotonic() - self.started))

    def _take(self) -> None:
        done, _ = wait(self.running, timeout=_TICK, return_when=FIRST_COMPLETED) if self.running else (set(), None)
        for future in done:
            self._taken(self.running.pop(future), future)
        if not self.running:
            time.sleep(0 if done else _TICK / 4)
        self._tell()

    def _taken(self, given: _Given, future: Future[Learnt]) -> None:
        try:
            learnt = future.result()
        except ScopeError:
            self._cancel()
            raise
        except (Exception, CancelledError) as error:
            # Whatever a worker died of, what it was to learn can be asked by another one.
            given.why = f"the worker that asked was lost ({type(error).__name__})"
            return self._again(given)
        if learnt.observed is None:
            given.why = learnt.why or "its worker learnt nothing"
            # Another worker with the same tag may stand where this one only said it does.
            return self._again(given)
        self.packets += given.portion.packets
        self.learnt.append((given.portion, learnt.observed))
        return None

    def _again(self, given: _Given) -> None:
        if given.attempts < ATTEMPTS:
            self.waiting.append(given)
        else:
            self._lose(given)

    def _lose(self, given: _Given) -> None:
        own = (host for host in given.portion.surface.hosts if key(host) in given.portion.own)
        self.packets += given.portion.packets
        self.learnt.append((given.portion, unseen(own, given.why, self.settings.ports)))

    def _watch(self) -> None:
        """Who has nobody left to ask gives up, after a while: workers come back from a restart."""
        now = time.monotonic()
        if self.workforce.present():
            self.deserted = None
        elif self.deserted is None:
            self.deserted = now
        elif now - self.deserted > _DESERTED:
            self._abandon("no worker is left at this vantage")
        if self.settings.timeout is not None and now - self.started > self.settings.timeout + SECONDS:
            self.interrupted = "the time (--timeout) was spent"
            self._abandon(self.interrupted)

    def _abandon(self, why: str) -> None:
        for given in (*self.waiting, *self.running.values()):
            given.why = why
            self._lose(given)
        self._cancel()

    def _cancel(self) -> None:
        for future in self.running:
            future.cancel()
        self.running.clear()
        self.waiting.clear()

    def _tell(self) -> None:
        """Nmap's own progress stays with the worker: what runs counts by the time that it should take."""
        now = time.monotonic()
        under_way = sum(
            min(0.9 * given.portion.packets, (now - given.since) * given.portion.settings.rate) for given in self.running.values()
        )
        self.progress.advanced(min(1.0, (self.packets + under_way) / self.total))


def joined(learnt: Sequence[tuple[Portion, ObservedSurface]], settings: ScanSettings) -> ObservedSurface:
    """One surface of many; of each portion its own hosts count, and every packet."""
    surfaces = [observed for _, observed in learnt]
    counts = [observed.packets_sent for observed in surfaces]
    return ObservedSurface(
        hosts={address: host for portion, observed in learnt for address, host in _own(portion, observed)},
        resolved={name: found for observed in surfaces for name, found in observed.resolved.items()},
        unresolved={name: why for observed in surfaces for name, why in observed.unresolved.items()},
        unreachable_families={version: why for observed in surfaces for version, why in observed.unreachable_families.items()},
        controls=_controls(surfaces),
        extra=tuple(host for observed in surfaces for host in observed.extra),
        vanished={address: ports for observed in surfaces for address, ports in observed.vanished.items()},
        interrupted=next((observed.interrupted for observed in surfaces if observed.interrupted), None),
        nmap=", ".join(sorted({observed.nmap for observed in surfaces if observed.nmap})) or None,
        scan_types=tuple(dict.fromkeys(kind for observed in surfaces for kind in observed.scan_types)),
        packets_per_second=settings.rate,
        commands=tuple(command for observed in surfaces for command in observed.commands),
        xml_sha256=tuple(digest for observed in surfaces for digest in observed.xml_sha256),
        finished_at=datetime.now(UTC).isoformat(timespec="seconds"),
        sent_from=tuple(dict.fromkeys(source for observed in surfaces for source in observed.sent_from)),
        packets_sent=None if None in counts else sum(count or 0 for count in counts),
        notes=tuple(dict.fromkeys(note for observed in surfaces for note in observed.notes)),
    )


def _own(portion: Portion, observed: ObservedSurface) -> list[tuple[Address, ObservedHost]]:
    mine: set[Address | None] = {host.address for host in portion.surface.hosts if key(host) in portion.own}
    named: list[ExpectedHost] = [host for host in portion.surface.hosts if host.address is None and key(host) in portion.own]
    mine |= {address for host in named for address in observed.resolved.get(host.name or "", ())}
    return [(address, host) for address, host in observed.hosts.items() if address in mine]


def _controls(surfaces: Sequence[ObservedSurface]) -> tuple[Control, ...]:
    """One entry a control: it answers where it answered any portion, and is silent on a port only if it never refused it."""
    held: dict[tuple[Address, bool], Control] = {}
    for control in (control for observed in surfaces for control in observed.controls):
        before = held.get((control.address, control.proves_ports), control)
        refusing = before.refusing | control.refusing
        silent = (before.silent | control.silent) - refusing
        both = evolve(control, answers=before.answers and control.answers, refusing=refusing, silent=silent)
        held[control.address, control.proves_ports] = both
    return tuple(held.values())
