"""Targets, reports and findings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _text(name: str, *, empty: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=empty)


def upgrade() -> None:
    """From an empty database."""
    op.create_table(
        "targets",
        sa.Column("id", sa.Integer(), nullable=False),
        *(_text(name) for name in ("key", "name")),
        sa.PrimaryKeyConstraint("id", name="pk_targets"),
        sa.UniqueConstraint("key", name="uq_targets_key"),
    )
    op.create_table(
        "reports",
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("id", "target_id")),
        *(_text(name) for name in ("command", "stored_at", "started_at", "finished_at", "verdict")),
        sa.Column("exit_code", sa.Integer(), nullable=False),
        *(_text(name) for name in ("sight", "severities")),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("hosts", "undetermined", "ignored")),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_reports"),
        sa.ForeignKeyConstraint(["target_id"], ["targets.id"], name="fk_reports_target_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_reports_target_id", "reports", ["target_id", "id"])
    op.create_table(
        "findings",
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("id", "target_id")),
        *(_text(name) for name in ("finding", "sight", "kind", "severity")),
        *(_text(name, empty=True) for name in ("owner", "address")),
        *(_text(name) for name in ("protocol", "ports", "first_seen", "last_seen")),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("last_report", "times")),
        *(_text(name, empty=True) for name in ("resolved_at", "acknowledged_by", "acknowledged_at", "note")),
        sa.PrimaryKeyConstraint("id", name="pk_findings"),
        sa.ForeignKeyConstraint(["target_id"], ["targets.id"], name="fk_findings_target_id"),
        sa.UniqueConstraint("target_id", "finding", "sight", name="uq_findings_target_id"),
    )
