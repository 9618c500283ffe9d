"""Times as the history writes them: RFC 3339 in UTC to the second, so that text sorts as time does."""

from __future__ import annotations

from datetime import UTC, datetime


def moment(text: str | None) -> str | None:
    """A report's time; None where it says none that can be read. A time without a zone is taken for UTC."""
    try:
        found = datetime.fromisoformat(text or "")
        return written(found if found.tzinfo else found.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        return None


def written(when: datetime) -> str:
    """`2026-01-14T03:04:05Z`."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def now() -> str:
    """The present moment."""
    return written(datetime.now(UTC))
