"""Where the history is: a file in the user's state directory, or whatever URL the user gave."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from attrs import frozen
from platformdirs import user_state_path
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from iacdrift.errors import UsageError

OFF = ("off", "none", "no", "false", "0")
_KEYS = ("url", "target", "keep")
_POSTGRES = ("postgres", "postgresql")


@frozen(slots=True)
class Location:
    """A database, and the name under which this run's sources stand in it (None: named after the sources).

    `asked`: somebody named it; else it is the user's own, which nobody may have thought of.
    """

    url: URL
    target: str | None = None
    asked: bool = True

    @property
    def shown(self) -> str:
        """For people: a file's path, or the URL without its password."""
        if self.file is not None:
            return str(self.file)
        return self.url.render_as_string(hide_password=True)

    @property
    def file(self) -> Path | None:
        """The file of an SQLite database; None for others, and in memory."""
        if self.url.get_backend_name() != "sqlite" or self.url.database in (None, "", ":memory:"):
            return None
        return Path(str(self.url.database))


def default_file() -> Path:
    """`history.db` in the user's state directory (`XDG_STATE_HOME`, else `~/.local/state`, on Linux)."""
    return user_state_path("iacdrift", appauthor=False) / "history.db"


def locate(text: str | Path | None, table: Any = None) -> Location | None:
    """The history that was named by option, variable or keyword, else by `[history]`, else the user's own; None: it is off.

    UsageError where the URL is none, its driver isn't there, or the table holds what it can't.
    """
    settings = _checked(table)
    named = text if text not in (None, "") else settings.get("url")
    if named is not None and str(named).lower() in OFF:
        return None
    return Location(_url(named), settings.get("target"), named is not None)


def _checked(table: Any) -> Mapping[str, str]:
    if not isinstance(table, Mapping):
        if table is None:
            return {}
        raise UsageError('[history] must be a table, such as: [history] and below it url = "sqlite:///history.db"')
    for key, value in table.items():
        if key not in _KEYS:
            raise UsageError(f"[history]: unknown key {key!r}; known are {', '.join(_KEYS)}")
        if not isinstance(value, str) or not value:
            raise UsageError(f"[history]: {key} must be a text")
    return table


def _url(named: str | Path | None) -> URL:
    if named is None or isinstance(named, Path) or "://" not in named:
        # A file at that path: `history.db` is easier to write than `sqlite:///history.db`.
        return URL.create("sqlite", database=str(Path(named).expanduser() if named else default_file()))
    try:
        url = make_url(named)
        if url.drivername in _POSTGRES:
            # SQLAlchemy would take psycopg2, which is no longer what people install.
            driver = "postgresql+psycopg" if find_spec("psycopg") else "postgresql"
            url = url.set(drivername=driver)
        url.get_dialect().import_dbapi()
    except (ArgumentError, NoSuchModuleError, ValueError) as error:
        raise UsageError(f"--history: this is no URL of a database: {_plain(error)}") from None
    except ImportError as error:
        raise UsageError(f"--history: the driver of {url.drivername} isn't installed ({error}); such as psycopg for PostgreSQL") from None
    return url


def _plain(error: Exception) -> str:
    """What is wrong, without the URL, which may hold a password."""
    return "its scheme is none that SQLAlchemy knows" if isinstance(error, NoSuchModuleError) else "such as postgresql://user@host/name"
