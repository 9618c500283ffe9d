"""Prometheus' text format, for node_exporter's textfile collector: the verdict, findings by kind, what was looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from iacdrift.drift.report import DriftReport, FindingKind, Severity, Verdict
from iacdrift.outputs.only_reports import report_only
from iacdrift.outputs.safe import safe

Labels = Mapping[str, str]


def render(value: Any, *, color: bool = False, width: int = 100) -> str:
    """One metric family after the other; `color` and `width` change nothing. UsageError for anything but a report."""
    report = report_only(value, "prometheus")
    common = {"source": report.sources[0].path if report.sources else "", "vantage": _vantage(report)}
    return "".join(f"{line}\n" for line in _families(report, common))


def _families(report: DriftReport, common: Labels) -> Iterator[str]:
    verdicts = [({"verdict": verdict.value}, int(report.verdict is verdict)) for verdict in Verdict]
    yield from _family("iacdrift_verdict", "1 for the verdict of the last run", common, verdicts)
    counts = Counter((finding.kind, finding.severity) for finding in report.findings)
    findings = [
        ({"kind": kind.value, "severity": severity.value}, counts[kind, severity])
        for kind in FindingKind
        for severity in Severity
        if counts[kind, severity]
    ]
    total = [({"severity": severity.value}, sum(f.severity is severity for f in report.findings)) for severity in Severity]
    yield from _family("iacdrift_findings", "findings of the last run by severity", common, total)
    yield from _family("iacdrift_findings_by_kind", "findings of the last run by kind and severity", common, findings)
    yield from _family("iacdrift_ignored", "findings that exceptions took out of the verdict", common, [({}, len(report.ignored))])
    for what in ("hosts", "ports"):
        told = [({"state": name}, count) for name, count in report.coverage.to_dict()[what].items()]
        yield from _family(f"iacdrift_{what}", f"{what} of the last run", common, told)
    finished, seconds = _times(report)
    if finished is not None:
        yield from _family("iacdrift_last_run_timestamp_seconds", "when the last run ended", common, [({}, finished)])
    if seconds is not None:
        yield from _family("iacdrift_last_run_duration_seconds", "how long the last run took", common, [({}, seconds)])


def _family(name: str, about: str, common: Labels, samples: list[Any]) -> Iterator[str]:
    yield f"# HELP {name} {about}"
    yield f"# TYPE {name} gauge"
    for labels, number in samples:
        told = ",".join(f'{label}="{_label(text)}"' for label, text in {**common, **labels}.items())
        yield f"{name}{{{told}}} {number}"


def _label(text: str) -> str:
    return safe(text).replace("\\", "\\\\").replace('"', '\\"')


def _vantage(report: DriftReport) -> str:
    vantage = report.vantage
    return ",".join(str(address) for address in (vantage.ipv4, vantage.ipv6) if address) or vantage.kind.value


def _times(report: DriftReport) -> tuple[float | None, float | None]:
    """When the run ended, in seconds of Unix time, and how long it took, in seconds; None where the report doesn't say."""
    try:
        begun, ended = (datetime.fromisoformat(text).timestamp() for text in (report.started_at, report.finished_at))
    except (ValueError, TypeError):
        return None, None
    return ended, ended - begun
