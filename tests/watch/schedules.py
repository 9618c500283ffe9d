"""Schedules as the configuration file would give them."""

from __future__ import annotations

from iacdrift.cli import check
from iacdrift.cli_options import key_shapes
from iacdrift.targets import targets_of
from iacdrift.watch.settings import Schedule, WatchSettings, schedule_of

KNOWN = key_shapes([check])


def schedule(every: str = "1s", full: str = "never", **more: object) -> Schedule:
    """Of one target."""
    tables = [{"name": "shop", "from": "x", "every": every, "full-every": full, **more}]
    return schedule_of(targets_of(tables, KNOWN)[0], WatchSettings({}))
