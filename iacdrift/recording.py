"""The one way from a door to the history, which is imported only where there is one to read or write."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from iacdrift.history.store import Store


def store_at(named: str | Path | None, table: Any = None) -> Store | None:
    """The history at a path or URL, else that of the `[history]` table, else the user's own; None where it is off.

    UsageError where it is no history; nothing is opened yet.
    """
    from iacdrift.history.database import Database
    from iacdrift.history.location import locate
    from iacdrift.history.store import Store

    location = locate(named, table)
    return None if location is None else Store(Database.of(location))
