"""`--max-age`: an old source names addresses that may belong to strangers by now."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from iacdrift.errors import SourceError
from iacdrift.model.moment import instant, span
from iacdrift.sources.resource import SourceInfo

_CLOCKS_DIFFER = 300.0
"""Seconds by which two machines' clocks may differ without harm."""


def refuse_old(sources: Iterable[SourceInfo], max_age: float, now: datetime) -> None:
    """SourceError for the first source that was written more than `max_age` seconds before `now`, or after it, or doesn't say when."""
    for source in sources:
        written = instant(source.written_at)
        if written is None:
            raise SourceError(f"{source.path} doesn't say when it was written, so --max-age can't be kept: leave it out or give a file")
        age = (now - written).total_seconds()
        if age < -_CLOCKS_DIFFER:
            why = f"says that it was written {span(-age)} from now, so --max-age can't be kept"
            raise SourceError(f"{source.path} {why}: this clock, or the one that wrote it, is wrong")
        if age > max_age:
            raise SourceError(f"{source.path} was written {span(age)} ago, and --max-age allows {span(max_age)}: make it anew")
