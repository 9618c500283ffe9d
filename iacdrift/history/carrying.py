"""Open findings that a run didn't look at: a report carries them, so that not looking closes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from ipaddress import ip_address
from typing import Any

from attrs import evolve
from sqlalchemy import select
from sqlalchemy.orm import Session

from iacdrift.drift.reading import finding_from_dict
from iacdrift.drift.report import DriftReport, Finding, FindingKind
from iacdrift.history.database import Database
from iacdrift.history.document import unpacked
from iacdrift.history.resolving import resolved, seen, sight, target_of
from iacdrift.history.schema import FindingRow, ReportRow, TargetRow
from iacdrift.model.ports import NO_PORTS, PortSet
from iacdrift.sources.resource import SourceInfo
from iacdrift.surface.expected import Address

MOST = 1000
"""So many are carried; a history with more open findings than that is looked at by itself."""


def carried(session: Session, report: DriftReport, target: int, when: str) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """The findings that are open and not in the report: those that it doesn't prove to be gone, and those that it does.

    They are of its sight, and of this target. `when` the run ended: old XML says nothing of what was seen later. Each as its last
    report told it, with when it was first seen, and why it ended.
    """
    of_target = select(FindingRow).where(FindingRow.target_id == target)
    wanted = of_target.where(FindingRow.sight == sight(report), FindingRow.resolved_at.is_(None)).order_by(FindingRow.id)
    here = seen(report)
    open_before = [row for row in session.execute(wanted).scalars() if row.finding not in here]
    gone = resolved(report, open_before)
    kept = [row for row in open_before if row.finding not in gone][:MOST]
    over = [row for row in open_before if row.finding in gone and row.last_seen <= when][:MOST]
    told = _told(session, {row.last_report for row in (*kept, *over)})
    items = {row.finding: evolve(told[row.finding], first_seen=row.first_seen, new=False) for row in (*kept, *over) if row.finding in told}
    return (
        tuple(items[row.finding] for row in kept if row.finding in items),
        tuple(evolve(items[row.finding], ended=gone[row.finding]) for row in over if row.finding in items),
    )


def undeclared(database: Database, sources: Sequence[SourceInfo], name: str | None) -> tuple[tuple[Address, PortSet], ...]:
    """The undeclared hosts of a target that are open: each with the TCP ports that it answered on, from wherever that was."""
    open_ones = (FindingRow.kind == FindingKind.UNDECLARED_HOST.value, FindingRow.protocol == "tcp", FindingRow.resolved_at.is_(None))
    columns = select(FindingRow.address, FindingRow.ports).join(TargetRow, TargetRow.id == FindingRow.target_id)
    with database.reading() as session:
        keys = (target_of(sources, name)[0], target_of(sources)[0])
        wanted = columns.where(TargetRow.key.in_(keys), *open_ones)
        rows = [] if session is None else session.execute(wanted).all()
    found: dict[Address, PortSet] = {}
    for address, ports in rows:
        if address:
            found[ip_address(address)] = found.get(ip_address(address), NO_PORTS) | PortSet.parse(ports)
    return tuple(found.items())


def _told(session: Session, numbers: Iterable[int]) -> Mapping[str, Finding]:
    """Every finding of these reports by its id; a later report's word counts."""
    rows = session.execute(select(ReportRow).where(ReportRow.id.in_(sorted(numbers))).order_by(ReportRow.id)).scalars()
    documents = [unpacked(row.document, row.id) for row in rows]
    return {str(item["id"]): finding_from_dict(item) for document in documents for item in _items(document)}


def _items(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    ignored = [item for item in document.get("ignored", ()) if "observed" in item]
    return [*ignored, *document.get("findings", ())]
