"""Brings a history to the schema of this version, by Alembic's migrations; Alembic is imported only where there is one to do."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from iacdrift.history.schema import HEAD

HEADS = ("0001", "0002", "0003", "0004")
"""Every revision that there has been, oldest first."""

_SCRIPTS = Path(__file__).parent / "migrations"


def revision(connection: Connection) -> str | None:
    """The schema that the database has; None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def is_head(found: str | None) -> bool:
    """Whether nothing is to be done."""
    return found == HEAD


def migrate(connection: Connection) -> None:
    """All steps that are missing, inside the transaction of the connection: half a migration doesn't happen."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
