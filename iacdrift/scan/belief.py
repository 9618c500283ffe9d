"""What several answers of one port amount to; slower passes weigh more, and silence never overturns an answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from attrs import evolve

from iacdrift.model.ports import PortSet
from iacdrift.scan.evidence import not_learnt
from iacdrift.scan.facts import Groups
from iacdrift.surface.observed import Answer, Evidence

PROOF = frozenset({Evidence.OPEN, Evidence.CLOSED, Evidence.REJECTED})
"""Answers that the target itself gave."""

_History = tuple[Answer, ...]


def believed(passes: Sequence[Groups]) -> Groups:
    """One disjoint list of (ports, answer) out of all passes; contradictions that stayed are NOT_LEARNT."""
    return agreed(passes[0], len(passes)) if _unanimous(passes) else _believed(tuple(passes))


@lru_cache(maxsize=1024)
def _believed(passes: tuple[Groups, ...]) -> Groups:
    return _together([(PortSet.of_bits(bits).shared(), _settled(history)) for bits, history in _histories(passes)])


def _settled(history: _History) -> Answer:
    return decide(history) or not_learnt(_contradiction(history), history[-1].scan)


@lru_cache(maxsize=4096)
def _repeated(answer: Answer, times: int) -> Answer:
    """What an answer comes to that every pass gave."""
    return _settled((answer,) * times)


def _together(told: Sequence[tuple[PortSet, Answer]]) -> Groups:
    """Open ports as they stand, of the others all with one answer in one group."""
    merged: dict[Answer, PortSet] = {}
    opens: list[tuple[PortSet, Answer]] = []
    for ports, answer in told:
        if answer.evidence is Evidence.OPEN:
            opens.append((ports, answer))
        else:
            merged[answer] = (merged[answer] | ports).shared() if answer in merged else ports
    return (*opens, *((ports, answer) for answer, ports in merged.items()))


def agreed(groups: Groups, times: int) -> Groups:
    """What so many passes come to that all said the same, of each port once."""
    return _together([(ports, _repeated(answer, times)) for ports, answer in groups])


def _unanimous(passes: Sequence[Groups]) -> bool:
    """Whether every pass said the same, as most do, and each port once."""
    first = passes[0] if passes else ()
    if not first or any(other != first for other in passes[1:]):
        return False
    union = count = 0
    for ports, _ in first:
        union, count = union | ports.bits, count + ports.bits.bit_count()
    return union.bit_count() == count


def contested(passes: Sequence[Groups]) -> PortSet:
    """Ports whose answers contradict each other so far, and that must be asked once more."""
    found = 0
    for bits, history in _histories(passes):
        if decide(history) is None:
            found |= bits
    return PortSet(found)


@lru_cache(maxsize=4096)
def decide(history: _History) -> Answer | None:
    """What one port's answers, oldest first, prove together; None while they contradict each other.

    An answer once given and then met with silence alone stays contested: the listener may have gone, or we may have
    been banned. Exceptions are answers that hosts are known to ration: ICMP errors, so REJECTED and all of UDP.
    """
    learnt = [answer for answer in history if answer.evidence is not Evidence.NOT_LEARNT]
    proofs = [answer for answer in learnt if answer.evidence in PROOF]
    if not proofs:
        return _without_proof(learnt) or history[-1]
    last = proofs[-1]
    agreeing = [answer for answer in proofs if answer.evidence is last.evidence]
    unanimous = len(agreeing) == len(proofs)
    rationed = last.evidence is Evidence.REJECTED or last.scan == "udp"
    if len(agreeing) >= 2 or (unanimous and (learnt[-1] is last or rationed)):
        return evolve(_fullest(agreeing), probes=len(history))
    return None


def _without_proof(learnt: Sequence[Answer]) -> Answer | None:
    turned_away = [answer for answer in learnt if answer.evidence is Evidence.REJECTED_ON_THE_WAY]
    signed = [answer for answer in turned_away if answer.reason_ip]
    chosen = (signed or turned_away or learnt)[-1:]
    return evolve(chosen[0], probes=len(learnt)) if chosen else None


def _fullest(answers: Sequence[Answer]) -> Answer:
    """The one that says most about the service; the latest among equals."""
    return max(answers, key=lambda a: (a.confirmed, a.service is not None, a.ttl is not None))


def _contradiction(history: _History) -> str:
    return "the answers contradict each other: " + ", then ".join(answer.reason or answer.evidence.value for answer in history)


def _histories(passes: Sequence[Groups]) -> Iterable[tuple[int, _History]]:
    """Ports with the same answers in the same passes, as (bits, answers)."""
    parts: list[tuple[int, _History]] = []
    known = 0
    for groups in passes:
        touched = _union(groups)
        split: list[tuple[int, _History]] = []
        for bits, history in parts:
            split += _split(bits, history, groups) if bits & touched else [(bits, history)]
        split += [(fresh, (answer,)) for ports, answer in groups if (fresh := ports.bits & ~known)]
        parts, known = split, known | touched
    return parts


def _split(bits: int, history: _History, groups: Groups) -> list[tuple[int, _History]]:
    parts = []
    for ports, answer in groups:
        both = bits & ports.bits
        if both:
            parts.append((both, (*history, answer)))
            bits ^= both
    return [*parts, (bits, history)] if bits else parts


def _union(groups: Groups) -> int:
    bits = 0
    for ports, _ in groups:
        bits |= ports.bits
    return bits


def ports_with(groups: Iterable[tuple[PortSet, Answer]], *evidence: Evidence) -> PortSet:
    """All ports of these groups with one of these kinds of evidence."""
    bits = 0
    for ports, answer in groups:
        if answer.evidence in evidence:
            bits |= ports.bits
    return PortSet.of_bits(bits)


def within(groups: Groups, ports: PortSet) -> Groups:
    """The groups, with no port but these."""
    if _union(groups) | ports.bits == ports.bits:
        return tuple(group for group in groups if group[0]) if not all(held for held, _ in groups) else groups
    return tuple((kept.shared(), answer) for held, answer in groups if (kept := held & ports))
