"""Large scans and fleets: the memory of the whole command, how often progress moves, and what a scheduler costs a portion."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from benchmarks.compare import Row

if TYPE_CHECKING:
    from iacdrift.surface.expected import ExpectedHost

PORTS = "22,80,443,3306,5432,6379,8080,8443"
_FIRST = int(ip_address("198.18.0.1"))
"""Of the range that RFC 2544 keeps for benchmarks; the bed's router drops what goes there."""


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
    def gaps(self) -> list[float]:
        """Seconds between two signs of life, longest first."""
        return sorted((later - earlier for earlier, later in zip(self.moments, self.moments[1:], strict=False)), reverse=True)


def silent_hosts(count: int) -> tuple[ExpectedHost, ...]:
    """So many addresses behind a filter that drops, and of which the code says so."""
    from iacdrift.surface.expected import ExpectedHost

    return tuple(ExpectedHost(f"aws_instance.many[{n}]", "bench", ip_address(_FIRST + n)) for n in range(count))


def scanned(hosts: int, ports: str, rate: int) -> dict[str, Any]:
    """One scan and its report, in this process: seconds, packets, the largest memory in MB of this process and of an Nmap."""
    from iacdrift.drift.judge import judge
    from iacdrift.scan.run import scan
    from iacdrift.scan.settings import ScanSettings
    from iacdrift.surface.expected import ExpectedSurface
    from tests.live.bed import Bed, Rules, Service, Verb
    from tests.live.bed.filters import Match
    from tests.live.networks import HERE

    with Bed(1) as bed:
        bed.hosts[0].listen({("tcp", 22): Service.SSH})
        bed.filter(Rules(Verb.DROP, (Match("22"),)))
        bed.router.ip("route add blackhole 198.18.0.0/15")
        from iacdrift.model.ports import PortSet
        from iacdrift.surface.expected import ExpectedHost, ExpectedPorts

        witness = ExpectedHost("aws_instance.witness", "bench", bed.hosts[0].v4, tcp=ExpectedPorts(open=PortSet.single(22)))
        surface = ExpectedSurface(HERE, (witness, *silent_hosts(hosts)))

        def once() -> dict[str, Any]:
            beats, start = Beats(), time.perf_counter()
            seen = scan(surface, ScanSettings(ports=ports, rate=rate, families=(4,)), beats)
            report = judge(surface, seen)
            took = time.perf_counter() - start
            own, children = (resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
            told = {"seconds": took, "packets": seen.packets_sent, "megabytes": own, "nmap": children}
            return told | {"gap": beats.gaps[0], "gaps": beats.gaps[:3], "asked": report.coverage.ports_asked, "hosts": len(report.hosts)}

        found: dict[str, Any] = bed.scan(once, seconds=900)
        return found


def large(_: int) -> Iterator[Row]:
    """10,000 addresses on declared ports, 1,000 addresses on 1,000 ports."""
    for what, hosts, ports in (("10,000 addresses, 8 ports", 10_000, PORTS), ("1,000 addresses, 1,000 ports", 1_000, "1-1000")):
        found = scanned(hosts, ports, 20_000)
        aside = f"{found['packets'] or 0:,} packets in {found['seconds']:.0f} s, the largest Nmap {found['nmap']:.0f} MB"
        yield Row(f"{what}: the largest memory of scan and report", found["megabytes"], "MB", 300, aside)
        yield Row(f"{what}: the longest time without progress", found["gap"], "s", 2.0, "")


if __name__ == "__main__":
    for row in large(1):
        print(f"{row.what}: {row.figure:.1f} {row.unit} (goal {row.goal:g}) {row.aside}", flush=True)
