"""How bad a finding is: its kind, then what its evidence takes away."""

from __future__ import annotations

from iacdrift.drift.report import FindingKind, Severity
from iacdrift.drift.settings import JudgeSettings
from iacdrift.surface.observed import Answer

_OF_KIND = {
    FindingKind.EXPOSED: Severity.CRITICAL,
    FindingKind.PASSABLE: Severity.HIGH,
    FindingKind.MISSING: Severity.HIGH,
    FindingKind.UNREACHABLE: Severity.HIGH,
    FindingKind.EVERYTHING_OPEN: Severity.HIGH,
    FindingKind.SERVICE_MISMATCH: Severity.MEDIUM,
    FindingKind.UNDECLARED_HOST: Severity.MEDIUM,
    FindingKind.UNEXPLAINED: Severity.MEDIUM,
    FindingKind.NARROWED: Severity.NOTE,
    FindingKind.UNDECLARED_LISTENER: Severity.NOTE,
    FindingKind.NEW_LISTENER: Severity.MEDIUM,
    FindingKind.GONE_LISTENER: Severity.LOW,
    FindingKind.CHANGED_SERVICE: Severity.LOW,
    FindingKind.CHANGED_CERTIFICATE: Severity.LOW,
}
_SUSPICIONS = (FindingKind.EXPOSED, FindingKind.PASSABLE, FindingKind.UNEXPLAINED)


def proven(answer: Answer, protocol: str) -> bool:
    """Whether something spoke: data over TCP, or any answer at all over UDP."""
    return answer.confirmed or protocol == "udp"


def weigh(kind: FindingKind, answer: Answer, protocol: str, settings: JudgeSettings, *, foreign: bool, mild: bool) -> Severity:
    """The severity. `foreign`: something in between may have answered; `mild`: it is only worth a note."""
    if mild:
        return Severity.NOTE
    if kind is FindingKind.UNDECLARED_LISTENER and settings.strict_listeners:
        return Severity.MEDIUM
    severity = _OF_KIND[kind]
    unproven = not proven(answer, protocol)
    if unproven and (kind is FindingKind.EXPOSED or (foreign and kind in _SUSPICIONS)):
        return milder(severity)
    return severity


def milder(severity: Severity) -> Severity:
    """One degree lower, never below low: a note would no longer count."""
    order = list(Severity)
    return order[min(order.index(severity) + 1, order.index(Severity.LOW))]
