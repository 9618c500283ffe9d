"""The one way from a door to the history, which is imported only where there is one to read or write."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from iacdrift.drift.report import DriftReport
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


def keeping(options: Mapping[str, Any]) -> Callable[[DriftReport], DriftReport]:
    """Keeps a report where the keyword `history` says so: a library writes nothing unasked. UsageError before anything is sent."""
    store = None if options.get("history") is None else store_at(options["history"])
    return (lambda report: report) if store is None else store.kept
