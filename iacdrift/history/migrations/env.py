"""Alembic's entry: it runs the migrations on the connection that `history.migrate` hands over, in that transaction."""

from __future__ import annotations

from alembic import context

from iacdrift.history.schema import Base

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Base.metadata, transactional_ddl=False)
context.run_migrations()
