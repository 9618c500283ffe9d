"""Whose history a run continues: that of its name, or until there is one, what its sources had before they were given a name."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from iacdrift.history.document import storable
from iacdrift.history.resolving import target_of
from iacdrift.history.schema import BaselineRow, FindingRow, ReportRow, TargetRow, UnlearntRow
from iacdrift.sources.resource import SourceInfo


def target_row(session: Session, sources: Sequence[SourceInfo], name: str | None) -> tuple[int, int]:
    """The row of what a run is about, made where there is none, and how many reports it has."""
    key, shown = target_of(sources, name)
    found = _row(session, key)
    if found is None:
        row = TargetRow(key=key, name=storable(shown))
        session.add(row)
        session.flush()
        return row.id, 0
    return found, session.execute(select(func.count(ReportRow.id)).where(ReportRow.target_id == found)).scalar() or 0


def continued(session: Session, sources: Sequence[SourceInfo], name: str | None, here: str) -> int | None:
    """The row whose reports came before a run with this sight; None where nothing is known of it."""
    named = _row(session, target_of(sources, name)[0])
    if name is None or (named is not None and _reports(session, named, here)):
        return named
    before = _row(session, target_of(sources)[0])
    return before if before is not None and _reports(session, before, here) else named


def adopt(session: Session, target: int, sources: Sequence[SourceInfo], name: str | None, here: str) -> None:
    """What a named target's sources had under their own names becomes its own, once, as far as it was seen from here.

    Only from here: two targets may read the same sources, and stand at different places. Baselines are copied: each of the two
    may compare with them.
    """
    before = _row(session, target_of(sources)[0])
    if name is None or before is None or before == target or _reports(session, target, here) or not _reports(session, before, here):
        return
    session.execute(update(ReportRow).where(ReportRow.target_id == before, ReportRow.sight == here).values(target_id=target))
    session.execute(update(FindingRow).where(FindingRow.target_id == before, FindingRow.sight == here).values(target_id=target))
    if session.execute(select(UnlearntRow.id).where(UnlearntRow.target_id == target, UnlearntRow.sight == here)).first() is None:
        session.execute(update(UnlearntRow).where(UnlearntRow.target_id == before, UnlearntRow.sight == here).values(target_id=target))
    have = set(session.execute(select(BaselineRow.name).where(BaselineRow.target_id == target)).scalars())
    for row in session.execute(select(BaselineRow).where(BaselineRow.target_id == before)).scalars().all():
        if row.name not in have:
            session.add(BaselineRow(target_id=target, name=row.name, saved_at=row.saved_at, document=row.document))


def _row(session: Session, key: str) -> int | None:
    return session.execute(select(TargetRow.id).where(TargetRow.key == key)).scalar()


def _reports(session: Session, target: int, here: str) -> bool:
    wanted = select(ReportRow.id).where(ReportRow.target_id == target, ReportRow.sight == here)
    return session.execute(wanted.limit(1)).first() is not None
