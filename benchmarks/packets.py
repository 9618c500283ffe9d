"""What a scan takes beyond the packets that it sends: real Nmap, real filters and listeners, in namespaces of its own."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.compare import Row

if TYPE_CHECKING:
    from iacdrift.surface.expected import ExpectedHost


def scans(count: int) -> Iterator[Row]:
    """The declared ports of 100 hosts, and every port of a silent one. Needs root, Nmap, nftables and iproute2."""
    missing = [name for name in ("nmap", "nft", "ip") if shutil.which(name) is None]
    if os.geteuid() != 0 or missing:
        yield Row("Scans in namespaces", float("nan"), "skipped", None, "needs root" if not missing else f"needs {', '.join(missing)}")
        return
    yield from _many_hosts(count)
    yield from _silent_host(count)


def _many_hosts(count: int) -> Iterator[Row]:
    from iacdrift.drift.judge import judge
    from iacdrift.scan.run import scan
    from iacdrift.scan.settings import ScanSettings
    from iacdrift.surface.expected import ExpectedSurface
    from tests.live.bed import Bed, Rules, Service, Verb
    from tests.live.bed.filters import Match
    from tests.live.networks import HERE

    with Bed(100) as bed:
        for host in bed.hosts:
            host.listen({("tcp", 22): Service.SSH, ("tcp", 80): Service.HTTP})
        bed.filter(Rules(Verb.DROP, (Match("22,80"),)))
        surface = ExpectedSurface(HERE, tuple(_declared(str(host.v4), (22, 80)) for host in bed.hosts))
        settings = ScanSettings(ports="declared", families=(4,))

        def once() -> tuple[float, int, str]:
            start = time.perf_counter()
            seen = scan(surface, settings)
            report = judge(surface, seen)
            return time.perf_counter() - start, seen.packets_sent or 0, report.verdict.value

        found = [bed.scan(once, seconds=300) for _ in range(count)]
    beyond = median(took - packets / settings.rate for took, packets, _ in found)
    verdicts = ", ".join(sorted({verdict for _, _, verdict in found}))
    aside = f"{found[0][1]:,} packets at {settings.rate:,} a second; sweep, confirmation and report; verdict {verdicts}"
    yield Row("Declared ports of 100 hosts: time on the clock beyond the packet limit", beyond, "s", 3.0, aside)


def _silent_host(count: int) -> Iterator[Row]:
    from iacdrift.scan.plan import plan_scan
    from iacdrift.scan.run import scan
    from iacdrift.scan.settings import ScanSettings
    from iacdrift.surface.expected import ExpectedSurface
    from tests.live.bed import Bed, Rules, Verb
    from tests.live.networks import HERE

    with Bed(1) as bed:
        bed.filter(Rules(Verb.DROP))
        surface = ExpectedSurface(HERE, (_declared(str(bed.hosts[0].v4), ()),))
        settings = ScanSettings(ports="1-65535", families=(4,), rate=5000)

        def once() -> tuple[float, int, int]:
            planned = plan_scan(surface, settings).packets
            start = time.perf_counter()
            seen = scan(surface, settings)
            return time.perf_counter() - start, seen.packets_sent or planned, planned

        found = [bed.scan(once, seconds=600) for _ in range(count)]
    ratio = median(took * settings.rate / packets for took, packets, _ in found)
    once_each = ratio * found[0][1] / 65_535
    sent = (
        f"{found[0][1]:,} packets at {settings.rate:,} a second: Nmap asks silent ports twice; of one packet a port it is {once_each:.2f} x"
    )
    yield Row("A silent host, 65,535 ports: time on the clock / packets sent at `--rate`", ratio, "x", 1.1, sent)


def _declared(address: str, ports: tuple[int, ...]) -> ExpectedHost:
    from ipaddress import ip_address

    from iacdrift.model.ports import PortSet
    from iacdrift.surface.expected import ExpectedHost, ExpectedPorts

    return ExpectedHost(f"aws_instance.at[{address!r}]", "bench", ip_address(address), tcp=ExpectedPorts(open=PortSet.of(ports)))
