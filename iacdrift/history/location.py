"""Where the history is: a file in the user's state directory, or whatever URL the user gave."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import frozen
from platformdirs import user_state_path

from iacdrift.errors import UsageError

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

OFF = ("off", "none", "no", "false", "0")
_KEYS = ("url", "target", "keep")
_POSTGRES = ("postgres", "postgresql")


@frozen(slots=True)
class Location:
    """A database, and the name under which this run's sources stand in it (None: named after the sources).

    `place`: a file, for which SQLAlchemy isn't loaded before it is opened, or a URL. `asked`: somebody named it; else it is the
    user's own, which nobody may have thought of.
    """

    place: Path | URL
    target: str | None = None
    asked: bool = True

    @property
    def url(self) -> URL:
        """As SQLAlchemy takes it."""
        from sqlalchemy.engine import URL

        return URL.create("sqlite", database=str(self.place)) if isinstance(self.place, Path) else self.place

    @property
    def shown(self) -> str:
        """For people: a file's path, or the URL without its password."""
        if self.file is not None:
            return str(self.file)
        return self.url.render_as_string(hide_password=True)

    @property
    def file(self) -> Path | None:
        """The file of an SQLite database; None for others, and in memory."""
        database: str | None = str(self.place) if isinstance(self.place, Path) else self.place.database
        if database in (None, "", ":memory:") or not (isinstance(self.place, Path) or self.place.get_backend_name() == "sqlite"):
            return None
        return Path(str(database))


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
    return Location(_place(named), settings.get("target"), named is not None)


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


def _place(named: str | Path | None) -> Path | URL:
    if named is None or isinstance(named, Path) or "://" not in named:
        # A file at that path: `history.db` is easier to write than `sqlite:///history.db`.
        return Path(named).expanduser() if named else default_file()
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError

    try:
        url = make_url(named)
        if url.drivername in _POSTGRES:
            # SQLAlchemy would take psycopg2, which is no longer what people install.
            driver = "postgresql+psycopg" if find_spec("psycopg") else "postgresql"
            url = url.set(drivername=driver)
        url.get_dialect().import_dbapi()
    except NoSuchModuleError:
        raise UsageError("--history: this is no URL of a database: its scheme is none that SQLAlchemy knows") from None
    except (ArgumentError, ValueError):
        # Without the URL, which may hold a password.
        raise UsageError("--history: this is no URL of a database: such as postgresql://user@host/name") from None
    except ImportError as error:
        raise UsageError(f"--history: the driver of {url.drivername} isn't installed ({error}); such as psycopg for PostgreSQL") from None
    return url
