"""The scan itself: look, sweep, confirm, and ask what answered once more at the end."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from attrs import evolve

from iacdrift.errors import ScanError
from iacdrift.model.ports import PortSet
from iacdrift.scan.absorb import absorb_batch
from iacdrift.scan.assurance import doubts, figure, silent_ports
from iacdrift.scan.belief import within
from iacdrift.scan.census import keeps_silent, measured_witnesses
from iacdrift.scan.estimate import seconds_of
from iacdrift.scan.evidence import not_learnt
from iacdrift.scan.facts import Groups
from iacdrift.scan.journal import journal_of
from iacdrift.scan.ledger import Ledger
from iacdrift.scan.next_jobs import Step, next_jobs
from iacdrift.scan.plan import ScanPlan, plan_scan
from iacdrift.scan.process import find_nmap
from iacdrift.scan.progress import Progress, SilentProgress
from iacdrift.scan.rationed import rationed_errors
from iacdrift.scan.route import local_source
from iacdrift.scan.runner import Runner
from iacdrift.scan.sending import keep_speed
from iacdrift.scan.settings import ScanSettings
from iacdrift.scan.suspicion import answering
from iacdrift.scan.targets import find_targets
from iacdrift.scan.task import Only, Task
from iacdrift.scan.undeclared import Swept, undeclared_hosts
from iacdrift.surface.expected import Address, ExpectedSurface
from iacdrift.surface.observed import Control, ObservedHost, ObservedPorts, ObservedSurface

_NO_RIGHTS = "UDP needs root or CAP_NET_RAW for Nmap"
_PART_OF_THE_TIME = 0.7
"""Of what is left, for probes that only make silence surer: confirmation comes after them."""


def scan(expected: ExpectedSurface, settings: ScanSettings, progress: Progress | None = None, only: Only | None = None) -> ObservedSurface:
    """What packets prove about this surface. `only` restricts it to (host or address, protocol, ports) and a few witnesses.

    Raises ScopeError or ScanError before any packet where the scan can't be run as asked; what goes wrong later is
    in the result (`interrupted`, `failed`, `unresolved`), never silent.
    """
    nmap = find_nmap(settings.nmap)
    targets = find_targets(expected, settings)
    plan = plan_scan(expected, settings, nmap, targets, only)
    journal = journal_of(expected, settings, nmap, plan.tasks, partial=only is not None)
    started = datetime.now(UTC)
    deadline = time.monotonic() + settings.timeout if settings.timeout else None
    told = progress or SilentProgress()
    told.planned(len(plan.tasks), sum(len(t.tcp) + len(t.udp) for t in plan.tasks), plan.packets, plan.seconds)
    with tempfile.TemporaryDirectory(prefix="iacdrift-") as temporary:
        directory = _evidence_directory(settings.evidence) or Path(temporary)
        runner = Runner(nmap, directory, told, deadline, journal)
        try:
            observed = _Rounds(plan, runner).observe()
        finally:
            told.finished()
    if runner.fastest:
        keep_speed(runner.fastest)
    if journal is not None and observed.interrupted is None:
        journal.close()
    return evolve(
        observed,
        resolved=targets.resolved,
        unresolved=targets.unresolved,
        started_at=(journal and journal.begun) or started.isoformat(timespec="seconds"),
        finished_at=datetime.now(UTC).isoformat(timespec="seconds"),
        notes=(*observed.notes, *(journal.remarks if journal else ())),
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
        self._routed = evolve(plan, tasks=tuple(task for task in plan.tasks if self._sources[task.address] is not None))

    def observe(self) -> ObservedSurface:
        """Run every stage and give what was learnt, also after a Ctrl-C."""
        swept = Swept()
        try:
            self._stages()
            swept = undeclared_hosts(self._plan, self._runner)
        except KeyboardInterrupt:
            self._runner.interrupted = "interrupted by the user"
        return self._surface(swept)

    def _stages(self) -> None:
        ledger = self._ledger
        while self._runner.interrupted is None and (step := next_jobs(self._routed, ledger)):
            ledger.done[step.stage] = ledger.done.get(step.stage, 0) + 1
            if step.optional and not self._affordable(step):
                continue
            for batch in self._runner.run(step.jobs):
                absorb_batch(ledger, batch)
            if step.vital:
                for address, why in self._runner.lost.items():
                    ledger.failed.setdefault(address, why)

    def _affordable(self, step: Step) -> bool:
        """Whether the time left will do; what then stays unasked is undetermined, and the rest of the run is whole."""
        left = self._runner.seconds_left
        return left is None or sum(seconds_of(job) for job in step.jobs if not job.beside) < _PART_OF_THE_TIME * left

    def _surface(self, swept: Swept) -> ObservedSurface:
        runner, vouching = self._runner, measured_witnesses(self._plan, self._ledger)
        return ObservedSurface(
            hosts={task.address: self._host(task, vouching) for task in self._plan.tasks},
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
            extra=swept.found,
            vanished=swept.vanished,
            notes=(*self._plan.notes, *self._ledger.remarks, *self._rationed(), *swept.notes),
        )

    def _rationed(self) -> Iterator[str]:
        tasks = (task for task in self._plan.tasks if self._ledger.record(task.address).last)
        yield from filter(None, (rationed_errors(self._ledger, task.address, task.tcp) for task in tasks))

    def _host(self, task: Task, vouching: tuple[Address, ...]) -> ObservedHost:
        address, record = task.address, self._ledger.record(task.address)
        routed = self._sources[address] is not None
        asked, confidence = task.shown("tcp"), self._plan.manner.confidence
        found, believed = figure(self._ledger, address, asked, vouching, confidence)
        doubted = silent_ports(self._ledger, address) & asked - believed
        return ObservedHost(
            address,
            tcp=self._ports(task, "tcp"),
            udp=self._ports(task, "udp"),
            name=next((host.name for host in task.hosts if host.name), None),
            answered_before=record.first > 0,
            answered_after=record.first > 0 and (address in self._ledger.after or not keeps_silent(task, self._ledger)),
            failed=self._ledger.failed.get(address) if routed else "this machine has no route to it",
            tcp_scan=self._plan.manner.tcp,
            silence=found,
            doubted=doubts(record, doubted, found, confidence),
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
