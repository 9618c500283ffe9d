"""Runs jobs one after another, so that the rate of one is the rate of all, and keeps what each left behind."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from attrs import evolve

from iacdrift.errors import ScanError
from iacdrift.scan.facts import XmlHost, XmlRun
from iacdrift.scan.job import Job
from iacdrift.scan.machine import Nmap
from iacdrift.scan.nmap_output import read_xml
from iacdrift.scan.plan import planned
from iacdrift.scan.process import Ended, run_nmap
from iacdrift.scan.progress import Progress
from iacdrift.surface.expected import Address
from iacdrift.surface.observed import Answer, Evidence

_NO_NEIGHBOUR = "no-neighbour"


class Runner:
    """Starts Nmap for each job in `directory`. After an interruption every further job is left out.

    `interrupted`: why the run ended early. `commands`, `hashes`: of all runs, in order. `lost`: address -> why a job
    taught nothing about it, for the jobs of the last `run`.
    """

    def __init__(self, nmap: Nmap, directory: Path, progress: Progress, deadline: float | None = None) -> None:
        self._nmap = nmap
        self._directory = directory
        self._progress = progress
        self._deadline = deadline
        self.interrupted: str | None = None
        self.by_user = False
        self.commands: list[tuple[str, ...]] = []
        self.hashes: list[str] = []
        self.packets: int | None = 0
        self.scan_types: list[str] = []
        self.lost: dict[Address, str] = {}

    @property
    def seconds_left(self) -> float | None:
        """Until the deadline; None without one."""
        return None if self._deadline is None else max(0.0, self._deadline - time.monotonic())

    def run(self, jobs: Sequence[Job]) -> Sequence[tuple[Job, Mapping[Address, XmlHost]]]:
        """Each job with the hosts that it learnt about. ScanError where Nmap refuses to work at all."""
        self.lost = {}
        results = []
        for job in jobs:
            if self.interrupted is None:
                results.append((job, self._one(job)))
        return results

    def _one(self, job: Job) -> Mapping[Address, XmlHost]:
        plan = planned(job, self._nmap)
        xml = self._directory / f"{len(self.commands) + 1:03d}-{job.stage}-{job.scan}-ipv{job.family}.xml"
        self._progress.started(job, plan.packets, plan.seconds)
        self.commands.append(plan.argv)
        ended = run_nmap(plan.argv, xml, self._deadline, self._progress.advanced)
        self._progress.ended(job)
        self._count(ended)
        facts = self._read(xml, ended)
        return self._known(job, facts) if facts else {}

    def _count(self, ended: Ended) -> None:
        if ended.packets is None:
            self.packets = None
        elif self.packets is not None:
            self.packets += ended.packets
        self.by_user = self.by_user or ended.by_user

    def _read(self, xml: Path, ended: Ended) -> XmlRun | None:
        self.interrupted = ended.stopped
        try:
            facts = read_xml(xml)
        except ScanError:
            if ended.stopped is None:
                raise
            if ended.code > 0 and len(self.commands) == 1:
                raise ScanError(f"Nmap refuses to run: {ended.complaint or f'exit {ended.code}'}") from None
            return None
        self.hashes.append(facts.sha256)
        self.scan_types += [kind for kind, _ in facts.coverage.values() if kind not in self.scan_types]
        if self.interrupted is None and (facts.failed or facts.broken):
            self.interrupted = f"Nmap's output is incomplete: {facts.failed or facts.broken}"
        return facts

    def _known(self, job: Job, facts: XmlRun) -> Mapping[Address, XmlHost]:
        heard = [host for host in facts.hosts if not host.timed_out and self._as_asked(job, facts)]
        known = {host.address: host for host in heard if host.up}
        if job.stage != "discover":
            known |= {host.address: _no_neighbour(job, host) for host in heard if not host.up}
        timed_out = {host.address for host in facts.hosts if host.timed_out}
        skipped = set(facts.skipped)
        for address in job.targets:
            if address in timed_out:
                self.lost[address] = "Nmap gave up on it: its time was spent"
            elif str(address) in skipped:
                self.lost[address] = "Nmap has no route to it"
            elif address not in known and self.interrupted is None:
                self.lost[address] = "Nmap's output holds no result for it"
        return known

    def _as_asked(self, job: Job, facts: XmlRun) -> bool:
        """Whether Nmap ran the scan type that was asked for, and not one that it picked by itself."""
        return job.stage == "discover" or facts.coverage.get(job.protocol, ("", None))[0] == job.scan


def _no_neighbour(job: Job, host: XmlHost) -> XmlHost:
    """A neighbour that didn't answer ARP or neighbour discovery: nothing could be sent to it, so all of it is silent."""
    if job.protocol == "udp":
        return evolve(host, udp=((job.ports, Answer(Evidence.OPEN_OR_SILENT, _NO_NEIGHBOUR, scan="udp")),))
    return evolve(host, tcp=((job.ports, Answer(Evidence.SILENT, _NO_NEIGHBOUR, scan=job.scan)),))
