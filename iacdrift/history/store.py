"""Writes reports into the history, and tells what it knows of their findings."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from attrs import evolve, frozen
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from iacdrift.drift.report import DriftReport
from iacdrift.errors import HistoryError
from iacdrift.history.carrying import carried
from iacdrift.history.database import Database
from iacdrift.history.document import packed, storable
from iacdrift.history.moment import moment, now
from iacdrift.history.resolving import resolved, seen, sight, target_of
from iacdrift.history.schema import FindingRow, ReportRow
from iacdrift.history.whose import adopt, continued, target_row

_TOLD = ("kind", "severity", "owner", "address", "protocol", "ports")
_ENDED = ("resolved_at", "ended", "acknowledged_by", "acknowledged_at", "note", "announced")
"""What a finding loses that comes back: whoever knew of it, or was alerted, knew of the time before."""


@frozen(slots=True)
class Stored:
    """What storing a report changed. `new` and `resolved`: ids of findings; `earlier`: reports of this target before it."""

    report: int
    new: tuple[str, ...]
    resolved: tuple[str, ...]
    earlier: int


@frozen(slots=True)
class Written:
    """A report that is being stored, for what must be stored with it or not at all.

    `target`, `name`: the row of what it is about, and what people read.
    """

    report: DriftReport
    number: int
    target: int
    name: str
    sight: str


@frozen(slots=True)
class Store:
    """One history, for one target."""

    database: Database

    @property
    def target(self) -> str | None:
        """The name that the user gave to what is watched."""
        return self.database.location.target

    def named(self, target: str) -> Store:
        """The same history, for the target of this name."""
        return Store(evolve(self.database, location=evolve(self.database.location, target=target)))

    def annotated(self, report: DriftReport) -> DriftReport:
        """The report with `first_seen` and `new` in each finding; open ones that it didn't look at are `carried`, others `resolved`.

        HistoryError where the history can't be read.
        """
        when = _when(report)
        with self.database.reading() as session:
            target = None if session is None else continued(session, report.sources, self.target, sight(report))
            known = {} if session is None or target is None else _known(session, target, [item.id for item in report.findings])
            left, over = ((), ()) if session is None or target is None else carried(session, report, target, when)
        findings = (
            evolve(item, first_seen=min(known[item.id][0], when), new=not known[item.id][1])
            if item.id in known
            else evolve(item, first_seen=when, new=True)
            for item in report.findings
        )
        return evolve(report, findings=tuple(findings), carried=left, resolved=over)

    def kept(self, report: DriftReport) -> DriftReport:
        """The report with what is known of its findings, stored. HistoryError carries it as `.report`."""
        try:
            report = self.annotated(report)
            self.store(report)
        except HistoryError as error:
            error.report = report
            raise
        return report

    def store(self, report: DriftReport, command: str = "check", also: Callable[[Session, Written], None] | None = None) -> Stored:
        """Adds a report in one transaction.

        `command` other than `check`: it may be about the past, and then changes nothing that came after. `also`: called inside
        the transaction, once everything else is written.
        """
        # What it carries and ends is told whole by earlier reports.
        body, when = packed(evolve(report, carried=(), resolved=())), _when(report)
        with self.database.writing() as session:
            target, _ = target_row(session, report.sources, self.target)
            adopt(session, target, report.sources, self.target, sight(report))
            _, earlier = target_row(session, report.sources, self.target)
            number = _insert(session, report, target, command, body)
            rows = session.execute(select(FindingRow).where(FindingRow.target_id == target, FindingRow.sight == sight(report))).scalars()
            past = {row.finding: row for row in rows}
            new = _sighted(session, report, past, _Run(target, number, when, command == "check"))
            gone = _resolve(report, past, when, live=command == "check")
            if also is not None:
                session.flush()
                also(session, Written(report, number, target, target_of(report.sources, self.target)[1], sight(report)))
        return Stored(number, tuple(sorted(new)), tuple(sorted(gone)), earlier)


@frozen(slots=True)
class _Run:
    """The report that is being stored. `live`: it is about now, whatever the clock says."""

    target: int
    number: int
    when: str
    live: bool


def _when(report: DriftReport) -> str:
    return moment(report.finished_at) or moment(report.started_at) or now()


def _known(session: Session, target: int, ids: list[str]) -> dict[str, tuple[str, bool]]:
    """Finding -> when it was first seen, and whether it is open, from any sight."""
    columns = select(FindingRow.finding, FindingRow.first_seen, FindingRow.resolved_at)
    of_target = columns.where(FindingRow.target_id == target)
    wanted: set[str] = set(ids)
    known: dict[str, tuple[str, bool]] = {}
    for finding, first, resolved_at in session.execute(of_target):
        if finding in wanted:
            before, open_before = known.get(finding, (first, False))
            known[finding] = (min(first, before), open_before or resolved_at is None)
    return known


def _insert(session: Session, report: DriftReport, target: int, command: str, body: bytes) -> int:
    row = ReportRow(
        target_id=target,
        command=command,
        stored_at=now(),
        started_at=moment(report.started_at) or "",
        finished_at=moment(report.finished_at) or "",
        verdict=report.verdict.value,
        exit_code=report.exit_code,
        sight=sight(report),
        severities=json.dumps(Counter(item.severity.value for item in report.findings)),
        hosts=len(report.hosts),
        undetermined=sum(item.required for item in report.undetermined),
        ignored=len(report.ignored),
        document=body,
    )
    session.add(row)
    session.flush()
    return row.id


def _sighted(session: Session, report: DriftReport, past: Mapping[str, FindingRow], run: _Run) -> list[str]:
    """Findings that are there: known ones are seen once more, others for the first time. The ids that weren't open before."""
    here, new = sight(report), []
    fresh: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    for name, told in seen(report).items():
        shown = {key: storable(told.get(key)) for key in _TOLD}
        row = past.get(name)
        if row is None:
            fresh.append(_first(name, run, here) | shown)
            new.append(name)
            continue
        times: dict[str, Any] = {
            "first_seen": min(row.first_seen, run.when),
            "last_seen": max(row.last_seen, run.when),
            "times": row.times + 1,
        }
        if row.resolved_at is not None and (run.live or row.resolved_at < run.when):
            new.append(name)
            shown |= dict.fromkeys(_ENDED)
        if run.live or row.last_seen <= run.when:
            times["last_report"] = run.number
        else:
            shown = {key: value for key, value in shown.items() if key in _ENDED}
        changed.append({"id": row.id, **shown, **times})
    if fresh:
        session.execute(insert(FindingRow), fresh)
    if changed:
        session.execute(update(FindingRow), changed)
    return new


def _first(name: str, run: _Run, here: str) -> dict[str, Any]:
    empty = dict.fromkeys(("resolved_at", "ended", "acknowledged_by", "acknowledged_at", "note"))
    seen_once = {"first_seen": run.when, "last_seen": run.when, "last_report": run.number, "times": 1}
    return {"target_id": run.target, "finding": name, "sight": here, **seen_once, **empty}


def _resolve(report: DriftReport, past: Mapping[str, FindingRow], when: str, *, live: bool) -> Mapping[str, str]:
    asked_since = [row for row in past.values() if row.resolved_at is None and (live or row.last_seen <= when)]
    gone = resolved(report, asked_since)
    for name, why in gone.items():
        past[name].resolved_at, past[name].ended = max(when, past[name].last_seen), why
    return gone
