"""Times as sources and reports write them (RFC 3339), and how old something is in words."""

from __future__ import annotations

from datetime import UTC, datetime


def instant(text: str | None) -> datetime | None:
    """The time that a text says; without a zone it is taken for UTC, and None where it says none."""
    try:
        found = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found and found.tzinfo is None else found


def age(written: str | None, at: str | None) -> float | None:
    """Seconds from one moment to a later one; None where either isn't known, or they are the other way round."""
    then, now = instant(written), instant(at)
    if then is None or now is None or then > now:
        return None
    return (now - then).total_seconds()


def span(seconds: float) -> str:
    """`3 days`, `95 minutes`: the largest unit of which there are at least two."""
    for unit, length in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    whole = f"{seconds:.0f}"
    return f"{whole} second{'' if whole == '1' else 's'}"
