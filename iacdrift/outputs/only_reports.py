"""The formats that only a drift report has say so for everything else."""

from __future__ import annotations

from typing import Any

from iacdrift.drift.report import DriftReport, Finding
from iacdrift.errors import UsageError


def report_only(value: Any, format: str) -> DriftReport:  # noqa: A002 - it is the option's name
    """The value, which is a report. UsageError for an expected surface, an explanation or a plan."""
    if not isinstance(value, DriftReport):
        raise UsageError(f"--format {format} is for the reports of check and diff; text and json are to be had of everything")
    return value


def fails(finding: Finding, report: DriftReport) -> bool:
    """Whether the finding counts as drift, by the severity that the run was asked to fail on."""
    return finding.severity.at_least(report.fail_on)


def subject(finding: Finding) -> str:
    """`exposed tcp/8080 on aws_instance.web (198.51.100.7)`."""
    from iacdrift.drift.wording import few

    who = finding.owner or finding.name or finding.address or "nobody's host"
    address = f" ({finding.address})" if finding.address and finding.address != who else ""
    return f"{finding.kind.value} {finding.protocol}/{few(finding.ports)} on {who}{address}"
