"""`--max-age`: an old source names addresses that may belong to strangers by now."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from iacdrift.errors import SourceError
from iacdrift.sources.resource import SourceInfo


def refuse_old(sources: Iterable[SourceInfo], max_age: float, now: datetime) -> None:
    """SourceError for the first source that was written more than `max_age` seconds before `now`, or doesn't say when."""
    for source in sources:
        written = _time(source.written_at)
        if written is None:
            raise SourceError(f"{source.path} doesn't say when it was written, so --max-age can't be kept: leave it out or give a file")
        age = (now - written).total_seconds()
        if age > max_age:
            raise SourceError(f"{source.path} was written {_span(age)} ago, and --max-age allows {_span(max_age)}: make it anew")


def _time(text: str | None) -> datetime | None:
    try:
        found = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found and found.tzinfo is None else found


def _span(seconds: float) -> str:
    for unit, length in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} seconds"
