"""What a refresh found: which resources it asked about, and how each differs from what was recorded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from attrs import field, frozen

from iacdrift.sources.agreement import same
from iacdrift.sources.resource import Value

Values = Mapping[str, Value]


@frozen(slots=True)
class Change:
    """One resource as recorded (`before`) and as the API has it (`after`; None where it is gone), in Terraform's vocabulary."""

    address: str
    type: str
    before: Values
    after: Values | None


@frozen(slots=True)
class Refresh:
    """One refresh read. `known`: type and recorded values of every resource that it asked about, by address.

    `partial`: addresses of which it shows only attributes that the program sets. `noise` counts differences that say nothing.
    """

    source: str
    changes: Mapping[str, Change] = field(factory=dict)
    known: Mapping[str, tuple[str, Values]] = field(factory=dict)
    partial: Mapping[str, frozenset[str]] = field(factory=dict)
    noise: int = 0

    @classmethod
    def of(
        cls,
        source: str,
        found: Iterable[Change],
        known: Mapping[str, tuple[str, Values]],
        partial: Mapping[str, frozenset[str]] | None = None,
    ) -> Refresh:
        """With every difference that says nothing left out, and counted: null against {}, [] or "", the same items in another order."""
        changes, noise = {}, 0
        for change in found:
            told, quiet = _told(change)
            noise += quiet
            if change.after is None or told:
                changes[change.address] = change
        return cls(source, changes, known, partial or {}, noise)

    def notes(self) -> tuple[str, ...]:
        """What a reader of the report should know."""
        asked = f"{self.source}: the cloud's API was asked about {len(self.known)} resources, {len(self.changes)} differ from the record"
        left = f"; {self.noise} differences that say nothing (null against {{}} or []) were left out" if self.noise else ""
        return (asked + left,)


def differing(change: Change) -> list[str]:
    """The attributes that differ and say something."""
    after = change.after or {}
    return [key for key in sorted({*change.before, *after}) if not same(change.before.get(key), after.get(key))]


def _told(change: Change) -> tuple[int, int]:
    """How many attributes differ, and how many differ in a way that says nothing."""
    if change.after is None:
        return 1, 0
    unequal = [key for key in {*change.before, *change.after} if change.before.get(key) != change.after.get(key)]
    told = len(differing(change))
    return told, len(unequal) - told
