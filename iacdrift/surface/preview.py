"""What a change of the code opens and closes, as it is reported."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from iacdrift.model.because import Assumption, Unmodelled
from iacdrift.surface.change import Change, ChangeKind, Standing
from iacdrift.surface.vantage import Vantage

if TYPE_CHECKING:
    from iacdrift.sources.resource import SourceInfo


@frozen(slots=True)
class Preview:
    """The comparison of two expected surfaces from one vantage.

    `before`, `after`: what either side was read from. `unmodelled`: resources that are new and that no translator knows.
    `gaps`: why a side isn't the whole truth. `new`, `leaving`: owners of hosts in view that come and go.
    """

    vantage: Vantage
    changes: tuple[Change, ...] = ()
    unknown: tuple[Standing, ...] = ()
    new: tuple[str, ...] = ()
    leaving: tuple[str, ...] = ()
    before: tuple[SourceInfo, ...] = ()
    after: tuple[SourceInfo, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    unmodelled: tuple[Unmodelled, ...] = ()
    gaps: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def of(self, kind: ChangeKind) -> tuple[Change, ...]:
        """The changes of one kind."""
        return tuple(change for change in self.changes if change.kind is kind)

    @property
    def new_exposure(self) -> bool:
        """Whether anything is surely reachable that wasn't."""
        return bool(self.of(ChangeKind.OPENED))

    @property
    def incomplete(self) -> bool:
        """Whether something may be newly reachable that can't be judged."""
        return bool(self.of(ChangeKind.MAY_OPEN) or self.gaps)

    def exit_code(self, *, allow_incomplete: bool) -> int:
        """1 where something is newly reachable, 3 where something may be, 0 otherwise."""
        if self.new_exposure:
            return 1
        return 3 if self.incomplete and not allow_incomplete else 0

    def counts(self) -> dict[str, int]:
        """Ranges of every kind, those that stay unknown, and hosts."""
        return {
            **{kind.value: len(self.of(kind)) for kind in ChangeKind},
            "unknown": len(self.unknown),
            "new_hosts": len(self.new),
            "leaving_hosts": len(self.leaving),
            "unmodelled": sum(len(item.resources) for item in self.unmodelled),
        }

    def to_dict(self) -> dict[str, object]:
        """The JSON shape `iacdrift/preview/1`."""
        return {
            "schema": "iacdrift/preview/1",
            "vantage": self.vantage.to_dict(),
            "new_exposure": self.new_exposure,
            "incomplete": self.incomplete,
            "counts": self.counts(),
            "changes": [change.to_dict() for change in self.changes],
            "unknown": [item.to_dict() for item in self.unknown],
            "new_hosts": list(self.new),
            "leaving_hosts": list(self.leaving),
            "before": [source.to_dict() for source in self.before],
            "after": [source.to_dict() for source in self.after],
            "assumptions": [item.to_dict() for item in self.assumptions],
            "unmodelled": [item.to_dict() for item in self.unmodelled],
            "gaps": list(self.gaps),
            "notes": list(self.notes),
        }
