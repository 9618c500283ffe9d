"""What the user says beside the code: exceptions, which take findings out of the verdict. The last step of judging."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from iacdrift.options import judge_settings

if TYPE_CHECKING:
    from iacdrift.assertion import ExpectedPart
    from iacdrift.drift.report import DriftReport
    from iacdrift.surface.observed import ObservedSurface


def refuse_wrong(options: Mapping[str, Any]) -> None:
    """UsageError, before anything is read or sent, where an exception has no meaning."""
    from iacdrift.drift.ignores import ignores_of

    judge_settings(options)
    ignores_of(options.get("ignore"))


def concluded(report: DriftReport, part: ExpectedPart, observed: ObservedSurface, options: Mapping[str, Any]) -> DriftReport:
    """The report with the exceptions of today applied."""
    from iacdrift.drift.ignores import ignores_of, without_ignored

    return without_ignored(report, ignores_of(options.get("ignore")), datetime.now(UTC).date(), judge_settings(options))
