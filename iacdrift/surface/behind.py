"""Targets behind a network balancer that keeps the client's address: their own groups and ACLs filter the client too."""

from __future__ import annotations

from iacdrift.model.admission import Answer
from iacdrift.model.network import Interface, Listener
from iacdrift.surface.place import Place
from iacdrift.surface.seen import Seen
from iacdrift.surface.ways import Ways, seen_from


def behind_answer(ways: Ways, place: Place, listener: Listener) -> Answer:
    """Whether the targets admit the client: all of them, none of them, or unknown."""
    behind = listener.behind
    if behind is None:
        return Answer.ADMITTED
    found = ways.named(behind.targets)
    if behind.doubt or not found or behind.port is None:
        return Answer.UNKNOWN_BY_CODE
    answers = {_target_answer(ways, place, target, listener.protocol, behind.port) for target in found}
    return answers.pop() if len(answers) == 1 else Answer.UNKNOWN_BY_CODE


def _target_answer(ways: Ways, place: Place, target: Interface, protocol: str, port: int) -> Answer:
    seen = seen_from(place, ways.network) if place.inside else Seen.internet(place.version, place.address)
    return ways.target_way(target, seen).admission(protocol).of(port)
