"""The work that is measured, one function a process: `python -m benchmarks.tasks NAME ARGUMENT...` prints JSON."""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path
from time import process_time
from typing import Any

from benchmarks import nmap_xml, stack


def make_plan(resources: str, path: str) -> dict[str, Any]:
    """The made-up plan. In a process of its own: a child's peak memory counts what its parent had when it was started."""
    Path(path).write_bytes(stack.plan(int(resources)))
    return {}


def make_scans(hosts: str, folder: str, kind: str) -> dict[str, Any]:
    """Two scans of the same hosts, and what the code says of them. `kind`: `alike`, `estate` or `mixed`."""
    for name, later in (("first.xml", False), ("second.xml", True)):
        (Path(folder) / name).write_text(nmap_xml.scan(int(hosts), later=later, kind=kind))
    (Path(folder) / "expectations.json").write_text(json.dumps(nmap_xml.expectations(int(hosts), kind=kind)))
    return {}


def json_load(path: str) -> dict[str, Any]:
    """The yardstick: Python's own reading of the same file."""
    start = process_time()
    with open(path, encoding="utf-8") as stream:  # noqa: PTH123  as everybody writes it
        json.load(stream)
    return {"seconds": process_time() - start, "megabytes": _largest()}


def surface(path: str) -> dict[str, Any]:
    """From the plan's JSON to the expected surface of one vantage; then of another one, and of one inside."""
    from iacdrift.providers.translate import translate
    from iacdrift.sources.read import read_sources
    from iacdrift.surface.expect import expect
    from iacdrift.surface.vantage import Vantage

    vantages = [Vantage.parse(text) for text in ("203.0.113.9", "198.51.100.7", "10.0.0.200")]
    start = process_time()
    network = translate(read_sources([path]))
    first = expect(network, vantages[0])
    took, largest = process_time() - start, _largest()
    start = process_time()
    expect(network, vantages[1])
    second = process_time() - start
    start = process_time()
    expect(network, vantages[2])
    inside = process_time() - start
    shown = {"hosts": len(first.hosts), "allowed": sum(1 for host in first.hosts if host.tcp.allowed)}
    return {"seconds": took, "megabytes": largest, "second": second, "inside": inside, **shown}


def _largest() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    print(json.dumps(globals()[sys.argv[1]](*sys.argv[2:])))
