"""Deviations from a baseline: listeners that are new, gone or others, also where the code can't judge. Pure.

A baseline adds findings and gaps; it never takes a finding away, least of all an `exposed`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from attrs import evolve, frozen

from iacdrift.drift.baseline import Baseline, BaselineHost, Listener, learnt_of
from iacdrift.drift.findings import NO_WAY_BACK, reproduce
from iacdrift.drift.identity import BASELINE, finding_id
from iacdrift.drift.report import DriftReport, Finding, FindingKind, Severity, Undetermined
from iacdrift.drift.settings import JudgeSettings
from iacdrift.drift.target import Target, find_targets
from iacdrift.drift.verdict import decide
from iacdrift.drift.wording import evidence, subject
from iacdrift.model.ports import NO_PORTS, PortSet
from iacdrift.surface.expected import PROTOCOLS, Expectation, ExpectedSurface
from iacdrift.surface.observed import Answer, Certificate, Evidence, ObservedHost, ObservedSurface

_SAID = {
    FindingKind.NEW_LISTENER: frozenset({FindingKind.EXPOSED, FindingKind.EVERYTHING_OPEN}),
    FindingKind.GONE_LISTENER: frozenset({FindingKind.MISSING, FindingKind.UNREACHABLE}),
}
"""What the code's own findings say already, and worse."""
_NEW = {Expectation.OPEN: Severity.NOTE}
_GONE = {Expectation.BLOCKED: Severity.NOTE}


def with_deviations(
    report: DriftReport, baseline: Baseline, expected: ExpectedSurface, observed: ObservedSurface, settings: JudgeSettings, *, partial: bool
) -> DriftReport:
    """The report with its deviations from the baseline, judged again. `partial`: only some ports were asked on purpose."""
    compared = evolve(report, baseline=baseline.name)
    if dict(baseline.vantage) != expected.vantage.to_dict():
        why = f"the baseline {baseline.name} was seen from another place: what is shut to one may be open to another"
        return _decided(compared, (), (Undetermined(None, "tcp", NO_PORTS, why),), settings)
    findings: list[Finding] = []
    gaps: list[Undetermined] = []
    met = set()
    for target in find_targets(expected, observed):
        known = baseline.host(target.host.owner, target.mark, str(target.address) if target.address else None)
        met.add(known)
        if target.observed is not None:
            one = _Compared(target, target.observed, known, report, baseline.name)
            findings += one.findings()
            gaps += () if partial else one.gaps()
    lost = () if partial else tuple(host for host in baseline.hosts if host not in met)
    notes = tuple(f"{host.owner} ({host.address}) is in the baseline {baseline.name}, but not in this run" for host in lost)
    return _decided(evolve(compared, notes=(*report.notes, *notes)), findings, gaps, settings)


def _decided(report: DriftReport, findings: Sequence[Finding], gaps: Sequence[Undetermined], settings: JudgeSettings) -> DriftReport:
    order = list(Severity)
    every = tuple(sorted((*report.findings, *findings), key=lambda item: order.index(item.severity)))
    undetermined = (*report.undetermined, *gaps)
    verdict, exit_code, more = decide(every, undetermined, report.coverage, settings)
    return evolve(report, findings=every, undetermined=undetermined + more, verdict=verdict, exit_code=exit_code)


