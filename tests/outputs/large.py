"""Reports of many hosts and findings, out of a real model: a plan, translated, judged against answers made up for it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from attrs import evolve

from benchmarks.stack import plan
from iacdrift.assertion import ExpectedPart, expected_part
from iacdrift.drift.judge import judge
from iacdrift.drift.report import DriftReport
from iacdrift.model.ports import PortSet
from iacdrift.remedy import way_back
from iacdrift.surface.observed import ObservedHost
from tests.drift.scenes import CLOSED, OPEN, SILENT, observed_host, run
from tests.outputs.reports import TOLD

ASKED = "22,25,80,443,3306,3389,5432,6379,8000-8010,8080,9090,27017"


@cache
def _part(resources: int) -> ExpectedPart:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "plan.json"
        path.write_bytes(plan(resources))
        return expected_part([path], "internet")


def many(hosts: int, resources: int = 1200) -> DriftReport:
    """The first hosts that a model of so many resources has in view; each answers on some ports that it shouldn't."""
    part = _part(resources)
    here = tuple(host for host in part.surface.hosts if host.address is not None)[:hosts]
    assert len(here) == hosts, f"the model has {len(here)} hosts in view"
    seen = [_seen(str(host.address), number) for number, host in enumerate(here)]
    made = judge(evolve(part.surface, hosts=here), run(*seen, **TOLD), None, part.sources, way_back=way_back)
    return evolve(made, version="0.1.0")


def _seen(address: str, number: int) -> ObservedHost:
    opened = {0: "443,8080,6379", 1: "22,80", 2: "443", 3: "80,443,27017"}[number % 4]
    others = "3389" if number % 7 == 0 else "25"
    quiet = PortSet.parse(ASKED) - PortSet.parse(f"{opened},{others}")
    return observed_host(ASKED, (opened, OPEN), (others, CLOSED), (str(quiet), SILENT), address=address)


def findings(count: int) -> DriftReport:
    """A report of exactly so many findings: those of fifty hosts again and again, each with an id of its own."""
    whole = many(50)
    several = (whole.findings * (count // len(whole.findings) + 1))[:count]
    return evolve(whole, findings=tuple(evolve(item, id=f"{item.id[:-6]}{number:06x}") for number, item in enumerate(several)))
