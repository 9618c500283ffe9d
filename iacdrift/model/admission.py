"""Three values over all ports: admitted, blocked, unknown; and how filters on a way combine."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from attrs import frozen

from iacdrift.model.ports import ALL_PORTS, NO_PORTS, PortSet


class Answer(Enum):
    """What one filter says of one port; unknown says whether the vantage or the code leaves it open."""

    ADMITTED = "admitted"
    BLOCKED = "blocked"
    UNKNOWN_BY_VANTAGE = "unknown_by_vantage"
    UNKNOWN_BY_CODE = "unknown_by_code"

    @property
    def word(self) -> str:
        """`admitted`, `blocked` or `unknown`."""
        return self.value.partition("_")[0]


@frozen(slots=True)
class Admission:
    """A filter's answer for every port of one protocol; what is in none of the three sets is blocked."""

    admitted: PortSet = NO_PORTS
    by_vantage: PortSet = NO_PORTS
    by_code: PortSet = NO_PORTS

    @classmethod
    def all(cls, answer: Answer) -> Admission:
        """The same answer for every port."""
        return _EVERYWHERE[answer]

    @classmethod
    def where(cls, ports: PortSet, answer: Answer) -> Admission:
        """An answer for some ports, blocked elsewhere."""
        return cls(
            ports if answer is Answer.ADMITTED else NO_PORTS,
            ports if answer is Answer.UNKNOWN_BY_VANTAGE else NO_PORTS,
            ports if answer is Answer.UNKNOWN_BY_CODE else NO_PORTS,
        )

    @property
    def possible(self) -> PortSet:
        """Every port that isn't certainly blocked."""
        return self.admitted | self.by_vantage | self.by_code

    def of(self, port: int) -> Answer:
        """The answer for one port."""
        if port in self.admitted:
            return Answer.ADMITTED
        if port in self.by_code:
            return Answer.UNKNOWN_BY_CODE
        return Answer.UNKNOWN_BY_VANTAGE if port in self.by_vantage else Answer.BLOCKED

    def and_(self, other: Admission) -> Admission:
        """Both stand on the way: one blocked blocks, all admitted admits, otherwise unknown (by code before by vantage)."""
        if other is _EVERYTHING or other.admitted == ALL_PORTS:  # most filters on most ways decide nothing
            return self
        if self.admitted == ALL_PORTS:
            return other
        possible = self.possible & other.possible
        admitted = self.admitted & other.admitted
        by_code = (self.by_code | other.by_code) & possible
        return Admission(admitted, possible - admitted - by_code, by_code)

    def or_(self, other: Admission) -> Admission:
        """Either lets through: one admitted admits, all blocked blocks, otherwise unknown (by code before by vantage)."""
        admitted = self.admitted | other.admitted
        by_code = (self.by_code | other.by_code) - admitted
        return Admission(admitted, (self.by_vantage | other.by_vantage) - admitted - by_code, by_code)

    def agree(self, other: Admission) -> Admission:
        """One of the two ways is taken and it isn't known which: where they differ it is unknown by code."""
        admitted = self.admitted & other.admitted
        by_vantage = self.by_vantage & other.by_vantage
        return Admission(admitted, by_vantage, (self.possible | other.possible) - admitted - by_vantage)


def weakest(answers: Iterable[Answer]) -> Answer:
    """What filters that all stand on the way say together of one port: as `Admission.and_` does of every port."""
    said = set(answers)
    order = (Answer.BLOCKED, Answer.UNKNOWN_BY_CODE, Answer.UNKNOWN_BY_VANTAGE)
    return next((answer for answer in order if answer in said), Answer.ADMITTED)


_EVERYWHERE = {answer: Admission.where(ALL_PORTS, answer) for answer in Answer}
_EVERYTHING = _EVERYWHERE[Answer.ADMITTED]
