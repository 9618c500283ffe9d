"""Our side: the whole `iacdrift check`, from the file that says what should be to the report; and what `plan-scan` had promised."""

from __future__ import annotations

import json
import sys
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

from attrs import frozen

from benchmarks.scan.cases import Case, Listener
from benchmarks.scan.commands import Deadline, run
from iacdrift.model.ports import PortSet
from tests.live.bed.topology import SCANNER_V4

_EXITS = (0, 1, 3)


@frozen
class Verdict:
    """What a report says. `unsure`: ports that it calls undetermined; `miss`: the chance that it states, None where it states none."""

    found: frozenset[Listener]
    unsure: frozenset[Listener]
    verdict: str
    miss: float | None


@frozen
class Promise:
    """What `plan-scan` says that the scan will take."""

    packets: int
    seconds: float


def write_expectation(case: Case, addresses: tuple[IPv4Address, ...], folder: Path) -> Path:
    """What the code says of the case's network. A host that refuses has every port admitted: nothing filters in front of it."""
    admitted = PortSet.span(1, 65535) if case.refuses else case.idle
    said: dict[str, Any] = {"open": _ports(case.declared)} | ({"allowed": _ports(admitted)} if admitted else {})
    hosts = [{"host": str(address), **said} for address in addresses]
    path = folder / "expectation.json"
    path.write_text(json.dumps({"schema": "iacdrift/expectation/1", "expectations": hosts}))
    return path


def _ports(ports: PortSet) -> list[str]:
    return [f"{part}/tcp" for part in str(ports).split(",")]


def check(case: Case, source: Path, deadline: Deadline, folder: Path) -> Verdict:
    """The verdict on this network; runs inside the scanner's namespace."""
    report = json.loads(run(_words("check", case, source, "--no-history"), deadline, folder, _EXITS))
    silence = report["coverage"].get("silence") or {}
    return Verdict(_of(report, "open"), _of(report, "undetermined"), report["verdict"], silence.get("miss"))


def plan_scan(case: Case, source: Path, deadline: Deadline, folder: Path) -> Promise:
    """What is promised beforehand; sends nothing."""
    plan = json.loads(run(_words("plan-scan", case, source), deadline, folder))
    return Promise(plan["packets"], plan["seconds"])


def _words(command: str, case: Case, source: Path, *more: str) -> list[str]:
    asked = "declared" if case.ports == case.declared | case.idle else str(case.ports)
    words = [sys.executable, "-m", "iacdrift", command, "--from", str(source), "--vantage", str(SCANNER_V4), "--family", "4"]
    return [*words, "--ports", asked, "--rate", str(case.rate), "--format", "json", "--quiet", *more]


def _of(report: dict[str, Any], kind: str) -> frozenset[Listener]:
    return frozenset((host["address"], port) for host in report["hosts"] for port in PortSet.parse(host["tcp"][kind]))
