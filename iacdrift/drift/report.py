"""The verdict and everything it rests on: findings, hosts, coverage, and all that isn't known."""

from __future__ import annotations

import json
from typing import Any

from attrs import field, frozen

from iacdrift.drift.cloud_api import CloudApi
from iacdrift.drift.declared import Declared
from iacdrift.drift.figure import SilenceCoverage
from iacdrift.drift.in_code import InCode
from iacdrift.drift.words import FindingKind as FindingKind
from iacdrift.drift.words import Severity as Severity
from iacdrift.drift.words import Verdict as Verdict
from iacdrift.model.because import Assumption, Because, Unmodelled
from iacdrift.model.moment import age
from iacdrift.model.ports import NO_PORTS, PortSet
from iacdrift.sources.resource import SourceInfo
from iacdrift.surface.expected import Expectation, NotInView
from iacdrift.surface.observed import Answer
from iacdrift.surface.step import Passage, Step
from iacdrift.surface.vantage import Vantage


@frozen(slots=True)
class WayBack:
    """The two ways to make code and network agree again; text only, nothing is applied."""

    revert: str
    adopt: str

    def to_dict(self) -> dict[str, str]:
        """The JSON shape of interfaces: revert, adopt."""
        return {"revert": self.revert, "adopt": self.adopt}


@frozen(slots=True)
class Finding:
    """One difference between code and network, with its evidence, its reason and its way back.

    `expected_service`: the application protocol that was declared, for a service mismatch. `first_seen` (RFC 3339), `new`
    (not in the run before) and `ended` (why it is over) are what a history knows; None where none was asked. `way`: each stage
    from the vantage to the host with its answer for the (first) port; empty where no model of the network stands behind the
    expectation.
    """

    id: str
    kind: FindingKind
    severity: Severity
    address: str | None
    name: str | None
    protocol: str
    ports: PortSet
    owner: str | None
    expected: Expectation
    observed: Answer
    because: tuple[Because, ...]
    explanation: str
    way_back: WayBack
    reproduce: str
    expected_service: str | None = None
    cloud_api: CloudApi | None = None
    first_seen: str | None = None
    new: bool | None = None
    ended: str | None = None
    way: tuple[Step, ...] = ()

    def to_dict(self) -> dict[str, object]:
        """The JSON shape of interfaces."""
        shown: dict[str, object] = {
            "id": self.id,
            "kind": self.kind.value,
            "severity": self.severity.value,
            "address": self.address,
            "name": self.name,
            "protocol": self.protocol,
            "ports": str(self.ports),
            "owner": self.owner,
            "expected": self.expected.value,
            "observed": self.observed.to_dict(),
            "because": [because.to_dict() for because in self.because],
            "explanation": self.explanation,
            "way_back": self.way_back.to_dict(),
            "reproduce": self.reproduce,
        }
        if self.cloud_api is not None:
            shown["cloud_api"] = self.cloud_api.to_dict()
        if self.way:
            shown["way"] = [step.to_dict() for step in self.way]
        shown |= {name: value for name in ("first_seen", "new", "ended") if (value := getattr(self, name)) is not None}
        return shown | ({"expected_service": self.expected_service} if self.expected_service else {})


@frozen(slots=True)
class HostPorts:
    """What was asked of and learnt about one protocol of one host, as the report lists it."""

    asked: PortSet = NO_PORTS
    open: PortSet = NO_PORTS
    closed: PortSet = NO_PORTS
    filtered: PortSet = NO_PORTS
    undetermined: PortSet = NO_PORTS

    def to_dict(self) -> dict[str, str]:
        """The JSON shape of interfaces."""
        return {name: str(getattr(self, name)) for name in ("asked", "open", "closed", "filtered", "undetermined")}


@frozen(slots=True)
class ReportedHost:
    """One host in the report. `expected`, `way`: what the code says of it, and what stands in front of it; empty in older reports.

    `same_host`: the other addresses of its owner in this report.
    """

    address: str | None
    owner: str
    tcp: HostPorts
    udp: HostPorts
    name: str | None = None
    expected: Declared | None = None
    way: tuple[Passage, ...] = ()
    same_host: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, object]:
        """The JSON shape of interfaces."""
        further: dict[str, object] = {"expected": self.expected.to_dict()} if self.expected is not None else {}
        if self.way:
            further["way"] = [passage.to_dict() for passage in self.way]
        if self.same_host:
            further["same_host"] = list(self.same_host)
        told = {"address": self.address, "name": self.name, "owner": self.owner, "tcp": self.tcp.to_dict(), "udp": self.udp.to_dict()}
        return told | further


