"""What every view says, kept: a change is reviewed like code."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from attrs import frozen

from iacdrift.model.because import Because
from iacdrift.outputs.registry import render
from iacdrift.surface.expected import Expectation, ExpectedHost, HostStatus
from tests.drift.scenes import GROUP, HTTPS, VANTAGE, WEB, host, surface
from tests.outputs import reports

REPORTS = {"drift": reports.drift, "in_sync": reports.in_sync, "incomplete": reports.incomplete}


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("form", ["text", "json"])
def test_report(name: str, form: str, golden: Callable[[str, str], None]) -> None:
    golden(f"report-{name}.{'txt' if form == 'text' else form}", render(REPORTS[name](), form))


@pytest.mark.parametrize("form", ["text", "json"])
def test_expected_surface(form: str, golden: Callable[[str, str], None]) -> None:
    pending = ExpectedHost("aws_instance.new", "plan.json", status=HostStatus.PENDING)
    value = surface(host(open="443", allowed="22"), pending, **reports.LEFT_OUT, gaps=("the plan errored",), declared_from="state")
    golden(f"surface.{'txt' if form == 'text' else form}", render(value, form))


@frozen
class Step:
    stage: str
    answer: str
    because: tuple[Because, ...]


@frozen
class Explanation:
    vantage = VANTAGE
    host = WEB
    protocol = "tcp"
    port = 8080
    expectation = Expectation.BLOCKED
    steps = (Step("network ACL", "admitted", (HTTPS,)), Step("security group", "blocked", (GROUP,)))


def test_explanation(golden: Callable[[str, str], None]) -> None:
    golden("explanation.txt", render(Explanation(), "text"))


@frozen
class ScanPlan:
    def to_dict(self) -> dict[str, object]:
        job = {
            "stage": "sweep",
            "targets": [WEB],
            "ports": "1-1000",
            "packets": 1000,
            "seconds": 1.5,
            "command": ["nmap", "-p", "1-1000", WEB],
        }
        return {
            "schema": "iacdrift/scan-plan/1",
            "targets": ["198.51.100.7"],
            "jobs": [job],
            "packets": 1000,
            "seconds": 1.5,
            "notes": ["one more word"],
        }


def test_plan(golden: Callable[[str, str], None]) -> None:
    golden("plan.txt", render(ScanPlan(), "text"))
