"""JSON Lines for log pipelines: one event a finding and one for the scan, in the classes of OCSF 1.3 where they fit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import orjson

from iacdrift.drift.report import DriftReport, Finding, Severity, Verdict
from iacdrift.outputs.headline import headline
from iacdrift.outputs.only_reports import report_only, subject
from iacdrift.outputs.place_in_code import place_of
from iacdrift.outputs.safe import safe, safe_json, safe_lines

OCSF = "1.3.0"
_SEVERITY = {Severity.CRITICAL: 5, Severity.HIGH: 4, Severity.MEDIUM: 3, Severity.LOW: 2, Severity.NOTE: 1}
_PROTOCOL = {"tcp": 6, "udp": 17}
_DETECTION = {"category_uid": 2, "category_name": "Findings", "class_uid": 2004, "class_name": "Detection Finding"}
_SCAN = {"category_uid": 6, "category_name": "Application Activity", "class_uid": 6007, "class_name": "Scan Activity"}


def render(value: Any, *, color: bool = False, width: int = 100) -> str:
    """A JSON object a line; `color` and `width` change nothing. UsageError for anything but a report."""
    report = report_only(value, "events")
    events = [_scan(report), *(_finding(item, report) for item in report.findings)]
    return "".join(f"{safe_json(orjson.dumps(event).decode())}\n" for event in events)


def _scan(report: DriftReport) -> dict[str, object]:
    whole = report.verdict is not Verdict.INCOMPLETE
    missing = [item.to_dict() | {"why": safe(item.why, None)} for item in report.undetermined if item.required]
    return {
        **_SCAN,
        **_activity(_SCAN, 2 if whole else 3, "Completed" if whole else "Cancelled"),
        **_heading(report, 1),
        "start_time": _milliseconds(report.started_at),
        "end_time": _milliseconds(report.finished_at),
        "message": safe(headline(report)[0], None),
        "scan": {"name": "network drift", "type_id": 99, "type": "Network"},
        "num_detections": len(report.findings),
        "num_resources": len(report.hosts),
        "status_id": 1 if whole else 2,
        "unmapped": {"verdict": report.verdict.value, "declared_from": report.declared_from, "undetermined": missing},
    }


def _finding(finding: Finding, report: DriftReport) -> dict[str, object]:
    fresh = finding.new is not False
    return {
        **_DETECTION,
        **_activity(_DETECTION, 1 if fresh else 2, "Create" if fresh else "Update"),
        **_heading(report, _SEVERITY[finding.severity]),
        "message": safe(subject(finding), None),
        "status_id": 1,
        "confidence_id": 3 if finding.observed.confirmed else 2,
        "finding_info": _info(finding, report),
        "resources": [{"uid": safe(finding.owner), "type": "infrastructure as code"}] if finding.owner else [],
        "evidences": list(_evidence(finding)),
        "remediation": {"desc": "\n".join(safe_lines(finding.way_back.revert))},
        "unmapped": {"expected": finding.expected.value, "ports": str(finding.ports), "reproduce": safe(finding.reproduce, None)},
    }


def _info(finding: Finding, report: DriftReport) -> dict[str, object]:
    place = place_of(finding, report)
    told: dict[str, object] = {
        "uid": finding.id,
        "title": safe(subject(finding), None),
        "desc": safe(finding.explanation, None),
        "types": [finding.kind.value],
        "src_url": safe(f"{place.path}:{place.line}", None),
    }
    return told | ({"first_seen_time": _milliseconds(finding.first_seen)} if finding.first_seen else {})


def _evidence(finding: Finding) -> Iterator[dict[str, object]]:
    """One endpoint; a range of ports is in `unmapped`, for an endpoint has one port."""
    ports = list(finding.ports.ranges())
    single = len(ports) == 1 and ports[0][0] == ports[0][1]
    endpoint: dict[str, object] = {"ip": finding.address, "hostname": safe(finding.name) if finding.name else None}
    endpoint |= {"port": ports[0][0]} if single else {}
    yield {
        "dst_endpoint": {name: value for name, value in endpoint.items() if value is not None},
        "connection_info": {"direction_id": 1, "protocol_name": finding.protocol, "protocol_num": _PROTOCOL[finding.protocol]},
        "data": {name: safe(value) if isinstance(value, str) else value for name, value in finding.observed.to_dict().items()},
    }


def _activity(of_class: dict[str, Any], number: int, name: str) -> dict[str, object]:
    """OCSF's `type_uid` is the class and the activity in one number."""
    return {"activity_id": number, "activity_name": name, "type_uid": of_class["class_uid"] * 100 + number}


def _heading(report: DriftReport, severity: int) -> dict[str, object]:
    product = {"name": "iacdrift", "vendor_name": "iacdrift", "version": report.version}
    return {"time": _milliseconds(report.finished_at), "severity_id": severity, "metadata": {"version": OCSF, "product": product}}


def _milliseconds(text: str | None) -> int:
    """Unix time in milliseconds; a report that doesn't say when counts as the epoch."""
    try:
        return int(datetime.fromisoformat(text or "").astimezone(UTC).timestamp() * 1000)
    except ValueError:
        return 0
