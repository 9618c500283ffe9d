"""The text of a failed update: the counterexample, and for every resource in it the URN and the line of the program."""

from __future__ import annotations

from collections.abc import Iterator

from iacdrift.counterexample import counterexample, what_is_missing
from iacdrift.drift.report import DriftReport, Severity, Verdict
from iacdrift.pulumi.document import Collected
from iacdrift.sources.pulumi_resource import at
from iacdrift.sources.pulumi_urn import addresses


def told(report: DriftReport, fail_on: Severity, source: Collected) -> str:
    """Why the update fails."""
    drift = report.verdict is Verdict.DRIFT
    text = counterexample(report, fail_on) if drift else what_is_missing(report)
    where = list(_where(named(report), source))
    return "\n".join(["iacdrift: " + text, *(["", "  resources:", *where] if where else [])])


def named(report: DriftReport) -> set[str]:
    """The addresses of resources that the report's findings and gaps speak of."""
    owners = {finding.owner for finding in report.findings} | {item.owner for item in report.undetermined}
    rules = {because.resource for finding in report.findings for because in finding.because}
    return rules | {owner for owner in owners if owner}


def _where(names: set[str], source: Collected) -> Iterator[str]:
    states = {step["urn"]: step["newState"] for step in source["steps"]}
    for urn, address in addresses(states).items():
        if address in names:
            place = at(states[urn])
            yield f"    {urn}" + (f" ({place})" if place else "")
