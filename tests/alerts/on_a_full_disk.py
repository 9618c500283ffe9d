"""What runs on the small disk: `outbox` and `watch`; each prints what arrived, as JSON."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from attrs import evolve

from iacdrift.alerts import outbox as box
from iacdrift.alerts.channel import Channel
from iacdrift.alerts.deliver import Manner, deliver
from iacdrift.alerts.send import send
from iacdrift.errors import HistoryError
from iacdrift.history import listing
from iacdrift.watch.look import Looked
from iacdrift.watch.rounds import Watch, Watched
from tests.alerts.receivers import http
from tests.alerts.scenes import channel, opened, queued, scanned
from tests.history.small_disk import fill, free
from tests.watch.schedules import schedule

ALERTS = 30
_LAST = 10


def outbox() -> dict[str, Any]:
    """Thirty alerts wait; the disk is full before the first one, and again right behind the tenth."""
    store, now, told = opened(Path("disk")), datetime(2026, 3, 1, 12, tzinfo=UTC), dict[str, Any]()
    queued(store, ALERTS)
    with http() as hook:
        ops = [channel(webhook=hook.url)]
        quick = Manner(pause=0, now=lambda: now)
        fill()
        told["full"] = _refused(lambda: deliver(store.database, ops, quick))
        told["sent while full"] = len(hook.posts)
        told["waiting while full"] = box.waiting(store.database)["ops"]
        free()

        def sending(to: Channel, alert: Mapping[str, Any], when: datetime) -> None:
            send(to, alert, when)
            if len(hook.posts) == _LAST:
                fill()

        told["full again"] = _refused(lambda: deliver(store.database, ops, evolve(quick, sending=sending)))
        told["sent until then"] = len(hook.posts)
        free()
        later = now + timedelta(seconds=box.LEASE + 1)
        told["sent in the end"] = deliver(store.database, ops, evolve(quick, now=lambda: later)).sent
        told["arrived"] = [item["id"] for item in hook.documents]
        told["left"] = box.waiting(store.database)
    return told


def watch() -> dict[str, Any]:
    """Three looks: the rogue listener opens while the disk is full, and is still there once it isn't."""
    store, said = opened(Path("disk")), list[str]()
    left = [scanned(), scanned((8080,)), scanned((8080,)), scanned((8080,))]
    with http() as hook:
        ops = channel(webhook=hook.url)
        seen = Watched("shop", lambda _, stop: Looked(left.pop(0), stop.is_set()), schedule("1h"))
        running = Watch([seen], store, [ops], said.append)
        running.once("shop")
        before = listing.reports(store.database)
        fill()
        running.once("shop")
        shown = running.board.of("shop").report
        kept_while_full = listing.reports(store.database)
        free()
        for _ in range(2):
            running.once("shop")
            deliver(store.database, [ops])
        return {
            "said": said,
            "shown while full": shown is not None and shown.exit_code,
            "lost": before != kept_while_full,
            "reports": len(listing.reports(store.database)),
            "arrived": [item["event"] for item in hook.documents],
        }


def _refused(call: Any) -> str | None:
    try:
        call()
    except HistoryError as error:
        return str(error)
    return None


if __name__ == "__main__":
    assert threading.active_count() == 1
    print(json.dumps({"outbox": outbox, "watch": watch}[sys.argv[1]]()))
