"""What a user may decide about judging; nothing here changes a fact."""

from __future__ import annotations

from attrs import field, frozen

from iacdrift.drift.words import Severity
from iacdrift.errors import UsageError


def _severity(value: str | Severity) -> Severity:
    try:
        return Severity(value)
    except ValueError:
        known = ", ".join(severity.value for severity in Severity)
        raise UsageError(f"--fail-on {value!r}: it is one of {known}") from None


@frozen(slots=True)
class JudgeSettings:
    """`fail_on`: the mildest severity that is drift. `allow_incomplete`: exit 0 where the verdict is incomplete.

    `allow_unaddressed`: fleets without addresses don't make a run incomplete. `strict_listeners`: a listener that
    nothing declares on a port that the code allows is medium, not a note.
    """

    fail_on: Severity = field(default=Severity.LOW, converter=_severity)
    allow_incomplete: bool = False
    allow_unaddressed: bool = False
    strict_listeners: bool = False
