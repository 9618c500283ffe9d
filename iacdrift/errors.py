"""What can go wrong, kept apart: drift is an assertion, everything else means that we don't know."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from iacdrift.drift.report import DriftReport


class IacDriftError(Exception):
    """Anything that this library raises on purpose; its text is one sentence on what to do."""


class UsageError(IacDriftError):
    """An option or argument has no meaning here (exit 2)."""


class SourceError(IacDriftError):
    """A source can't be read, or isn't what it claims to be (exit 2)."""


class NoChangeError(SourceError):
    """A source says how things are and not what changes: two of them can be compared (exit 2)."""


class ScanError(IacDriftError):
    """The scan can't be run as asked: Nmap missing or too old, rights missing (exit 2)."""


class ScopeError(ScanError):
    """A target is outside the allow-list, or is an address that is never scanned (exit 2)."""


class OutputError(IacDriftError):
    """A report couldn't be written (exit 2, after everything else was written)."""


class _ReportedError(IacDriftError):
    """Carries the whole report, so that whoever catches it needs no second scan."""

    def __init__(self, message: str, report: DriftReport) -> None:
        super().__init__(message)
        self.report = report


class NetworkDriftError(_ReportedError, AssertionError):
    """The network isn't what the code says; the text prints the counterexample."""


class IncompleteScanError(_ReportedError):
    """No drift seen, but something that had to be known wasn't learnt (exit 3)."""


class HistoryError(IacDriftError):
    """The history couldn't be read or written (exit 2, after the verdict is out); nothing that it held is lost.

    `report`: the verdict that couldn't be kept, where there is one.
    """

    report: DriftReport | None = None


class AlertError(IacDriftError):
    """An alert couldn't be delivered (exit 2, after the report is out); it stays queued in the history."""


class WatchError(IacDriftError):
    """A watch couldn't look at a target this time; it tries again."""
