"""Known answers inside a long job itself: an Nmap that loses answers, for whatever reason, loses theirs too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from iacdrift.model.ports import NO_PORTS, PortSet
from iacdrift.scan.assurance import with_known
from iacdrift.scan.belief import ports_with
from iacdrift.scan.estimate import packets_of
from iacdrift.scan.facts import XmlHost
from iacdrift.scan.job import Job
from iacdrift.scan.jobs import SAFE_MIN_RATE
from iacdrift.scan.ledger import Ledger
from iacdrift.scan.loss import RARE, Controls, rarer
from iacdrift.scan.suspicion import answering
from iacdrift.surface.expected import Address
from iacdrift.surface.observed import Evidence

_WORTH = 500
"""Ports of a job from which on a handful more costs next to nothing."""
_MOST = 6
_BEARABLE = 0.02
"""The loss that is taken for granted where no controls ran beside the job."""

Known = Mapping[Address, PortSet]
"""Address -> TCP ports that were known to answer before a batch."""


def with_canaries(ledger: Ledger, job: Job) -> Job:
    """The job with a few ports on which its own targets answer; the controls beside it are heard by other processes."""
    return job if len(job.ports) < _WORTH else with_known(ledger, job, _MOST)


def deaf(known: Known, job: Job, hosts: Sequence[XmlHost], beside: Controls) -> bool:
    """Whether a sweep missed known answers, so that what else it calls silent was as good as not asked.

    `beside`: the controls of other processes at the same time. What they lost as well is loss, and no deafness.
    """
    if job.stage != "sweep":
        return False
    asked = {host.address: known[host.address] & job.ports for host in hosts}
    missed = sum(len(_unheard(host) & asked[host.address]) for host in hosts)
    loss = max(_BEARABLE, beside.bound ** (1 + min(job.pace.retries, 1)) if beside.sent else 0.0)
    return missed > 0 and rarer(missed, sum(map(len, asked.values())), loss) < RARE


def flooded(job: Job, hosts: Sequence[XmlHost]) -> bool:
    """Whether a job at a forced rate got more answers a second than Nmap was measured to take in."""
    if job.pace.min_rate is None or job.pace.min_rate <= SAFE_MIN_RATE:
        return False
    answers = sum(len(answering(host.tcp)) for host in hosts)
    return answers * job.pace.max_rate > SAFE_MIN_RATE * packets_of(job)


def unheard_canaries(known: Known, job: Job, host: XmlHost) -> PortSet:
    """Known ports that a sweep heard nothing of: that says something of the sweep, and nothing of the port."""
    return known[host.address] & _unheard(host) if job.stage == "sweep" else NO_PORTS


def _unheard(host: XmlHost) -> PortSet:
    return ports_with(host.tcp, Evidence.SILENT)
