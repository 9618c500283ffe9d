"""What a failed assertion says: the counterexample, so that nobody needs a second run to know what is wrong."""

from __future__ import annotations

from collections.abc import Iterator

from iacdrift.drift.report import DriftReport, Finding, Severity
from iacdrift.model.because import Because

_MOST = 20
_LEFT_OUT = "… and {} more; the whole report is in `.report`"


def counterexample(report: DriftReport, fail_on: Severity) -> str:
    """Every finding that fails the run: address, port, evidence, rule, resource, file."""
    failing = [finding for finding in report.findings if finding.severity.at_least(fail_on)]
    lines = [f"the network isn't what the code says: {len(failing)} {'finding' if len(failing) == 1 else 'findings'}"]
    for finding in failing[:_MOST]:
        lines += map(_safe, _told(finding))
    if len(failing) > _MOST:
        lines.append(_LEFT_OUT.format(len(failing) - _MOST))
    return "\n".join(lines)


def what_is_missing(report: DriftReport) -> str:
    """Everything that had to be known and wasn't learnt."""
    missing = [item for item in report.undetermined if item.required]
    lines = ["no drift seen, but the scan is incomplete:"]
    for item in missing[:_MOST]:
        where = item.address or item.owner
        ports = f" {item.protocol}/{item.ports}" if item.ports else ""
        lines.append(_safe(f"  {where}{ports}: {item.why}" if where else f"  {item.why}"))
    if len(missing) > _MOST:
        lines.append(_LEFT_OUT.format(len(missing) - _MOST))
    return "\n".join(lines)


def _told(finding: Finding) -> Iterator[str]:
    where = finding.address or finding.name or finding.owner or "?"
    yield ""
    owner = finding.owner or "no resource owns it"
    yield f"  {finding.severity.value} {finding.kind.value}: {where} {finding.protocol}/{finding.ports} ({owner})"
    yield f"    expected  {finding.expected.value}"
    yield f"    observed  {_observed(finding)}"
    for because in finding.because:
        yield f"    because   {_reason(because)}"
    yield f"    ask again {finding.reproduce}"


def _observed(finding: Finding) -> str:
    answer = finding.observed
    heard = " ".join(filter(None, (answer.service, answer.product, answer.version)))
    evidence = answer.evidence.value.replace("_", " ")
    reason = f" ({answer.reason}, {answer.scan} scan)" if answer.reason else f" ({answer.scan} scan)"
    return f"{evidence}{reason}" + (f": {heard}" if heard else "")


def _reason(because: Because) -> str:
    return f"{because.resource}: {because.detail}" + (f" ({because.at})" if because.at else "")


def _safe(text: str) -> str:
    from iacdrift.outputs.safe import safe

    return safe(text)
