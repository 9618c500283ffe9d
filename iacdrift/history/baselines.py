"""Baselines in the history: saved under a name for each target, listed, read, and changed by accepting deviations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from iacdrift.drift.baseline import KINDS, Baseline
from iacdrift.drift.reading import report_from_dict
from iacdrift.drift.report import Finding
from iacdrift.errors import UsageError
from iacdrift.history.document import packed, unpacked
from iacdrift.history.resolving import target_of
from iacdrift.history.schema import BaselineRow, ReportRow, TargetRow
from iacdrift.history.store import Store
from iacdrift.history.whose import target_row
from iacdrift.sources.resource import SourceInfo

DEFAULT = "default"
_LATEST = 200


def save(store: Store, baseline: Baseline, sources: Sequence[SourceInfo]) -> bool:
    """Saves it under its name for the target of these sources; whether it took the place of another."""
    with store.database.writing() as session:
        target, _ = target_row(session, sources, store.target)
        row = session.execute(_named(baseline.name).where(BaselineRow.target_id == target)).scalar_one_or_none()
        _write(session, row, target, baseline)
    return row is not None


def find(store: Store, name: str, sources: Sequence[SourceInfo]) -> Baseline:
    """The baseline of this name that the target has, or its sources have by themselves.

    UsageError, with the names there are, where there is none.
    """
    keys = dict.fromkeys((target_of(sources, store.target)[0], target_of(sources)[0]))
    rows: list[BaselineRow] = []
    with store.database.reading() as session:
        for key in keys:
            wanted = select(BaselineRow).join(TargetRow).where(TargetRow.key == key)
            rows += [] if session is None else session.execute(wanted).scalars()
        for row in rows:
            if row.name == name:
                return Baseline.from_dict(unpacked(row.document, row.id))
    known = f"; there is {', '.join(dict.fromkeys(row.name for row in rows))}" if rows else ": iacdrift baseline save makes one"
    raise UsageError(f"no baseline {name!r} for these sources in the history {store.database.location.shown}{known}")


def every(store: Store) -> list[dict[str, Any]]:
    """All baselines of all targets, without their hosts."""
    with store.database.reading() as session:
        wanted = select(BaselineRow.name, BaselineRow.saved_at, TargetRow.name.label("target")).join(TargetRow)
        rows = [] if session is None else session.execute(wanted.order_by(BaselineRow.id)).all()
    return [{"name": row.name, "saved_at": row.saved_at, "target": row.target} for row in rows]


def named(store: Store, name: str) -> Baseline:
    """The baseline of this name. UsageError where there is none, or one in several targets."""
    with store.database.reading() as session:
        row = None if session is None else _only(store, session, name)
        if row is None:
            raise UsageError(f"no baseline {name!r} in the history {store.database.location.shown}; see iacdrift baseline list")
        return Baseline.from_dict(unpacked(row.document, row.id))


def deviations(store: Store, name: str) -> tuple[Finding, ...]:
    """What deviates from the baseline in the latest report that was compared with it."""
    with store.database.reading() as session:
        row = None if session is None else _only(store, session, name)
        if session is None or row is None:
            raise UsageError(f"no baseline {name!r} in the history {store.database.location.shown}; see iacdrift baseline list")
        return _deviations(session, row)


def accept(store: Store, name: str, finding: str | None) -> tuple[str, ...]:
    """Takes one deviation of the latest comparison (None: all of them) into the baseline; their ids. UsageError where there is none."""
    with store.database.writing() as session:
        row = _only(store, session, name)
        if row is None:
            raise UsageError(f"no baseline {name!r} in the history {store.database.location.shown}; see iacdrift baseline list")
        found = [item for item in _deviations(session, row) if finding in (None, item.id)]
        if finding is not None and not found:
            raise UsageError(
                f"{finding} is no deviation from {name!r} in the latest run with --baseline {name}; see iacdrift baseline diff"
            )
        baseline = Baseline.from_dict(unpacked(row.document, row.id))
        for item in found:
            baseline = baseline.accepting(item)
        _write(session, row, row.target_id, baseline)
    return tuple(item.id for item in found)


def _named(name: str) -> Any:
    return select(BaselineRow).where(BaselineRow.name == name)


def _only(store: Store, session: Session, name: str) -> BaselineRow | None:
    wanted = _named(name)
    if store.target:
        wanted = wanted.join(TargetRow).where(TargetRow.key == target_of((), store.target)[0])
    rows = list(session.execute(wanted).scalars())
    if len(rows) > 1:
        raise UsageError(f"several targets have a baseline {name!r}: say which by --target, or target in [history]")
    return rows[0] if rows else None


def _deviations(session: Session, row: BaselineRow) -> tuple[Finding, ...]:
    """Reports are asked from the latest on, those of its own target first; the first that was compared with this baseline tells.

    A named target may compare with a baseline that was saved of its sources by themselves.
    """
    key = session.execute(select(TargetRow.key).where(TargetRow.id == row.target_id)).scalar()
    since = select(ReportRow.id).where(ReportRow.stored_at >= row.saved_at).order_by(ReportRow.id.desc()).limit(_LATEST)
    own = list(session.execute(since.where(ReportRow.target_id == row.target_id)).scalars())
    others = list(session.execute(since.where(ReportRow.target_id != row.target_id)).scalars())
    for number in (*own, *others):
        stored = session.get(ReportRow, number)
        report = report_from_dict(unpacked(stored.document, number)) if stored else None
        if report is not None and report.baseline == row.name and (number in own or target_of(report.sources)[0] == key):
            return tuple(item for item in report.findings if item.kind in KINDS)
    return ()


def _write(session: Session, row: BaselineRow | None, target: int, baseline: Baseline) -> None:
    kept = row or BaselineRow(target_id=target, name=baseline.name)
    kept.saved_at, kept.document = baseline.saved_at, packed(baseline)
    if row is None:
        session.add(kept)
