"""The way of packets to a host, stage by stage, as reports tell it."""

from __future__ import annotations

from functools import lru_cache
from typing import Protocol, runtime_checkable

from attrs import frozen

from iacdrift.model.because import Because
from iacdrift.surface.expected import Explains
from iacdrift.surface.ruling import Ruling


@frozen(slots=True)
class Step:
    """One stage's answer for the packet: `admitted`, `blocked` or `unknown`, and what decides."""

    stage: str
    answer: str
    because: tuple[Because, ...]

    def to_dict(self) -> dict[str, object]:
        """stage, answer, because."""
        return {"stage": self.stage, "answer": self.answer, "because": [because.to_dict() for because in self.because]}


@frozen(slots=True)
class Passage:
    """One stage that every packet to a host passes, whatever its port; `through`: the route table, ACL or groups that answer there."""

    stage: str
    through: str

    def to_dict(self) -> dict[str, str]:
        """stage, through."""
        return {"stage": self.stage, "through": self.through}


@runtime_checkable
class Staged(Protocol):
    """A reason that knows the stages of the way behind it."""

    def stages(self, protocol: str, port: int) -> tuple[Ruling, ...]:
        """Every stage of the way to this port."""


@lru_cache(maxsize=64)
def _staged(kind: type) -> bool:
    """Asked of a class once: asking each host's own reason takes longer than telling its stages."""
    return issubclass(kind, Staged)


def steps(explains: Explains, protocol: str, port: int) -> tuple[Step, ...]:
    """Each stage's answer for one port; none where no model of the network stands behind the expectation."""
    if not isinstance(explains, Staged):
        return ()
    stages = explains.stages(protocol, port)
    return tuple(Step(stage.stage, stage.admission(protocol).of(port).word, stage.because(protocol, port)) for stage in stages)


def passages(explains: Explains) -> tuple[Passage, ...]:
    """What stands in front of the host, in order."""
    # Port 0 of TCP: nothing listens there, so that no balancer's targets are part of the way.
    stages = explains.stages("tcp", 0) if _staged(type(explains)) and isinstance(explains, Staged) else ()
    return tuple(Passage(stage.stage, stage.otherwise.resource) for stage in stages)
