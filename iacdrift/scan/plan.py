"""What `check` would send: the first jobs exactly, the rest as it is if the network is as the code says."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve, field, frozen

from iacdrift.errors import ScanError
from iacdrift.model.ports import NO_PORTS, PortSet
from iacdrift.scan.argv import arguments
from iacdrift.scan.estimate import packets_of, seconds_of
from iacdrift.scan.foresight import afterwards, answering_ports, cost, expected_repetition, expected_sweeps
from iacdrift.scan.job import Job, Pace
from iacdrift.scan.jobs import SAFE_MIN_RATE, jobs_for, look_jobs, udp_jobs
from iacdrift.scan.machine import Nmap
from iacdrift.scan.manner import Manner
from iacdrift.scan.process import find_nmap
from iacdrift.scan.scope import guard, sweep_targets
from iacdrift.scan.sending import within_reach
from iacdrift.scan.settings import ScanSettings
from iacdrift.scan.targets import Targets, present_hosts
from iacdrift.scan.task import Only, Task, tasks_for
from iacdrift.surface.expected import Address, ExpectedHost, ExpectedSurface, HostStatus

_SHARE = 0.9
"""Part of `--timeout` after which Nmap gives a host up by itself, so that the other hosts' results are written."""


@frozen(slots=True)
class PlannedJob:
    """One Nmap command: `packets` and `seconds` are estimates."""

    job: Job
    argv: tuple[str, ...]
    packets: int
    seconds: float

    def to_dict(self) -> dict[str, object]:
        """Stage, command, targets, ports, packets, seconds."""
        return {
            "stage": self.job.stage,
            "scan": self.job.scan,
            "protocol": self.job.protocol,
            "targets": [str(address) for address in self.job.targets],
            "ports": str(self.job.ports),
            "command": list(self.argv),
            "packets": self.packets,
            "seconds": round(self.seconds, 2),
        }


@frozen(slots=True)
class ScanPlan:
    """The jobs in the order in which they run. `by_name`: names that are resolved only when the scan starts.

    `notes`: what is left out and why. Confirmation follows the answers and can't be listed before.
    """

    nmap: Nmap
    settings: ScanSettings
    manner: Manner
    tasks: tuple[Task, ...] = ()
    jobs: tuple[PlannedJob, ...] = ()
    by_name: tuple[str, ...] = ()
    undeclared: tuple[Address, ...] = ()
    notes: tuple[str, ...] = field(default=())

    @property
    def packets(self) -> int:
        """Of all jobs."""
        return sum(planned.packets for planned in self.jobs)

    @property
    def seconds(self) -> float:
        """Of all jobs, one after another, and of what comes behind them."""
        return sum(planned.seconds for planned in self.jobs) + afterwards(self.tasks, (planned.job for planned in self.jobs))

    def to_dict(self) -> dict[str, object]:
        """The JSON shape `iacdrift/scan-plan/1`."""
        return {
            "schema": "iacdrift/scan-plan/1",
            "nmap": self.nmap.version_text,
            "scan_type": self.manner.tcp,
            "packets_per_second": self.manner.rate,
            "targets": [str(task.address) for task in self.tasks],
            "jobs": [planned.to_dict() for planned in self.jobs],
            "packets": self.packets,
            "seconds": round(self.seconds, 2),
            "by_name": list(self.by_name),
            "notes": list(self.notes),
        }


def plan_scan(
    expected: ExpectedSurface,
    settings: ScanSettings,
    nmap: Nmap | None = None,
    targets: Targets | None = None,
    only: Only | None = None,
) -> ScanPlan:
    """The plan for this surface; pure where `nmap` is given, else this machine is asked for it. Sends nothing.

    Without `targets` names stay names. Raises ScopeError for an address that may not be scanned, ScanError where SYN
    is asked for without the right, or Nmap is missing or too old.
    """
    nmap = nmap or find_nmap(settings.nmap)
    manner = manner_of(settings, nmap)
    targets = targets or _addressed(expected, settings)
    for control in settings.controls:
        guard(control.address, settings.scope, "--control")
    undeclared = sweep_targets(expected, settings.sweep, settings.scope) if only is None else ()
    tasks = tasks_for(targets, settings, nmap, only)
    jobs = (
        *(looks := first_jobs(tasks, manner)),
        *_later_jobs(tasks, looks, manner, nmap),
        *control_jobs(tasks, settings, manner),
        *discover_jobs(undeclared, manner),
    )
    answering = {task.address: answering_ports(task) for task in tasks}
    return ScanPlan(
        nmap,
        settings,
        manner,
        tasks,
        tuple(evolve(planned(job, nmap), packets=p, seconds=s) for job in jobs for p, s in [cost(job, answering, manner)]),
        tuple(sorted({h.name or h.owner for h in present_hosts(expected) if h.status is HostStatus.BY_NAME and h.address is None})),
        undeclared,
        _notes(tasks, manner, nmap, settings.rate),
    )


