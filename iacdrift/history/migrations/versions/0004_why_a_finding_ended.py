"""Findings: why one isn't there any more. NULL for those that ended before: they were asked again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From alerts."""
    op.add_column("findings", sa.Column("ended", sa.Text(), nullable=True))
