"""Open findings that a run didn't look at: a report carries them, so that not looking closes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from attrs import evolve
from sqlalchemy import select
from sqlalchemy.orm import Session

from iacdrift.drift.reading import finding_from_dict
from iacdrift.drift.report import DriftReport, Finding
from iacdrift.history.document import unpacked
from iacdrift.history.resolving import resolved, seen, sight
from iacdrift.history.schema import FindingRow, ReportRow, TargetRow

MOST = 1000
"""So many are carried; a history with more open findings than that is looked at by itself."""


def carried(session: Session, report: DriftReport, key: str) -> tuple[Finding, ...]:
    """The findings of this target and sight that are open, aren't in the report, and that it doesn't prove to be gone.

    `key`: the target's. Each as its last report told it, with when it was first seen.
    """
    of_target = select(FindingRow).join(TargetRow, TargetRow.id == FindingRow.target_id).where(TargetRow.key == key)
    wanted = of_target.where(FindingRow.sight == sight(report), FindingRow.resolved_at.is_(None)).order_by(FindingRow.id)
    here = seen(report)
    open_before = [row for row in session.execute(wanted).scalars() if row.finding not in here]
    gone = resolved(report, open_before)
    kept = [row for row in open_before if row.finding not in gone][:MOST]
    told = _told(session, {row.last_report for row in kept})
    return tuple(evolve(told[row.finding], first_seen=row.first_seen, new=False) for row in kept if row.finding in told)


def _told(session: Session, numbers: Iterable[int]) -> Mapping[str, Finding]:
    """Every finding of these reports by its id; a later report's word counts."""
    rows = session.execute(select(ReportRow).where(ReportRow.id.in_(sorted(numbers))).order_by(ReportRow.id)).scalars()
    documents = [unpacked(row.document, row.id) for row in rows]
    return {str(item["id"]): finding_from_dict(item) for document in documents for item in _items(document)}


def _items(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    ignored = [item for item in document.get("ignored", ()) if "observed" in item]
    return [*ignored, *document.get("findings", ())]