def manner_of(settings: ScanSettings, nmap: Nmap) -> Manner:
    """SYN where it may be sent, connect otherwise. ScanError where SYN was asked for without the right."""
    if settings.scan_type == "syn" and not nmap.raw:
        raise ScanError("--scan-type syn needs root or CAP_NET_RAW for Nmap; use sudo, or --scan-type connect, which proves less")
    raw = nmap.raw and settings.scan_type != "connect"
    return Manner(
        "syn" if raw else "connect",
        within_reach(settings.rate, nmap.fastest),
        settings.timeout * _SHARE if settings.timeout else None,
        settings.host_rate,
        settings.network_rate,
        settings.confidence,
        settings.certificates,
    )


def _addressed(expected: ExpectedSurface, settings: ScanSettings) -> Targets:
    hosts: dict[Address, list[ExpectedHost]] = {}
    for host in present_hosts(expected):
        if host.address is not None and host.address.version in settings.families:
            hosts.setdefault(guard(host.address, settings.scope, host.owner), []).append(host)
    return Targets({address: tuple(held) for address, held in hosts.items()})


def first_jobs(tasks: Sequence[Task], manner: Manner) -> tuple[Job, ...]:
    """The first look at every host."""
    looks = {task.address: (task.first_look(), not task.tcp - task.first_look()) for task in tasks}
    jobs: tuple[Job, ...] = ()
    for last in (True, False):
        jobs += look_jobs({a: ports for a, (ports, alone) in looks.items() if alone is last}, last, manner)
    return jobs


def sweep_wants(tasks: Sequence[Task]) -> dict[Address, PortSet]:
    """Everything, where the first look left something out: its few ports are asked along with the rest."""
    return {task.address: task.tcp if task.tcp - task.first_look() else NO_PORTS for task in tasks}


def udp_wants(tasks: Sequence[Task], nmap: Nmap) -> dict[Address, PortSet]:
    """UDP ports, where they can be asked at all."""
    return {task.address: task.udp for task in tasks} if nmap.raw else {}


def _later_jobs(tasks: Sequence[Task], looks: Sequence[Job], manner: Manner, nmap: Nmap) -> tuple[Job, ...]:
    sweeps = expected_sweeps(tasks, sweep_wants(tasks), manner)
    lasting = (job for job in looks if job.pace.wait is None)
    again = expected_repetition(tasks, [job for job in (*lasting, *sweeps) if job.single], manner)
    return (*sweeps, *again, *udp_jobs(udp_wants(tasks, nmap), manner))


def control_wants(tasks: Sequence[Task], settings: ScanSettings) -> dict[Address, PortSet]:
    """The TCP ports of each `--control`: the one that was named, or all that anybody of its family is asked."""
    wants: dict[Address, PortSet] = {}
    for control in settings.controls:
        if control.port is not None:
            ports = PortSet.single(control.port)
        else:
            ports = NO_PORTS
            for task in tasks:
                ports |= task.tcp if task.address.version == control.address.version else NO_PORTS
        wants[control.address] = wants.get(control.address, NO_PORTS) | ports
    return wants


def control_jobs(tasks: Sequence[Task], settings: ScanSettings, manner: Manner) -> tuple[Job, ...]:
    """Controls answer on every port, so no rate is forced on them."""
    return jobs_for("control", manner.tcp, control_wants(tasks, settings), Pace(manner.rate, None, retries=3), manner)


def discover_jobs(addresses: Sequence[Address], manner: Manner) -> tuple[Job, ...]:
    """Whether anything is at these addresses."""
    pace = Pace(manner.rate, min(manner.rate, SAFE_MIN_RATE), retries=1)
    wants = dict.fromkeys(addresses, PortSet.single(0))
    return jobs_for("discover", "ping" if manner.tcp == "syn" else "knock", wants, pace, manner)


def planned(job: Job, nmap: Nmap) -> PlannedJob:
    """The job with its command and what it may cost."""
    return PlannedJob(job, arguments(evolve(job, rounds=1), nmap), packets_of(job), seconds_of(job))


def _notes(tasks: Sequence[Task], manner: Manner, nmap: Nmap, asked: int) -> tuple[str, ...]:
    notes = []
    if manner.tcp == "connect":
        notes.append("a connect scan: it can't tell a closed port from one that is rejected, nor who sent a rejection")
    if manner.rate < asked:
        notes.append(f"one Nmap sends {nmap.fastest:,} packets a second from this machine: {manner.rate:,} are asked of it, not {asked:,}")
    if not nmap.raw:
        named = sum(1 for task in tasks if task.udp)
        implied = sum(1 for task in tasks if task.udp_implied)
        if implied:
            notes.append(f"UDP needs root: the ports that nobody named weren't asked on {implied} hosts")
        if named:
            notes.append(f"UDP needs root: the declared or named UDP ports of {named} hosts stay undetermined")
    return tuple(notes)
