"""The scan from inside a program, and what it says where it fails: the counterexample, with URNs and lines of the program."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import pulumi
from pulumi.runtime.settings import get_monitor

from iacdrift.assertion import Source, check_network_drift
from iacdrift.counterexample import counterexample, what_is_missing
from iacdrift.drift.report import DriftReport, Severity, Verdict
from iacdrift.errors import IacDriftError
from iacdrift.pulumi.document import Collected
from iacdrift.pulumi.operation import limited
from iacdrift.sources.pulumi_resource import at
from iacdrift.sources.pulumi_urn import addresses

Mode = Literal["error", "warn"]
"""What a finding does: fails the update, or is logged."""


async def judged(source: Collected, options: Mapping[str, Any], mode: Mode, also: Sequence[Source] = ()) -> DriftReport:
    """The report of one scan; `also` are further sources. RunError, which Pulumi shows as it is, for drift, incomplete runs, no verdict."""
    run = contextvars.copy_context().run
    try:
        report = await asyncio.get_running_loop().run_in_executor(None, lambda: run(lambda: check_network_drift(source, *also, **options)))
        text = told(report, Severity(options["fail_on"]), source) if report.exit_code else None
    except IacDriftError as error:
        raise pulumi.RunError(f"iacdrift: there is no verdict on the network: {error}") from error
    if text and (option := limited(get_monitor())):
        text += f"\n\n  this update was limited by {option}: what it left alone may not be deployed as the program says it"
    if text and mode == "error":
        raise pulumi.RunError(text)
    if text:
        pulumi.log.warn(text)
    return report


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
