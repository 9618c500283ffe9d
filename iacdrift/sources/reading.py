"""What one reader makes of one source, before sources are joined."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from attrs import field, frozen

from iacdrift.sources.resource import Resource, SourceInfo, Value


@frozen(slots=True)
class Reading:
    """One source read. `outputs` are its output values by name; `gaps` and `notes` as in Inventory."""

    info: SourceInfo
    resources: tuple[Resource, ...] = ()
    outputs: Mapping[str, Value] = field(factory=dict)
    gaps: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@frozen(slots=True)
class Options:
    """What a reader may need beside the document. `code` is None where the user didn't name a directory."""

    code: Path | None = None
    states: Mapping[str, Path] = field(factory=dict)
    outputs: Mapping[str, Path] = field(factory=dict)
