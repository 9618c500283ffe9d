"""What the answers of one batch of jobs teach: facts for the ledger, and controls for the loss."""

from __future__ import annotations

from collections.abc import Sequence

from iacdrift.model.ports import NO_PORTS
from iacdrift.scan.assurance import known_ports, silent_ports
from iacdrift.scan.bearing import watch
from iacdrift.scan.belief import ports_with, within
from iacdrift.scan.canaries import Known, deaf, flooded, unheard_canaries
from iacdrift.scan.estimate import packets_of
from iacdrift.scan.facts import XmlHost
from iacdrift.scan.job import PULSE, Job
from iacdrift.scan.ledger import Controlled, Ledger
from iacdrift.scan.loss import NO_CONTROLS, Controls
from iacdrift.scan.runner import Result
from iacdrift.scan.suspicion import answering
from iacdrift.scan.way import slow_down
from iacdrift.surface.expected import Address
from iacdrift.surface.observed import Evidence

_LONG = 1.0
"""Seconds of probes beside which controls are asked: those asked before or after it tell nothing of its load on the way."""


def absorb_batch(ledger: Ledger, batch: Sequence[Result]) -> None:
    """Everything that jobs of one batch learnt, in one step of the ledger's time."""
    ledger.batch += 1
    rate = sum(job.pace.max_rate for job, _ in batch)
    if any(packets_of(job) > _LONG * job.pace.max_rate for job, _ in batch if job.stage in ("look", "sweep", "assure")):
        ledger.long.add(ledger.batch)
    controls: dict[Address, Controls] = {}
    known = {address: known_ports(ledger, address) for address in {host.address for _, hosts in batch for host in hosts}}
    beside = sum((_lost(known, job, host) for job, hosts in batch if job.stage == PULSE for host in hosts), NO_CONTROLS)
    for job, hosts in batch:
        probes = 0 if deaf(known, job, hosts, beside) or flooded(job, hosts) else job.probes
        for host in hosts:
            if job.single and (probes or job.stage == PULSE):
                controls[host.address] = controls.get(host.address, NO_CONTROLS) + _lost(known, job, host)
            if answering(host.tcp):
                ledger.heard(host.address)
            if job.stage not in ("known", PULSE):
                _learn(ledger, known, job, host, probes)
    for address, found in controls.items():
        if found.sent:
            _controlled(ledger, address, found, rate)


def _controlled(ledger: Ledger, address: Address, found: Controls, rate: int) -> None:
    record = ledger.record(address)
    latest, remark = Controlled(ledger.batch, found, rate), record.remark
    record.controlled.append(latest)
    fast = record.tried or latest
    if watch(record, address):
        if record.remark != remark:
            slow_down(ledger, address, fast)
        # What was asked too fast doesn't count: everything that makes silence sure begins anew, slower.
        ledger.done.pop("known", None)
        ledger.done.pop("assure", None)


def _lost(known: Known, job: Job, host: XmlHost) -> Controls:
    """Known ports of a job without retries: each is one single probe. Their silence is loss, and no news of the port."""
    asked = known[host.address] & job.ports
    return Controls(len(asked), len(ports_with(host.tcp, Evidence.SILENT) & asked)) if asked else NO_CONTROLS


def _learn(ledger: Ledger, known: Known, job: Job, host: XmlHost, probes: int) -> None:
    """`probes`: how often each silent port was asked; none where the job was deaf, so that others have to ask."""
    asked = job.ports - unheard_canaries(known, job, host)
    groups = within(host.udp if job.protocol == "udp" else host.tcp, asked)
    if job.stage == "assure":
        # What has answered before was asked as a control: only ports that were silent so far can still speak.
        kept = silent_ports(ledger, host.address) | (answering(groups) - known_ports(ledger, host.address))
        groups = within(groups, kept) if kept else ()
        ledger.absorb(host.address, job.protocol, groups, min(probes, 1))
        return
    ledger.absorb(host.address, job.protocol, groups, probes)
    if job.stage == "confirm" and job.protocol == "tcp":
        ledger.look(host.address, answering(groups))
    if job.stage == "close" and answering(groups) != NO_PORTS:
        ledger.after.add(host.address)
