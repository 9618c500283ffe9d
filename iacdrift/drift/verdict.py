"""The verdict of a run and its exit code: drift wins over incomplete, incomplete is never "no drift"."""

from __future__ import annotations

from collections.abc import Sequence

from iacdrift.drift.report import Coverage, Finding, Undetermined, Verdict
from iacdrift.drift.settings import JudgeSettings
from iacdrift.model.ports import NO_PORTS

_EXIT = {Verdict.IN_SYNC: 0, Verdict.DRIFT: 1, Verdict.INCOMPLETE: 3}


def decide(
    findings: Sequence[Finding], gaps: Sequence[Undetermined], coverage: Coverage, settings: JudgeSettings
) -> tuple[Verdict, int, tuple[Undetermined, ...]]:
    """The verdict, the exit code, and one more gap where not a single port was judged."""
    required = any(gap.required for gap in gaps)
    verdict = _verdict(findings, required, settings)
    more: tuple[Undetermined, ...] = ()
    if verdict is Verdict.IN_SYNC and not coverage.ports_asserted:
        more = (Undetermined(None, "tcp", NO_PORTS, "not a single port was judged, so nothing can be said of the whole"),)
        verdict = Verdict.INCOMPLETE
    forgiven = verdict is Verdict.INCOMPLETE and settings.allow_incomplete
    return verdict, 0 if forgiven else _EXIT[verdict], more


def _verdict(findings: Sequence[Finding], incomplete: bool, settings: JudgeSettings) -> Verdict:
    if any(finding.severity.at_least(settings.fail_on) for finding in findings):
        return Verdict.DRIFT
    return Verdict.INCOMPLETE if incomplete else Verdict.IN_SYNC
