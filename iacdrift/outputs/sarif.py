"""SARIF 2.1.0 (OASIS): findings as results at their lines, and a run that says when it couldn't look everywhere."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from iacdrift.drift.report import DriftReport, Finding, FindingKind, Severity, Undetermined, Verdict
from iacdrift.outputs.headline import headline
from iacdrift.outputs.json import indented
from iacdrift.outputs.only_reports import report_only, subject
from iacdrift.outputs.place_in_code import CodePlace, place_of
from iacdrift.outputs.safe import safe, safe_json, safe_lines

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"
FINGERPRINT = "iacdrift/finding/v1"
"""The key of the fingerprint: our own, so that no consumer's hash over lines takes its place."""

_LEVEL = {Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "note", Severity.NOTE: "note"}
_RANK = {Severity.CRITICAL: 95.0, Severity.HIGH: 80.0, Severity.MEDIUM: 50.0, Severity.LOW: 25.0, Severity.NOTE: 5.0}
_MEANING: Mapping[FindingKind, tuple[Severity, str]] = MappingProxyType(
    {
        FindingKind.EXPOSED: (Severity.CRITICAL, "A port answers that the code keeps out of reach"),
        FindingKind.PASSABLE: (Severity.HIGH, "The firewall lets packets through that the code keeps out"),
        FindingKind.MISSING: (Severity.HIGH, "A declared listener refuses"),
        FindingKind.UNREACHABLE: (Severity.HIGH, "A declared listener doesn't answer"),
        FindingKind.NARROWED: (Severity.NOTE, "A port that the code admits doesn't answer"),
        FindingKind.SERVICE_MISMATCH: (Severity.MEDIUM, "Another service answers than the code declares"),
        FindingKind.UNDECLARED_LISTENER: (Severity.NOTE, "A service answers on an admitted port that no listener declares"),
        FindingKind.UNDECLARED_HOST: (Severity.MEDIUM, "An address answers that no resource owns"),
        FindingKind.EVERYTHING_OPEN: (Severity.HIGH, "Every port of an address seems open"),
        FindingKind.UNEXPLAINED: (Severity.MEDIUM, "A port answers, and from here the code doesn't tell whether it may"),
        FindingKind.NEW_LISTENER: (Severity.MEDIUM, "A service answers that the baseline doesn't hold"),
        FindingKind.GONE_LISTENER: (Severity.MEDIUM, "A service of the baseline doesn't answer"),
        FindingKind.CHANGED_SERVICE: (Severity.MEDIUM, "Another service answers than the baseline holds"),
        FindingKind.CHANGED_CERTIFICATE: (Severity.MEDIUM, "Another certificate is shown than the baseline holds"),
    }
)
_GITHUB_SCORE = {Severity.CRITICAL: "9.5", Severity.HIGH: "8.0", Severity.MEDIUM: "5.0", Severity.LOW: "3.0", Severity.NOTE: "0.5"}


def render(value: Any, *, color: bool = False, width: int = 100) -> str:
    """One run; `color` and `width` change nothing. UsageError for anything but a report."""
    report = report_only(value, "sarif")
    return safe_json(indented({"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(report)]})) + "\n"


def _run(report: DriftReport) -> dict[str, object]:
    kinds = list(FindingKind)
    return {
        "tool": {"driver": _driver(report, kinds)},
        "automationDetails": {"id": "iacdrift/"},
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "the directory that iacdrift was run in"}}},
        "invocations": [_invocation(report)],
        "results": [
            *(_result(item, report, kinds, _baseline_state(item)) for item in report.findings),
            *(_carried(item, report, kinds) for item in report.carried),
            *(_absent(item, report, kinds) for item in report.resolved),
        ],
        "columnKind": "utf16CodeUnits",
        "properties": {"verdict": report.verdict.value, "declaredFrom": report.declared_from, "coverage": report.coverage.to_dict()},
    }


def _driver(report: DriftReport, kinds: list[FindingKind]) -> dict[str, object]:
    return {"name": "iacdrift", "version": report.version or "0", "rules": [_rule(kind) for kind in kinds]}


def _rule(kind: FindingKind) -> dict[str, object]:
    severity, text = _MEANING[kind]
    return {
        "id": kind.value,
        "shortDescription": {"text": text},
        "defaultConfiguration": {"level": _LEVEL[severity]},
        "properties": {"tags": ["security", "network"], "security-severity": _GITHUB_SCORE[severity]},
    }


