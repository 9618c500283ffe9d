"""Reports back from their JSON: the inverse of `DriftReport.to_dict`, for everything that reads stored reports."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from ipaddress import IPv4Address, IPv6Address
from typing import Any, TypeVar

from iacdrift.drift.cloud_api import CloudApi
from iacdrift.drift.declared import Declared, DeclaredPorts
from iacdrift.drift.figure import SilenceCoverage
from iacdrift.drift.in_code import InCode
from iacdrift.drift.report import (
    Coverage,
    DriftReport,
    Finding,
    FindingKind,
    HostPorts,
    ReportedHost,
    Severity,
    Undetermined,
    Verdict,
    WayBack,
)
from iacdrift.errors import SourceError
from iacdrift.model.because import Assumption, Because, Unmodelled
from iacdrift.model.ports import PortSet
from iacdrift.sources.resource import SourceInfo
from iacdrift.surface.expected import Expectation, NotInView
from iacdrift.surface.observed import Answer, Certificate, Evidence
from iacdrift.surface.step import Passage, Step
from iacdrift.surface.vantage import Vantage, VantageKind

SCHEMA = "iacdrift/report/1"

Document = Mapping[str, Any]
Read = TypeVar("Read")


def report_from_dict(document: Document) -> DriftReport:
    """The report that `to_dict` made this from; keys that this version doesn't know are left out.

    `Answer.probes` isn't told in the JSON and comes back as 1. SourceError where it is no report of this schema.
    """
    schema = document.get("schema") if isinstance(document, Mapping) else None
    if schema != SCHEMA:
        raise SourceError(f"this is no report: its schema is {schema!r}, not {SCHEMA!r}")
    try:
        return _report(document)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise SourceError(f"this report can't be read: {type(error).__name__}: {error}") from error


def _report(document: Document) -> DriftReport:
    return DriftReport(
        verdict=Verdict(document["verdict"]),
        exit_code=int(document["exit_code"]),
        started_at=document["started_at"],
        finished_at=document["finished_at"],
        vantage=_vantage(document["vantage"]),
        version=document["iacdrift"],
        sent_from=document["vantage"]["sent_from"],
        sources=_each(document["sources"], _source),
        scanner=dict(document["scanner"]),
        findings=_each(document["findings"], finding_from_dict),
        hosts=_each(document["hosts"], _host),
        coverage=_coverage(document["coverage"]),
        undetermined=_each(document["undetermined"], _undetermined),
        not_in_view=_each(document["not_in_view"], lambda item: NotInView(item["owner"], item["address"], item["why"])),
        assumptions=_each(document["assumptions"], lambda item: Assumption(item["resource"], item["text"])),
        unmodelled=_each(document["unmodelled"], lambda item: Unmodelled(item["type"], tuple(item["resources"]))),
        ignored=_each(document["ignored"], dict),
        declared_from=document["declared_from"],
        notes=tuple(document.get("notes", ())),
        baseline=document.get("baseline"),
        fail_on=Severity(document.get("fail_on", Severity.LOW)),
        settled=_each(document.get("settled", ()), dict),
        carried=_each(document.get("carried", ()), finding_from_dict),
        resolved=_each(document.get("resolved", ()), finding_from_dict),
        in_code=InCode.from_dict(document["in_code"]) if document.get("in_code") else None,
    )


def finding_from_dict(document: Document) -> Finding:
    """One finding. KeyError or ValueError where something is missing or isn't known."""
    api = document.get("cloud_api")
    return Finding(
        id=document["id"],
        kind=FindingKind(document["kind"]),
        severity=Severity(document["severity"]),
        address=document["address"],
        name=document["name"],
        protocol=document["protocol"],
        ports=_ports(document["ports"]),
        owner=document["owner"],
        expected=Expectation(document["expected"]),
        observed=_answer(document["observed"]),
        because=_each(document["because"], _because),
        explanation=document["explanation"],
        way_back=WayBack(document["way_back"]["revert"], document["way_back"]["adopt"]),
        reproduce=document["reproduce"],
        expected_service=document.get("expected_service"),
        cloud_api=None if api is None else CloudApi.from_dict(api),
        first_seen=document.get("first_seen"),
        new=document.get("new"),
        ended=document.get("ended"),
        way=_each(document.get("way", ()), _step),
    )


def _step(document: Document) -> Step:
    return Step(document["stage"], document["answer"], _each(document["because"], _because))


def _because(document: Document) -> Because:
    return Because(document["resource"], document["detail"], document["at"])


def _each(items: Any, read: Callable[[Document], Read]) -> tuple[Read, ...]:
    return tuple(read(item) for item in items)


def _ports(text: str) -> PortSet:
    return PortSet.parse(text).shared()


def _answer(document: Document) -> Answer:
    names = ("service", "product", "version", "tunnel", "reason_ip", "ttl")
    optional: dict[str, Any] = {name: document.get(name) for name in names}
    return Answer(
        Evidence(document["state"]),
        reason=document["reason"],
        scan=document["scan"],
        confirmed=document["confirmed"],
        certificate=certificate_from_dict(document.get("certificate")),
        **optional,
    )


def certificate_from_dict(document: Document | None) -> Certificate | None:
    """A certificate as `to_dict` wrote it."""
    return None if document is None else Certificate(tuple(document["names"]), document["not_after"], document["key"])


def _host(document: Document) -> ReportedHost:
    tcp, udp = (HostPorts(**{name: _ports(text) for name, text in document[protocol].items()}) for protocol in ("tcp", "udp"))
    way = _each(document.get("way", ()), lambda item: Passage(item["stage"], item["through"]))
    declared, beside = _declared(document.get("expected")), tuple(document.get("same_host", ()))
    return ReportedHost(document["address"], document["owner"], tcp, udp, document.get("name"), declared, way, beside)


def _declared(document: Document | None) -> Declared | None:
    if document is None:
        return None
    tcp, udp = (DeclaredPorts(**{name: _ports(text) for name, text in document[protocol].items()}) for protocol in ("tcp", "udp"))
    return Declared(tcp, udp)


def _coverage(document: Document) -> Coverage:
    silence = SilenceCoverage.from_dict(document["silence"]) if document.get("silence") else None
    return Coverage(**{f"{what}_{name}": count for what in ("hosts", "ports") for name, count in document[what].items()}, silence=silence)


def _undetermined(document: Document) -> Undetermined:
    return Undetermined(
        document["address"],
        document["protocol"],
        _ports(document["ports"]),
        document["why"],
        document.get("owner"),
        document.get("required", True),
    )


def _source(document: Document) -> SourceInfo:
    names = ("sha256", "lineage", "serial", "written_at", "commit", "code")
    return SourceInfo(document["kind"], document["path"], **{name: document.get(name) for name in names})


def _vantage(document: Document) -> Vantage:
    v4, v6 = document["ipv4"], document["ipv6"]
    return Vantage(
        VantageKind(document["kind"]),
        IPv4Address(v4) if v4 else None,
        IPv6Address(v6) if v6 else None,
        document.get("resource"),
        document["network"],
    )
