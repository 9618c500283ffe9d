"""Controls beside a long job: single probes to known answers, for as long as it lasts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import ceil

from iacdrift.model.ports import PortSet
from iacdrift.scan.assurance import MOST_ROUNDS, ROUNDS_A_SECOND, control_wants, spread_over
from iacdrift.scan.estimate import CONTROL_ROUND
from iacdrift.scan.job import MOST_AT_ONCE, PULSE, Job, Pace
from iacdrift.scan.jobs import Wants
from iacdrift.scan.loss import LEAST_PROBES, PATIENCE, controls_for
from iacdrift.scan.manner import Manner
from iacdrift.scan.suspicion import spread
from iacdrift.surface.expected import Address

LONG = 0.5
"""Seconds of a job beside which something else can be done meanwhile."""
_SHARE = 0.01
_MOST = 100
"""Packets a second that are spent on controls where few addresses need them."""
_MOST_SHARE = 0.12
_ROOM = 1.25
"""A round takes longer than its packets, and what is short by a few calls for one more stage."""
LEAST_RATE = 300
"""Packets a second below which controls beside a job would take too much from it."""
_PROCESSES = MOST_AT_ONCE - 2
"""Processes of controls: there has to be room for the job and for a look at what it found before."""
_ELSEWHERE = 8
_AT_A_TIME = 4
"""Known ports of an address in one round: the rounds are what is spread over time."""

_Lists = Mapping[tuple[PortSet, int], list[Address]]


def pulse_job(known: Wants, job: Job, seconds: float, manner: Manner, needed: Mapping[Address, int] | None = None) -> tuple[Job, ...]:
    """The job with controls beside it: on its own targets where they answer, on others where none does.

    Only controls at the same time tell whether the job itself is more than the target or the way to it bears. `known`: address ->
    ports that answer, of everybody who may tell. `needed`: how many each target still wants; without it as many as a sweep of
    that length should have beside it.
    """
    if job.pace.max_rate < LEAST_RATE:
        return (job,)
    answering = tuple(a for a in job.targets if known.get(a))
    each = controls_each(job, seconds, manner.confidence)
    counts = {a: count for a in answering if (count := each if needed is None else needed.get(a, 0))}
    if not answering:
        others = [address for address, ports in known.items() if ports and address.version == job.family]
        counts = dict.fromkeys(spread_over(others, _ELSEWHERE), each)
    if not counts:
        return (job,)
    rate = controls_rate(job, seconds, sum(counts.values()))
    pulses = tuple(_pulses(control_wants(known, counts), rate, seconds, manner))
    return (job.at_most(job.pace.max_rate - rate), *pulses)


def controls_each(job: Job, seconds: float, confidence: float) -> int:
    """The controls of one address that make two probes of each port enough; half of them beside the first of two jobs."""
    count = controls_for(LEAST_PROBES, confidence) or 1
    return ceil(count / 2) if job.single and seconds > LONG else count


def controls_rate(job: Job, seconds: float, wanted: int) -> int:
    """Packets a second for so many controls while the job lasts: a small part of the rate at the least, and never a large one."""
    if job.pace.max_rate < LEAST_RATE:
        return 0
    small = min(_MOST, int(job.pace.max_rate * _SHARE))
    return max(ROUNDS_A_SECOND, small, min(ceil(_ROOM * wanted / seconds), int(job.pace.max_rate * _MOST_SHARE)))


def _pulses(lists: _Lists, rate: int, seconds: float, manner: Manner) -> Iterable[Job]:
    """As many processes as may run beside the job, each list of ports with its share of them and of the rate."""
    round_of_all = sum(min(_AT_A_TIME, len(ports)) * len(addresses) for (ports, _), addresses in lists.items())
    needed = max(len(lists), ceil(rate * CONTROL_ROUND / round_of_all))
    processes = max(1, min(_PROCESSES, rate // ROUNDS_A_SECOND, needed))
    largest = sorted(lists.items(), key=lambda one: -len(one[1]))[:processes]
    total = sum(len(addresses) for _, addresses in largest)
    shares = [max(1, processes * len(addresses) // total) for _, addresses in largest]
    shares[0] += processes - sum(shares)
    for ((ports, _), addresses), slots in zip(largest, shares, strict=True):
        part = max(1, min(rate - ROUNDS_A_SECOND * (len(largest) - 1), rate * len(addresses) // total) // slots)
        few = spread(ports, max(1, min(_AT_A_TIME, part // len(addresses))))
        pace = manner.capped(Pace(part, None, retries=0, patience=PATIENCE), addresses)
        rounds = min(MOST_ROUNDS, int(seconds / max(CONTROL_ROUND, len(addresses) * len(few) / part)) + 10)
        yield from [Job(PULSE, manner.tcp, tuple(addresses), few, pace, rounds, beside=True)] * slots
