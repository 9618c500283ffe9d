"""A report as the data source's outputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from iacdrift.counterexample import counterexample, what_is_missing
from iacdrift.drift.report import DriftReport, Severity, Verdict
from iacdrift.outputs.headline import headline, qualified
from iacdrift.outputs.safe import safe


def outputs(report: DriftReport, fail_on: str, *, enforced: bool) -> dict[str, Any]:
    """Every computed attribute but those that are inputs. Not enforced: `passed`, whatever the verdict."""
    return {
        "passed": report.exit_code == 0 or not enforced,
        "in_sync": report.verdict is Verdict.IN_SYNC,
        "verdict": report.verdict.value,
        "report": told(report, fail_on),
        "report_json": report.to_json(),
        "findings": [_finding(finding.to_dict()) for finding in report.findings],
        "coverage": report.coverage.to_dict(),
    }


def nothing_known(why: str) -> dict[str, Any]:
    """The outputs where there is no verdict and nobody wants that to end the apply."""
    none = {"hosts": dict.fromkeys(("expected", "answered", "silent", "failed"), 0)}
    none |= {"ports": dict.fromkeys(("asked", "asserted", "probed", "undetermined"), 0)}
    return {"passed": True, "in_sync": False, "verdict": "none", "report": why, "report_json": "null", "findings": [], "coverage": none}


def told(report: DriftReport, fail_on: str) -> str:
    """Why, in a text whose lines Terraform leaves as they are."""
    if report.verdict is Verdict.DRIFT:
        text = counterexample(report, Severity(fail_on))
    elif report.verdict is Verdict.INCOMPLETE:
        text = what_is_missing(report)
    else:
        text, _ = headline(report)
    remark = qualified(report)
    return f"{text}\n\n{remark}" if remark else text


def _finding(shown: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON of a finding with the attributes that the schema names, and no other."""
    names = ("id", "kind", "severity", "address", "name", "protocol", "ports", "owner", "expected", "explanation", "reproduce")
    seen, back = shown["observed"], shown["way_back"]
    return {
        **{name: _text(shown[name]) for name in names},
        "observed": {name: _text(seen[name]) for name in ("state", "reason", "scan", "service", "product")}
        | {"confirmed": seen["confirmed"]},
        "because": [{name: _text(because.get(name)) for name in ("resource", "detail", "at")} for because in shown["because"]],
        "way_back": {name: "\n".join(safe(line, None) for line in back[name].split("\n")) for name in ("revert", "adopt")},
    }


def _text(value: Any) -> str | None:
    return None if value is None else safe(value, None)
