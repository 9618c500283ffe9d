"""What one filter on the way says of every port, with the clauses that decide it."""

from __future__ import annotations

from attrs import frozen

from iacdrift.model.admission import Admission, Answer
from iacdrift.model.because import Assumption, Because
from iacdrift.model.ports import ALL_PORTS, PortSet


@frozen(slots=True)
class Clause:
    """One rule's part in a filter's answer: on these ports it says this."""

    tcp: PortSet
    udp: PortSet
    answer: Answer
    because: Because

    def ports(self, protocol: str) -> PortSet:
        """The ports that it speaks of."""
        return self.tcp if protocol == "tcp" else self.udp


@frozen(slots=True)
class Ruling:
    """One stage's answer. Clauses come in the order in which they are asked; `otherwise` speaks where none does."""

    stage: str
    tcp: Admission
    udp: Admission
    clauses: tuple[Clause, ...]
    otherwise: Because
    assumptions: tuple[Assumption, ...] = ()

    @classmethod
    def everywhere(cls, stage: str, answer: Answer, because: Because, assumptions: tuple[Assumption, ...] = ()) -> Ruling:
        """The same answer on every port."""
        admission = Admission.all(answer)
        return cls(stage, admission, admission, (Clause(ALL_PORTS, ALL_PORTS, answer, because),), because, assumptions)

    def admission(self, protocol: str) -> Admission:
        """The answer for every port of `tcp` or `udp`."""
        return self.tcp if protocol == "tcp" else self.udp

    def because(self, protocol: str, port: int) -> tuple[Because, ...]:
        """What decides on this port: the clauses that say what the whole filter says, else those that speak of it."""
        answer = self.admission(protocol).of(port)
        speaking = [clause for clause in self.clauses if port in clause.ports(protocol)]
        deciding = [clause for clause in speaking if clause.answer is answer]
        if not deciding and answer is not Answer.BLOCKED:
            deciding = [clause for clause in speaking if clause.answer is not Answer.BLOCKED]
        return tuple(dict.fromkeys(clause.because for clause in deciding)) or (self.otherwise,)


def agree(rulings: tuple[Ruling, ...]) -> Ruling:
    """One ruling for several equal ways of which one is taken (the subnets of a balancer): unknown where they differ."""
    first, *rest = rulings
    for other in rest:
        same = first.tcp == other.tcp and first.udp == other.udp
        names = " and ".join(dict.fromkeys((first.otherwise.resource, other.otherwise.resource)))
        differ = Clause(
            ALL_PORTS,
            ALL_PORTS,
            Answer.UNKNOWN_BY_CODE,
            Because(names, f"its subnets don't agree on the {first.stage}", first.otherwise.at),
        )
        first = Ruling(
            first.stage,
            first.tcp.agree(other.tcp),
            first.udp.agree(other.udp),
            first.clauses + other.clauses + (() if same else (differ,)),
            first.otherwise,
            tuple(dict.fromkeys(first.assumptions + other.assumptions)),
        )
    return first