@frozen(slots=True)
class Coverage:
    """How much of the surface was looked at. Hosts: expected = answered + silent + failed. Ports: sums over hosts.

    `silence` is None where no silence was believed, or none was measured (Nmap XML that somebody already had).
    """

    hosts_expected: int = 0
    hosts_answered: int = 0
    hosts_silent: int = 0
    hosts_failed: int = 0
    ports_asked: int = 0
    ports_asserted: int = 0
    ports_probed: int = 0
    ports_undetermined: int = 0
    silence: SilenceCoverage | None = None

    def to_dict(self) -> dict[str, dict[str, Any]]:
        """The JSON shape of interfaces: hosts and ports."""
        names = ("expected", "answered", "silent", "failed")
        ports = ("asked", "asserted", "probed", "undetermined")
        shown: dict[str, dict[str, Any]] = {
            "hosts": {name: getattr(self, f"hosts_{name}") for name in names},
            "ports": {name: getattr(self, f"ports_{name}") for name in ports},
        }
        return shown | ({"silence": self.silence.to_dict()} if self.silence else {})


@frozen(slots=True)
class Undetermined:
    """Ports that were asked for and not judged, and why. `required`: they make the run incomplete."""

    address: str | None
    protocol: str
    ports: PortSet
    why: str
    owner: str | None = None
    required: bool = True

    def to_dict(self) -> dict[str, object]:
        """The JSON shape of interfaces, with the owner and whether it makes the run incomplete."""
        return {
            "address": self.address,
            "protocol": self.protocol,
            "ports": str(self.ports),
            "why": self.why,
            "owner": self.owner,
            "required": self.required,
        }


@frozen(slots=True)
class DriftReport:
    """Everything that one run says; `scanner` and `vantage` as the JSON of interfaces shows them."""

    verdict: Verdict
    exit_code: int
    started_at: str
    finished_at: str
    vantage: Vantage
    version: str = ""
    sent_from: str | None = None
    sources: tuple[SourceInfo, ...] = ()
    scanner: dict[str, Any] = field(factory=dict)
    findings: tuple[Finding, ...] = ()
    hosts: tuple[ReportedHost, ...] = ()
    coverage: Coverage = field(factory=Coverage)
    undetermined: tuple[Undetermined, ...] = ()
    not_in_view: tuple[NotInView, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    unmodelled: tuple[Unmodelled, ...] = ()
    ignored: tuple[dict[str, Any], ...] = ()
    declared_from: str = "configuration"
    notes: tuple[str, ...] = ()
    baseline: str | None = None
    fail_on: Severity = Severity.LOW
    carried: tuple[Finding, ...] = ()
    settled: tuple[dict[str, Any], ...] = ()
    resolved: tuple[Finding, ...] = ()
    in_code: InCode | None = None

    def to_dict(self) -> dict[str, object]:
        """The JSON shape `iacdrift/report/1` of interfaces.

        Beyond it: `baseline`, the name of the one that it was compared with; `fail_on`, the mildest severity that is drift;
        `carried`, open findings of earlier runs whose ports this one didn't judge; `settled`, how long `--settle` took for which ports;
        `resolved`, findings of earlier runs that this one ends; `in_code`, whom whole sources name beside the hosts.
        """
        kept = {name: [finding.to_dict() for finding in getattr(self, name)] for name in ("carried", "resolved")}
        told = {"baseline": self.baseline, "settled": list(self.settled), **kept, "in_code": self.in_code and self.in_code.to_dict()}
        return {name: value for name, value in told.items() if value not in (None, [])} | {
            "schema": "iacdrift/report/1",
            "iacdrift": self.version,
            "verdict": self.verdict.value,
            "exit_code": self.exit_code,
            "started_at": self.started_at,
            "finished_at": self.finished_at,
            "sources": [source.to_dict() | _aged(source, self.started_at) for source in self.sources],
            "vantage": self.vantage.to_dict() | {"sent_from": self.sent_from},
            "scanner": self.scanner,
            "findings": [finding.to_dict() for finding in self.findings],
            "hosts": [host.to_dict() for host in self.hosts],
            "coverage": self.coverage.to_dict(),
            "undetermined": [item.to_dict() for item in self.undetermined],
            "not_in_view": [item.to_dict() for item in self.not_in_view],
            "assumptions": [item.to_dict() for item in self.assumptions],
            "unmodelled": [item.to_dict() for item in self.unmodelled],
            "ignored": list(self.ignored),
            "declared_from": self.declared_from,
            "notes": list(self.notes),
            "fail_on": self.fail_on.value,
        }

    def to_json(self) -> str:
        """`to_dict` as indented JSON text."""
        return json.dumps(self.to_dict(), indent=2)


def _aged(source: SourceInfo, at: str) -> dict[str, object]:
    """How old the record was when the run began: an old one names addresses that may be strangers' by now."""
    seconds = age(source.written_at, at)
    return {} if seconds is None else {"age_seconds": round(seconds)}
