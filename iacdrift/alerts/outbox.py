"""The outbox in the history: an alert is taken before it is sent and marked afterwards, so that a crash loses none.

Times are of the wall clock, which may jump: one that lies further ahead than it ever could have been set counts as past.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from attrs import frozen
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from iacdrift.history.database import Database
from iacdrift.history.document import storable, unpacked
from iacdrift.history.moment import written
from iacdrift.history.schema import OutboxRow

LEASE = 90.0
"""Seconds after which an alert that somebody took and never marked is anybody's again; sending takes at most half of that."""
FIRST_PAUSE, LONGEST_PAUSE = 10.0, 1800.0
KEPT = timedelta(days=30)
"""So long are delivered alerts remembered."""


@frozen(slots=True)
class Taken:
    """One alert that is being sent. `attempts`: this one among them."""

    number: int
    identity: str
    attempts: int
    document: Mapping[str, Any]


def take(database: Database, channel: str, when: datetime, *, impatient: bool = False, done: Taken | None = None) -> Taken | None:
    """The oldest alert of a channel, taken so that no other process sends it; None where there is none to be sent now.

    In order: while one is being sent or waits for its next try, those behind it wait too. `impatient`: its next try is now.
    `done`: the one before, which arrived; it is marked in the same transaction.
    """
    with database.writing() as session:
        if done is not None:
            _set(session, done.number, state="sent", sent_at=written(when), problem=None)
        row = _oldest(session, channel)
        if row is None or not _free(row, when) or not (impatient or _due(row, when)):
            return None
        row.state, row.claimed_at, row.attempts = "sending", written(when), row.attempts + 1
        return Taken(row.id, row.identity, row.attempts, unpacked(row.document, row.id))


def forget(database: Database, when: datetime) -> None:
    """Deletes what was delivered long ago."""
    with database.writing() as session:
        session.execute(delete(OutboxRow).where(OutboxRow.state == "sent", OutboxRow.sent_at < written(when - KEPT)))


def failed(database: Database, taken: Taken, when: datetime, why: str) -> None:
    """It didn't, and is tried again later: after 10 seconds, then twice as long each time, up to half an hour."""
    pause = min(FIRST_PAUSE * 2 ** min(taken.attempts - 1, 20), LONGEST_PAUSE)
    due = written(when + timedelta(seconds=pause))
    with database.writing() as session:
        _set(session, taken.number, state="waiting", due_at=due, claimed_at=None, problem=storable(why))


def refused(database: Database, number: int, why: str) -> None:
    """The receiver won't have it; it is kept, and tried again only when somebody asks for that."""
    with database.writing() as session:
        _set(session, number, state="refused", claimed_at=None, problem=storable(why))


def retry(database: Database) -> int:
    """Refused alerts wait again, at the end of their channel; how many."""
    with database.writing() as session:
        again = update(OutboxRow).where(OutboxRow.state == "refused").values(state="waiting", due_at=None)
        return int(session.execute(again).rowcount)  # type: ignore[attr-defined] # an UPDATE's result has one


def waiting(database: Database) -> dict[str, dict[str, int]]:
    """Channel -> state -> how many alerts, delivered ones left out."""
    with database.reading() as session:
        counted = select(OutboxRow.channel, OutboxRow.state, func.count()).where(OutboxRow.state != "sent")
        rows = [] if session is None else session.execute(counted.group_by(OutboxRow.channel, OutboxRow.state)).all()
    found: dict[str, dict[str, int]] = {}
    for channel, state, number in rows:
        found.setdefault(channel, {})[state] = number
    return found


def listed(database: Database, limit: int) -> list[dict[str, Any]]:
    """The latest alerts, latest first, with what they say in one line."""
    columns = ("id", "channel", "state", "created_at", "attempts", "sent_at", "problem", "document")
    with database.reading() as session:
        wanted = select(*(getattr(OutboxRow, name) for name in columns)).order_by(OutboxRow.id.desc()).limit(limit)
        rows = [] if session is None else session.execute(wanted).all()
    told = [{name: getattr(row, name) for name in columns[:-1]} for row in rows]
    return [item | {"summary": unpacked(row.document, row.id).get("summary")} for item, row in zip(told, rows, strict=True)]


def _oldest(session: Session, channel: str) -> OutboxRow | None:
    wanted = select(OutboxRow).where(OutboxRow.channel == channel, OutboxRow.state.in_(("waiting", "sending")))
    return session.execute(wanted.order_by(OutboxRow.id).limit(1)).scalar_one_or_none()


def _free(row: OutboxRow, when: datetime) -> bool:
    """Whether nobody else is sending it: also where the clock jumped back since somebody took it."""
    return row.state == "waiting" or row.claimed_at is None or abs((when - _read(row.claimed_at)).total_seconds()) >= LEASE


def _due(row: OutboxRow, when: datetime) -> bool:
    if row.due_at is None:
        return True
    return not 0 < (_read(row.due_at) - when).total_seconds() <= LONGEST_PAUSE + 1


def _set(session: Session, number: int, **values: Any) -> None:
    session.execute(update(OutboxRow).where(OutboxRow.id == number).values(**values))


def _read(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
