"""What people change in a history: who knows of a finding, and how much is kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from attrs import frozen
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from iacdrift.errors import UsageError
from iacdrift.history.database import Database
from iacdrift.history.moment import now, written
from iacdrift.history.schema import FindingRow, ReportRow


@frozen(slots=True)
class Pruned:
    """How much went."""

    reports: int
    findings: int


def acknowledge(database: Database, finding: str, by: str, note: str | None = None) -> int:
    """Somebody knows of a finding that is open; its rows, one a target and sight. UsageError where none is open."""
    known = {"acknowledged_by": by, "acknowledged_at": now(), "note": note}
    with database.writing() as session:
        rows = select(FindingRow.id).where(FindingRow.finding == finding, FindingRow.resolved_at.is_(None))
        found = list(session.execute(rows).scalars())
        if not found:
            raise UsageError(f"the history {database.location.shown} has no open finding {finding!r}; see iacdrift history list --findings")
        session.execute(update(FindingRow).where(FindingRow.id.in_(found)).values(**known))
    return len(found)


def prune(database: Database, *, keep: int | None = None, older_than: float | None = None) -> Pruned:
    """Deletes reports: all but the latest `keep` of each target, or those stored more than `older_than` seconds ago.

    Findings that were resolved before the oldest report that stays go with them; open ones stay, whatever their age.
    """
    if (keep is None) == (older_than is None):
        raise UsageError("prune needs one of --keep NUMBER and --older-than AGE, such as --older-than 90d")
    with database.writing() as session:
        # By time and not by number: `keep` counts reports of one target, and none of them may lose its latest one.
        reports = _old(session, older_than) if older_than is not None else _surplus(session, keep or 0)
        for part in (reports[start : start + 500] for start in range(0, len(reports), 500)):
            session.execute(delete(ReportRow).where(ReportRow.id.in_(part)))
        oldest = session.execute(select(func.min(ReportRow.stored_at))).scalar()
        ended = FindingRow.resolved_at.is_not(None)
        gone = delete(FindingRow).where(ended, FindingRow.resolved_at < oldest) if oldest else delete(FindingRow).where(ended)
        findings = session.execute(gone).rowcount  # type: ignore[attr-defined] # a DELETE's result has one
    return Pruned(len(reports), int(findings))


def _old(session: Session, seconds: float) -> list[int]:
    try:
        limit = written(datetime.now(UTC) - timedelta(seconds=seconds))
    except OverflowError:
        return []
    return list(session.execute(select(ReportRow.id).where(ReportRow.stored_at < limit)).scalars())


def _surplus(session: Session, keep: int) -> list[int]:
    rank = func.row_number().over(partition_by=ReportRow.target_id, order_by=ReportRow.id.desc()).label("rank")
    ranked = select(ReportRow.id, rank).subquery()
    return list(session.execute(select(ranked.c.id).where(ranked.c.rank > keep)).scalars())
