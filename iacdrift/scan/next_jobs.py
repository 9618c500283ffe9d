"""Which jobs come next: a pure function of the plan and of what was seen so far."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from attrs import frozen

from iacdrift.model.ports import NO_PORTS, PortSet
from iacdrift.scan.belief import ports_with
from iacdrift.scan.calm import calm_jobs, certain, gentle_jobs, mute_ports
from iacdrift.scan.canaries import with_canaries
from iacdrift.scan.census import heard, keeps_silent, known_answers, living, measured_witnesses, suspicion_of
from iacdrift.scan.estimate import seconds_of
from iacdrift.scan.job import Job
from iacdrift.scan.jobs import careful_jobs, sender_jobs, sort_of, sweep_jobs, udp_jobs
from iacdrift.scan.ledger import Ledger
from iacdrift.scan.plan import ScanPlan, control_jobs, first_jobs, sweep_wants, udp_wants
from iacdrift.scan.ports import ADMINISTRATIVE
from iacdrift.scan.pulse import pulse_job
from iacdrift.scan.surer import controls, further_probes
from iacdrift.scan.suspicion import answering, spread, unsigned
from iacdrift.scan.task import Task
from iacdrift.surface.expected import PROTOCOLS, Address
from iacdrift.surface.observed import Evidence

_KNOWN_ANSWERS = 3
_LAST = "close"
_MANY_KNOWN = 256
_A_FEW_EACH = 100
"""Packets a second for a host that gets only as many as there are known answers."""
_CAREFUL_ROUNDS = 2
_CONTROL_ROUNDS = 6
_ASSURE_ROUNDS = 4


@frozen(slots=True)
class Step:
    """One stage's jobs. `vital`: a host about which they teach nothing has failed as a whole. `optional`: only for surer silence."""

    stage: str
    jobs: tuple[Job, ...]

    @property
    def vital(self) -> bool:
        """Whether these jobs are the only ones that ask their ports."""
        return self.stage in ("look", "sweep", "udp")

    @property
    def optional(self) -> bool:
        """Whether the run is whole without them."""
        return self.stage in ("known", "assure")


def next_jobs(plan: ScanPlan, ledger: Ledger) -> Step | None:
    """What to send next, None where everything has been asked. `plan.tasks` are those that can be reached.

    Behind the last question nothing more is asked: no later answer would vouch for its silence.
    """
    if ledger.done.get(_LAST):
        return None
    for stage, times, jobs in _STAGES:
        if ledger.done.get(stage, 0) < times and (found := tuple(jobs(plan, ledger))):
            return Step(stage, found)
    return None


def _look(plan: ScanPlan, _: Ledger) -> Sequence[Job]:
    return first_jobs(plan.tasks, plan.manner)


def _sweep(plan: ScanPlan, ledger: Ledger) -> Iterator[Job]:
    """With controls beside each long job; the ports where incidents happen come first."""
    wants = {address: ports for address, ports in sweep_wants(plan.tasks).items() if ports}
    sorts = {address: sort_of(ledger.belief(address, "tcp")) for address in wants}
    telling = plan.nmap.top_tcp | ADMINISTRATIVE
    known = known_answers(plan, ledger)
    for job in sweep_jobs(wants, sorts, plan.manner, telling):
        yield from pulse_job(known, with_canaries(ledger, job), seconds_of(job), plan.manner)


def _udp(plan: ScanPlan, _: Ledger) -> Sequence[Job]:
    return udp_jobs(udp_wants(plan.tasks, plan.nmap), plan.manner)


def _control(plan: ScanPlan, _: Ledger) -> Sequence[Job]:
    return control_jobs(plan.tasks, plan.settings, plan.manner)


def _senders(plan: ScanPlan, ledger: Ledger) -> Iterator[Job]:
    """Collapsed ports come without the sender of their ICMP errors, and without it nobody knows how far the probe came."""
    for protocol, kind in (("tcp", plan.manner.tcp), ("udp", "udp")):
        tasks = [task for task in living(plan, ledger) if task.asked(protocol)]
        wants = {t.address: unsigned(ledger.belief(t.address, protocol)) & t.asked(protocol) for t in tasks}
        yield from sender_jobs(kind, wants, plan.manner)


