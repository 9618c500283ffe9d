"""Opens the database: SQLite so that two processes wait for each other, others as they are; every failure is one sentence."""

from __future__ import annotations

import sqlite3  # noqa: TID251 - only history/ stores things
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from errno import EDQUOT, ENOSPC
from typing import Any

from attrs import frozen
from sqlalchemy import Connection, Engine, NullPool, create_engine, event
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import Session

from iacdrift.errors import HistoryError
from iacdrift.history.location import Location
from iacdrift.history.migrate import HEADS, is_head, migrate, revision

WAIT = 5.0
"""Seconds that one process waits for another's transaction; storing takes a fraction of one."""

_LIBPQ = {"connect_timeout": int(WAIT), "client_encoding": "utf8"}
_SETTINGS: Mapping[str, Mapping[str, Any]] = {
    "sqlite": {"timeout": WAIT},
    "sqlite+pysqlite": {"timeout": WAIT},
    "postgresql+psycopg": _LIBPQ,
    "postgresql+psycopg2": _LIBPQ,
}


@frozen(slots=True)
class Database:
    """An engine and where it leads.

    SQLite keeps its rollback journal: a history on a full or read-only disk stays readable and is one file that can be
    copied, which write-ahead logging doesn't give.
    """

    engine: Engine
    location: Location

    @classmethod
    def of(cls, location: Location) -> Database:
        """Nothing is opened yet."""
        kind = location.url.get_backend_name()
        settings = {name: value for name, value in _SETTINGS.get(location.url.drivername, {}).items() if name not in location.url.query}
        engine = create_engine(location.url, poolclass=NullPool, connect_args=settings)
        if kind != "sqlite":
            return cls(engine, location)
        event.listen(engine, "connect", _plain_transactions)
        event.listen(engine, "begin", _begin)
        return cls(engine, location)

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A transaction in which nobody else writes; HistoryError, with everything rolled back, where it can't be."""
        with self._told("write"):
            self._make_room()
            with self.engine.connect().execution_options(iacdrift_writes=True) as connection, connection.begin():
                _one_at_a_time(connection)
                self._migrated(connection)
                with Session(connection, join_transaction_mode="rollback_only") as session:
                    yield session
                    session.flush()

    @contextmanager
    def reading(self) -> Iterator[Session | None]:
        """A session that only reads; None where there is no history yet. HistoryError where there is one that can't be read."""
        with self._told("read"):
            if self.location.file is not None and not self.location.file.exists():
                yield None
                return
            with self.engine.connect() as connection:
                found = self._revision(connection)
            if found is None:
                yield None
                return
            if not is_head(found):
                with self.writing():
                    pass
            with Session(self.engine) as session:
                yield session

    def unbegun(self) -> str | None:
        """Why there is no history and none can be begun, where nobody asked for one: the user has no directory that can be written.

        None where there is one, or one was begun, or the disk is what fails: then reading and writing it say so.
        """
        file = self.location.file
        if self.location.asked or file is None:
            return None
        try:
            with self._told("begin"):
                if file.exists():
                    return None
            with self.writing():
                return None
        except HistoryError as error:
            cause = error.__cause__
            name = str(getattr(getattr(cause, "orig", None), "sqlite_errorname", ""))
            of_the_disk = isinstance(cause, OSError) and cause.errno in _FULL
            return None if of_the_disk or name.startswith(("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_BUSY")) else str(error)

    def _make_room(self) -> None:
        if self.location.file is not None:
            # Reports say which ports are open: nobody else on this machine need read them.
            self.location.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)

    def _migrated(self, connection: Connection) -> None:
        if not is_head(self._revision(connection)):
            migrate(connection)

    def _revision(self, connection: Connection) -> str | None:
        found = revision(connection)
        if found is not None and found not in HEADS:
            raise HistoryError(f"the history {self.location.shown} is of a later iacdrift (schema {found}): update this one")
        return found

    @contextmanager
    def _told(self, what: str) -> Iterator[None]:
        try:
            yield
        except (SQLAlchemyError, OSError) as error:
            raise HistoryError(f"can't {what} the history {self.location.shown}: {_why(error)}") from error


def _plain_transactions(connection: Any, _: Any) -> None:
    # The driver would begin a transaction only at the first write: two processes that read first would then collide.
    connection.isolation_level = None


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("iacdrift_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _one_at_a_time(connection: Connection) -> None:
    """What BEGIN IMMEDIATE is for SQLite: reports are stored, and schemas migrated, one after the other."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL lock_timeout = '30s'")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")


_LOCK = 0x1ACD81F7
_FULL = (ENOSPC, EDQUOT)
_INSTEAD = "name another by --history or [history] url, or go without by --no-history"
_SENTENCES = {
    "SQLITE_BUSY": f"another process has held it for more than {WAIT:g} seconds; run again",
    "SQLITE_READONLY": f"it can't be written by this user; {_INSTEAD}",
    "SQLITE_CANTOPEN": f"it can't be opened by this user; {_INSTEAD}",
    "SQLITE_FULL": "the disk is full; what it held is safe",
    "SQLITE_IOERR": "the disk can't be written or read; what it held is safe as far as the disk keeps it",
    "SQLITE_NOTADB": "the file is no history, or a damaged one; nothing in it was changed: move it away, and a new one is begun",
    "SQLITE_CORRUPT": "the file is damaged; nothing in it was changed: move it away, and a new one is begun",
}


def _why(error: Exception) -> str:
    if isinstance(error, OSError):
        return f"{error.filename or ''}: {error.strerror or error}; {_INSTEAD}".removeprefix(": ")
    cause = error.orig if isinstance(error, DBAPIError) else error
    name = getattr(cause, "sqlite_errorname", "") if isinstance(cause, sqlite3.Error) else ""
    sentence = next((text for prefix, text in _SENTENCES.items() if name.startswith(prefix)), None)
    return sentence or " ".join(str(cause).split()).split(" connection to server")[0] or type(error).__name__
