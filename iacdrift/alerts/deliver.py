"""Empties the outbox: each channel in order, with pauses between tries; one that is down doesn't hold up the others."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from attrs import frozen

from iacdrift.alerts import outbox
from iacdrift.alerts.channel import Channel
from iacdrift.alerts.send import RefusedError, send
from iacdrift.errors import AlertError
from iacdrift.history.database import Database

Send = Callable[[Channel, Mapping[str, Any], datetime], None]


@frozen(slots=True)
class Manner:
    """How hard is tried. `tries`: of one alert within this call, `pauses` apart; `seconds`: after which the rest waits.

    `now` and `sleep` are the clock, so that tests needn't wait.
    """

    tries: int = 3
    pause: float = 1.0
    seconds: float = 60.0
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], None] = time.sleep
    sending: Send = send


ONE_TRY = Manner(tries=1)
"""For somebody who comes back: `watch`."""


@frozen(slots=True)
class Delivery:
    """What came of it. `problems`: one sentence for each channel that failed; `quiet`: channels that wait for the end of quiet hours."""

    sent: int = 0
    problems: tuple[str, ...] = ()
    quiet: tuple[str, ...] = ()


def deliver(database: Database, channels: Sequence[Channel], manner: Manner = Manner()) -> Delivery:
    """Sends what waits. HistoryError where the outbox can't be read or written: nothing is sent that can't be marked."""
    end = time.monotonic() + manner.seconds
    held = outbox.waiting(database)
    sent, problems, quiet = 0, [], []
    for channel in channels:
        states = held.get(channel.name, {})
        if not states.get("waiting", 0) + states.get("sending", 0):
            continue
        if channel.quiet is not None and channel.quiet.holds(manner.now()):
            quiet.append(channel.name)
            continue
        number, problem = _empty(database, channel, manner, end)
        sent += number
        if problem:
            problems.append(problem)
    if sent:
        outbox.forget(database, manner.now())
    strangers = sorted(set(held) - {channel.name for channel in channels})
    problems += [f"alerts wait for {name!r}, which the configuration doesn't name any more" for name in strangers]
    return Delivery(sent, tuple(problems), tuple(quiet))


def _empty(database: Database, channel: Channel, manner: Manner, end: float) -> tuple[int, str | None]:
    """How many arrived, and why not all of them did."""
    sent, problem = 0, None
    tried: dict[int, int] = {}
    done: outbox.Taken | None = None
    while taken := outbox.take(database, channel.name, manner.now(), impatient=bool(tried) or manner.tries > 1, done=done):
        done, tried = None, {taken.number: tried.get(taken.number, 0) + 1}
        try:
            if time.monotonic() > end:
                raise _SpentError("the time is spent")
            manner.sending(channel, taken.document, manner.now())
        except RefusedError as error:
            outbox.refused(database, taken.number, str(error))
            problem = f"alert {channel.name!r}: {error}; see iacdrift alert list"
        except AlertError as error:
            outbox.failed(database, taken, manner.now(), str(error))
            if tried[taken.number] >= manner.tries or isinstance(error, _SpentError):
                left = outbox.waiting(database).get(channel.name, {}).get("waiting", 0)
                return sent, f"alert {channel.name!r}: {error}; {left:,} wait and are tried again"
            manner.sleep(manner.pause * 2 ** (tried[taken.number] - 1))
        else:
            done, tried = taken, {}
            sent += 1
    return sent, problem


class _SpentError(AlertError):
    """The rest is sent next time."""
