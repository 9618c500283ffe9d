"""What all stacks that are read together share: records, exports, and what couldn't be told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from attrs import define, field

from iacdrift.sources.cloudformation.records import Records
from iacdrift.sources.resource import Value


@define(slots=True, eq=False)
class World:
    """`shared` are addresses that several stacks use; `exported` are the exports of all stacks, asked for when they are needed.

    `read` are the files behind each source: nested templates, those of an assembly.
    """

    records: Records = field(factory=Records)
    shared: frozenset[str] = frozenset()
    exported: dict[str, Callable[[], Value]] = field(factory=dict)
    gaps: list[str] = field(factory=list)
    notes: list[str] = field(factory=list)
    read: list[tuple[str, Path]] = field(factory=list)

    def imported(self, name: str) -> Value:
        """The value of an export: as its template says, else as AWS lists it; None where neither is there."""
        found = self.exported.get(name)
        return found() if found else self.records.exports.get(name)

    def gap(self, text: str) -> None:
        """Note, once, what makes the run incomplete."""
        if text not in self.gaps:
            self.gaps.append(text)
