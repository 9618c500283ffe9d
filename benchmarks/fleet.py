"""What a Dask scheduler costs a portion, and what one worker scans: `python -m benchmarks.fleet` prints the figures of docs/fleets.md."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from benchmarks.large import PORTS, silent_hosts

if TYPE_CHECKING:
    from iacdrift.scan.portion import Learnt, Portion

_PORTIONS = 200
_HOSTS = 500
_RATE = 5000


def echo(portion: Portion) -> Learnt:
    """What a portion sends back, without a scan: as many hosts with as many answers."""
    from iacdrift.scan.portion import Learnt, unseen

    return Learnt(unseen(portion.surface.hosts, "not asked"), "bench")


def measured() -> dict[str, Any]:
    """Milliseconds a portion of 256 hosts costs beside its scan, its bytes, and the hosts a minute that one worker scans."""
    from iacdrift.model.ports import PortSet
    from iacdrift.surface.expected import ExpectedHost, ExpectedPorts, ExpectedSurface
    from tests.live.bed import Bed, Rules, Service, Verb
    from tests.live.bed.filters import Match
    from tests.live.bed.topology import SCANNER_V4
    from tests.live.fleet import Fleet
    from tests.live.networks import HERE

    with Bed(1) as bed:
        bed.hosts[0].listen({("tcp", 22): Service.SSH})
        bed.filter(Rules(Verb.DROP, (Match("22"),)))
        bed.router.ip("route add blackhole 198.18.0.0/15")
        witness = ExpectedHost("aws_instance.witness", "bench", bed.hosts[0].v4, tcp=ExpectedPorts(open=PortSet.single(22)))
        surface = ExpectedSurface(HERE, (witness, *silent_hosts(_HOSTS)))
        with Fleet(bed) as fleet:
            fleet.worker(bed.scanner, "one", "internet")
            found: dict[str, Any] = fleet.call(lambda url: {**costs(url), **speed(url, surface, str(SCANNER_V4))}, seconds=600)
    return found


def costs(url: str) -> dict[str, float]:
    """Many portions there and back, one after another, without a scan."""
    import pickle

    from iacdrift.scan.dask_workers import dask_client, workers_at
    from iacdrift.scan.portion import Portion
    from iacdrift.scan.settings import ScanSettings
    from iacdrift.surface.expected import ExpectedSurface
    from tests.live.networks import HERE

    portion = Portion(ExpectedSurface(HERE, silent_hosts(256)), ScanSettings(ports="declared"), frozenset())
    with dask_client(url) as client:
        executor = workers_at(client, "internet").executor
        executor.submit(echo, portion).result()
        start = time.perf_counter()
        for _ in range(_PORTIONS):
            executor.submit(echo, portion).result()
        took = time.perf_counter() - start
    return {"milliseconds": 1000 * took / _PORTIONS, "kilobytes": len(pickle.dumps(portion)) / 1024}


def speed(url: str, surface: Any, source: str) -> dict[str, Any]:
    """One worker's hosts a minute at this rate, all of it: proof, look, sweep, further probes, close."""
    from iacdrift.scan.dask_workers import dask_client, workers_at
    from iacdrift.scan.execution import scan_elsewhere
    from iacdrift.scan.settings import ScanSettings
    from iacdrift.scan.standing import Standing
    from iacdrift.surface.vantage import Vantage

    settings = ScanSettings(ports=PORTS, rate=_RATE, families=(4,))
    with dask_client(url) as client:
        start = time.perf_counter()
        seen = scan_elsewhere(surface, settings, workers_at(client, "internet"), Standing("internet", Vantage.parse(source)))
        took = time.perf_counter() - start
    told = {"hosts_a_minute": 60 * len(seen.hosts) / took, "packets_a_host": (seen.packets_sent or 0) / len(seen.hosts), "seconds": took}
    return told | {"failed": sum(1 for host in seen.hosts.values() if host.failed), "rate": settings.rate}


if __name__ == "__main__":
    print(json.dumps(measured(), indent=2))
