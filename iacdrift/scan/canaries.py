"""Known answers inside a long job itself: an Nmap that loses answers, for whatever reason, loses theirs too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from attrs import evolve

from iacdrift.model.ports import NO_PORTS, PortSet
from iacdrift.scan.assurance import known_ports
from iacdrift.scan.belief import ports_with
from iacdrift.scan.facts import XmlHost
from iacdrift.scan.job import Job
from iacdrift.scan.ledger import Ledger
from iacdrift.scan.suspicion import spread
from iacdrift.surface.observed import Evidence

_WORTH = 500
"""Ports of a job from which on a handful more costs next to nothing."""
_MOST = 6
_BEARABLE = 0.05
"""The share of known answers that a job may miss: each was asked twice, so honest loss hardly ever takes more."""


def with_canaries(ledger: Ledger, job: Job) -> Job:
    """The job with a few ports on which its own targets answer; the controls beside it are heard by other processes."""
    if len(job.ports) < _WORTH:
        return job
    known = Counter(port for address in job.targets for port in spread(known_ports(ledger, address), _MOST))
    return evolve(job, ports=job.ports | PortSet.of(port for port, _ in known.most_common(_MOST)))


def deaf(ledger: Ledger, job: Job, hosts: Sequence[XmlHost]) -> bool:
    """Whether a sweep missed known answers, so that what else it calls silent was as good as not asked."""
    if job.stage != "sweep":
        return False
    asked = {host.address: known_ports(ledger, host.address) & job.ports for host in hosts}
    missed = sum(len(_unheard(host) & asked[host.address]) for host in hosts)
    return missed > _BEARABLE * sum(map(len, asked.values()))


def unheard_canaries(ledger: Ledger, job: Job, host: XmlHost) -> PortSet:
    """Known ports that a sweep heard nothing of: that says something of the sweep, and nothing of the port."""
    return known_ports(ledger, host.address) & _unheard(host) if job.stage == "sweep" else NO_PORTS


def _unheard(host: XmlHost) -> PortSet:
    return ports_with(host.tcp, Evidence.SILENT)
