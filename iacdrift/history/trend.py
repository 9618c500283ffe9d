"""The runs before a report, counted: what a picture of its history shows."""

from __future__ import annotations

import zlib
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from iacdrift.drift.report import DriftReport
from iacdrift.drift.trend import EarlierRun
from iacdrift.history.database import Database
from iacdrift.history.document import unpacked
from iacdrift.history.moment import moment
from iacdrift.history.resolving import sight
from iacdrift.history.schema import ReportRow
from iacdrift.history.store import Store
from iacdrift.history.whose import continued

MOST = 19


def earlier_runs(store: Store, report: DriftReport, most: int = MOST) -> tuple[EarlierRun, ...]:
    """The last runs of the same target from the same place that ended before this one, oldest first.

    HistoryError where the history can't be read.
    """
    with store.database.reading() as session:
        target = None if session is None else continued(session, report.sources, store.target, sight(report))
        if session is None or target is None:
            return ()
        return _before(session, target, sight(report), moment(report.finished_at), most)


def runs_before(database: Database, number: int, most: int = MOST) -> tuple[EarlierRun, ...]:
    """The same for a stored report; none where there is no such report."""
    with database.reading() as session:
        row = None if session is None else session.get(ReportRow, number)
        if session is None or row is None:
            return ()
        return _before(session, row.target_id, row.sight, row.finished_at or None, most)


def _before(session: Session, target: int, here: str, ended: str | None, most: int) -> tuple[EarlierRun, ...]:
    wanted = select(ReportRow.id, ReportRow.document).where(ReportRow.target_id == target, ReportRow.sight == here)
    if ended:
        wanted = wanted.where(ReportRow.finished_at < ended)
    rows = session.execute(wanted.order_by(ReportRow.finished_at.desc(), ReportRow.id.desc()).limit(most)).all()
    return tuple(EarlierRun.from_dict(_read(row.document, row.id)) for row in reversed(rows))


def _read(document: bytes, number: int) -> dict[str, Any]:
    """A stored report, fast: a page mustn't wait for twenty of them. HistoryError where it isn't what was stored."""
    try:
        found: dict[str, Any] = orjson.loads(zlib.decompress(document))
    except (zlib.error, ValueError):
        # Half a surrogate pair, which only the standard library takes; or damage, which it words.
        return unpacked(document, number)
    return found
