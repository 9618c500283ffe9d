"""Judges what was seen against what the code says: expected x observed -> the report. Pure: no I/O, no clock."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from typing import Any

from attrs import evolve

from iacdrift.drift.assumed import silence_assumptions
from iacdrift.drift.coverage import Rulings, cover, reported_hosts
from iacdrift.drift.families import together, unlike
from iacdrift.drift.findings import NO_WAY_BACK, Scene, findings_of
from iacdrift.drift.gaps import host_gaps, out_of_view, port_gaps, run_gaps
from iacdrift.drift.middlebox import open_everywhere
from iacdrift.drift.remarks import unheard
from iacdrift.drift.report import DriftReport, Finding, Undetermined, WayBack
from iacdrift.drift.rulings import Run, rule
from iacdrift.drift.settings import JudgeSettings
from iacdrift.drift.silence import Witnesses, deaf_ports
from iacdrift.drift.table import Fate
from iacdrift.drift.target import Target, find_targets
from iacdrift.drift.unowned import undeclared_hosts
from iacdrift.drift.verdict import decide
from iacdrift.model.collector import collector_paused
from iacdrift.sources.resource import SourceInfo
from iacdrift.surface.expected import PROTOCOLS, ExpectedHost, ExpectedSurface
from iacdrift.surface.observed import ObservedSurface
from iacdrift.surface.vantage import Vantage

WriteWayBack = Callable[[Finding, ExpectedHost | None, Vantage], WayBack]
"""Writes the two ways back from a finding: `iacdrift.remedy.way_back`. The host is None where nothing owns the address."""

Judged = tuple[Target, Rulings]


def no_way_back(_finding: Finding, _host: ExpectedHost | None, _vantage: Vantage) -> WayBack:
    """Leaves the ways back empty, for whoever needs the verdict only."""
    return NO_WAY_BACK


@collector_paused()
def judge(
    expected: ExpectedSurface,
    observed: ObservedSurface,
    settings: JudgeSettings | None = None,
    sources: Sequence[SourceInfo] = (),
    *,
    way_back: WriteWayBack = no_way_back,
) -> DriftReport:
    """The report of one run. `way_back` writes the text of the two ways back into each finding."""
    settings = settings or JudgeSettings()
    run = Run(Witnesses.of(observed, expected.vantage), deaf_ports(observed.controls))
    judged = [(target, {name: rule(target, name, run) for name in PROTOCOLS}) for target in find_targets(expected, observed)]
    hosts = reported_hosts(judged)
    coverage = cover(judged, hosts)
    findings = _findings(judged, expected, observed, settings, way_back)
    gaps = _gaps(judged, expected, observed, settings)
    verdict, exit_code, more = decide(findings, gaps, coverage, settings)
    return DriftReport(
        verdict=verdict,
        exit_code=exit_code,
        started_at=observed.started_at or "",
        finished_at=observed.finished_at or "",
        vantage=expected.vantage,
        version=_version(),
        sent_from=", ".join(observed.sent_from) or None,
        sources=tuple(sources),
        scanner=_scanner(observed),
        findings=findings,
        hosts=together(hosts),
        coverage=coverage,
        undetermined=gaps + more,
        not_in_view=out_of_view(expected),
        assumptions=expected.assumptions + silence_assumptions(hosts, observed),
        unmodelled=expected.unmodelled,
        declared_from=expected.declared_from,
        notes=(*expected.notes, *observed.notes, *unheard(judged), *unlike(judged)),
        fail_on=settings.fail_on,
        settled=tuple(item.to_dict() for item in observed.settling),
    )


def _findings(
    judged: Sequence[Judged], expected: ExpectedSurface, observed: ObservedSurface, settings: JudgeSettings, way_back: WriteWayBack
) -> tuple[Finding, ...]:
    found: list[Finding] = []
    for protocol in PROTOCOLS:
        everywhere = open_everywhere(observed.hosts.values(), protocol)
        for target, rulings in judged:
            if not any(ruling.fate is Fate.FINDING for ruling in rulings[protocol]):
                continue
            scene = Scene(target, protocol, expected.vantage, settings, everywhere)
            plain = findings_of(rulings[protocol], scene)
            found += (evolve(item, way_back=way_back(item, target.host, expected.vantage)) for item in plain)
    for item in undeclared_hosts(expected, observed):
        found.append(evolve(item, way_back=way_back(item, None, expected.vantage)))
    return tuple(sorted(found, key=_order))


def _order(finding: Finding) -> tuple[object, ...]:
    """Worst first, then by owner, address and port, so that two runs read alike."""
    worst = list(type(finding.severity)).index(finding.severity)
    return worst, finding.owner or "", finding.address or "", finding.protocol, next(iter(finding.ports), -1), finding.id


def _gaps(
    judged: Sequence[Judged], expected: ExpectedSurface, observed: ObservedSurface, settings: JudgeSettings
) -> tuple[Undetermined, ...]:
    found = list(run_gaps(expected, observed, settings))
    for target, rulings in judged:
        found += host_gaps(target, (ruling for name in PROTOCOLS for ruling in rulings[name]))
        for protocol in PROTOCOLS:
            found += port_gaps(rulings[protocol], target, protocol)
    return tuple(found)


def _scanner(observed: ObservedSurface) -> dict[str, Any]:
    """The `scanner` object of the report's JSON; `vanished` where an undeclared host answers no more."""
    vanished = {str(address): str(ports) for address, ports in observed.vanished.items()}
    return ({"vanished": vanished} if vanished else {}) | {
        "nmap": observed.nmap,
        "scan_types": list(observed.scan_types),
        "packets_per_second": observed.packets_per_second,
        "packets_sent": observed.packets_sent,
        "from_files": observed.from_files,
        "commands": [shlex.join(command) for command in observed.commands],
        "xml_sha256": list(observed.xml_sha256),
    }


def _version() -> str:
    from iacdrift import __version__  # the front door may import this room: not at import time

    return __version__
