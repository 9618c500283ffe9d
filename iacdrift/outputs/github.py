"""GitHub's workflow commands: one annotation a finding at its line, one for what makes the run incomplete."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from iacdrift.drift.report import DriftReport, Finding, Severity, Verdict
from iacdrift.outputs.headline import headline
from iacdrift.outputs.only_reports import fails, report_only, subject
from iacdrift.outputs.place_in_code import place_of
from iacdrift.outputs.safe import safe

MOST = 10
"""GitHub shows so many errors and as many warnings of one step; the last one says how many are left out."""


def render(value: Any, *, color: bool = False, width: int = 100) -> str:
    """A command a line; `color` and `width` change nothing. UsageError for anything but a report."""
    report = report_only(value, "github")
    lines = [*_limited([_finding(item, report) for item in report.findings if fails(item, report)], "error"), *_rest(report)]
    return "\n".join([*lines, _command("notice", headline(report)[0], {"title": "iacdrift"})]) + "\n"


def _rest(report: DriftReport) -> Iterator[str]:
    mild = [item for item in report.findings if not fails(item, report) and item.severity is not Severity.NOTE]
    yield from _limited([_finding(item, report) for item in mild], "warning")
    if report.verdict is Verdict.INCOMPLETE or any(item.required for item in report.undetermined):
        why = [f"{item.owner or item.address or 'the whole run'}: {item.why}" for item in report.undetermined if item.required]
        yield _command("warning", "; ".join(why[:5]) or headline(report)[0], {"title": "iacdrift: incomplete, which isn't in sync"})


def _limited(commands: list[str], level: str) -> list[str]:
    if len(commands) <= MOST:
        return commands
    return [*commands[: MOST - 1], _command(level, f"{len(commands) - MOST + 1} more findings are in the report", {"title": "iacdrift"})]


def _finding(finding: Finding, report: DriftReport) -> str:
    place = place_of(finding, report)
    level = "error" if fails(finding, report) else "warning"
    where = {"file": place.path, "line": str(place.line), "title": f"{finding.severity.value}: {subject(finding)}"}
    return _command(level, finding.explanation, where)


def _command(level: str, message: str, properties: dict[str, str]) -> str:
    told = ",".join(f"{name}={_property(text)}" for name, text in properties.items())
    return f"::{level} {told}::{_escaped(message)}"


def _escaped(text: str) -> str:
    return safe(text, None).replace("%", "%25")


def _property(text: str) -> str:
    return safe(text).replace("%", "%25").replace(":", "%3A").replace(",", "%2C")
