"""Alerts: what was announced, what waits to be sent, runs that learnt nothing, packets spent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def _text(name: str, *, empty: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=empty)


def upgrade() -> None:
    """From reports, findings and baselines."""
    for name in ("announced", "cause"):
        op.add_column("findings", _text(name, empty=True))
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), nullable=False),
        *(_text(name) for name in ("channel", "identity", "state", "created_at")),
        sa.Column("attempts", sa.Integer(), nullable=False),
        *(_text(name, empty=True) for name in ("due_at", "claimed_at", "sent_at", "problem")),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.UniqueConstraint("identity", name="uq_outbox_identity"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_outbox_channel", "outbox", ["channel", "state", "id"])
    op.create_table(
        "unlearnt",
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("id", "target_id")),
        _text("sight"),
        sa.Column("runs", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_unlearnt"),
        sa.ForeignKeyConstraint(["target_id"], ["targets.id"], name="fk_unlearnt_target_id"),
        sa.UniqueConstraint("target_id", "sight", name="uq_unlearnt_target_id"),
    )
    op.create_table(
        "spent",
        sa.Column("id", sa.Integer(), nullable=False),
        _text("at"),
        sa.Column("packets", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_spent"),
    )
    op.create_index("ix_spent_at", "spent", ["at"])