def _invocation(report: DriftReport) -> dict[str, object]:
    """A run that couldn't learn what it had to isn't successful, whatever else it found."""
    missing = [item for item in report.undetermined if item.required]
    whole = not missing and report.verdict is not Verdict.INCOMPLETE
    times = {"startTimeUtc": report.started_at, "endTimeUtc": report.finished_at}
    told = [_notification(item) for item in missing]
    if not whole and not told:
        told = [{"level": "error", "message": {"text": safe(headline(report)[0], None)}}]
    return {
        "executionSuccessful": whole,
        "exitCode": report.exit_code,
        **{name: _utc(text) for name, text in times.items() if text},
        "toolExecutionNotifications": told,
    }


def _notification(item: Undetermined) -> dict[str, object]:
    ports = f" {item.protocol}/{item.ports}" if item.ports else ""
    who = item.owner or item.address or "the whole run"
    return {"level": "error", "descriptor": {"id": "undetermined"}, "message": {"text": safe(f"{who}{ports}: {item.why}", None)}}


def _result(finding: Finding, report: DriftReport, kinds: list[FindingKind], state: str | None) -> dict[str, object]:
    related = [place for because in finding.because[1:] if (place := _related(because.at, because.detail))]
    shown: dict[str, object] = {
        "ruleId": finding.kind.value,
        "ruleIndex": kinds.index(finding.kind),
        "level": _LEVEL[finding.severity],
        "rank": _RANK[finding.severity],
        "message": {"text": safe(f"{subject(finding)}. {finding.explanation}", None)},
        "locations": [_location(place_of(finding, report), finding)],
        "partialFingerprints": {FINGERPRINT: finding.id},
        "properties": _properties(finding),
    }
    return shown | ({"relatedLocations": related} if related else {}) | ({"baselineState": state} if state else {})


def _carried(finding: Finding, report: DriftReport, kinds: list[FindingKind]) -> dict[str, object]:
    """An open finding of an earlier run whose port this one didn't judge: not looking closes no alert."""
    shown = _result(finding, report, kinds, "unchanged")
    text = f"Seen in an earlier run, and not looked at in this one: {subject(finding)}. {finding.explanation}"
    return shown | {"message": {"text": safe(text, None)}}


def _absent(finding: Finding, report: DriftReport, kinds: list[FindingKind]) -> dict[str, object]:
    """A finding that was open before this run, and that this one ends."""
    shown = _result(finding, report, kinds, "absent")
    why = f" ({finding.ended})" if finding.ended else ""
    return shown | {"message": {"text": safe(f"Resolved{why}: {subject(finding)}. It was: {finding.explanation}", None)}}


def _baseline_state(finding: Finding) -> str | None:
    return None if finding.new is None else "new" if finding.new else "unchanged"


def _location(place: CodePlace, finding: Finding) -> dict[str, object]:
    logical = [{"fullyQualifiedName": safe(finding.owner), "kind": "resource"}] if finding.owner else []
    shown: dict[str, object] = {"physicalLocation": _physical(place)}
    return shown | ({"logicalLocations": logical} if logical else {})


def _physical(place: CodePlace) -> dict[str, object]:
    relative = not place.path.startswith(("/", ".."))
    artifact = {"uri": quote(safe(place.path, None) if relative else f"file://{place.path}", safe="/:")}
    return {"artifactLocation": artifact | ({"uriBaseId": "%SRCROOT%"} if relative else {}), "region": {"startLine": place.line}}


def _related(at: str | None, detail: str) -> dict[str, object] | None:
    file, _, line = (at or "").rpartition(":")
    if not file or not line.isdigit() or int(line) < 1:
        return None
    return {"physicalLocation": _physical(CodePlace(file, int(line))), "message": {"text": safe(detail)}}


def _properties(finding: Finding) -> dict[str, object]:
    told = {
        "severity": finding.severity.value,
        "address": finding.address,
        "protocol": finding.protocol,
        "ports": str(finding.ports),
        "expected": finding.expected.value,
        "observed": finding.observed.evidence.value,
        "confirmed": finding.observed.confirmed,
        "firstSeen": finding.first_seen,
        "reproduce": safe(finding.reproduce, None),
        "revert": "\n".join(safe_lines(finding.way_back.revert)),
        "adopt": "\n".join(safe_lines(finding.way_back.adopt)),
    }
    return {name: value for name, value in told.items() if value not in (None, "")}


def _utc(text: str) -> str:
    """RFC 3339 with `Z`, as SARIF wants it."""
    return text.replace("+00:00", "Z")
