"""When a watch looks, rests, counts and ends: with looks that only pretend, and the real scheduler, history and outbox."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from iacdrift.alerts import outbox
from iacdrift.drift.report import DriftReport
from iacdrift.errors import SourceError, UsageError, WatchError
from iacdrift.history import listing
from iacdrift.history.store import Store
from iacdrift.targets import targets_of
from iacdrift.watch.budget import Budget
from iacdrift.watch.look import Looked, marks, paths_of
from iacdrift.watch.rounds import Watch, Watched
from iacdrift.watch.settings import WatchSettings, schedule_of
from tests.alerts.receivers import http
from tests.alerts.scenes import channel, opened, scanned
from tests.watch.schedules import KNOWN, schedule

Looking = Callable[[str | None, threading.Event], Looked]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return opened(tmp_path)


def says(*reports: DriftReport) -> Looking:
    """A look that gives these reports in turn, and the last one for ever."""
    left = list(reports)
    return lambda _, stop: Looked(left.pop(0) if len(left) > 1 else left[0], stop.is_set())


@contextmanager
def running(watch: Watch) -> Iterator[Watch]:
    thread = threading.Thread(target=watch.run)
    thread.start()
    try:
        yield watch
    finally:
        watch.stop.set()
        thread.join(30)
        assert not thread.is_alive()


def until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_what_changes_is_alerted_and_shown(store: Store) -> None:
    said: list[str] = []
    with http() as hook:
        ops = channel(webhook=hook.url)
        look = says(scanned(), scanned((8080,)), scanned())
        with running(Watch([Watched("shop", look, schedule())], store, [ops], said.append)) as watch:
            until(lambda: len(hook.posts) == 2)
            assert watch.board.of("shop").version >= 3
        assert [told["event"] for told in hook.documents] == ["new", "resolved"]
    assert any("shop: DRIFT" in line for line in said)


def test_looks_of_one_target_dont_overlap_and_targets_dont_wait_for_each_other(store: Store) -> None:
    at_once: list[int] = []
    busy, most, others = 0, 0, 0

    def slow(_: str | None, stop: threading.Event) -> Looked:
        nonlocal busy, most
        busy += 1
        most = max(most, busy)
        stop.wait(3)
        busy -= 1
        at_once.append(1)
        return Looked(scanned())

    def quick(_: str | None, stop: threading.Event) -> Looked:
        nonlocal others
        others += 1
        return Looked(scanned())

    watched = [Watched("slow", slow, schedule()), Watched("quick", quick, schedule())]
    with running(Watch(watched, store, [], lambda _: None)):
        until(lambda: others >= 2)
        until(lambda: len(at_once) >= 2)
    assert most == 1


def test_an_error_is_said_rests_longer_each_time_and_is_alerted_after_so_many(store: Store) -> None:
    said: list[str] = []
    ops = channel(incomplete_after=2)
    calls = 0

    def broken(_: str | None, __: threading.Event) -> Looked:
        nonlocal calls
        calls += 1
        raise SourceError("plan.json can't be read")

    watch = Watch([Watched("shop", broken, schedule("1h"))], store, [ops], said.append)
    for _ in range(5):
        watch.once("shop")
    assert calls == 2
    assert "tried again after 7,200 s" not in "".join(said)
    assert "tried again after 3,600 s" in said[-1]
    assert watch.board.of("shop").problem == "plan.json can't be read"
    [row] = outbox.listed(store.database, 9)
    assert row["summary"] == "incomplete for 2 runs in a row (shop)"
    watch.soon("shop")
    watch.once("shop")
    assert calls == 3


def test_an_end_interrupts_the_scan_keeps_what_it_learnt_and_is_no_gap(store: Store) -> None:
    ops = channel(incomplete_after=1)
    began = threading.Event()

    def long(_: str | None, stop: threading.Event) -> Looked:
        began.set()
        assert stop.wait(60)
        return Looked(scanned((8080,), undetermined="9200"), stop.is_set())

    with running(Watch([Watched("shop", long, schedule())], store, [ops], lambda _: None)):
        assert began.wait(60)
    assert len(listing.reports(store.database)) == 1
    events = [row["summary"] for row in outbox.listed(store.database, 9)]
    assert len(events) == 1
    assert "tcp/8080" in events[0]


def test_a_history_that_is_locked_loses_no_alert(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    ops = channel()
    watch = Watch([Watched("shop", says(scanned((8080,))), schedule())], store, [ops], said.append)
    store.store(scanned())
    monkeypatch.setattr("iacdrift.history.database.WAIT", 0.1)
    lock = sqlite3.connect(tmp_path / "history.db", isolation_level=None)
    lock.execute("BEGIN EXCLUSIVE")
    watch.once("shop")
    lock.execute("COMMIT")
    lock.close()
    assert "isn't kept" in said[0]
    assert watch.board.of("shop").report is not None
    assert outbox.listed(store.database, 9) == []
    watch.once("shop")
    assert len(outbox.listed(store.database, 9)) == 1


def test_all_ports_are_asked_rarely(store: Store) -> None:
    asked: list[str | None] = []

    def look(ports: str | None, _: threading.Event) -> Looked:
        asked.append(ports)
        return Looked(scanned())

    watched = [Watched("shop", look, schedule("1s", "2s", **{"full-ports": "1-1000"}))]
    with running(Watch(watched, store, [], lambda _: None)):
        until(lambda: asked.count("1-1000") >= 2 and asked.count(None) >= 2)


def test_a_clock_that_jumps_back_doesnt_stop_the_looks(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The scheduler's next look lies an hour ahead; the jump begins the schedule anew."""
    looks = 0

    def look(_: str | None, __: threading.Event) -> Looked:
        nonlocal looks
        looks += 1
        return Looked(scanned())

    said: list[str] = []
    watch = Watch([Watched("shop", look, schedule("1h"))], store, [], said.append)
    with running(watch):
        until(lambda: looks == 1)
        back = time.time
        monkeypatch.setattr("iacdrift.watch.rounds.time.time", lambda: back() - 3600)
        until(lambda: looks >= 2)
        monkeypatch.undo()
    assert any("the clock jumped" in line for line in said)


