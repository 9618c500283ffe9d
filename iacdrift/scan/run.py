"""The scan itself: look, sweep, confirm, and ask what answered once more at the end."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from attrs import evolve

from iacdrift.errors import ScanError
from iacdrift.model.ports import NO_PORTS, PortSet
from iacdrift.scan.belief import ports_with, within
from iacdrift.scan.evidence import not_learnt
from iacdrift.scan.facts import Groups
from iacdrift.scan.job import Job
from iacdrift.scan.jobs import Sort, careful_jobs, sender_jobs, sort_of, sweep_jobs, udp_jobs
from iacdrift.scan.ledger import Ledger
from iacdrift.scan.plan import ScanPlan, control_jobs, first_jobs, plan_scan, sweep_wants, udp_wants
from iacdrift.scan.process import find_nmap
from iacdrift.scan.progress import Progress, SilentProgress
from iacdrift.scan.route import local_source
from iacdrift.scan.runner import Runner
from iacdrift.scan.settings import ScanSettings
from iacdrift.scan.suspicion import Suspicion, answering, spread, suspicions, unsigned
from iacdrift.scan.targets import find_targets
from iacdrift.scan.task import Only, Task
from iacdrift.scan.undeclared import undeclared_hosts
from iacdrift.surface.expected import PROTOCOLS, Address, ExpectedSurface
from iacdrift.surface.observed import Control, Evidence, ObservedHost, ObservedPorts, ObservedSurface

_KNOWN_ANSWERS = 3
_CAREFUL_ROUNDS = 2
_NO_RIGHTS = "UDP needs root or CAP_NET_RAW for Nmap"


def scan(expected: ExpectedSurface, settings: ScanSettings, progress: Progress | None = None, only: Only | None = None) -> ObservedSurface:
    """What packets prove about this surface. `only` restricts it to (host or address, protocol, ports) and a few witnesses.

    Raises ScopeError or ScanError before any packet where the scan can't be run as asked; what goes wrong later is
    in the result (`interrupted`, `failed`, `unresolved`), never silent.
    """
    nmap = find_nmap(settings.nmap)
    targets = find_targets(expected, settings)
    plan = plan_scan(expected, settings, nmap, targets, only)
    started = datetime.now(UTC)
    deadline = time.monotonic() + settings.timeout if settings.timeout else None
    told = progress or SilentProgress()
    told.planned(len(plan.tasks), sum(len(t.tcp) + len(t.udp) for t in plan.tasks), plan.packets, plan.seconds)
    with tempfile.TemporaryDirectory(prefix="iacdrift-") as temporary:
        directory = _evidence_directory(settings.evidence) or Path(temporary)
        runner = Runner(nmap, directory, told, deadline)
        try:
            observed = _Rounds(plan, runner).observe()
        finally:
            told.finished()
    return evolve(
        observed,
        resolved=targets.resolved,
        unresolved=targets.unresolved,
        started_at=started.isoformat(timespec="seconds"),
        finished_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _evidence_directory(wanted: Path | None) -> Path | None:
    if wanted is None:
        return None
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    directory = wanted / f"iacdrift-{stamp}-{time.monotonic_ns() % 10**6:06d}"
    try:
        directory.mkdir(parents=True)
    except OSError as error:
        raise ScanError(f"--evidence {wanted}: {error.strerror}; give a directory that can be written") from None
    return directory.resolve()


class _Rounds:
    """One pass through all stages over the tasks of a plan."""

    def __init__(self, plan: ScanPlan, runner: Runner) -> None:
        self._plan = plan
        self._runner = runner
        self._ledger = Ledger()
        self._sources = {task.address: local_source(task.address) for task in plan.tasks}
        self._routed = tuple(task for task in plan.tasks if self._sources[task.address] is not None)

    def observe(self) -> ObservedSurface:
        """Run every stage and give what was learnt, also after a Ctrl-C."""
        extra: tuple[ObservedHost, ...] = ()
        notes: tuple[str, ...] = ()
        try:
            self._stages()
            extra, notes = undeclared_hosts(self._plan, self._runner)
        except KeyboardInterrupt:
            self._runner.interrupted = "interrupted by the user"
        return self._surface(extra, notes)

    def _stages(self) -> None:
        manner, nmap = self._plan.manner, self._plan.nmap
        self._absorb(first_jobs(self._routed, manner), "failed")
        self._ledger.before.update(t.address for t in self._routed if self._ledger.answered(t.address))
        sorts = {t.address: sort_of(self._ledger.belief(t.address, "tcp")) for t in self._routed}
        self._absorb(sweep_jobs(sweep_wants(self._routed), sorts, manner), "failed")
        self._absorb(udp_jobs(udp_wants(self._routed, nmap), manner), "failed")
        self._absorb(control_jobs(self._routed, self._plan.settings, manner), "control")
        self._ask_for_senders()
        self._confirm()
        self._resweep(sorts)
        self._close()

    def _absorb(self, jobs: Sequence[Job], losing: str) -> None:
        """Run these jobs; a host that `losing == "failed"` jobs taught nothing about has failed as a whole."""
        for job, hosts in self._runner.run(jobs):
            for address, facts in hosts.items():
                if address in job.targets:
                    groups = facts.udp if job.protocol == "udp" else facts.tcp
                    self._ledger.absorb(address, job.protocol, within(groups, job.ports))
        if losing == "failed":
            for address, why in self._runner.lost.items():
                self._ledger.failed.setdefault(address, why)

    def _living(self) -> tuple[Task, ...]:
        return tuple(task for task in self._routed if task.address not in self._ledger.failed)

    def _ask_for_senders(self) -> None:
        """Collapsed ports come without the sender of their ICMP errors, and without it nobody knows how far the probe came."""
        for protocol, kind in (("tcp", self._plan.manner.tcp), ("udp", "udp")):
            wants = {t.address: unsigned(self._ledger.belief(t.address, protocol)) & t.asked(protocol) for t in self._living()}
            self._absorb(sender_jobs(kind, wants, self._plan.manner), "careful")

    def _confirm(self) -> None:
        """Ask every suspicion again, slower; then once more wherever the answers contradict each other."""
        for protocol in PROTOCOLS:
            kind = self._plan.manner.tcp if protocol == "tcp" else "udp"
            found = {task.address: self._suspicion(task, protocol) for task in self._living()}
            again = {address: suspicion.again for address, suspicion in found.items()}
            listen = {address: suspicion.listen for address, suspicion in found.items()}
            if protocol == "udp" and not self._plan.nmap.raw:
                continue
            self._absorb(careful_jobs("confirm", kind, again, listen, self._plan.manner), "careful")
            for _ in range(_CAREFUL_ROUNDS):
                doubtful = {task.address: self._ledger.contested(task.address, protocol) for task in self._living()}
                self._absorb(careful_jobs("again", kind, doubtful, {}, self._plan.manner), "careful")

    def _suspicion(self, task: Task, protocol: str) -> Suspicion:
        belief = self._ledger.belief(task.address, protocol)
        found = Suspicion()
        for host in task.hosts:
            found |= suspicions(host, protocol, task.asked(protocol), belief)
        if protocol == "udp":
            # Silence on UDP says nothing; only service detection can make a declared port speak.
            return Suspicion(found.again, found.again - ports_with(belief, Evidence.CLOSED, Evidence.REJECTED))
        return found

    def _resweep(self, sorts: Mapping[Address, Sort]) -> None:
        """Hosts that answered only after their first look: their silence lay before any known answer, so it is asked again."""
        late = [t for t in self._living() if t.address not in self._ledger.before and self._ledger.answered(t.address)]
        wants = {t.address: ports_with(self._ledger.belief(t.address, "tcp"), Evidence.SILENT) & t.tcp for t in late}
        self._absorb(sweep_jobs(wants, {t.address: Sort.MIXED for t in late} | {}, self._plan.manner, "resweep"), "careful")
        if self._runner.interrupted is None:
            self._ledger.before.update(t.address for t in late)

    def _close(self) -> None:
        """Ask a few known answers once more: silence in between is believed only if they still answer."""
        wants = {task.address: self._known_answers(task) for task in self._living()}
        for control in self._plan.settings.controls:
            known = answering(self._ledger.belief(control.address, "tcp"))
            wants[control.address] = wants.get(control.address, NO_PORTS) | spread(known, _KNOWN_ANSWERS)
        for _, hosts in self._runner.run(careful_jobs("close", self._plan.manner.tcp, wants, {}, self._plan.manner)):
            self._ledger.after.update(address for address, facts in hosts.items() if answering(facts.tcp))

    def _known_answers(self, task: Task) -> PortSet:
        belief = self._ledger.belief(task.address, "tcp")
        opened = ports_with(belief, Evidence.OPEN)
        return spread(opened & task.open_tcp or opened or answering(belief), _KNOWN_ANSWERS)

    def _surface(self, extra: tuple[ObservedHost, ...], notes: tuple[str, ...]) -> ObservedSurface:
        runner = self._runner
        return ObservedSurface(
            hosts={task.address: self._host(task) for task in self._plan.tasks},
            unreachable_families=self._unreachable(),
            controls=tuple(self._control(control.address, control.port) for control in self._plan.settings.controls),
            interrupted=runner.interrupted,
            nmap=self._plan.nmap.version_text,
            scan_types=tuple(runner.scan_types),
            packets_per_second=self._plan.manner.rate,
            commands=tuple(runner.commands),
            xml_sha256=tuple(runner.hashes),
            sent_from=tuple(dict.fromkeys(str(source) for source in self._sources.values() if source is not None)),
            packets_sent=runner.packets,
            extra=extra,
            notes=self._plan.notes + notes,
        )

    def _host(self, task: Task) -> ObservedHost:
        address = task.address
        routed = self._sources[address] is not None
        return ObservedHost(
            address,
            tcp=self._ports(task, "tcp"),
            udp=self._ports(task, "udp"),
            name=next((host.name for host in task.hosts if host.name), None),
            answered_before=address in self._ledger.before,
            answered_after=address in self._ledger.after,
            failed=self._ledger.failed.get(address) if routed else "this machine has no route to it",
            tcp_scan=self._plan.manner.tcp,
        )

    def _ports(self, task: Task, protocol: str) -> ObservedPorts:
        asked = task.asked(protocol)
        groups: Groups = within(self._ledger.belief(task.address, protocol), task.shown(protocol))
        if protocol == "udp" and asked and not self._plan.nmap.raw:
            groups = ((asked, not_learnt(_NO_RIGHTS, "udp")),)
        return ObservedPorts(asked, groups)

    def _unreachable(self) -> Mapping[int, str]:
        families: dict[int, str] = {}
        for version in self._plan.settings.families:
            sources = [source for address, source in self._sources.items() if address.version == version]
            if sources and not any(sources):
                families[version] = f"this machine has no IPv{version} route to any target"
        return families

    def _control(self, address: Address, port: int | None) -> Control:
        belief = self._ledger.belief(address, "tcp")
        answered = answering(belief)
        asked = PortSet.single(port) if port is not None else PortSet.of(p for ports, _ in belief for p in ports)
        return Control(address, bool(answered) and address in self._ledger.after, port is None, answered & asked, asked - answered)
