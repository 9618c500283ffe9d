"""GitLab's code quality report: findings at their lines in a merge request."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from iacdrift.drift.report import DriftReport, Finding, Severity
from iacdrift.outputs.json import indented
from iacdrift.outputs.only_reports import report_only, subject
from iacdrift.outputs.place_in_code import place_of, source_place
from iacdrift.outputs.safe import safe, safe_json

_SEVERITY = {
    Severity.CRITICAL: "blocker",
    Severity.HIGH: "critical",
    Severity.MEDIUM: "major",
    Severity.LOW: "minor",
    Severity.NOTE: "info",
}


def render(value: Any, *, color: bool = False, width: int = 100) -> str:
    """A JSON array; `color` and `width` change nothing. UsageError for anything but a report."""
    report = report_only(value, "gitlab")
    issues = [_issue(finding, report) for finding in report.findings]
    return safe_json(indented(issues + _incomplete(report))) + "\n"


def _issue(finding: Finding, report: DriftReport) -> dict[str, object]:
    place = place_of(finding, report)
    return {
        "description": safe(f"{subject(finding)}: {finding.explanation}", None),
        "check_name": f"iacdrift/{finding.kind.value}",
        "fingerprint": sha256(finding.id.encode()).hexdigest(),
        "severity": _SEVERITY[finding.severity],
        "location": {"path": safe(place.path), "lines": {"begin": place.line}},
    }


def _incomplete(report: DriftReport) -> list[dict[str, object]]:
    """What had to be learnt and wasn't is an issue of its own: an empty list would read as in sync."""
    missing = [item for item in report.undetermined if item.required]
    if not missing:
        return []
    why = "; ".join(f"{item.owner or item.address or 'the whole run'}: {item.why}" for item in missing[:5])
    more = f"; and {len(missing) - 5} more" if len(missing) > 5 else ""
    place = source_place(report)
    return [
        {
            "description": safe(f"incomplete, which isn't in sync: {why}{more}", None),
            "check_name": "iacdrift/incomplete",
            "fingerprint": sha256(b"iacdrift/incomplete").hexdigest(),
            "severity": "major",
            "location": {"path": safe(place.path), "lines": {"begin": place.line}},
        }
    ]
