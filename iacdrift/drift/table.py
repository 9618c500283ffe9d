"""The verdict table: what is expected, times what was seen, gives what it means (design, section 4)."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum

from attrs import frozen

from iacdrift.drift.report import FindingKind
from iacdrift.model.ports import PortSet
from iacdrift.surface.expected import Expectation, ExpectedPorts
from iacdrift.surface.observed import Evidence, ObservedPorts


class Row(Enum):
    """What the code says; unknown is told apart by its cause."""

    OPEN = "open"
    ALLOWED = "allowed"
    BLOCKED = "blocked"
    BY_VANTAGE = "unknown by vantage"
    BY_CODE = "unknown by code"

    @property
    def expectation(self) -> Expectation:
        """The same without the cause."""
        return Expectation.UNKNOWN if self in UNKNOWN else Expectation(self.value)


UNKNOWN = (Row.BY_VANTAGE, Row.BY_CODE)


class Column(Enum):
    """What was seen. A rejection on the way proves a filter; silence must be believed first."""

    OPEN = "open"
    REFUSED = "refused"
    ON_THE_WAY = "filtered on the way"
    SILENT = "silent"
    NOTHING = "nothing known"


class Fate(Enum):
    """What becomes of a port."""

    IN_SYNC = "in sync"
    FINDING = "finding"
    INCOMPLETE = "incomplete"
    LISTED = "listed"


@frozen(slots=True)
class Ruling:
    """What was decided about these ports of one protocol of one address; `why` where nothing could be decided.

    `kind` with Fate.FINDING only. `aside` is a remark about the evidence that the finding repeats. `mild`: a finding
    that is only worth a note. `whole`: the finding is about the address as a whole, its ports share it whatever their reasons.
    """

    row: Row
    column: Column
    ports: PortSet
    fate: Fate
    kind: FindingKind | None = None
    why: str = ""
    aside: str = ""
    mild: bool = False
    whole: bool = False


_COLUMNS = tuple(Column)
_SYNC, _INCOMPLETE, _LISTED = (Fate.IN_SYNC, None), (Fate.INCOMPLETE, None), (Fate.LISTED, None)
_Cell = tuple[Fate, FindingKind | None]


def _found(kind: FindingKind) -> _Cell:
    return Fate.FINDING, kind


TABLE: dict[Row, tuple[_Cell, _Cell, _Cell, _Cell, _Cell]] = {
    # open, refused, filtered on the way, silent, nothing known
    Row.OPEN: (_SYNC, _found(FindingKind.MISSING), *(_found(FindingKind.UNREACHABLE),) * 2, _INCOMPLETE),
    Row.ALLOWED: (_found(FindingKind.UNDECLARED_LISTENER), _SYNC, *(_found(FindingKind.NARROWED),) * 2, _INCOMPLETE),
    Row.BLOCKED: (_found(FindingKind.EXPOSED), _found(FindingKind.PASSABLE), _SYNC, _SYNC, _INCOMPLETE),
    Row.BY_VANTAGE: (_found(FindingKind.UNEXPLAINED), _LISTED, _LISTED, _LISTED, _LISTED),
    Row.BY_CODE: (_INCOMPLETE, _INCOMPLETE, _LISTED, _LISTED, _LISTED),
}


def look_up(row: Row, column: Column) -> _Cell:
    """The cell of the table, before any rule about silence, refusal, services or middleboxes."""
    return TABLE[row][_COLUMNS.index(column)]


def rows_of(expected: ExpectedPorts, judged: PortSet) -> dict[Row, PortSet]:
    """The judged ports by what the code says of them; what it says nothing of is blocked."""
    by_vantage = expected.unknown_by_vantage - expected.unknown_by_code
    blocked = judged - expected.open - expected.allowed - expected.unknown
    said = (expected.open, expected.allowed, blocked, by_vantage, expected.unknown_by_code)
    return {row: ports & judged for row, ports in zip(Row, said, strict=True)}


_EVIDENCE = {
    Column.OPEN: (Evidence.OPEN,),
    Column.REFUSED: (Evidence.CLOSED, Evidence.REJECTED),
    Column.ON_THE_WAY: (Evidence.REJECTED_ON_THE_WAY,),
    Column.SILENT: (Evidence.SILENT, Evidence.OPEN_OR_SILENT),
}


Columns = tuple[tuple[Column, PortSet], ...]
_COLUMN = {evidence: column for column, kinds in _EVIDENCE.items() for evidence in kinds}


def columns_of(observed: ObservedPorts, judged: PortSet) -> Columns:
    """The judged ports by what was seen on them."""
    found: dict[Column, PortSet] = {}
    rest = judged
    for ports, answer in observed.groups:
        if (column := _COLUMN.get(answer.evidence)) is not None and (seen := ports & judged):
            found[column] = found[column] | seen if column in found else seen
            rest -= seen
    return (*((column, found[column]) for column in _EVIDENCE if column in found), (Column.NOTHING, rest))


def judged_ports(observed: ObservedPorts) -> PortSet:
    """What is judged: every port asked for, and every port that was seen open, asked for or not."""
    return observed.asked | observed.of(Evidence.OPEN)


def cells(expected: ExpectedPorts, observed: ObservedPorts) -> tuple[Ruling, ...]:
    """The judged ports, each in exactly one ruling as the bare table has it."""
    judged = judged_ports(observed)
    return tuple(_cells(expected, judged, columns_of(observed, judged))) if judged else ()


def _cells(expected: ExpectedPorts, judged: PortSet, columns: Columns) -> Iterator[Ruling]:
    for row, mine in rows_of(expected, judged).items():
        for column, seen in columns if mine else ():
            if ports := mine & seen:
                fate, kind = look_up(row, column)
                yield Ruling(row, column, ports, fate, kind)
