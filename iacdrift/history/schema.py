"""The tables of a history. A change here is a migration in `migrations/versions`, and a released schema among the tests' data."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, LargeBinary, MetaData, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

HEAD = "0004"
"""The revision that these tables are; a history at another one is migrated before it is written."""

_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """All tables; constraints have names, so that a migration can speak of them. Times are RFC 3339 in UTC, `…Z`."""

    metadata = MetaData(naming_convention=_NAMES)
    type_annotation_map = {str: Text()}  # noqa: RUF012 - SQLAlchemy reads it from the class


class TargetRow(Base):
    """What is watched: the sources of a run as one thing. `key` is a hash of them, `name` what people read."""

    __tablename__ = "targets"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]


class ReportRow(Base):
    """One report. `sight`: where it was taken from; `severities`: JSON of severity -> number; `document`: its JSON, zlib."""

    __tablename__ = "reports"
    # Numbers aren't given twice: people and other tables speak of them.
    __table_args__ = (Index("ix_reports_target_id", "target_id", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    target_id: Mapped[int] = mapped_column(ForeignKey("targets.id"))
    command: Mapped[str]
    stored_at: Mapped[str]
    started_at: Mapped[str]
    finished_at: Mapped[str]
    verdict: Mapped[str]
    exit_code: Mapped[int]
    sight: Mapped[str]
    severities: Mapped[str]
    hosts: Mapped[int]
    undetermined: Mapped[int]
    ignored: Mapped[int]
    # Last, and read only when asked for: a list of a thousand reports mustn't read a thousand documents.
    document: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class FindingRow(Base):
    """One finding of a target from one sight, over all reports. Open while `resolved_at` is NULL; `ended`: why it no longer is.

    `announced`: the worst severity that alerts have told of it while it is open, NULL for none; `cause`: what they grouped it by.
    """

    __tablename__ = "findings"
    __table_args__ = (UniqueConstraint("target_id", "finding", "sight"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    target_id: Mapped[int] = mapped_column(ForeignKey("targets.id"))
    finding: Mapped[str]
    sight: Mapped[str]
    kind: Mapped[str]
    severity: Mapped[str]
    owner: Mapped[str | None]
    address: Mapped[str | None]
    protocol: Mapped[str]
    ports: Mapped[str]
    first_seen: Mapped[str]
    last_seen: Mapped[str]
    last_report: Mapped[int]
    times: Mapped[int]
    resolved_at: Mapped[str | None]
    acknowledged_by: Mapped[str | None]
    acknowledged_at: Mapped[str | None]
    note: Mapped[str | None]
    announced: Mapped[str | None]
    cause: Mapped[str | None]
    ended: Mapped[str | None]


class BaselineRow(Base):
    """One baseline of a target. `document`: its JSON, zlib."""

    __tablename__ = "baselines"
    __table_args__ = (UniqueConstraint("target_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    target_id: Mapped[int] = mapped_column(ForeignKey("targets.id"))
    name: Mapped[str]
    saved_at: Mapped[str]
    document: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class OutboxRow(Base):
    """One alert for one channel. `state`: `waiting`, `sending` (somebody took it at `claimed_at`), `sent`, or `refused` for good.

    `identity` stays the same however often it is sent. `due_at`: not tried before; `document`: its JSON, zlib.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_channel", "channel", "state", "id"),
        UniqueConstraint("identity"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str]
    identity: Mapped[str]
    state: Mapped[str]
    created_at: Mapped[str]
    attempts: Mapped[int]
    due_at: Mapped[str | None]
    claimed_at: Mapped[str | None]
    sent_at: Mapped[str | None]
    problem: Mapped[str | None]
    document: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class UnlearntRow(Base):
    """How many runs in a row left something unlearnt; `sight` is empty for runs that had no verdict at all."""

    __tablename__ = "unlearnt"
    __table_args__ = (UniqueConstraint("target_id", "sight"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    target_id: Mapped[int] = mapped_column(ForeignKey("targets.id"))
    sight: Mapped[str]
    runs: Mapped[int]


class SpentRow(Base):
    """Packets that one scan of a watch sent, or may have sent where it never came to its end."""

    __tablename__ = "spent"
    __table_args__ = (Index("ix_spent_at", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[str]
    packets: Mapped[int]
