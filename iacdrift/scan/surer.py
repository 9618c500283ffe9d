"""Silence made surer: controls that measure the loss, the second probe of every silent port, and what can be done beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile
from math import ceil

from attrs import evolve

from iacdrift.scan.assurance import assure_jobs, controls_needed, first_shortage, known_jobs, short_of_probes
from iacdrift.scan.census import heard, known_answers, measured_witnesses, quiet_wants, suspicion_of, witnesses
from iacdrift.scan.estimate import seconds_of
from iacdrift.scan.job import MOST_AT_ONCE, Job
from iacdrift.scan.jobs import Wants, careful_jobs
from iacdrift.scan.ledger import Ledger
from iacdrift.scan.loss import LEAST_PROBES
from iacdrift.scan.plan import ScanPlan
from iacdrift.scan.pulse import LEAST_RATE, LONG, pulse_job
from iacdrift.scan.resting import controls_elsewhere
from iacdrift.scan.suspicion import answering
from iacdrift.surface.expected import Address

_TIME_FOR_CONTROLS = 0.25
"""Seconds of packets beside which a good part of the controls can be asked."""
_LEAST_BESIDE, _PACKETS_EACH = 20, 5
"""Packets a second: at the least, and for each port that is looked at."""


def controls(plan: ScanPlan, ledger: Ledger) -> Sequence[Job]:
    """Single probes to known answers, where none come beside a long second pass."""
    wants = quiet_wants(plan, ledger)
    if second_pass(plan, ledger, wants):
        return ()
    needed = controls_needed(ledger, wants, plan.manner)
    helpless = {a: ports for a, ports in wants.items() if ports and a not in needed and not ledger.record(a).controls.sent}
    elsewhere = controls_elsewhere(ledger, helpless, witnesses(plan), measured_witnesses(plan, ledger), plan.manner)
    needed = {address: max(needed.get(address, 0), elsewhere.get(address, 0)) for address in needed | elsewhere}
    return at_once(known_jobs(ledger, needed, plan.manner), assure_jobs(ledger, first_shortage(ledger, wants, plan.manner), plan.manner))


def at_once(controls: Sequence[Job], probes: Sequence[Job]) -> Sequence[Job]:
    """The further probes that will be needed anyway, beside the controls, where both are one batch within the rate."""
    if len(probes) != 1 or not controls or sum(not job.beside for job in controls) > 1:
        return controls
    (more,) = probes
    slower = [job.at_most(job.pace.max_rate // 2) for job in controls]
    return (*slower, evolve(more.at_most(int(more.pace.max_rate * 0.4)), beside=True))


def second_pass(plan: ScanPlan, ledger: Ledger, wants: Wants) -> bool:
    """Whether so many ports still want their second probe that there is time for controls beside it, and none before."""
    once = 0
    for address, ports in wants.items():
        levels = ledger.record(address).probes(ports, so_far=True) if ports else {}
        once += sum(len(held) for probes, held in levels.items() if probes < LEAST_PROBES)
    return plan.manner.rate >= LEAST_RATE and once > _TIME_FOR_CONTROLS * plan.manner.rate


def further_probes(plan: ScanPlan, ledger: Ledger) -> Sequence[Job]:
    """Every silent port as often as the loss wants, with controls and the look at what was found beside it."""
    wants = quiet_wants(plan, ledger)
    coming = controls_needed(ledger, wants, plan.manner) if second_pass(plan, ledger, wants) else {}
    short = short_of_probes(ledger, wants, measured_witnesses(plan, ledger), plan.manner, coming)
    return with_confirmation(plan, ledger, tuple(_with_controls(plan, ledger, assure_jobs(ledger, short, plan.manner), coming)))


def _with_controls(plan: ScanPlan, ledger: Ledger, jobs: Sequence[Job], coming: Mapping[Address, int]) -> Iterator[Job]:
    """Controls beside long jobs, where their targets want more of them or have none.

    For addresses that never answered only others' tell whether the way bears such a job.
    """
    known = known_answers(plan, ledger)
    shares = Counter(address for job in jobs for address in job.targets)
    for job in jobs:
        seconds, mute = seconds_of(job), sum(1 for address in job.targets if not ledger.record(address).last)
        needed = {a: ceil(coming[a] / shares[a]) for a in job.targets if coming.get(a)}
        if seconds > LONG and (needed or 2 * mute > len(job.targets)):
            yield from pulse_job(known, job, seconds, plan.manner, needed or None)
        else:
            yield job


def with_confirmation(plan: ScanPlan, ledger: Ledger, jobs: Sequence[Job]) -> Sequence[Job]:
    """What has already answered and shouldn't have is looked at beside the first long job, which doesn't need to wait for it."""
    if not jobs or seconds_of(jobs[0]) < LONG:
        return jobs
    pulses = len(list(takewhile(lambda job: job.beside, jobs[1:])))
    found = {task.address: suspicion_of(task, "tcp", ledger) for task in heard(plan, ledger)}
    again = {a: s.again & answering(ledger.belief(a, "tcp")) - ledger.looked_at(a) for a, s in found.items()}
    listen = {a: s.listen & again[a] for a, s in found.items()}
    rate = min(jobs[0].pace.max_rate // 10, max(_LEAST_BESIDE, _PACKETS_EACH * max(map(len, again.values()), default=0)))
    if rate < _LEAST_BESIDE:
        return jobs
    looks = careful_jobs("confirm", plan.manner.tcp, again, listen, plan.manner, plan.nmap.probes is not None)
    if not 0 < len(looks) < MOST_AT_ONCE - pulses:
        return jobs
    beside = [evolve(look.at_most(rate // len(looks)), beside=True) for look in looks]
    return (jobs[0].at_most(jobs[0].pace.max_rate - rate), *jobs[1 : 1 + pulses], *beside, *jobs[1 + pulses :])
