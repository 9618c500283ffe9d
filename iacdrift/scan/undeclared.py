"""`--sweep`: addresses of a declared subnet that answer though the model doesn't know them."""

from __future__ import annotations

from collections.abc import Sequence

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


def undeclared_hosts(plan: ScanPlan, runner: Runner) -> tuple[tuple[ObservedHost, ...], tuple[str, ...]]:
    """Those that answer, with what they answer; and notes about those that answer to a ping alone.

    An address of this machine itself is nobody else's and left out.
    """
    asked = [address for address in plan.undeclared if local_source(address) not in (None, address)]
    alive = [host.address for batch in runner.run(discover_jobs(asked, plan.manner)) for _, hosts in batch for host in hosts]
    if not alive:
        return (), ()
    spec = PortSpec.parse(plan.settings.ports)
    ports = spec.tcp or (plan.nmap.top_tcp | ADMINISTRATIVE)
    ledger = _asked(plan, runner, alive, ports)
    found = tuple(
        ObservedHost(
            address,
            ObservedPorts(ports, ledger.belief(address, "tcp")),
            answered_before=True,
            answered_after=True,
            tcp_scan=plan.manner.tcp,
        )
        for address in alive
    )
    quiet = [str(host.address) for host in found if not ledger.answered(host.address)]
    notes = (f"--sweep: answers a ping but none of the TCP ports asked, and no resource owns it: {', '.join(quiet)}",) if quiet else ()
    return found, notes


def _asked(plan: ScanPlan, runner: Runner, alive: Sequence[Address], ports: PortSet) -> Ledger:
    """What the living answer; open ports are asked again with service detection."""
    ledger = Ledger()
    jobs = sweep_jobs(dict.fromkeys(alive, ports), dict.fromkeys(alive, Sort.REFUSING), plan.manner)
    _absorb(ledger, runner, jobs)
    opened = {address: spread(ports_with(ledger.belief(address, "tcp"), Evidence.OPEN), SAMPLE) for address in alive}
    wants = {address: found for address, found in opened.items() if found != NO_PORTS}
    _absorb(ledger, runner, careful_jobs("confirm", plan.manner.tcp, wants, wants, plan.manner))
    return ledger


def _absorb(ledger: Ledger, runner: Runner, jobs: Sequence[Job]) -> None:
    for job, hosts in (result for batch in runner.run(jobs) for result in batch):
        for host in hosts:
            ledger.absorb(host.address, "tcp", within(host.tcp, job.ports))
