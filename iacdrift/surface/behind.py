"""Targets behind a network balancer that keeps the client's address: their own groups and ACLs filter the client too."""

from __future__ import annotations

from collections.abc import Callable

from attrs import field, frozen

from iacdrift.model.admission import Answer
from iacdrift.model.because import Because
from iacdrift.model.network import Behind, Listener
from iacdrift.surface.seen import Seen
from iacdrift.surface.ways import Way, Ways

STAGE = "the targets' own filters"


@frozen(slots=True)
class TargetsSay:
    """Whether the targets of a listener admit the client. `own`: what decides before any of them.

    `ways`: finds the way to each, of which the port asked says why; the answer alone needs none of them.
    """

    answer: Answer
    own: tuple[Because, ...] = ()
    ways: Callable[[], tuple[Way, ...]] = field(default=tuple, eq=False, repr=False)
    asked: tuple[str, int] = ("tcp", 0)

    @property
    def because(self) -> tuple[Because, ...]:
        """What decides there, put together when somebody asks: a balancer may have hundreds of targets."""
        return tuple(dict.fromkeys((*self.own, *(one for way in self.ways() for one in way.because(*self.asked)))))


def targets_say(ways: Ways, seen: Seen, listener: Listener, behind: Behind) -> TargetsSay:
    """Whether all of them admit this client, or none does; unknown where they differ: which one a connection gets isn't known."""
    found = [ways.named((target,)) for target in behind.targets]
    doubt = behind.doubt or (None if found and all(found) and behind.port is not None else "not every target behind it is known")
    if doubt or behind.port is None:
        return TargetsSay(Answer.UNKNOWN_BY_CODE, (Because(listener.because.resource, doubt or "", listener.because.at),))
    asked = (listener.protocol, behind.port)
    answers = {ways.target_answer(target, seen, *asked) for same in found for target in same}

    def to_each() -> tuple[Way, ...]:
        return tuple({id(way): way for same in found for target in same for way in (ways.target_way(target, seen),)}.values())

    if len(answers) == 1:
        return TargetsSay(answers.pop(), (), to_each, asked)
    text = "its targets don't agree, and which of them a connection gets isn't known"
    return TargetsSay(Answer.UNKNOWN_BY_CODE, (Because(listener.because.resource, text, listener.because.at),), to_each, asked)
