"""`--sweep`: addresses of a declared subnet that answer though the model doesn't know them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import field, frozen

from iacdrift.model.ports import NO_PORTS, PortSet
from iacdrift.scan.belief import ports_with, within
from iacdrift.scan.job import Job
from iacdrift.scan.jobs import Sort, careful_jobs, sweep_jobs
from iacdrift.scan.ledger import Ledger
from iacdrift.scan.plan import ScanPlan, discover_jobs
from iacdrift.scan.ports import ADMINISTRATIVE
from iacdrift.scan.route import local_source
from iacdrift.scan.runner import Runner
from iacdrift.scan.spec import PortSpec
from iacdrift.scan.suspicion import SAMPLE, spread
from iacdrift.surface.expected import Address
from iacdrift.surface.observed import Evidence, ObservedHost, ObservedPorts

_NOTHING = (Evidence.SILENT, Evidence.REJECTED_ON_THE_WAY)
"""What a target that isn't there answers: nothing, or a router in its place."""


@frozen(slots=True)
class Swept:
    """What a sweep found. `vanished`: remembered addresses that answered nothing at all, with the ports they were asked."""

    found: tuple[ObservedHost, ...] = ()
    vanished: Mapping[Address, PortSet] = field(factory=dict)
    notes: tuple[str, ...] = ()


def undeclared_hosts(plan: ScanPlan, runner: Runner) -> Swept:
    """Those that answer, with what they answer; and notes about those that answer to a ping alone.

    An address of this machine itself is nobody else's and left out.
    """
    asked = [address for address in plan.undeclared if local_source(address) not in (None, address)]
    alive = [host.address for batch in runner.run(discover_jobs(asked, plan.manner)) for _, hosts in batch for host in hosts]
    heard = frozenset(alive)
    vanished, others = _remembered(plan, runner, [address for address in asked if address not in heard])
    alive += others
    if not alive:
        return Swept((), vanished)
    spec = PortSpec.parse(plan.settings.ports)
    known = dict(plan.settings.remembered)
    common = spec.tcp or (plan.nmap.top_tcp | ADMINISTRATIVE)
    wants = {address: common | known.get(address, NO_PORTS) for address in alive}
    ledger = _asked(plan, runner, wants)
    found = tuple(
        ObservedHost(
            address,
            ObservedPorts(ports, ledger.belief(address, "tcp")),
            answered_before=True,
            answered_after=True,
            tcp_scan=plan.manner.tcp,
        )
        for address, ports in wants.items()
    )
    quiet = [str(host.address) for host in found if not ledger.answered(host.address)]
    notes = (f"--sweep: answers a ping but none of the TCP ports asked, and no resource owns it: {', '.join(quiet)}",) if quiet else ()
    return Swept(found, vanished, notes)


def _remembered(plan: ScanPlan, runner: Runner, quiet: Sequence[Address]) -> tuple[Mapping[Address, PortSet], list[Address]]:
    """Of those that seem not to be there, who answered in an earlier run: those silent on these ports too, and the others.

    A host that only stopped to answer pings is still there.
    """
    known = dict(plan.settings.remembered)
    wants = {address: known[address] for address in quiet if known.get(address)}
    ledger = Ledger()
    _absorb(ledger, runner, careful_jobs("confirm", plan.manner.tcp, wants, {}, plan.manner))
    others = [address for address in wants if ledger.answered(address)]
    silent = {address: ports_with(ledger.belief(address, "tcp"), *_NOTHING) for address in wants if address not in others}
    if runner.interrupted is not None:
        return {}, others
    return {address: ports for address, ports in silent.items() if not wants[address] - ports}, others


def _asked(plan: ScanPlan, runner: Runner, wants: Mapping[Address, PortSet]) -> Ledger:
    """What the living answer; open ports are asked again with service detection."""
    ledger = Ledger()
    jobs = sweep_jobs(wants, dict.fromkeys(wants, Sort.REFUSING), plan.manner)
    _absorb(ledger, runner, jobs)
    opened = {address: spread(ports_with(ledger.belief(address, "tcp"), Evidence.OPEN), SAMPLE) for address in wants}
    listening = {address: found for address, found in opened.items() if found != NO_PORTS}
    _absorb(ledger, runner, careful_jobs("confirm", plan.manner.tcp, listening, listening, plan.manner))
    return ledger


def _absorb(ledger: Ledger, runner: Runner, jobs: Sequence[Job]) -> None:
    for job, hosts in (result for batch in runner.run(jobs) for result in batch):
        for host in hosts:
            ledger.absorb(host.address, "tcp", within(host.tcp, job.ports))
