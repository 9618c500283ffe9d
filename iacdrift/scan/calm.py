"""Ports that will probably stay silent, asked once more: where they are many, evenly and not at the pace that Nmap finds for silence.

Without a forced rate Nmap asks some ten silent ports a second, however many hosts they are spread over: it takes silence for
congestion. A rate of a few packets a second for each host is as gentle, and hours shorter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from iacdrift.model.ports import NO_PORTS, PortSet
from iacdrift.scan.assurance import enough, measured, silent_ports
from iacdrift.scan.belief import ports_with
from iacdrift.scan.job import Job, Pace
from iacdrift.scan.jobs import SAFE_MIN_RATE, careful_jobs, jobs_for
from iacdrift.scan.ledger import Ledger
from iacdrift.scan.manner import Manner
from iacdrift.surface.expected import Address
from iacdrift.surface.observed import Evidence

_FEW = 64
"""So many silent ports, on all hosts together, are left to Nmap's own pace: some seconds."""
_EACH = 10
"""Packets a second for one host."""
_LEAST = 50


def certain(ledger: Ledger, address: Address, others: Sequence[Address], manner: Manner) -> PortSet:
    """Silent ports that were asked as often as the measured loss wants, if the address still answers at the end."""
    needed = measured(ledger, address, others).probes_for(manner.confidence)
    return enough(ledger.record(address).probes(silent_ports(ledger, address), so_far=True), needed)[1]


def mute_ports(ledger: Ledger, address: Address) -> PortSet:
    """TCP ports of which the target itself has said nothing so far."""
    return ports_with(ledger.belief(address, "tcp"), Evidence.SILENT, Evidence.REJECTED_ON_THE_WAY)


def gentle_jobs(  # noqa: PLR0917
    stage: str,
    scan: str,
    wants: Mapping[Address, PortSet],
    listen: Mapping[Address, PortSet],
    mute: Mapping[Address, PortSet],
    manner: Manner,
    hurried: bool = False,
) -> tuple[Job, ...]:
    """As `careful_jobs`, but for the `mute` ports among them where they are many."""
    silent = {address: found for address, ports in wants.items() if (found := ports & mute.get(address, NO_PORTS))}
    if sum(map(len, silent.values())) <= _FEW:
        return careful_jobs(stage, scan, wants, listen, manner, hurried)
    rest = {address: ports - silent.get(address, NO_PORTS) for address, ports in wants.items()}
    return (*careful_jobs(stage, scan, rest, listen, manner, hurried), *calm_jobs(stage, scan, silent, manner))


def calm_jobs(  # noqa: PLR0917
    stage: str, scan: str, wants: Mapping[Address, PortSet], manner: Manner, retries: int = 1, each: int = _EACH
) -> tuple[Job, ...]:
    """At an even rate that is slow for each host, `each` packets a second, with Nmap's normal patience for an answer."""
    jobs: list[Job] = []
    for job in jobs_for(stage, scan, wants, Pace(manner.rate, manner.rate, retries, 3, host_timeout=manner.host_timeout), manner):
        rate = min(SAFE_MIN_RATE, max(_LEAST, each * len(job.targets)))
        jobs.append(job.at_most(rate))
    return tuple(jobs)
