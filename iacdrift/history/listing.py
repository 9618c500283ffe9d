"""What a history lists: reports and findings, without their documents. Loads no part of the verdict: a list must come at once."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import select

from iacdrift.history.database import Database
from iacdrift.history.schema import FindingRow, ReportRow, TargetRow

_REPORT = ("id", "command", "started_at", "finished_at", "verdict", "exit_code", "hosts", "undetermined", "ignored")
_FINDING = ("finding", "kind", "severity", "owner", "address", "protocol", "ports", "first_seen", "last_seen", "times", "last_report")
_LATER = ("resolved_at", "ended", "acknowledged_by", "acknowledged_at", "note")


def reports(database: Database, *, target: str | None = None, limit: int | None = None) -> list[dict[str, Any]]:
    """The reports, latest first, without their documents. `target`: only those whose name holds this text."""
    columns = [getattr(ReportRow, name) for name in (*_REPORT, "severities", "sight")]
    wanted = select(*columns, TargetRow.name).join(TargetRow).order_by(ReportRow.id.desc()).limit(limit)
    if target:
        wanted = wanted.where(TargetRow.name.contains(target, autoescape=True))
    with database.reading() as session:
        rows = [] if session is None else session.execute(wanted).all()
    return [_report(row._mapping) for row in rows]


def findings(database: Database, *, target: str | None = None, every: bool = False) -> list[dict[str, Any]]:
    """The findings that are open, oldest first; with `every` the resolved ones too."""
    columns = [getattr(FindingRow, name) for name in (*_FINDING, *_LATER, "sight")]
    wanted = select(*columns, TargetRow.name).join(TargetRow).order_by(FindingRow.first_seen, FindingRow.id)
    if target:
        wanted = wanted.where(TargetRow.name.contains(target, autoescape=True))
    if not every:
        wanted = wanted.where(FindingRow.resolved_at.is_(None))
    with database.reading() as session:
        rows = [] if session is None else session.execute(wanted).all()
    return [_finding(row._mapping) for row in rows]


def _report(row: Any) -> dict[str, Any]:
    told = {"report": row["id"], "target": row["name"]} | {name: row[name] for name in _REPORT[1:]}
    return told | {"severities": json.loads(row["severities"]), "vantage": json.loads(row["sight"])}


def _finding(row: Any) -> dict[str, Any]:
    return {"target": row["name"]} | {name: row[name] for name in (*_FINDING, *_LATER)} | {"vantage": json.loads(row["sight"])}
