"""Who counts for what: the addresses that are alive, that were heard, that tell of the loss, that keep silent, that are suspicious."""

from __future__ import annotations

from iacdrift.model.ports import ALL_PORTS, NO_PORTS, PortSet
from iacdrift.scan.assurance import known_ports, silent_ports
from iacdrift.scan.belief import ports_with
from iacdrift.scan.ledger import Ledger
from iacdrift.scan.plan import ScanPlan
from iacdrift.scan.suspicion import Suspicion, suspicions
from iacdrift.scan.task import Task
from iacdrift.surface.expected import Address
from iacdrift.surface.observed import Evidence


def witnesses(plan: ScanPlan) -> tuple[Address, ...]:
    """Every address that may tell how many packets are lost."""
    return tuple(dict.fromkeys((*(task.address for task in plan.tasks), *(control.address for control in plan.settings.controls))))


def known_answers(plan: ScanPlan, ledger: Ledger) -> dict[Address, PortSet]:
    """The ports on which each of them is known to answer."""
    return {address: known_ports(ledger, address) for address in witnesses(plan)}


def measured_witnesses(plan: ScanPlan, ledger: Ledger) -> tuple[Address, ...]:
    """Those whose loss was measured, found once: for each of ten thousand silent addresses only they have anything to say."""
    return tuple(address for address in witnesses(plan) if ledger.record(address).vouching(0))


def living(plan: ScanPlan, ledger: Ledger) -> tuple[Task, ...]:
    """The tasks whose address hasn't failed as a whole."""
    return tuple(task for task in plan.tasks if task.address not in ledger.failed)


def heard(plan: ScanPlan, ledger: Ledger) -> tuple[Task, ...]:
    """The living ones that answered anything at all."""
    return tuple(task for task in living(plan, ledger) if ledger.record(task.address).last)


def quiet_wants(plan: ScanPlan, ledger: Ledger) -> dict[Address, PortSet]:
    """The silent TCP ports of every living address, controls included: theirs say what never leaves this network."""
    asked = {task.address: task.shown("tcp") for task in living(plan, ledger)}
    for control in plan.settings.controls:
        asked.setdefault(control.address, ALL_PORTS)
    return {address: silent_ports(ledger, address) & ports for address, ports in asked.items()}


def keeps_silent(task: Task, ledger: Ledger) -> bool:
    """Whether silence of it is to be believed, so that later answers have to vouch for it. UDP is silent by nature."""
    return bool(task.udp or silent_ports(ledger, task.address))


def suspicion_of(task: Task, protocol: str, ledger: Ledger, sure: PortSet = NO_PORTS) -> Suspicion:
    """What to ask it again, from what is believed so far. `sure`: as `certain` in `suspicions`."""
    if not task.asked(protocol):
        return Suspicion()
    belief = ledger.belief(task.address, protocol)
    found = Suspicion()
    for host in task.hosts:
        found |= suspicions(host, protocol, task.asked(protocol), belief, sure)
    if protocol == "udp":
        # Silence on UDP says nothing; only service detection can make a declared port speak.
        return Suspicion(found.again, found.again - ports_with(belief, Evidence.CLOSED, Evidence.REJECTED))
    return found
