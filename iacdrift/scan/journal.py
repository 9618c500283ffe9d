"""`--resume`: what the finished jobs of an interrupted run learnt, kept as Nmap's own XML, and given back instead of asked again.

The planner is a pure function of the plan and of the answers so far: given the same answers it asks for the same jobs, so
each job is looked up by what it is, and the run goes on where the first one isn't found.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from attrs import evolve, frozen

from iacdrift.errors import ScanError
from iacdrift.scan.job import Job
from iacdrift.scan.machine import Nmap
from iacdrift.scan.route import local_source
from iacdrift.scan.settings import ScanSettings
from iacdrift.scan.task import Task
from iacdrift.surface.expected import PROTOCOLS, ExpectedSurface

OLDEST = 30 * 60.0
"""Seconds since the last finished job after which a journal tells of another network than today's."""
_CLOCKS_DIFFER = 60.0
"""Seconds by which a clock may have been put back meanwhile."""
_SCHEMA = "iacdrift/journal/1"
_FILE = "journal.jsonl"


@frozen(slots=True)
class Kept:
    """What one finished job left: its XML, and what Nmap said of its packets."""

    xml: Path
    packets: int | None


def journal_of(
    expected: ExpectedSurface, settings: ScanSettings, nmap: Nmap, tasks: Sequence[Task], *, partial: bool = False
) -> Journal | None:
    """The journal that `--resume` names; None without it, and for a few ports that are asked again."""
    if settings.resume is None or partial:
        return None
    return Journal(settings.resume, identity(expected, settings, nmap, tasks))


def identity(expected: ExpectedSurface, settings: ScanSettings, nmap: Nmap, tasks: Sequence[Task]) -> str:
    """What a journal shares with a run that it is of use for: the same questions, in the same manner, for the same reasons."""
    asked = [f"{task.address} {task.tcp} {task.udp} {task.udp_implied} {task.witness}" for task in tasks]
    hosts = [f"{h.owner} {h.address} {h.name} {h.status.value}" for h in expected.hosts]
    says = [
        f"{h.owner} {p.open} {p.allowed} {p.unknown_by_vantage} {p.unknown_by_code}"
        for h in expected.hosts
        for p in map(h.ports, PROTOCOLS)
    ]
    manner = (settings.ports, settings.rate, settings.host_rate, settings.network_rate, settings.confidence, settings.scan_type)
    rest = (settings.scope, settings.controls, settings.sweep, settings.families, settings.certificates)
    machine = (nmap.version_text, nmap.raw)
    place = expected.vantage.to_dict()
    # A tunnel that broke off is what interrupts a run: the rest mustn't be asked from elsewhere.
    sources = sorted({str(local_source(task.address)) for task in tasks})
    return hashlib.sha256(repr((asked, hosts, says, manner, rest, machine, place, sources)).encode()).hexdigest()


