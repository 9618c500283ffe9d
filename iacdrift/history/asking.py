"""What a history holds: whole reports, the life of a finding, the difference between two runs. Reads only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from attrs import frozen
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from iacdrift.drift.reading import report_from_dict
from iacdrift.drift.report import DriftReport
from iacdrift.errors import UsageError
from iacdrift.history.database import Database
from iacdrift.history.document import unpacked
from iacdrift.history.listing import findings
from iacdrift.history.resolving import resolved, seen
from iacdrift.history.schema import BaselineRow, ReportRow, TargetRow

_BATCH = 50


@frozen(slots=True)
class Compared:
    """Two runs of one target: ids of findings that are new, gone (asked and judged again), still there, and not looked at."""

    before: int
    after: int
    new: tuple[dict[str, Any], ...]
    resolved: tuple[dict[str, Any], ...]
    unchanged: tuple[dict[str, Any], ...]
    not_looked_at: tuple[dict[str, Any], ...]

    def to_dict(self) -> dict[str, object]:
        """The JSON shape `iacdrift/history-diff/1`."""
        names = ("before", "after", "new", "resolved", "unchanged", "not_looked_at")
        return {"schema": "iacdrift/history-diff/1"} | {name: getattr(self, name) for name in names}


def life(database: Database, finding: str) -> list[dict[str, Any]]:
    """Everything known of one finding, a row for each target and sight."""
    return [row for row in findings(database, every=True) if row["finding"] == finding]


def report(database: Database, number: int | None = None) -> tuple[int, DriftReport]:
    """One stored report, the latest without a number. UsageError where there is none."""
    with database.reading() as session:
        found = None if session is None else _row(session, number)
        if found is None:
            which = "no report yet" if number is None else f"no report {number}"
            raise UsageError(f"the history {database.location.shown} has {which}; see iacdrift history list")
        return found.id, report_from_dict(unpacked(found.document, found.id))


def compared(database: Database, before: int | None = None, after: int | None = None) -> Compared:
    """What changed between two reports: by default the latest and the one of the same target before it."""
    with database.reading() as session:
        second = None if session is None else _row(session, after)
        if session is None or second is None:
            raise UsageError(f"the history {database.location.shown} has no such report; see iacdrift history list")
        first = _row(session, before) if before is not None else _earlier(session, second)
        if first is None:
            raise UsageError(f"report {second.id} has none before it to compare with; see iacdrift history list")
        old, new = (report_from_dict(unpacked(row.document, row.id)) for row in (first, second))
        same_sight = first.sight == second.sight
    return _compared(first.id, second.id, old, new, same_sight=same_sight)


def exported(database: Database) -> Iterator[dict[str, Any]]:
    """Everything, in rows for JSON Lines: reports with their documents, then findings, then baselines."""
    last = 0
    while True:
        with database.reading() as session:
            # In batches: a long reader would keep others from writing, and a thousand documents from fitting.
            wanted = select(ReportRow.id, ReportRow.command, ReportRow.stored_at, ReportRow.document, TargetRow.name).join(TargetRow)
            rows = [] if session is None else session.execute(wanted.where(ReportRow.id > last).order_by(ReportRow.id).limit(_BATCH)).all()
        for row in rows:
            last = row.id
            told = {"report": row.id, "target": row.name, "command": row.command, "stored_at": row.stored_at}
            yield told | {"document": unpacked(row.document, row.id)}
        if not rows:
            break
    yield from findings(database, every=True)
    with database.reading() as session:
        columns = (BaselineRow.id, BaselineRow.name, BaselineRow.saved_at, BaselineRow.document, TargetRow.name.label("target"))
        saved = [] if session is None else session.execute(select(*columns).join(TargetRow).order_by(BaselineRow.id)).all()
    for kept in saved:
        told = {"baseline": kept.name, "target": kept.target, "saved_at": kept.saved_at}
        yield told | {"document": unpacked(kept.document, kept.id)}


def _compared(before: int, after: int, old: DriftReport, new: DriftReport, *, same_sight: bool) -> Compared:
    earlier, later = seen(old), seen(new)
    rows = [_Past(item) for item in earlier.values()]
    # From another place nothing can be said to be gone: what is shut to one may be open to another.
    gone = resolved(new, rows) if same_sight else {}
    return Compared(
        before,
        after,
        new=tuple(dict(item) for name, item in later.items() if name not in earlier),
        resolved=tuple(dict(item) | {"ended": gone[name]} for name, item in earlier.items() if name in gone),
        unchanged=tuple(dict(item) for name, item in later.items() if name in earlier),
        not_looked_at=tuple(dict(item) for name, item in earlier.items() if name not in later and name not in gone),
    )


class _Past:
    """A finding out of a stored report, as `resolved` asks for it."""

    def __init__(self, told: Any) -> None:
        self.finding: str = str(told["id"])
        self.kind: str = str(told["kind"])
        self.owner: str | None = told["owner"]
        self.address: str | None = told["address"]
        self.protocol: str = str(told["protocol"])
        self.ports: str = str(told["ports"])


def _row(session: Session, number: int | None) -> ReportRow | None:
    if number is not None:
        return session.get(ReportRow, number)
    latest = session.execute(select(func.max(ReportRow.id))).scalar()
    return None if latest is None else session.get(ReportRow, latest)


def _earlier(session: Session, row: ReportRow) -> ReportRow | None:
    wanted = select(ReportRow).where(ReportRow.target_id == row.target_id, ReportRow.id < row.id)
    return session.execute(wanted.order_by(ReportRow.id.desc()).limit(1)).scalar_one_or_none()
