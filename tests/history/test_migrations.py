"""Every schema that was ever written becomes today's, with all that it held, in SQLite and in a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from iacdrift.history import listing, migrate
from iacdrift.history.schema import HEAD, Base
from iacdrift.history.store import Store
from iacdrift.recording import store_at
from tests.drift.scenes import OPEN, host, observed_host, run, surface
from tests.history.postgres import running
from tests.outputs.reports import report

RELEASED = Path(__file__).parents[1] / "data" / "history"
REPORT = report(surface(host(open="443")), run(observed_host("443,8080", ("443,8080", OPEN)), finished_at="2026-03-01T00:00:00Z"))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.needs("postgresql"))])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "sqlite":
        found = store_at(tmp_path / "history.db")
        assert found is not None
        yield found
        return
    with running() as url:
        found = store_at(url)
        assert found is not None
        yield found


def agreed(store: Store) -> None:
    with store.database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
        assert migrate.revision(connection) == HEAD


def test_an_empty_database_gets_the_schema_of_the_models(store: Store) -> None:
    store.store(REPORT)
    agreed(store)


def test_the_revisions_are_those_of_the_scripts() -> None:
    scripts = ScriptDirectory(str(Path(migrate.__file__).parent / "migrations"))
    assert tuple(script.revision for script in reversed(list(scripts.walk_revisions()))) == migrate.HEADS
    assert migrate.HEADS[-1] == HEAD


@pytest.mark.parametrize("revision", migrate.HEADS[:-1])
def test_a_history_of_every_earlier_schema_is_taken_over(store: Store, revision: str) -> None:
    blob = "BLOB" if store.database.engine.dialect.name == "sqlite" else "BYTEA"
    with store.database.engine.begin() as connection:
        for statement in (RELEASED / f"{revision}.sql").read_text().split(";\n"):
            if statement.strip():
                connection.execute(text(statement.replace(":", r"\:").replace("BYTEA", blob)))
    [before] = listing.findings(store.database)
    assert (before["finding"], before["first_seen"], before["acknowledged_by"]) == (
        "exposed-tcp-8080-1a2b3c4d5e6f",
        "2026-01-02T03:04:05Z",
        "ann",
    )
    agreed(store)
    # Numbers go on behind those that were there.
    if store.database.engine.dialect.name == "sqlite":
        assert store.store(REPORT).report == 2


def test_a_migration_that_fails_half_way_leaves_the_history_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = store_at(tmp_path / "history.db")
    assert found is not None
    with found.database.engine.begin() as connection:
        for statement in (RELEASED / "0001.sql").read_text().split(";\n"):
            if statement.strip():
                connection.execute(text(statement.replace(":", r"\:").replace("BYTEA", "BLOB")))
    before = (tmp_path / "history.db").read_bytes()

    def broken(connection: object) -> None:
        migrate.migrate(connection)  # type: ignore[arg-type]
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("iacdrift.history.database.migrate", broken)
    with pytest.raises(Exception, match="No space left"):
        listing.findings(found.database)
    monkeypatch.undo()
    with found.database.engine.connect() as connection:
        assert migrate.revision(connection) == "0001"
    assert len((tmp_path / "history.db").read_bytes()) == len(before)