class Journal:
    """One directory: a line for each finished batch of jobs, and their XML. `reused` counts the jobs that weren't asked again."""

    def __init__(self, directory: Path, run: str, oldest: float = OLDEST) -> None:
        """Open it, or begin one. ScanError where it can't be written, is of another run, or is too old."""
        self._directory = directory
        self._file = directory / _FILE
        self._held: dict[str, list[dict[str, object]]] = {}
        self._count = 0
        self.reused = 0
        self.begun: str | None = None
        try:
            directory.mkdir(parents=True, exist_ok=True)
            if self._file.exists():
                self._read(run, oldest)
            else:
                self._write({"schema": _SCHEMA, "run": run, "begun": datetime.now(UTC).isoformat(timespec="seconds")})
        except OSError as error:
            raise ScanError(f"--resume {directory}: {error.strerror}") from None

    def _read(self, run: str, oldest: float) -> None:
        lines = [line for line in map(_line, self._file.read_text(encoding="utf-8").splitlines()) if line]
        head = lines[0] if lines else {}
        if head.get("schema") != _SCHEMA:
            raise ScanError(f"--resume {self._directory}: it holds no journal of a scan")
        if head.get("run") != run:
            why = "the code, the vantage, the options, Nmap or this machine's address were others"
            raise ScanError(f"--resume {self._directory}: its run isn't this one ({why}); give an empty directory to begin anew")
        ended = [float(at) for line in lines[1:] if isinstance(at := line.get("at"), (int, float))]
        age = time.time() - max(ended, default=time.time())
        if age < -_CLOCKS_DIFFER:
            ahead = "from a time that this clock hasn't reached, so nobody knows how old it is"
            raise ScanError(f"--resume {self._directory}: its last answer is {ahead}; give an empty directory to begin anew")
        if age > oldest:
            minutes = f"{age / 60:.0f} minutes old, and the network of then may not be that of now"
            raise ScanError(f"--resume {self._directory}: its last answer is {minutes}; give an empty directory to begin anew")
        for line in lines[1:]:
            self._held.setdefault(str(line.get("jobs")), []).append(line)
        self._count, self.begun = len(lines), str(head.get("begun"))

    def recall(self, jobs: Sequence[Job]) -> list[Kept] | None:
        """What this batch of jobs left in the earlier run, once; None where it has to be asked. A file that was changed is no answer."""
        held = self._held.get(_digest(jobs))
        if not held:
            return None
        line = held.pop(0)
        found, packets, digests = line.get("xml"), line.get("packets"), line.get("sha256")
        if not (isinstance(found, list) and isinstance(packets, list) and isinstance(digests, list)):
            return None
        kept = [Kept(self._directory / Path(str(name)).name, sent) for name, sent in zip(found, packets, strict=False)]
        contents = [_content(one.xml) for one in kept]
        if len(kept) != len(jobs) or None in contents or contents != digests:
            return None
        self.reused += len(jobs)
        return kept

    def finished(self, jobs: Sequence[Job], kept: Sequence[Kept]) -> None:
        """Keep what a batch learnt. A journal that can't be written any more ends the run: it was asked for."""
        if not all(one.xml.is_file() for one in kept):
            return
        self._count += 1
        try:
            names = []
            for number, one in enumerate(kept):
                name = f"{self._count:05d}-{number}-{one.xml.name}"
                shutil.copyfile(one.xml, self._directory / name)
                names.append(name)
            digests = [_content(one.xml) for one in kept]
            packets = [one.packets for one in kept]
            self._write({"jobs": _digest(jobs), "xml": names, "sha256": digests, "packets": packets, "at": time.time()})
        except OSError as error:
            raise ScanError(f"--resume {self._directory}: {error.strerror}") from None

    @property
    def remarks(self) -> tuple[str, ...]:
        """What the report says of it."""
        return (f"--resume: {self.reused} jobs that ended in the run begun at {self.begun} weren't asked again",) if self.reused else ()

    def close(self) -> None:
        """Take it away: the run is whole, and nothing is left to resume."""
        for path in (*self._directory.glob("[0-9]*-*.xml"), self._file):
            path.unlink(missing_ok=True)
        if not any(self._directory.iterdir()):
            self._directory.rmdir()

    def _write(self, line: dict[str, object]) -> None:
        with self._file.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(line) + "\n")


def _line(text: str) -> dict[str, object]:
    """One line; the last one of a run that was killed may be half of one."""
    try:
        found = json.loads(text)
    except json.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _content(path: Path) -> str | None:
    """The digest of a file; None for one that isn't there."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return None


def _digest(jobs: Sequence[Job]) -> str:
    """What jobs ask, and how. The time that a host may take at the most is left out: these jobs have ended."""
    paces = [repr(evolve(job.pace, host_timeout=None)) for job in jobs]
    told = [
        (j.stage, j.scan, tuple(map(str, j.targets)), str(j.ports), pace, j.rounds, j.beside) for j, pace in zip(jobs, paces, strict=True)
    ]
    return hashlib.sha256(repr(told).encode()).hexdigest()
