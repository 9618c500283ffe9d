"""The first lines of a report: the verdict, and no more than it proves."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from iacdrift.drift.words import Verdict
from iacdrift.model.ports import PortSet

if TYPE_CHECKING:
    from iacdrift.drift.report import DriftReport, HostPorts, ReportedHost

FROM_STATE = "matches the state; not proven against the code"


def headline(report: DriftReport) -> tuple[str, str]:
    """The verdict in one sentence, and its rich style."""
    if report.verdict is Verdict.DRIFT:
        return f"DRIFT: {_counted(report)}{_ignored(report)}; looked at {scope(report)}", "bold red"
    if report.verdict is Verdict.INCOMPLETE:
        ports = sum(len(item.ports) for item in report.undetermined if item.required)
        missing = f"{ports:,} ports undetermined" if ports else "something that had to be known wasn't learnt"
        seen = ("no drift was seen" if not report.findings else _counted(report)) + _ignored(report)
        return f"INCOMPLETE: {missing}; {seen} on {scope(report)}, which is not the same as none", "bold yellow"
    notes = f" ({_counted(report)})" if report.findings else ""
    return f"IN SYNC on {scope(report)}{notes}{_ignored(report)}", "bold green"


def _ignored(report: DriftReport) -> str:
    """`, 2 more ignored`: never left out, whatever the verdict."""
    return f", {len(report.ignored):,} more ignored" if report.ignored else ""


def qualified(report: DriftReport) -> str | None:
    """What a verdict whose rules were read from a state can't prove; None where they were read from code."""
    if report.declared_from != "state":
        return None
    head = FROM_STATE if report.verdict is Verdict.IN_SYNC else "judged against the state; not proven against the code"
    return f"{head}: the rules were read from a state, and drift that a refresh wrote into it can't be seen"


def scope(report: DriftReport) -> str:
    """`1,012 of 65,536 ports of 3 hosts`: what was judged, never more; UDP is counted apart."""
    tcp = [host for host in report.hosts if judged(host.tcp)]
    udp = [host for host in report.hosts if judged(host.udp)]
    if not tcp and not udp:
        return "0 of 65,536 ports of 0 hosts"
    parts = [f"{_span([len(judged(host.tcp)) for host in tcp])} of 65,536 ports of {_hosts(tcp)}"] if tcp else []
    parts += [f"{_span([len(judged(host.udp)) for host in udp])} of 65,536 UDP ports of {_hosts(udp)}"] if udp else []
    return " and ".join(parts)


def judged(ports: HostPorts) -> PortSet:
    """The ports that were asked for and judged."""
    return ports.asked - ports.undetermined


def _hosts(hosts: list[ReportedHost]) -> str:
    return f"{len(hosts):,} host{'' if len(hosts) == 1 else 's'}"


def _span(counts: list[int]) -> str:
    least, most = min(counts), max(counts)
    return f"{least:,}" if least == most else f"{least:,} to {most:,}"


def _counted(report: DriftReport) -> str:
    """`1 critical, 2 high, 1 note`."""
    counts = Counter(finding.severity for finding in report.findings)
    number = len(report.findings)
    told = ", ".join(
        f"{counts[severity]} {severity.value}" for severity in sorted(counts, key=list(type(report.findings[0].severity)).index)
    )
    return f"{number} finding{'' if number == 1 else 's'} ({told})"
