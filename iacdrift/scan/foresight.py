"""What a scan will be like if the network is as the code says: which ports answer, how each host is swept, what it costs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from iacdrift.model.ports import NO_PORTS, PortSet
from iacdrift.scan.estimate import START, WAIT_ANSWERED, packets_of, reached, seconds_of
from iacdrift.scan.job import Job
from iacdrift.scan.jobs import Sort, in_parts, jobs_for, sweep_jobs, sweep_pace
from iacdrift.scan.manner import Manner
from iacdrift.scan.pulse import LONG, controls_each, controls_rate
from iacdrift.scan.task import Task
from iacdrift.surface.expected import Address

_LOOKING = 0.5
"""Seconds of service detection on a few ports that nobody declared."""
_CLOSING = 0.15
"""Seconds of the last question to what answered."""

Answering = Mapping[Address, PortSet]
"""Address -> TCP ports that should answer, open or closed."""


def answering_ports(task: Task) -> PortSet:
    """TCP ports of this address that something must or may answer on: nothing drops what reaches them."""
    return PortSet.union(host.tcp.open | host.tcp.allowed for host in task.hosts) & task.shown("tcp")


def sort_ahead(task: Task) -> Sort:
    """How the host will look at the first look."""
    may = sum(len(host.tcp.allowed & task.tcp) for host in task.hosts)
    return Sort.REFUSING if 2 * may >= len(task.tcp) else Sort.SILENT


def expected_sweeps(tasks: Sequence[Task], wants: Mapping[Address, PortSet], manner: Manner) -> tuple[Job, ...]:
    """What is asked after the first look."""
    return sweep_jobs(wants, {task.address: sort_ahead(task) for task in tasks}, manner)


def expected_repetition(tasks: Sequence[Task], single: Iterable[Job], manner: Manner) -> tuple[Job, ...]:
    """The second probe for each port that stays silent to a single one of these jobs."""
    answering = {task.address: answering_ports(task) for task in tasks}
    silent: dict[Address, PortSet] = {}
    for job in single:
        for address in job.targets:
            silent[address] = silent.get(address, NO_PORTS) | job.ports - answering.get(address, NO_PORTS)
    again = jobs_for("assure", manner.tcp, silent, sweep_pace(Sort.SILENT, manner), manner)
    return tuple(part for job in again for part in in_parts(job))


def cost(job: Job, answering: Answering, manner: Manner) -> tuple[int, float]:
    """Packets and seconds of a job, with the controls beside it: a port that answers is asked once."""
    if job.protocol != "tcp" or job.stage not in ("look", "sweep", "assure"):
        return packets_of(job), seconds_of(job)
    answers = sum(len(answering.get(address, NO_PORTS) & job.ports) for address in job.targets)
    packets = packets_of(job) - answers * (job.probes - 1)
    if answers == len(job.targets) * len(job.ports):
        seconds = START + WAIT_ANSWERED + packets / reached(job)
    else:
        seconds = seconds_of(job, heard=answers > 0) - (packets_of(job) - packets) / reached(job)
    if job.stage == "look":
        return packets, seconds
    vouching = sum(1 for address in job.targets if answering.get(address))
    controlled = vouching and (job.stage == "sweep" or seconds > LONG)
    beside = controls_rate(job, seconds, vouching * controls_each(job, seconds, manner.confidence)) if controlled else 0
    more = packets / max(1, job.pace.max_rate - beside) - packets / job.pace.max_rate
    return packets + round(beside * (seconds + more)), seconds + more


def afterwards(tasks: Sequence[Task], jobs: Iterable[Job]) -> float:
    """Seconds behind the jobs: of a look at what answers where everything may, and of the last question to what answered."""
    loose = any(job.stage == "sweep" and job.pace.min_rate is None for job in jobs)
    silent = any(task.udp or task.shown("tcp") - answering_ports(task) for task in tasks)
    return _LOOKING * loose + _CLOSING * silent
