"""One thing that IaC declares, in Terraform's vocabulary, whatever tool declared it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

from attrs import field, frozen

Value = Any
"""None, bool, int, float, str, list, dict (as parsed, never changed), or Unknown, Reference, Sensitive inside them."""


@frozen(slots=True)
class Unknown:
    """A value that can't be told yet: known after apply, an unresolved expression, something no source holds.

    `references` are absolute addresses with attribute (`aws_security_group.web.id`) that it is made from, if known.
    """

    why: str
    references: tuple[str, ...] = ()


@frozen(slots=True)
class Reference:
    """Exactly one attribute of one resource whose value isn't known: links resources before they have ids."""

    address: str
    attribute: str


@frozen(slots=True, repr=False)
class Sensitive:
    """A value that counts but is never printed."""

    value: Value

    def __repr__(self) -> str:
        return "(sensitive)"

    __str__ = __repr__


class Origin(Enum):
    """Where `declared` comes from, and so what it can prove."""

    CODE = "code"
    """Everything that the code sets is there: a synth, a program, a plan whose `.tf` files were read."""
    PLAN = "plan"
    """A plan's configuration without the `.tf` files: `dynamic` blocks may be missing."""
    STATE = "state"
    """There is no configuration: `declared` is what the state recorded, drift that was refreshed into it included."""


class Action(Enum):
    """What the plan is about to do; KEEP where there is no plan."""

    KEEP = "keep"
    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"


@frozen(slots=True)
class Provenance:
    """Where a resource was read: the source as the user named it, its stack, `file:line` in the code, and Pulumi's URN."""

    source: str
    stack: str | None = None
    at: str | None = None
    urn: str | None = None


@frozen(slots=True)
class Resource:
    """Declared and recorded kept apart: rules come from `declared`, addresses from `recorded`.

    `address` is the full address (`module.a["x"].aws_instance.web[0]`); `data` marks a data source.
    With Origin.STATE both maps are the recorded attributes. `assumed`: declared attributes that may be what was refreshed
    into the state instead, each with what is taken for granted about it.
    """

    type: str
    address: str
    declared: Mapping[str, Value] = field(factory=dict)
    recorded: Mapping[str, Value] = field(factory=dict)
    provenance: Provenance = field(factory=lambda: Provenance(""))
    origin: Origin = Origin.CODE
    action: Action = Action.KEEP
    data: bool = False
    assumed: Mapping[str, str] = field(factory=dict)


@frozen(slots=True)
class SourceInfo:
    """One source as the report names it. Times are RFC 3339 text; what a source doesn't say is None."""

    kind: str
    path: str
    sha256: str | None = None
    lineage: str | None = None
    serial: int | None = None
    written_at: str | None = None
    commit: str | None = None
    code: str | None = None
    """The directory of the code where the user named one; lines are told relative to it, else to the folder of the source."""

    def to_dict(self) -> dict[str, object]:
        """The JSON shape of interfaces."""
        told = {name: getattr(self, name) for name in ("kind", "path", "sha256", "lineage", "serial", "written_at", "commit")}
        return told | ({"code": self.code} if self.code else {})


@frozen(slots=True)
class Inventory:
    """All that the sources hold, joined. `gaps` make a verdict incomplete (a plan with `errored: true`); `notes` don't."""

    resources: tuple[Resource, ...]
    sources: tuple[SourceInfo, ...] = ()
    gaps: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
