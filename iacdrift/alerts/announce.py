"""What a report changes for those who are alerted, written into the outbox in the transaction that stores the report.

What was announced is kept in the findings' own rows, so that an exception that ends, or a finding that got worse, is told,
and nothing is told twice however often it is seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any
from uuid import uuid4

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from iacdrift.alerts.change import Change, alerts, cause_of, grouped
from iacdrift.alerts.channel import Channel
from iacdrift.drift.report import DriftReport, Severity, Verdict
from iacdrift.history.document import packed_json, storable
from iacdrift.history.moment import now
from iacdrift.history.schema import FindingRow, OutboxRow, UnlearntRow
from iacdrift.history.store import Store, Written
from iacdrift.history.whose import target_row

_KNOWN = ("id", "finding", "announced", "cause", "kind", "severity", "owner", "address", "protocol", "ports", "resolved_at", "ended")


def announcer(channels: Sequence[Channel], name: str | None = None, *, whole: bool = True) -> Callable[[Session, Written], None]:
    """What `Store.store` calls. `name`: of the `[[target]]`, None where it is known by its sources alone.

    `whole` False: the run looked at a part on purpose, or was ended on purpose, and doesn't count as (in)complete.
    """

    def announce(session: Session, written: Written) -> None:
        about: dict[str, Any] = {"target": name or written.name, "report": written.number, "time": written.report.finished_at}
        groups = grouped(_changes(session, written))
        for channel in channels:
            wanted = [group for group in groups if any(channel.wants(one.event, one.severity, about["target"]) for one in group)]
            _queue(session, channel, alerts(wanted, about))
        if whole:
            rows = [_unlearnt_row(session, written.target, written.sight)]
            if name is not None:
                # A run that learnt everything ends the time of errors as well.
                rows.append(_unlearnt_row(session, target_row(session, (), name)[0], ""))
            _count(session, channels, rows, about, unlearnt=_unlearnt(written.report))

    return announce


def note_failure(store: Store, channels: Sequence[Channel], name: str, why: str) -> None:
    """A run of the `[[target]]` that ended without a verdict: it learnt nothing, which is told after so many in a row."""
    with store.database.writing() as session:
        target, _ = target_row(session, (), name)
        about = {"target": name, "report": "(none)", "time": now()}
        _count(session, channels, [_unlearnt_row(session, target, "")], about, unlearnt=why)


def trial() -> dict[str, Any]:
    """An alert that says that it is none."""
    told = dict.fromkeys(("protocol", "ports", "hosts", "resource", "at", "finding"), "")
    about = {"schema": "iacdrift/alert/1", "event": "test", "severity": "note", "kind": "test", "target": "", "count": 0}
    text = {"summary": "a test of this alert: it arrives", "explanation": "Nothing was found; somebody ran iacdrift alert test."}
    return {**told, **about, **text, "report": "(none)", "time": now(), "findings": [], "id": uuid4().hex}


def _changes(session: Session, written: Written) -> list[Change]:
    here = (FindingRow.target_id == written.target, FindingRow.sight == written.sight)
    rows = session.execute(select(*(getattr(FindingRow, name) for name in _KNOWN)).where(*here).order_by(FindingRow.id)).all()
    found = {finding.id: finding for finding in written.report.findings}
    ignored = {str(item.get("id")) for item in written.report.ignored}
    changes: list[Change] = []
    updates: list[dict[str, Any]] = []
    for row in rows:
        if row.finding in found:
            told = found[row.finding].to_dict()
            event = _event(row.announced, found[row.finding].severity)
            if event:
                cause = cause_of(told)
                changes.append(Change(event, found[row.finding].severity, cause, told))
                updates.append({"id": row.id, "announced": found[row.finding].severity.value, "cause": storable(cause)})
        elif row.announced is not None and row.resolved_at is not None:
            changes.append(Change("resolved", Severity(row.announced), row.cause or row.finding, _past(row)))
            updates.append({"id": row.id, "announced": None})
        elif row.announced is not None and row.finding in ignored:
            # Somebody took it out of the verdict; once that ends it is told anew.
            updates.append({"id": row.id, "announced": None})
    _update(session, updates)
    return changes


def _event(announced: str | None, severity: Severity) -> str | None:
    if announced is None:
        return "new"
    return "worse" if severity is not Severity(announced) and severity.at_least(Severity(announced)) else None


def _past(row: Any) -> dict[str, Any]:
    return {"id": row.finding} | {
        name: getattr(row, name) for name in ("kind", "severity", "owner", "address", "protocol", "ports", "ended")
    }


def _update(session: Session, updates: list[dict[str, Any]]) -> None:
    for columns in {tuple(sorted(item)) for item in updates}:
        session.execute(update(FindingRow), [item for item in updates if tuple(sorted(item)) == columns])


def _unlearnt(report: DriftReport) -> str | None:
    """What a run didn't learn, in a few words; None where it learnt all that it had to."""
    required = [item for item in report.undetermined if item.required]
    if report.verdict is not Verdict.INCOMPLETE and not required:
        return None
    whys = "; ".join(list(dict.fromkeys(item.why for item in required))[:3])
    return whys or "something that had to be known wasn't learnt"


def _unlearnt_row(session: Session, target: int, sight: str) -> UnlearntRow:
    wanted = select(UnlearntRow).where(UnlearntRow.target_id == target, UnlearntRow.sight == sight)
    row = session.execute(wanted).scalar_one_or_none()
    if row is None:
        row = UnlearntRow(target_id=target, sight=sight, runs=0)
        session.add(row)
    return row


def _count(
    session: Session, channels: Sequence[Channel], rows: Sequence[UnlearntRow], about: dict[str, Any], *, unlearnt: str | None
) -> None:
    """Runs in a row that left something unlearnt; the one that makes it N is told, and the one that ends it, in all `rows`."""
    if unlearnt is not None:
        rows[0].runs += 1
        reached = [channel for channel in channels if channel.incomplete_after == rows[0].runs]
        _tell(session, reached, about, ("incomplete", rows[0].runs, unlearnt))
        return
    before = max(one.runs for one in rows)
    told = [channel for channel in channels if channel.incomplete_after and before >= channel.incomplete_after]
    for one in rows:
        one.runs = 0
    _tell(session, told, about, ("complete", before, ""))


def _tell(session: Session, channels: Iterable[Channel], about: dict[str, Any], what: tuple[str, int, str]) -> None:
    event, runs, why = what
    times = f"{runs} run{'s' if runs > 1 else ''} in a row"
    summary = f"complete again after {times}" if event == "complete" else f"incomplete for {times}"
    told = dict.fromkeys(("protocol", "ports", "hosts", "resource", "at", "finding"), "")
    text = {"summary": f"{summary} ({about['target']})", "explanation": why}
    alert = {"schema": "iacdrift/alert/1", **about, **told, **text, "event": event, "kind": event, "count": runs}
    for channel in channels:
        if channel.wants(event, Severity.HIGH, about["target"]):
            _queue(session, channel, [alert | {"severity": "high", "findings": []}])


def _queue(session: Session, channel: Channel, documents: Iterable[dict[str, Any]]) -> None:
    for document in documents:
        identity = uuid4().hex
        row = OutboxRow(channel=storable(channel.name), identity=identity, state="waiting", created_at=now(), attempts=0)
        row.document = packed_json(document | {"id": identity})
        session.add(row)
