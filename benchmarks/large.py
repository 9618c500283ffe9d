"""Large scans: what they take beyond their packets, their memory, how often progress moves, and what a resumed run saves."""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import frozen

from benchmarks.compare import Row

if TYPE_CHECKING:
    from iacdrift.surface.expected import ExpectedHost, ExpectedSurface
    from tests.live.bed import Bed

_FIRST = int(ip_address("198.18.0.1"))
"""Of the range that RFC 2544 keeps for benchmarks; the bed's router drops what goes there."""
_LONGEST = 95.0


@frozen
class Case:
    """So many silent addresses, all asked the same. `resumed`: also interrupted in the middle and resumed."""

    name: str
    hosts: int
    ports: str
    rate: int
    resumed: bool = False


PORTS = "22,80,443,3306,5432,6379,8080,8443"
CASES = (
    Case("10,000 silent addresses, 8 ports", 10_000, PORTS, 20_000, resumed=True),
    Case("1,000 silent addresses, 1,000 ports", 1_000, "1-1000", 40_000),
)


class Beats:
    """A progress that only notes when it was told something."""

    def __init__(self) -> None:
        self.moments: list[float] = []

    def _beat(self, *_: object) -> None:
        self.moments.append(time.perf_counter())

    planned = started = advanced = ended = _beat

    def finished(self) -> None:
        self._beat()

    @property
    def gap(self) -> float:
        """The longest time between two signs of life, in seconds."""
        return max(later - earlier for earlier, later in zip(self.moments, self.moments[1:], strict=False))


def silent_hosts(count: int) -> tuple[ExpectedHost, ...]:
    """So many addresses behind a filter that drops, and of which the code says so."""
    from iacdrift.surface.expected import ExpectedHost

    return tuple(ExpectedHost(f"aws_instance.many[{n}]", "bench", ip_address(_FIRST + n)) for n in range(count))


def scanned(case: Case) -> dict[str, Any]:
    """The whole scan and its report, and if so wanted a run that is interrupted and the one that resumes it."""
    from tests.live.bed import Bed, Rules, Service, Verb
    from tests.live.bed.filters import Match

    with Bed(1) as bed:
        bed.hosts[0].listen({("tcp", 22): Service.SSH})
        bed.filter(Rules(Verb.DROP, (Match("22"),)))
        bed.router.ip("route add blackhole 198.18.0.0/15")
        surface = _surface(case, bed)
        found: dict[str, Any] = bed.scan(lambda: _run(case, surface, None, None), seconds=_LONGEST)
        if case.resumed:
            with tempfile.TemporaryDirectory(prefix="iacdrift-bench-") as folder:
                journal, half = Path(folder) / "journal", 0.5 * found["seconds"]
                first = bed.scan(lambda: _run(case, surface, journal, half), seconds=_LONGEST)
                found["interrupted"] = first
                found["resumed"] = bed.scan(lambda: _run(case, surface, journal, None), seconds=_LONGEST)
    return found


def _surface(case: Case, bed: Bed) -> ExpectedSurface:
    from iacdrift.model.ports import PortSet
    from iacdrift.surface.expected import ExpectedHost, ExpectedPorts, ExpectedSurface
    from tests.live.networks import HERE

    witness = ExpectedHost("aws_instance.witness", "bench", bed.hosts[0].v4, tcp=ExpectedPorts(open=PortSet.single(22)))
    return ExpectedSurface(HERE, (witness, *silent_hosts(case.hosts)))


def _run(case: Case, surface: ExpectedSurface, journal: Path | None, timeout: float | None) -> dict[str, Any]:
    """One scan and its report as JSON, in a process of its own: memory in MB of this process and of the largest Nmap."""
    from iacdrift.drift.judge import judge
    from iacdrift.scan.run import scan
    from iacdrift.scan.settings import ScanSettings

    beats, start = Beats(), time.perf_counter()
    settings = ScanSettings(ports=case.ports, rate=case.rate, families=(4,), resume=journal, timeout=timeout)
    seen = scan(surface, settings, beats)
    beats.finished()
    report = judge(surface, seen)
    report.to_json()
    took = time.perf_counter() - start
    own, nmap = (resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    told = {"seconds": took, "packets": seen.packets_sent or 0, "megabytes": own, "nmap": nmap, "gap": beats.gap}
    silence = report.coverage.silence
    said = {"verdict": report.verdict.value, "miss": silence.miss if silence else None, "interrupted": seen.interrupted}
    return told | said | {"notes": [note for note in seen.notes if note.startswith("--resume")]}


def large(cases: tuple[Case, ...] = CASES) -> Iterator[Row]:
    """10,000 addresses on declared ports, 1,000 addresses on 1,000 ports."""
    for case in cases:
        found = scanned(case)
        limit = found["packets"] / case.rate
        silence = f"silence missed at most {found['miss']:.1e}" if found["miss"] else "silence without a figure"
        aside = f"{found['packets']:,} packets at {case.rate:,} a second are {limit:.1f} s; verdict {found['verdict']}, {silence}"
        yield Row(f"{case.name}: time on the clock beyond the packet limit", found["seconds"] - limit, "s", None, aside)
        yield Row("… the largest memory of scan and report", found["megabytes"], "MB", 300, f"the largest Nmap {found['nmap']:.0f} MB")
        yield Row("… the longest time without progress", found["gap"], "s", 2.0, "")
        if case.resumed:
            yield _resumed(found)


def _resumed(found: dict[str, Any]) -> Row:
    first, second = found["interrupted"], found["resumed"]
    aside = f"{first['interrupted']}; the second run: {second['verdict']}, {'; '.join(second['notes']) or 'nothing was kept'}"
    ratio = second["seconds"] / found["seconds"]
    return Row("… interrupted in the middle and resumed: time of the second run / of a whole one", ratio, "x", None, aside)


def main() -> int:
    """Prints the rows of the cases asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.large", description=__doc__)
    parser.add_argument("--case", type=int, choices=range(len(CASES)), help="only this one")
    asked = parser.parse_args().case
    for row in large(CASES if asked is None else (CASES[asked],)):
        print(f"{row.what}: {row.figure:.2f} {row.unit} (goal {row.goal}) {row.aside}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
