"""The words of a verdict; options name them, so they are loaded long before there is a report."""

from __future__ import annotations

from enum import Enum


class Verdict(Enum):
    """What the run says as a whole."""

    IN_SYNC = "in_sync"
    DRIFT = "drift"
    INCOMPLETE = "incomplete"


class Severity(Enum):
    """How bad one finding is, worst first; NOTE alone never fails a run."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    NOTE = "note"

    def at_least(self, other: Severity) -> bool:
        """Whether this is as bad as `other`, or worse."""
        order = list(Severity)
        return order.index(self) <= order.index(other)


class FindingKind(Enum):
    """The kinds of difference (design, section 4)."""

    EXPOSED = "exposed"
    PASSABLE = "passable"
    MISSING = "missing"
    UNREACHABLE = "unreachable"
    NARROWED = "narrowed"
    SERVICE_MISMATCH = "service_mismatch"
    UNDECLARED_LISTENER = "undeclared_listener"
    UNDECLARED_HOST = "undeclared_host"
    EVERYTHING_OPEN = "everything_open"
    UNEXPLAINED = "unexplained"
    NEW_LISTENER = "new_listener"
    GONE_LISTENER = "gone_listener"
    CHANGED_SERVICE = "changed_service"
    CHANGED_CERTIFICATE = "changed_certificate"
