"""Quiet hours: `22:00-07:00` in a time zone, over midnight where the end comes first."""

from __future__ import annotations

import re
from datetime import datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from attrs import frozen

from iacdrift.errors import UsageError

_HOURS = re.compile(r"\s*([01]?\d|2[0-3]):([0-5]\d)\s*-\s*([01]?\d|2[0-3]):([0-5]\d)\s*")


@frozen(slots=True)
class Quiet:
    """When nothing is sent, every day; what waits is sent at its end."""

    begin: time
    end: time
    zone: ZoneInfo

    @classmethod
    def parse(cls, hours: str, zone: str) -> Quiet:
        """UsageError where the hours or the zone have no meaning."""
        match = _HOURS.fullmatch(hours)
        if match is None or match.group(1, 2) == match.group(3, 4):
            raise UsageError(f"quiet = {hours!r} isn't a span of the day, such as 22:00-07:00")
        try:
            place = ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise UsageError(f"timezone = {zone!r} isn't a time zone of this machine, such as Europe/Berlin or UTC") from None
        return cls(time(int(match[1]), int(match[2])), time(int(match[3]), int(match[4])), place)

    def holds(self, moment: datetime) -> bool:
        """Whether `moment` (with a zone) lies in it, by the clocks of its own zone."""
        there = moment.astimezone(self.zone).time()
        if self.begin < self.end:
            return self.begin <= there < self.end
        return there >= self.begin or there < self.end
