"""Joins a refresh to findings: whether the cloud's API knows why the network isn't what the code says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from attrs import evolve

from iacdrift.drift.cloud_api import CloudApi
from iacdrift.drift.report import DriftReport, Finding, FindingKind
from iacdrift.drift.wording import with_sentence
from iacdrift.model.addresses import Address
from iacdrift.refresh.change import Change, Refresh, differing
from iacdrift.refresh.rules import Row, added, removed

OPENED = frozenset({FindingKind.EXPOSED, FindingKind.PASSABLE, FindingKind.EVERYTHING_OPEN, FindingKind.UNEXPLAINED})
SHUT = frozenset({FindingKind.MISSING, FindingKind.UNREACHABLE, FindingKind.NARROWED})
NOTHING = "the API shows nothing: look at the host"


def joined(report: DriftReport, refreshes: Sequence[Refresh]) -> DriftReport:
    """The report with the API's word on each finding, and what was left out as noise in its notes."""
    findings = tuple(_told(finding, report, refreshes) for finding in report.findings)
    return evolve(report, findings=findings, notes=(*report.notes, *(note for one in refreshes for note in one.notes())))


def _told(finding: Finding, report: DriftReport, refreshes: Sequence[Refresh]) -> Finding:
    said = _judged(finding, _source(finding, report), refreshes)
    sentence = f"{said.detail[0].upper()}{said.detail[1:]}."
    return evolve(finding, cloud_api=said, explanation=with_sentence(finding.explanation, finding.because, sentence))


def _source(finding: Finding, report: DriftReport) -> Address | None:
    return report.vantage.address(6 if finding.address and ":" in finding.address else 4)


def related(finding: Finding) -> tuple[str, ...]:
    """The resources that a finding speaks of: its owner, and those that decide."""
    named = [name for because in finding.because for name in because.resource.split(", ")]
    return tuple(dict.fromkeys(name for name in (*named, finding.owner) if name))


def _judged(finding: Finding, source: Address | None, refreshes: Sequence[Refresh]) -> CloudApi:
    names = related(finding)
    asked = [refresh for refresh in refreshes if any(name in refresh.known for name in names)]
    if not asked:
        return CloudApi(None, f"the API was not asked about {', '.join(names) or 'any resource of this finding'}")
    for refresh in asked:
        for change in _near(refresh, names):
            if reason := _reason(finding, change, refresh, source):
                return CloudApi(True, reason)
    if unseen := [name for refresh in asked for name in names if name in refresh.partial and "ingress" not in refresh.partial[name]]:
        return CloudApi(None, f"this refresh doesn't show what the API says of rules of {', '.join(unseen)}: use --refresh, or its events")
    others = [f"{change.address} ({', '.join(differing(change)[:3])})" for refresh in asked for change in _near(refresh, names)]
    if others:
        return CloudApi(False, f"the API shows other changes, of {'; '.join(others)}, and none that decides on this port: look at the host")
    return CloudApi(False, NOTHING)


def _near(refresh: Refresh, names: Sequence[str]) -> Iterator[Change]:
    """The changes of these resources, and of rules that are resources of their own and name one of them as their group."""
    groups = {str(refresh.known[name][1].get("id")) for name in names if name in refresh.known}
    for address, change in refresh.changes.items():
        if address in names or str(change.before.get("security_group_id")) in groups:
            yield change


def _reason(finding: Finding, change: Change, refresh: Refresh, source: Address | None) -> str | None:
    """Why the API agrees; None where this change doesn't decide on the finding's ports."""
    if finding.kind in OPENED and (row := _deciding(added(change, refresh.known), finding, source)):
        return f"the cloud API agrees, the rule was added out of band: {change.address} now admits {row.text}"
    if finding.kind in SHUT and (row := _deciding(removed(change), finding, source)):
        return f"the cloud API agrees, the rule was taken away out of band: {change.address} no longer admits {row.text}"
    if change.after is None and change.address == finding.owner:
        return f"the cloud API agrees: {change.address} is gone"
    return None


def _deciding(rows: Sequence[Row], finding: Finding, source: Address | None) -> Row | None:
    return next((row for row in rows if row.decides(finding.protocol, finding.ports, source)), None)


def both(recorded: CloudApi | None, live: CloudApi) -> CloudApi:
    """What the tool's refresh said and what the API says now; where they differ, now counts."""
    if recorded is None:
        return live
    if live.agrees is None or live.agrees is recorded.agrees:
        agrees = recorded.agrees if live.agrees is None else live.agrees
        return evolve(live, agrees=agrees, detail=f"{recorded.detail}; {live.detail}")
    return live
