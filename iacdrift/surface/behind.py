"""Targets behind a network balancer that keeps the client's address: their own groups and ACLs filter the client too."""

from __future__ import annotations

from attrs import frozen

from iacdrift.model.admission import Answer
from iacdrift.model.because import Because
from iacdrift.model.network import Behind, Interface, Listener
from iacdrift.surface.seen import Seen
from iacdrift.surface.ways import Ways

STAGE = "the targets' own filters"


@frozen(slots=True)
class TargetsSay:
    """Whether the targets of a listener admit the client, and what decides there."""

    answer: Answer
    because: tuple[Because, ...] = ()


def targets_say(ways: Ways, seen: Seen, listener: Listener, behind: Behind) -> TargetsSay:
    """Whether all of them admit this client, or none does; unknown where they differ: which one a connection gets isn't known."""
    found = [ways.named((target,)) for target in behind.targets]
    doubt = behind.doubt or (None if found and all(found) and behind.port is not None else "not every target behind it is known")
    if doubt or behind.port is None:
        return TargetsSay(Answer.UNKNOWN_BY_CODE, (Because(listener.because.resource, doubt or "", listener.because.at),))
    said = [_target_says(ways, seen, target, listener.protocol, behind.port) for same in found for target in same]
    answers = {each.answer for each in said}
    because = tuple(dict.fromkeys(one for each in said for one in each.because))
    if len(answers) == 1:
        return TargetsSay(answers.pop(), because)
    text = "its targets don't agree, and which of them a connection gets isn't known"
    return TargetsSay(Answer.UNKNOWN_BY_CODE, (Because(listener.because.resource, text, listener.because.at), *because))


def _target_says(ways: Ways, seen: Seen, target: Interface, protocol: str, port: int) -> TargetsSay:
    way = ways.target_way(target, seen)
    return TargetsSay(way.admission(protocol).of(port), way.because(protocol, port))
