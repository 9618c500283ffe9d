"""Runs jobs, one after another but for those that share the rate, and keeps what each left behind."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence, Set
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import Event

from attrs import evolve, frozen

from iacdrift.errors import ScanError
from iacdrift.scan.argv import arguments, target_list
from iacdrift.scan.estimate import round_seconds
from iacdrift.scan.facts import XmlHost, XmlRun
from iacdrift.scan.job import MOST_AT_ONCE, PULSE, Job
from iacdrift.scan.journal import Journal, Kept
from iacdrift.scan.machine import Nmap
from iacdrift.scan.nmap_output import GrowingXml, read_xml
from iacdrift.scan.plan import planned
from iacdrift.scan.probes import FILE, hurried
from iacdrift.scan.process import Ended, Rounds, run_nmap
from iacdrift.scan.progress import Progress
from iacdrift.scan.sending import sent_a_second
from iacdrift.surface.expected import Address
from iacdrift.surface.observed import Answer, Evidence

_NO_NEIGHBOUR = "no-neighbour"

Result = tuple[Job, tuple[XmlHost, ...]]
"""A job and the hosts that it learnt about, round by round."""


@frozen(slots=True)
class _Run:
    """One Nmap process to be: its job, its command, its output. `growing`: the output, where it is read while it grows."""

    job: Job
    argv: tuple[str, ...]
    xml: Path
    growing: GrowingXml | None = None


class Runner:
    """Starts Nmap for each job in `directory`. After an interruption every further job is left out.

    `interrupted`: why the run ended early. `commands`, `hashes`: of all runs, in order. `lost`: address -> why a job
    taught nothing about it, for the jobs of the last `run`.
    """

    def __init__(
        self, nmap: Nmap, directory: Path, progress: Progress, deadline: float | None = None, journal: Journal | None = None
    ) -> None:
        self._nmap = nmap
        self._directory = directory
        self._progress = progress
        self._deadline = deadline
        self._journal = journal
        self.interrupted: str | None = None
        self.by_user = False
        self.commands: list[tuple[str, ...]] = []
        self.hashes: list[str] = []
        self.packets: int | None = 0
        self.scan_types: list[str] = []
        self.lost: dict[Address, str] = {}
        self.fastest = 0

    @property
    def seconds_left(self) -> float | None:
        """Until the deadline; None without one."""
        return None if self._deadline is None else max(0.0, self._deadline - time.monotonic())

    def run(self, jobs: Sequence[Job]) -> Iterator[Sequence[Result]]:
        """What each batch of jobs taught, as it ends; a job that runs `beside` others is in one batch with them.

        ScanError where Nmap refuses to work at all.
        """
        self.lost = {}
        for batch in _batches(jobs):
            if self.interrupted is None:
                yield self._batch(batch)

    def _batch(self, jobs: Sequence[Job]) -> Sequence[Result]:
        started = [self._started(job) for job in jobs]
        kept = self._journal.recall(jobs) if self._journal else None
        if kept is not None:
            started = [evolve(run, xml=one.xml, growing=None) for run, one in zip(started, kept, strict=True)]
            ended = [Ended(0, packets=one.packets) for one in kept]
        else:
            ended = self._ran(jobs, started)
            if self._journal and not any(end.stopped for end in ended):
                self._journal.finished(jobs, [Kept(run.xml, end.packets) for run, end in zip(started, ended, strict=True)])
        self._progress.ended(jobs[0])
        return [self._result(run, end) for run, end in zip(started, ended, strict=True)]

    def _ran(self, jobs: Sequence[Job], started: Sequence[_Run]) -> list[Ended]:
        over, stop = Event(), Event()
        with ThreadPoolExecutor(len(jobs)) as pool:
            others = [pool.submit(self._beside, run, over if run.job.stage == PULSE else stop) for run in started[1:]]
            since = time.monotonic()
            first = run_nmap(started[0].argv, started[0].xml, self._deadline, self._progress.advanced)
            self.fastest = max(self.fastest, sent_a_second(jobs[0], first.packets, time.monotonic() - since) or 0)
            over.set()
            if first.stopped is not None:
                stop.set()
            return [first, *(self._waited(other, over, stop) for other in others)]

    def _beside(self, run: _Run, enough: Event) -> Ended:
        rounds = Rounds(run.growing.more, round_seconds(run.job)) if run.growing else None
        return run_nmap(run.argv, run.xml, self._deadline, None, enough, rounds)

    @staticmethod
    def _waited(other: Future[Ended], *enough: Event) -> Ended:
        try:
            return other.result()
        except KeyboardInterrupt:
            for event in enough:
                event.set()
            return evolve(other.result(), stopped="interrupted by the user", by_user=True)

    def _started(self, job: Job) -> _Run:
        plan = planned(job, self._nmap)
        stem = f"{len(self.commands) + 1:03d}-{job.stage}-{job.scan}-ipv{job.family}"
        xml, argv = self._directory / f"{stem}.xml", plan.argv
        if job.rounds > 1:
            (self._directory / f"{stem}.targets").write_text(target_list(job), encoding="ascii")
            argv = arguments(job, self._nmap, f"{stem}.targets")
        if job.pace.hurried and self._nmap.probes:
            (self._directory / FILE).write_text(hurried(self._nmap.probes), encoding="latin-1")
        if not job.beside:
            self._progress.started(job, plan.packets, plan.seconds)
        self.commands.append(argv)
        return _Run(job, argv, xml, GrowingXml(xml) if job.stage == PULSE else None)

    def _result(self, run: _Run, ended: Ended) -> Result:
        facts = self._read(run, ended)
        hosts = self._known(run.job, facts) if facts else ()
        self._count(run.job, ended, len(hosts))
        return run.job, hosts

    def _count(self, job: Job, ended: Ended, hosts: int) -> None:
        sent = ended.packets
        if sent is None and job.stage == PULSE:
            sent = hosts * len(job.ports)  # it was ended before it could say so
        self.packets = None if sent is None or self.packets is None else self.packets + sent
        self.by_user = self.by_user or ended.by_user

    def _read(self, run: _Run, ended: Ended) -> XmlRun | None:
        self.interrupted = self.interrupted or ended.stopped
        try:
            facts = run.growing.run() if run.growing else read_xml(run.xml)
        except ScanError:
            if run.job.stage == PULSE:
                return None
            if ended.stopped is None:
                raise
            if ended.code > 0 and len(self.commands) == 1:
                raise ScanError(f"Nmap refuses to run: {ended.complaint or f'exit {ended.code}'}") from None
            return None
        self.hashes.append(facts.sha256)
        self.scan_types += [kind for kind, _ in facts.coverage.values() if kind not in self.scan_types]
        if run.job.stage != PULSE and self.interrupted is None and (facts.failed or facts.broken):
            self.interrupted = f"Nmap's output is incomplete: {facts.failed or facts.broken}"
        return facts

    def _known(self, job: Job, facts: XmlRun) -> tuple[XmlHost, ...]:
        heard = [host for host in facts.hosts if not host.timed_out and self._as_asked(job, facts)]
        known = [host if host.up else _no_neighbour(job, host) for host in heard if host.up or job.stage != "discover"]
        if job.rounds == 1:
            self._note_lost(job, facts, {host.address for host in known})
        targets = frozenset(job.targets)
        return tuple(host for host in known if host.address in targets)

    def _note_lost(self, job: Job, facts: XmlRun, known: Set[Address]) -> None:
        timed_out = {host.address for host in facts.hosts if host.timed_out}
        skipped = set(facts.skipped)
        for address in job.targets:
            if address in timed_out:
                self.lost[address] = "Nmap gave up on it: its time was spent"
            elif str(address) in skipped:
                self.lost[address] = "Nmap has no route to it"
            elif address not in known and self.interrupted is None:
                self.lost[address] = "Nmap's output holds no result for it"

    def _as_asked(self, job: Job, facts: XmlRun) -> bool:
        """Whether Nmap ran the scan type that was asked for, and not one that it picked by itself."""
        return job.stage == "discover" or facts.coverage.get(job.protocol, ("", None))[0] == job.scan


def _batches(jobs: Sequence[Job]) -> Iterator[Sequence[Job]]:
    batch: list[Job] = []
    for job in jobs:
        if batch and not (job.beside and len(batch) < MOST_AT_ONCE):
            yield batch
            batch = []
        batch.append(job)
    if batch:
        yield batch


def _no_neighbour(job: Job, host: XmlHost) -> XmlHost:
    """A neighbour that didn't answer ARP or neighbour discovery: nothing could be sent to it, so all of it is silent."""
    if job.protocol == "udp":
        return evolve(host, udp=((job.ports, Answer(Evidence.OPEN_OR_SILENT, _NO_NEIGHBOUR, scan="udp")),))
    return evolve(host, tcp=((job.ports, Answer(Evidence.SILENT, _NO_NEIGHBOUR, scan=job.scan)),))
