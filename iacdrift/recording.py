"""The one way from a door to the history, which is imported only where there is one to read or write."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import evolve

from iacdrift.errors import HistoryError, SourceError, UsageError

if TYPE_CHECKING:
    from iacdrift.assertion import ExpectedPart
    from iacdrift.drift.report import DriftReport
    from iacdrift.history.database import Database
    from iacdrift.history.location import Location
    from iacdrift.history.store import Store
    from iacdrift.scan.settings import ScanSettings


def location_at(named: str | Path | None, table: Any = None) -> Location | None:
    """The history at a path or URL, else that of the `[history]` table, else the user's own; None where it is off.

    UsageError where it is no history; nothing is opened yet, and for a file nothing is loaded that could open it.
    """
    from iacdrift.history.location import locate

    return locate(named, table)


def store_in(location: Location) -> Store:
    """The history at a place; nothing is opened yet."""
    from iacdrift.history.database import Database
    from iacdrift.history.store import Store

    return Store(Database.of(location))


def store_at(named: str | Path | None, table: Any = None) -> Store | None:
    """As `location_at`, for whoever reads and writes what is stored."""
    location = location_at(named, table)
    return None if location is None else store_in(location)


def database_at(named: str | Path | None, table: Any = None) -> Database | None:
    """As `location_at`, for whoever only reads what is stored: nothing that makes or reads a report is loaded for it."""
    from iacdrift.history.database import Database

    location = location_at(named, table)
    return None if location is None else Database.of(location)


def kept_in(options: Mapping[str, Any]) -> Location | None:
    """The history that the keyword `history` names; None without it: a library writes nothing unasked. UsageError where it is none."""
    return None if options.get("history") is None else location_at(options["history"])


def keeping(options: Mapping[str, Any]) -> Callable[[DriftReport], DriftReport]:
    """Keeps a report where the keyword `history` says so. UsageError before anything is sent."""
    location = kept_in(options)
    return (lambda report: report) if location is None else (lambda report: store_in(location).kept(report))


def reminded(settings: ScanSettings, part: ExpectedPart, location: Location | None) -> ScanSettings:
    """With `sweep`: the undeclared hosts that the history has as open, so that the scan asks them again where they answered."""
    if location is None or not settings.sweep:
        return settings
    from iacdrift.history.carrying import undeclared
    from iacdrift.history.database import Database

    try:
        return evolve(settings, remembered=undeclared(Database.of(location), part.sources, location.target))
    except HistoryError:
        # Told by whoever keeps the report; what nobody was reminded of stays open.
        return settings


def report_in(path: Path) -> DriftReport:
    """The report that a JSON file holds. SourceError where it can't be read or is none."""
    import orjson

    from iacdrift.drift.reading import report_from_dict

    try:
        return report_from_dict(orjson.loads(path.read_bytes()))
    except (OSError, orjson.JSONDecodeError) as error:
        raise SourceError(f"{path} is no report: {error}") from error


def report_with(store: Store, finding: str) -> DriftReport:
    """The latest report that holds a finding of this id. UsageError where the history knows none, HistoryError where it can't be read."""
    from iacdrift.history.asking import life, report

    known = life(store.database, finding)
    if not known:
        raise UsageError(f"the history {store.database.location.shown} knows no finding {finding!r}; see iacdrift history list --findings")
    return report(store.database, max(int(row["last_report"]) for row in known))[1]


def compared(options: Mapping[str, Any], part: ExpectedPart, store: Store | None = None) -> Mapping[str, Any]:
    """The options with the baseline that they name looked up; `store` None: in the history that they name, or the user's own.

    UsageError where these sources have no baseline of that name, HistoryError where the history can't be read.
    """
    named = options.get("baseline")
    if not isinstance(named, str):
        return options
    from iacdrift.history.baselines import find

    place = store or store_at(options.get("history"))
    if place is None:
        raise UsageError(f"--baseline {named}: the history that holds baselines is off")
    return {**options, "baseline": find(place, named, part.sources)}
