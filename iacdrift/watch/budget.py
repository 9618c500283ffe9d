"""Packets an hour and a day, over all targets: what a scan may send is counted before it begins, what it sent afterwards.

The count lies in the history, so that a watch that is killed and started again doesn't begin anew.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from attrs import frozen
from sqlalchemy import delete, func, select, update

from iacdrift.errors import WatchError
from iacdrift.history.database import Database
from iacdrift.history.moment import written
from iacdrift.history.schema import SpentRow

_DAY = timedelta(days=1)


@frozen(slots=True)
class Budget:
    """`hour`, `day`: packets, None for no limit. `now` is the clock."""

    database: Database
    hour: int | None = None
    day: int | None = None
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def reserve(self, packets: int) -> int | None:
        """Counts them as sent; the number of the entry, None without limits. WatchError where they would be too many."""
        if self.hour is None and self.day is None:
            return None
        when = self.now()
        with self.database.writing() as session:
            # An entry of the future was made before the clock jumped back: it counts until it is a day old by any clock.
            session.execute(delete(SpentRow).where(SpentRow.at < written(when - _DAY)))
            session.execute(delete(SpentRow).where(SpentRow.at > written(when + _DAY)))
            for limit, span, name in ((self.hour, timedelta(hours=1), "hour"), (self.day, _DAY, "day")):
                spent = session.execute(select(func.sum(SpentRow.packets)).where(SpentRow.at >= written(when - span))).scalar() or 0
                if limit is not None and spent + packets > limit:
                    told = f"{spent:,} packets were sent in the last {name} and this look may take {packets:,}"
                    raise WatchError(f"not looked at: {told}; packets-per-{name} is {limit:,}")
            row = SpentRow(at=written(when), packets=packets)
            session.add(row)
            session.flush()
            return row.id

    def settle(self, entry: int | None, packets: int | None) -> None:
        """What it took in the end; None where the scan couldn't tell, and what was reserved stays counted."""
        if entry is None or packets is None:
            return
        with self.database.writing() as session:
            session.execute(update(SpentRow).where(SpentRow.id == entry).values(packets=packets))
