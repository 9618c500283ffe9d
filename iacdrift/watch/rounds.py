"""The watch itself: each target on its schedule, one look at a time, reports kept, alerts queued and delivered."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from threading import Event, Lock, Thread

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from attrs import define, field, frozen

from iacdrift.alerts.announce import announcer, note_failure
from iacdrift.alerts.channel import Channel
from iacdrift.alerts.deliver import ONE_TRY, Manner, deliver
from iacdrift.drift.report import DriftReport
from iacdrift.drift.trend import EarlierRun
from iacdrift.errors import HistoryError, IacDriftError
from iacdrift.history.store import Store
from iacdrift.history.trend import earlier_runs
from iacdrift.outputs.headline import headline
from iacdrift.watch.board import Board
from iacdrift.watch.look import LookFunction
from iacdrift.watch.settings import Schedule

Write = Callable[[DriftReport, tuple[EarlierRun, ...]], None]
"""Takes a report and the runs before it."""

AT_ONCE = 4
LONGEST_PAUSE = 3600.0
_JUMP = 5.0
_TICK = 0.5
_DELIVER_EVERY = 5.0
_FIRST_FULL = timedelta(minutes=10)


@frozen(slots=True)
class Watched:
    """One target, ready to be looked at. `write`: where else its reports go."""

    name: str
    look: LookFunction
    schedule: Schedule
    write: Write = lambda report, past: None


@define
class _State:
    """How it goes with one target."""

    lock: Lock = field(factory=Lock)
    errors: int = 0
    not_before: float = 0.0


class Watch:
    """Runs until `stop`. `say`: one line for people, which is made safe there; `manner`: how alerts are sent."""

    def __init__(
        self,
        watched: Sequence[Watched],
        store: Store,
        channels: Sequence[Channel],
        say: Callable[[str], None],
        manner: Manner = ONE_TRY,
    ) -> None:
        self._watched = {one.name: one for one in watched}
        self._states = {one.name: _State() for one in watched}
        self._store, self._channels, self._say, self._manner = store, tuple(channels), say, manner
        self._wake, self._problems = Event(), set[str]()
        self.stop = Event()
        self.board = Board(tuple(self._watched))
        # Its own complaints would be about looks that are left out on purpose.
        logging.getLogger("apscheduler").setLevel(logging.CRITICAL)
        executor = ThreadPoolExecutor(AT_ONCE)
        defaults = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        self._scheduler = BackgroundScheduler(executors={"default": executor}, job_defaults=defaults, timezone=UTC)

    def run(self) -> None:
        """Looks, until somebody sets `stop` or presses Ctrl-C.

        Then every scan ends, what it learnt is kept, and alerts are tried once more.
        """
        ahead = _ahead()  # before the first look is planned: a jump right behind that counts too
        courier = Thread(target=self._courier, name="alerts", daemon=True)
        try:
            self._schedule()
            self._scheduler.start()
            courier.start()
            self._mind_the_clock(ahead)
        except KeyboardInterrupt:
            self._say("ending: scans are stopped, what they learnt is kept")
        finally:
            self.stop.set()
            self._wake.set()
            if self._scheduler.running:
                self._scheduler.shutdown(wait=True)
            if courier.ident is not None:
                courier.join(30)

    def soon(self, name: str) -> None:
        """Looks at once, because its sources changed: errors of before count no more."""
        self._states[name].not_before = 0.0
        if self._scheduler.get_job(f"often {name}"):
            self._scheduler.modify_job(f"often {name}", next_run_time=datetime.now(UTC))

    def once(self, name: str, ports: str | None = None) -> None:
        """One look, unless one is under way or the target rests after an error. A look at `ports` waits for the one under way."""
        state = self._states[name]
        while not state.lock.acquire(blocking=False):
            if ports is None or self.stop.wait(_TICK):
                return
        try:
            if time.monotonic() >= state.not_before and not self.stop.is_set():
                self._looked(self._watched[name], state, ports)
        finally:
            state.lock.release()

    def _looked(self, one: Watched, state: _State, ports: str | None) -> None:
        try:
            looked = one.look(ports, self.stop)
        except Exception as error:
            why = str(error) if isinstance(error, IacDriftError) else f"internal error: {type(error).__name__}: {error}"
            self._failed(one, state, why)
            return
        state.errors = 0
        self._kept(one.name, looked.report, whole=not looked.stopped)

    def _kept(self, name: str, report: DriftReport, *, whole: bool) -> None:
        past: tuple[EarlierRun, ...] = ()
        store = self._store.named(name)
        try:
            report = store.annotated(report)
            past = earlier_runs(store, report)
            store.store(report, "check", announcer(self._channels, name, whole=whole))
        except HistoryError as error:
            # What changed is worked out from what was announced: the next look that can be kept tells it.
            self._say(f"{name}: {error}; the report is shown, but isn't kept, and no alert was queued")
        self._wake.set()
        if whole:
            self.board.put(name, report, past)
            self._watched[name].write(report, past)
        self._say(f"{name}: {headline(report)[0]}")

    def _failed(self, one: Watched, state: _State, why: str) -> None:
        state.errors += 1
        rest = min(one.schedule.seconds * 2 ** min(state.errors - 1, 16), LONGEST_PAUSE)
        state.not_before = time.monotonic() + (rest if state.errors > 1 else 0.0)
        self.board.fail(one.name, why)
        self._say(f"{one.name}: {why}" + (f"; tried again after {rest:,.0f} s" if state.errors > 1 else ""))
        if self.stop.is_set():
            return
        try:
            note_failure(self._store, self._channels, one.name, why)
        except HistoryError as error:
            self._say(f"{one.name}: {error}")
        self._wake.set()

    def _schedule(self) -> None:
        now = datetime.now(UTC)
        for name, one in self._watched.items():
            self._scheduler.add_job(self.once, one.schedule.often, [name], id=f"often {name}", next_run_time=now)
            if one.schedule.full is not None:
                # A watch that is started anew more often than that would never come to it.
                first = now + _FIRST_FULL if one.schedule.full_seconds > _FIRST_FULL.total_seconds() else now
                told = {"id": f"full {name}", "next_run_time": first}
                self._scheduler.add_job(self.once, one.schedule.full, [name, one.schedule.full_ports], **told)

    def _mind_the_clock(self, ahead: float) -> None:
        """A clock that jumps would leave every look waiting for a time that is far away."""
        while not self.stop.wait(_TICK):
            now = _ahead()
            if abs(now - ahead) > _JUMP:
                ahead = now
                self._say("the clock jumped: every target is looked at now, and by the new time from here on")
                self.realign()

    def realign(self) -> None:
        """Every schedule begins at the present moment."""
        for name, one in self._watched.items():
            self._scheduler.reschedule_job(f"often {name}", trigger=one.schedule.often)
            self.soon(name)
            if one.schedule.full is not None:
                self._scheduler.reschedule_job(f"full {name}", trigger=one.schedule.full)

    def _courier(self) -> None:
        """Delivers whenever something was queued, and every few seconds what waits; what fails is said once, not each time."""
        while self._channels:
            self._wake.wait(_DELIVER_EVERY)
            self._wake.clear()
            last = self.stop.is_set()
            try:
                told = set(deliver(self._store.database, self._channels, self._manner).problems)
            except HistoryError as error:
                told = {str(error)}
            for problem in sorted({_kind(one) for one in told} - self._problems):
                self._say(next(one for one in sorted(told) if _kind(one) == problem))
            self._problems = {_kind(one) for one in told} or self._problems
            if last:
                return


def _kind(problem: str) -> str:
    """A problem without its count, which grows."""
    return problem.partition(";")[0]


def _ahead() -> float:
    """Seconds by which the wall's clock is ahead of one that never jumps."""
    return time.time() - time.monotonic()
