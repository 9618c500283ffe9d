"""Small hand-made surfaces for judging: one line says what the code expects and what was seen."""

from __future__ import annotations

from ipaddress import ip_address

from attrs import evolve

from iacdrift.drift.judge import judge
from iacdrift.drift.report import DriftReport, FindingKind, Severity
from iacdrift.drift.settings import JudgeSettings
from iacdrift.model.because import Because
from iacdrift.model.ports import ALL_PORTS, PortSet
from iacdrift.surface.expected import (
    Expectation,
    ExpectedHost,
    ExpectedPorts,
    ExpectedSurface,
    HostStatus,
    Reason,
    StoredReasons,
)
from iacdrift.surface.observed import Answer, Evidence, ObservedHost, ObservedPorts, ObservedSurface
from iacdrift.surface.vantage import Vantage

WEB = "198.51.100.7"
OTHER = "198.51.100.8"
VANTAGE = Vantage.parse("203.0.113.9")
GROUP = Because("aws_security_group.web", "no rule admits it from here", "main.tf:12")
HTTPS = Because("aws_vpc_security_group_ingress_rule.https", "tcp/443 from 0.0.0.0/0", "main.tf:31")


def ports(text: str) -> PortSet:
    return PortSet.parse(text)


def reasons(open: str = "", allowed: str = "") -> StoredReasons:  # noqa: A002 - the word of the field
    declared = ports(open) | ports(allowed)
    return StoredReasons(
        (
            Reason("tcp", declared, Expectation.OPEN, (HTTPS,)),
            Reason("tcp", ALL_PORTS - declared, Expectation.BLOCKED, (GROUP,)),
            Reason("udp", ALL_PORTS, Expectation.BLOCKED, (GROUP,)),
        )
    )


def partition(open: str = "", allowed: str = "", by_vantage: str = "", by_code: str = "") -> ExpectedPorts:  # noqa: A002 - the word of the field
    return ExpectedPorts(ports(open), ports(allowed), ports(by_vantage), ports(by_code))


def host(address: str | None = WEB, owner: str = "aws_instance.web", udp: ExpectedPorts | None = None, **more: object) -> ExpectedHost:
    sets = {name: str(more.pop(name, "")) for name in ("open", "allowed", "by_vantage", "by_code")}
    found = ExpectedHost(
        owner,
        "terraform.tfstate",
        ip_address(address) if address else None,
        tcp=partition(**sets),
        udp=udp or ExpectedPorts(),
        explains=reasons(sets["open"], sets["allowed"]),
    )
    return evolve(found, **more)


def answer(evidence: Evidence, **more: object) -> Answer:
    return Answer(evidence, **{"scan": "syn", **more})  # type: ignore[arg-type]


OPEN = answer(Evidence.OPEN, reason="syn-ack", service="http", product="nginx", confirmed=True)
HOLLOW = answer(Evidence.OPEN, reason="syn-ack")
CLOSED = answer(Evidence.CLOSED, reason="reset")
REJECTED = answer(Evidence.REJECTED, reason="port-unreach")
ON_THE_WAY = answer(Evidence.REJECTED_ON_THE_WAY, reason="admin-prohibited", reason_ip="192.0.2.1")
SILENT = answer(Evidence.SILENT, reason="no-response")
QUIET = answer(Evidence.OPEN_OR_SILENT, reason="no-response", scan="udp")


def seen(asked: str, *groups: tuple[str, Answer]) -> ObservedPorts:
    return ObservedPorts(ports(asked), tuple((ports(text), said) for text, said in groups))


def observed_host(
    asked: str,
    *groups: tuple[str, Answer],
    address: str = WEB,
    answers: bool | None = True,
    udp: ObservedPorts | None = None,
    **more: object,
) -> ObservedHost:
    found = ObservedHost(
        ip_address(address), seen(asked, *groups), udp or ObservedPorts(), answered_before=bool(answers), answered_after=bool(answers)
    )
    return evolve(found, **more)


def surface(*hosts: ExpectedHost, **more: object) -> ExpectedSurface:
    return evolve(ExpectedSurface(VANTAGE, hosts), **more)


def run(*hosts: ObservedHost, **more: object) -> ObservedSurface:
    return ObservedSurface({found.address: found for found in hosts}, **more)  # type: ignore[arg-type]


def judged(expected: ExpectedHost | ExpectedSurface, *found: ObservedHost, **more: object) -> DriftReport:
    """The report on these hosts; `settings` are JudgeSettings' keywords, the rest goes into the observed surface."""
    settings = JudgeSettings(**more.pop("settings", {}))  # type: ignore[arg-type]
    whole = surface(expected) if isinstance(expected, ExpectedHost) else expected
    return judge(whole, run(*found, **more), settings)


def kinds(report: DriftReport) -> list[tuple[str, str, str]]:
    """(kind, ports, severity) of each finding."""
    return [(item.kind.value, str(item.ports), item.severity.value) for item in report.findings]


__all__ = [name for name in globals() if not name.startswith("_")]
_ = (FindingKind, Severity, HostStatus)
