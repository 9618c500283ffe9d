"""What the user says beside the code: a baseline, which adds findings, and exceptions, which take some out. The last step of judging."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from attrs import evolve

from iacdrift.errors import UsageError
from iacdrift.options import judge_settings

if TYPE_CHECKING:
    from iacdrift.assertion import ExpectedPart
    from iacdrift.drift.report import DriftReport, Finding
    from iacdrift.surface.observed import ObservedSurface


def refuse_wrong(options: Mapping[str, Any]) -> None:
    """UsageError, before anything is read or sent, where an exception has no meaning, or who shall ask."""
    from iacdrift.asking import Asking

    judge_settings(options)
    if options.get("executor") is not None:
        Asking.of({**options, "at": options.get("at") or "there"})
    if options.get("ignore") is not None:
        from iacdrift.drift.ignores import ignores_of

        ignores_of(options["ignore"])


def concluded(report: DriftReport, part: ExpectedPart, observed: ObservedSurface, options: Mapping[str, Any]) -> DriftReport:
    """The report with its deviations from the baseline, where one is given (as a value: `recording.compared` finds it by name).

    Beside its hosts it tells whom the code names, for whoever has findings of earlier runs. The exceptions of today are applied
    behind that. With `finding` only the ports of one finding were asked, on purpose.
    """
    from iacdrift.drift.ignores import ignores_of, without_ignored
    from iacdrift.drift.in_code import InCode

    settings, baseline = judge_settings(options), options.get("baseline")
    hosts = report.hosts
    report = evolve(report, in_code=InCode.of(part.network, (host.owner for host in hosts), (host.address for host in hosts)))
    if baseline is not None:
        from iacdrift.drift.baseline import Baseline
        from iacdrift.drift.deviations import with_deviations

        if not isinstance(baseline, Baseline):
            raise UsageError(f"the baseline {baseline!r} wasn't looked up")
        report = with_deviations(report, baseline, part.surface, observed, settings, partial=bool(options.get("finding")))
        report = evolve(report, findings=tuple(_with_ways(finding, report) for finding in report.findings))
    return without_ignored(report, ignores_of(options.get("ignore")), datetime.now(UTC).date(), settings)


def _with_ways(finding: Finding, report: DriftReport) -> Finding:
    """What deviates from the baseline has ways back too."""
    from iacdrift.drift.identity import OF_BASELINES
    from iacdrift.remedy import way_back

    return evolve(finding, way_back=way_back(finding, None, report.vantage)) if finding.kind in OF_BASELINES else finding