def _confirm(protocol: str) -> Callable[[ScanPlan, Ledger], Sequence[Job]]:
    """Ask every suspicion again, slower."""

    def jobs(plan: ScanPlan, ledger: Ledger) -> Sequence[Job]:
        if protocol == "udp" and not plan.nmap.raw:
            return ()
        vouching = measured_witnesses(plan, ledger)
        tasks = [t for t in living(plan, ledger) if ledger.record(t.address).last or _may_answer(t, protocol)]
        loose = [t.address for t in tasks if protocol == "tcp" and any(host.tcp.allowed for host in t.hosts)]
        sure = {address: certain(ledger, address, vouching, plan.manner) for address in loose}
        found = {task.address: suspicion_of(task, protocol, ledger, sure.get(task.address, NO_PORTS)) for task in tasks}
        done = {address: ledger.looked_at(address) if protocol == "tcp" else NO_PORTS for address in found}
        again = {address: suspicion.again - done[address] for address, suspicion in found.items()}
        listen = {address: suspicion.listen - done[address] for address, suspicion in found.items()}
        kind, hurried = _kind(plan, protocol), plan.nmap.probes is not None
        if protocol == "udp":
            return careful_jobs("confirm", kind, again, listen, plan.manner, hurried)
        mute = {address: mute_ports(ledger, address) for address, ports in again.items() if ports}
        return gentle_jobs("confirm", kind, again, listen, mute, plan.manner, hurried)

    return jobs


def _may_answer(task: Task, protocol: str) -> bool:
    """Whether silence of this address can be other than what the code says."""
    return any(host.ports(protocol).open or host.ports(protocol).allowed for host in task.hosts)


def _listen(plan: ScanPlan, ledger: Ledger) -> Sequence[Job]:
    """What the quick look didn't recognise is listened to with Nmap's own patience. Whatever hung up says no more later."""
    if plan.nmap.probes is None:
        return ()
    wants = {}
    for task in heard(plan, ledger):
        listen = suspicion_of(task, "tcp", ledger).listen
        unheard = [(p, a) for p, a in ledger.belief(task.address, "tcp") if not a.confirmed and a.service != "tcpwrapped"]
        wants[task.address] = listen & ports_with(unheard, Evidence.OPEN)
    return careful_jobs("confirm", plan.manner.tcp, wants, wants, plan.manner)


def _again(protocol: str) -> Callable[[ScanPlan, Ledger], Sequence[Job]]:
    """Once more wherever the answers contradict each other."""

    def jobs(plan: ScanPlan, ledger: Ledger) -> Sequence[Job]:
        doubtful = {task.address: ledger.contested(task.address, protocol) for task in heard(plan, ledger)}
        if protocol == "udp":
            return careful_jobs("again", "udp", doubtful, {}, plan.manner)
        return gentle_jobs("again", plan.manner.tcp, doubtful, {}, doubtful, plan.manner)

    return jobs


def _kind(plan: ScanPlan, protocol: str) -> str:
    return plan.manner.tcp if protocol == "tcp" else "udp"


def _close(plan: ScanPlan, ledger: Ledger) -> Sequence[Job]:
    """Ask a few known answers once more: silence in between is believed only if they still answer."""
    tasks = [task for task in heard(plan, ledger) if keeps_silent(task, ledger)]
    wants: dict[Address, PortSet] = {task.address: _known_answers(task, ledger) for task in tasks}
    for control in plan.settings.controls:
        known = answering(ledger.belief(control.address, "tcp"))
        wants[control.address] = wants.get(control.address, NO_PORTS) | spread(known, _KNOWN_ANSWERS)
    if sum(map(len, wants.values())) > _MANY_KNOWN:
        # Nmap slows down to a few probes a second for those that have fallen silent in between.
        return calm_jobs("close", plan.manner.tcp, wants, plan.manner, retries=3, each=_A_FEW_EACH)
    return careful_jobs("close", plan.manner.tcp, wants, {}, plan.manner)


def _known_answers(task: Task, ledger: Ledger) -> PortSet:
    belief = ledger.belief(task.address, "tcp")
    opened = ports_with(belief, Evidence.OPEN)
    return spread(opened & task.open_tcp or opened or answering(belief), _KNOWN_ANSWERS)


_Jobs = Callable[[ScanPlan, Ledger], Sequence[Job] | Iterator[Job]]
_STAGES: Sequence[tuple[str, int, _Jobs]] = (
    ("look", 1, _look),
    ("control", 1, _control),
    ("sweep", 1, _sweep),
    ("udp", 1, _udp),
    ("senders", 2, _senders),
    ("known", _CONTROL_ROUNDS, controls),
    ("assure", _ASSURE_ROUNDS, further_probes),
    *((f"confirm {protocol}", 1, _confirm(protocol)) for protocol in PROTOCOLS),
    ("listen", 1, _listen),
    *((f"again {protocol}", _CAREFUL_ROUNDS, _again(protocol)) for protocol in PROTOCOLS),
    (_LAST, 1, _close),
)
