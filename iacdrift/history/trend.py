"""The runs before a report, counted: what a picture of its history shows."""

from __future__ import annotations

import zlib
from typing import Any

import orjson
from sqlalchemy import select

from iacdrift.drift.report import DriftReport
from iacdrift.drift.trend import EarlierRun
from iacdrift.history.document import unpacked
from iacdrift.history.moment import moment
from iacdrift.history.resolving import sight, target_of
from iacdrift.history.schema import ReportRow, TargetRow
from iacdrift.history.store import Store

MOST = 19


def earlier_runs(store: Store, report: DriftReport, most: int = MOST) -> tuple[EarlierRun, ...]:
    """The last runs of the same target from the same place that ended before this one, oldest first.

    HistoryError where the history can't be read.
    """
    wanted = (
        select(ReportRow.id, ReportRow.document)
        .join(TargetRow)
        .where(TargetRow.key == target_of(report.sources, store.target)[0], ReportRow.sight == sight(report))
        .order_by(ReportRow.finished_at.desc(), ReportRow.id.desc())
        .limit(most)
    )
    ended = moment(report.finished_at)
    if ended:
        wanted = wanted.where(ReportRow.finished_at < ended)
    with store.database.reading() as session:
        rows = [] if session is None else session.execute(wanted).all()
    return tuple(EarlierRun.from_dict(_read(row.document, row.id)) for row in reversed(rows))


def _read(document: bytes, number: int) -> dict[str, Any]:
    """A stored report, fast: a page mustn't wait for twenty of them. HistoryError where it isn't what was stored."""
    try:
        found: dict[str, Any] = orjson.loads(zlib.decompress(document))
    except (zlib.error, ValueError):
        # Half a surrogate pair, which only the standard library takes; or damage, which it words.
        return unpacked(document, number)
    return found