@frozen(slots=True)
class _Compared:
    """One address as it is, and as it was (`known` None: the baseline doesn't hold it)."""

    target: Target
    seen: ObservedHost
    known: BaselineHost | None
    report: DriftReport
    name: str

    def findings(self) -> Iterator[Finding]:
        """Port by port."""
        for protocol in PROTOCOLS:
            opened, before = self.seen.ports(protocol).of(Evidence.OPEN), self._before(protocol)
            for port in opened - before - self._said(FindingKind.NEW_LISTENER, protocol):
                yield from self._new(protocol, port)
            for port in before & self._gone(protocol) - self._said(FindingKind.GONE_LISTENER, protocol):
                weight = _GONE.get(self._expected(protocol, port), Severity.LOW)
                was = _named(self._listener(protocol, port))
                yield self._finding(FindingKind.GONE_LISTENER, protocol, port, weight, f"In the baseline {self.name} {was} answered here.")
            for port in opened & before:
                yield from self._changed(protocol, port)

    def gaps(self) -> Iterator[Undetermined]:
        """Listeners of which it wasn't learnt whether they are still there. UDP's silence proves nothing: listed only."""
        for protocol in PROTOCOLS:
            open_now = self.seen.ports(protocol).of(Evidence.OPEN)
            lost = self._before(protocol) - open_now - self._gone(protocol) - self._said(FindingKind.GONE_LISTENER, protocol)
            if lost:
                asked = "whether it still answers wasn't learnt" if lost & self.seen.ports(protocol).asked else "--ports left it out"
                why = f"the baseline {self.name} has a listener here; {asked}"
                yield Undetermined(self._address, protocol, lost, why, self.target.host.owner, required=protocol == "tcp")

    @property
    def _address(self) -> str | None:
        return str(self.target.address) if self.target.address else None

    def _before(self, protocol: str) -> PortSet:
        listeners = self.known.listeners if self.known else ()
        return PortSet.of(item.port for item in listeners if item.protocol == protocol)

    def _listener(self, protocol: str, port: int) -> Listener:
        found = self.known.listener(protocol, port) if self.known else None
        return found or Listener(protocol, port)

    def _gone(self, protocol: str) -> PortSet:
        return learnt_of(self.seen, protocol) - self.seen.ports(protocol).of(Evidence.OPEN)

    def _said(self, kind: FindingKind, protocol: str) -> PortSet:
        found = NO_PORTS
        for item in self.report.findings:
            if item.kind in _SAID[kind] and item.protocol == protocol and item.address == self._address:
                found |= item.ports
        return found

    def _expected(self, protocol: str, port: int) -> Expectation:
        return self.target.host.ports(protocol).of(port)

    def _new(self, protocol: str, port: int) -> Iterator[Finding]:
        if self.known is None and self._expected(protocol, port) is Expectation.OPEN:
            return  # a new host on which what the code declares answers
        weight = _NEW.get(self._expected(protocol, port), Severity.MEDIUM)
        why = f"In the baseline {self.name} nothing answered here."
        if self.known is None:
            why = f"The baseline {self.name} doesn't hold this host."
        elif port not in self.known.learnt(protocol):
            weight, why = Severity.NOTE, f"When the baseline {self.name} was saved, nothing was learnt about this port."
        yield self._finding(FindingKind.NEW_LISTENER, protocol, port, weight, why)

    def _changed(self, protocol: str, port: int) -> Iterator[Finding]:
        was, answer = self._listener(protocol, port), self._answer(protocol, port)
        if was.confirmed and _differs(was, answer):
            why = f"In the baseline {self.name} it was {_named(was)}; now it is {_named(Listener.of(protocol, port, answer))}."
            yield self._finding(FindingKind.CHANGED_SERVICE, protocol, port, Severity.LOW, why)
        if was.certificate is not None and answer.certificate is not None:
            weight, said = _renewed(was.certificate, answer.certificate)
            if weight is not None:
                yield self._finding(FindingKind.CHANGED_CERTIFICATE, protocol, port, weight, said)

    def _answer(self, protocol: str, port: int) -> Answer:
        return self.seen.ports(protocol).answer(port) or Answer(Evidence.NOT_LEARNT)

    def _finding(self, kind: FindingKind, protocol: str, port: int, severity: Severity, why: str) -> Finding:
        host, answer, ports = self.target.host, self._answer(protocol, port), PortSet.single(port)
        what = f"{subject(protocol, ports, self._address or '', host.owner)} is {evidence(answer, protocol)}."
        accept = f"iacdrift baseline accept {finding_id(kind, protocol, port, host.owner, BASELINE, mark=self.target.mark)} {self.name}"
        return Finding(
            id=finding_id(kind, protocol, port, host.owner, BASELINE, mark=self.target.mark),
            kind=kind,
            severity=severity,
            address=self._address,
            name=host.name,
            protocol=protocol,
            ports=ports,
            owner=host.owner,
            expected=self._expected(protocol, port),
            observed=answer,
            because=host.explains.because(protocol, port),
            explanation=f"{what} {why}",
            way_back=evolve(NO_WAY_BACK, adopt=f"# if that is right: accept it into the baseline\n{accept}"),
            reproduce=reproduce(self.target, protocol, ports, answer),
        )


def _differs(was: Listener, now: Answer) -> bool:
    """Whether something else answers. What was heard on one side only isn't a difference: detection doesn't always hear everything."""
    if not now.confirmed:
        return now.service == "tcpwrapped"
    if (was.tunnel or "") != (now.tunnel or "") or (was.service or "") != (now.service or ""):
        return True
    return any(a and b and a != b for a, b in ((was.product, now.product), (was.version, now.version)))


def _renewed(was: Certificate, now: Certificate) -> tuple[Severity | None, str]:
    """How bad it is that a certificate is another one, and in what; None where it is the same."""
    if was.names != now.names:
        return Severity.MEDIUM, f"The certificate was for {', '.join(was.names)}; now it is for {', '.join(now.names)}."
    if was.key and now.key and was.key != now.key:
        return Severity.LOW, f"The certificate has another key ({now.key[:16]}, it was {was.key[:16]}); it ends {now.not_after}."
    if was.not_after != now.not_after:
        return Severity.NOTE, f"The certificate ends {now.not_after}; it ended {was.not_after}."
    return None, ""


def _named(listener: Listener) -> str:
    product = " ".join(filter(None, (listener.product, listener.version)))
    name = "/".join(filter(None, (listener.tunnel, listener.service))) or "something unnamed"
    return f"{name} ({product})" if product else name
