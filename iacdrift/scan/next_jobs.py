"""Which jobs come next: a pure function of the plan and of what was seen so far."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from attrs import evolve, frozen

from iacdrift.model.ports import ALL_PORTS, NO_PORTS, PortSet
from iacdrift.scan.assurance import (
    assure_jobs,
    controls_needed,
    first_shortage,
    known_jobs,
    short_of_probes,
    silent_ports,
)
from iacdrift.scan.belief import ports_with
from iacdrift.scan.calm import calm_jobs, certain, gentle_jobs, mute_ports
from iacdrift.scan.canaries import with_canaries
from iacdrift.scan.estimate import seconds_of
from iacdrift.scan.job import MOST_AT_ONCE, Job
from iacdrift.scan.jobs import careful_jobs, sender_jobs, sort_of, sweep_jobs, udp_jobs
from iacdrift.scan.ledger import Ledger
from iacdrift.scan.plan import ScanPlan, control_jobs, first_jobs, sweep_wants, udp_wants
from iacdrift.scan.ports import ADMINISTRATIVE
from iacdrift.scan.pulse import pulse_job
from iacdrift.scan.resting import controls_elsewhere
from iacdrift.scan.suspicion import Suspicion, answering, spread, suspicions, unsigned
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
_LONG = 0.5
"""Seconds of a job beside which something else can be done meanwhile."""
_LEAST_BESIDE, _PACKETS_EACH = 20, 5
"""Packets a second: at the least, and for each port that is looked at."""


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
    others = witnesses(plan)
    for job in sweep_jobs(wants, sorts, plan.manner, telling):
        yield from pulse_job(ledger, with_canaries(ledger, job), seconds_of(job), others, plan.manner)


def witnesses(plan: ScanPlan) -> tuple[Address, ...]:
    """Every address that may tell how many packets are lost."""
    return tuple(dict.fromkeys((*(task.address for task in plan.tasks), *(control.address for control in plan.settings.controls))))


def measured_witnesses(plan: ScanPlan, ledger: Ledger) -> tuple[Address, ...]:
    """Those whose loss was measured, found once: for each of ten thousand silent addresses only they have anything to say."""
    return tuple(address for address in witnesses(plan) if ledger.record(address).vouching(0))


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


def _known(plan: ScanPlan, ledger: Ledger) -> Sequence[Job]:
    wants = quiet_wants(plan, ledger)
    needed = controls_needed(ledger, wants, plan.manner)
    helpless = {a: ports for a, ports in wants.items() if ports and a not in needed and not ledger.record(a).controls.sent}
    elsewhere = controls_elsewhere(ledger, helpless, witnesses(plan), measured_witnesses(plan, ledger), plan.manner)
    needed = {address: max(needed.get(address, 0), elsewhere.get(address, 0)) for address in needed | elsewhere}
    return at_once(known_jobs(ledger, needed, plan.manner), assure_jobs(ledger, first_shortage(ledger, wants, plan.manner), plan.manner))


def at_once(controls: Sequence[Job], probes: Sequence[Job]) -> Sequence[Job]:
    """The further probes that will be needed anyway, beside the controls, where both are one batch within the rate."""
    if len(probes) != 1 or not controls or sum(not job.beside for job in controls) > 1:
        return controls
    (more,) = probes
    slower = [job.at_most(job.pace.max_rate // 2) for job in controls]
    return (*slower, evolve(more.at_most(int(more.pace.max_rate * 0.4)), beside=True))


def _assure(plan: ScanPlan, ledger: Ledger) -> Sequence[Job]:
    short = short_of_probes(ledger, quiet_wants(plan, ledger), measured_witnesses(plan, ledger), plan.manner)
    return with_confirmation(plan, ledger, tuple(_with_controls(plan, ledger, assure_jobs(ledger, short, plan.manner))))


def _with_controls(plan: ScanPlan, ledger: Ledger, jobs: Sequence[Job]) -> Iterator[Job]:
    """Controls beside long jobs on addresses that have none: only by them is it known whether the way bears such a job."""
    others = witnesses(plan)
    for job in jobs:
        mute, seconds = sum(1 for address in job.targets if not ledger.record(address).last), seconds_of(job)
        if 2 * mute > len(job.targets) and seconds > _LONG:
            yield from pulse_job(ledger, job, seconds, others, plan.manner)
        else:
            yield job


def with_confirmation(plan: ScanPlan, ledger: Ledger, jobs: Sequence[Job]) -> Sequence[Job]:
    """What has already answered and shouldn't have is looked at beside the first long job, which doesn't need to wait for it."""
    if not jobs or seconds_of(jobs[0]) < _LONG or any(job.beside for job in jobs[1:2]):
        return jobs
    found = {task.address: _suspicion(task, "tcp", ledger) for task in heard(plan, ledger)}
    again = {a: s.again & answering(ledger.belief(a, "tcp")) - ledger.looked_at(a) for a, s in found.items()}
    listen = {a: s.listen & again[a] for a, s in found.items()}
    rate = min(jobs[0].pace.max_rate // 10, max(_LEAST_BESIDE, _PACKETS_EACH * max(map(len, again.values()), default=0)))
    if rate < _LEAST_BESIDE:
        return jobs
    looks = careful_jobs("confirm", plan.manner.tcp, again, listen, plan.manner, plan.nmap.probes is not None)
    if not 0 < len(looks) < MOST_AT_ONCE:
        return jobs
    beside = [evolve(look.at_most(rate // len(looks)), beside=True) for look in looks]
    return (jobs[0].at_most(jobs[0].pace.max_rate - rate), *beside, *jobs[1:])


def _confirm(protocol: str) -> Callable[[ScanPlan, Ledger], Sequence[Job]]:
    """Ask every suspicion again, slower."""

    def jobs(plan: ScanPlan, ledger: Ledger) -> Sequence[Job]:
        if protocol == "udp" and not plan.nmap.raw:
            return ()
        vouching = measured_witnesses(plan, ledger)
        tasks = [t for t in living(plan, ledger) if ledger.record(t.address).last or _may_answer(t, protocol)]
        loose = [t.address for t in tasks if protocol == "tcp" and any(host.tcp.allowed for host in t.hosts)]
        sure = {address: certain(ledger, address, vouching, plan.manner) for address in loose}
        found = {task.address: _suspicion(task, protocol, ledger, sure.get(task.address, NO_PORTS)) for task in tasks}
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
        listen = _suspicion(task, "tcp", ledger).listen
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


def _suspicion(task: Task, protocol: str, ledger: Ledger, sure: PortSet = NO_PORTS) -> Suspicion:
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


def _close(plan: ScanPlan, ledger: Ledger) -> Sequence[Job]:
    """Ask a few known answers once more: silence in between is believed only if they still answer."""
    wants: dict[Address, PortSet] = {task.address: _known_answers(task, ledger) for task in heard(plan, ledger)}
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
    ("known", _CONTROL_ROUNDS, _known),
    ("assure", _ASSURE_ROUNDS, _assure),
    *((f"confirm {protocol}", 1, _confirm(protocol)) for protocol in PROTOCOLS),
    ("listen", 1, _listen),
    *((f"again {protocol}", _CAREFUL_ROUNDS, _again(protocol)) for protocol in PROTOCOLS),
    (_LAST, 1, _close),
)
