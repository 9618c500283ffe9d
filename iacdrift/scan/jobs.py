"""From wants to jobs: hosts with equal ports share one Nmap run, and each sort of host gets the manner that is complete for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum

from attrs import evolve

from iacdrift.model.ports import NO_PORTS, PortSet
from iacdrift.scan.argv import MOST_IN_A_GROUP, split_ports
from iacdrift.scan.belief import ports_with
from iacdrift.scan.facts import Groups
from iacdrift.scan.job import Job, Pace
from iacdrift.scan.manner import Manner
from iacdrift.scan.suspicion import answering
from iacdrift.surface.expected import Address
from iacdrift.surface.observed import Evidence

MOST_TARGETS = 1024
"""Addresses of one job, so that progress moves and an interruption loses little."""
MOST_GROUPS = 16
"""More different port lists than this are merged where that costs few packets."""
SAFE_MIN_RATE = 20_000
"""At 50,000 a second Nmap loses answers of hosts that give many; at 20,000 it was measured complete."""
LONGEST = 20.0
"""Seconds of one sweep: an answer after it vouches for the silence in it, and a ban voids no more than this."""
_LEAST_TARGETS = 128
_TOGETHER = 64
"""Ports of which a job has the more addresses the fewer they are; longer lists are cut by `in_parts`."""
LONG_LOOK = 1.0
"""Seconds of single probes from which on a first look gets its second probe later."""
_FIRST_ANSWER = 0.3
"""Seconds that a host of which nothing is known has for its first answer at the first look; it only sorts the hosts."""
_WASTE = 1.5
_MANY_OPEN = 20
_MOST_PARALLEL = 200
_PACKETS_OF_A_SERVICE = 20

Wants = Mapping[Address, PortSet]


class Sort(Enum):
    """What a host did at the first look."""

    SILENT = "silent"
    """Or nearly so: a filter drops what nobody serves."""
    REFUSING = "refusing"
    MIXED = "mixed"


def sort_of(groups: Groups) -> Sort:
    """Refusing where more ports refused than stayed silent, silent where nothing refuses and silence prevails over answers.

    Open ports say little of the others: the first look asks for those that are declared.
    """
    refused = len(ports_with(groups, Evidence.CLOSED, Evidence.REJECTED))
    answered = len(answering(groups))
    silent = sum(len(ports) for ports, _ in groups) - answered
    if not answered or (not refused and answered < silent):
        return Sort.SILENT
    return Sort.REFUSING if refused and refused >= silent else Sort.MIXED


def look_jobs(wants: Wants, last: bool, manner: Manner) -> tuple[Job, ...]:
    """The first look at the full rate: two probes of few ports; a single quick one where a sweep follows that asks again.

    `last`: nothing but this look asks these ports. Where it is long even so, it is one patient probe: the second comes
    with `assure_jobs`, seconds later and beside controls, which nobody has before the first look.
    """
    long = last and sum(map(len, wants.values())) > LONG_LOOK * manner.rate
    wait = None if last else _FIRST_ANSWER
    retries = 1 if last and not long else 0
    pace = Pace(manner.rate, min(manner.rate, SAFE_MIN_RATE), retries, host_timeout=manner.host_timeout, wait=wait)
    return jobs_for("look", manner.tcp, wants, pace, manner)


def sweep_pace(sort: Sort, manner: Manner) -> Pace:
    """A rate is forced only on hosts that don't refuse: they would lose answers by it.

    With it every probe is a single one: what stays silent is asked again later (`assure_jobs`), as often as the loss wants.
    """
    forced = {Sort.SILENT: manner.rate, Sort.MIXED: min(manner.rate, SAFE_MIN_RATE), Sort.REFUSING: None}[sort]
    return Pace(manner.rate, forced, 3 if forced is None else 0, host_timeout=manner.host_timeout)


def sweep_jobs(wants: Wants, sorts: Mapping[Address, Sort], manner: Manner, telling: PortSet = NO_PORTS) -> tuple[Job, ...]:
    """Everything else that is asked, the `telling` ports first."""
    jobs: list[Job] = []
    for sort in (Sort.MIXED, Sort.REFUSING, Sort.SILENT):
        chosen = {address: ports for address, ports in wants.items() if sorts.get(address, Sort.SILENT) is sort}
        for job in jobs_for("sweep", manner.tcp, chosen, sweep_pace(sort, manner), manner):
            jobs += in_parts(job, telling)
    return tuple(jobs)


def in_parts(job: Job, telling: PortSet = NO_PORTS) -> tuple[Job, ...]:
    """The same ports in jobs that last no longer than LONGEST at their rate."""
    most = max(1, int(job.pace.max_rate * LONGEST) // (len(job.targets) * job.probes))
    count = -(-len(job.ports) // most)
    if count <= 1:
        return (job,)
    first = list(job.ports & telling)
    listed = first + list(job.ports - telling)
    size = -(-len(listed) // count)
    return tuple(evolve(job, ports=PortSet.of(listed[start : start + size])) for start in range(0, len(listed), size))


def udp_jobs(wants: Wants, manner: Manner) -> tuple[Job, ...]:
    """UDP without a forced rate: hosts ration their ICMP errors, and Nmap slows down for them only where it may."""
    return jobs_for("udp", "udp", wants, Pace(manner.rate, None, retries=6, host_timeout=manner.host_timeout), manner)


def sender_jobs(scan: str, wants: Wants, manner: Manner) -> tuple[Job, ...]:
    """Ports that were rejected by nobody knows whom, asked again so that Nmap says it for each."""
    pace = Pace(manner.rate, None, retries=2, host_timeout=manner.host_timeout, apart=True)
    return jobs_for("senders", scan, wants, pace, manner)


def careful_jobs(stage: str, scan: str, wants: Wants, listen: Wants, manner: Manner, hurried: bool = False) -> tuple[Job, ...]:  # noqa: PLR0917
    """The slower second opinion: normal timing, more retries, service detection for hosts where a service decides.

    Detection in parallel where many ports listen: it is eight times faster then, and few ports need no help. Nmap holds
    no rate while it detects: the connections that it keeps open at a time are limited instead. `hurried`: a quick look.
    """
    jobs: list[Job] = []
    for versions in (True, False):
        chosen = {a: ports for a, ports in wants.items() if bool(listen.get(a, NO_PORTS)) is versions}
        most = max((len(listen.get(a, NO_PORTS)) for a in chosen), default=0)
        at_once = max(1, manner.rate // _PACKETS_OF_A_SERVICE)
        parallel = min(most, _MOST_PARALLEL, at_once) if most > _MANY_OPEN else None
        pace = Pace(manner.rate, None, 3, 3, versions, hurried and versions, parallel, manner.host_timeout)
        pace = evolve(pace, certificates=versions and manner.certificates)
        jobs += jobs_for(stage, scan, chosen, pace, manner)
    return tuple(jobs)


def jobs_for(stage: str, scan: str, wants: Wants, pace: Pace, manner: Manner) -> tuple[Job, ...]:
    """Jobs over these addresses, each family apart, each list of ports and of addresses short enough, within all caps."""
    jobs: list[Job] = []
    for family in (4, 6):
        chosen = {address: ports for address, ports in wants.items() if ports and address.version == family}
        for addresses, ports in grouped(chosen, together=pace.versions):
            for part in split_ports(ports):
                most = _most_targets(part, pace)
                for start in range(0, len(addresses), most):
                    targets = addresses[start : start + most]
                    jobs.append(Job(stage, scan, targets, part, manner.capped(pace, targets)))
    return tuple(jobs)


def _most_targets(ports: PortSet, pace: Pace) -> int:
    """So many that the job lasts no longer than LONGEST where its rate is forced: each job waits once for its last answers."""
    if pace.min_rate is None:
        return MOST_TARGETS
    asked = min(len(ports), _TOGETHER) * (1 + min(pace.retries, 1))
    return min(MOST_IN_A_GROUP, max(_LEAST_TARGETS, int(pace.max_rate * LONGEST) // asked))


def grouped(wants: Wants, *, together: bool = False) -> tuple[tuple[tuple[Address, ...], PortSet], ...]:
    """Addresses that are asked the same. Where that makes many groups, similar ones are merged: a few ports more.

    `together`: merge in any case. Service detection waits for seconds on each port, on all hosts of a run at once.
    """
    groups: dict[PortSet, list[Address]] = {}
    for address, ports in wants.items():
        groups.setdefault(ports, []).append(address)
    listed = [(tuple(addresses), ports) for ports, addresses in groups.items()]
    if len(listed) <= MOST_GROUPS and not together:
        return tuple(listed)
    return tuple(_merged(sorted(listed, key=lambda group: (len(group[1]), group[1].bits))))


def _merged(groups: Iterable[tuple[tuple[Address, ...], PortSet]]) -> Iterable[tuple[tuple[Address, ...], PortSet]]:
    addresses: tuple[Address, ...] = ()
    ports, needed = NO_PORTS, 0
    for more, wanted in groups:
        together, cost = ports | wanted, needed + len(more) * len(wanted)
        if addresses and len(together) * (len(addresses) + len(more)) > max(_WASTE * cost, 512):
            yield addresses, ports
            addresses, ports, needed = (), NO_PORTS, 0
            together, cost = wanted, len(more) * len(wanted)
        addresses, ports, needed = addresses + more, together, cost
    if addresses:
        yield addresses, ports