def test_a_budget_of_packets_is_kept_over_restarts_and_clocks_that_jump(store: Store) -> None:
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def at(**later: float) -> Budget:
        return Budget(store.database, hour=1000, day=1500, now=lambda: now + timedelta(**later))

    entry = at().reserve(900)
    with pytest.raises(WatchError, match=r"900 packets were sent in the last hour .* packets-per-hour is 1,000"):
        at(minutes=30).reserve(200)
    at().settle(entry, 300)
    at(minutes=30).reserve(700)
    with pytest.raises(WatchError, match="packets-per-day is 1,500"):
        at(hours=3).reserve(600)
    with pytest.raises(WatchError, match=r"last (day|hour)"):
        at(hours=-2).reserve(600)
    at(hours=26).reserve(1000)
    assert Budget(store.database).reserve(10**9) is None


@pytest.mark.parametrize(
    ("own", "common", "seconds"),
    [({}, {}, 900), ({}, {"every": "1m"}, 60), ({"every": "10s"}, {"every": "1m"}, 10), ({"every": "10s"}, {"cron": "* * * * *"}, 10)],
)
def test_a_targets_own_schedule_wins(own: dict[str, object], common: dict[str, object], seconds: float) -> None:
    [target] = targets_of([{"name": "a", "from": "x", **own}], KNOWN)
    assert schedule_of(target, WatchSettings.of(common)).seconds == seconds


@pytest.mark.parametrize(
    ("own", "common", "why"),
    [
        ({"every": "0s"}, {}, "every = '0s' is no duration"),
        ({"every": "soon"}, {}, "every = 'soon'"),
        ({"every": "1m", "cron": "* * * * *"}, {}, "choose one"),
        ({"cron": "* * *"}, {}, "five fields"),
        ({}, {"evry": "1m"}, "is 'every' meant"),
        ({}, {"packets_per_hour": "many"}, "packets-per-hour must be a number"),
        ({}, {"serve": 8765}, "serve must be a text"),
        ({}, [], "must be a table"),
    ],
)
def test_schedules_that_have_no_meaning_are_refused(own: dict[str, object], common: object, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        schedule_of(targets_of([{"name": "a", "from": "x", **own}], KNOWN)[0], WatchSettings.of(common))


def test_a_source_that_is_written_anew_is_seen(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "a.tf").write_text("1")
    paths = [path for path in paths_of({"sources": [f"tf:{tmp_path}/root"]}) if path.exists()]
    before = marks(tuple(paths))
    assert before
    (tmp_path / "root" / "b.tf").write_text("2")
    assert marks(tuple(paths)) != before
