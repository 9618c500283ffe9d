"""The Python door: what raises, what it carries, what it says."""

from __future__ import annotations

import json
from typing import Any

import pytest

import iacdrift
from iacdrift import (
    DriftReport,
    ExpectedSurface,
    IacDriftError,
    IncompleteScanError,
    NetworkDriftError,
    SourceError,
    UsageError,
    Vantage,
    Verdict,
    assert_no_network_drift,
    check_network_drift,
    expected_surface,
)
from iacdrift.cli import cli
from iacdrift.counterexample import counterexample, what_is_missing
from iacdrift.drift.report import Finding, FindingKind, Severity, Undetermined, WayBack
from iacdrift.model.because import Because
from iacdrift.model.ports import NO_PORTS, PortSet
from iacdrift.options import CheckOptions, ExpectOptions
from iacdrift.surface.expected import Expectation
from iacdrift.surface.observed import Answer, Evidence
from tests.command import ROOT
from tests.needs import needs
from tests.shop import Shop

PLAN = ROOT / "iacdrift" / "demo" / "stack" / "plan.json"


def test_expected_surface_is_the_json_of_expect() -> None:
    surface = expected_surface(PLAN, vantage="internet")
    assert isinstance(surface, ExpectedSurface)
    shown = json.loads(surface.to_json())
    assert shown["schema"] == "iacdrift/expected-surface/1"
    assert {host["owner"]: host["tcp"]["allowed"] for host in shown["hosts"]} == {
        "aws_instance.web": "18080,18443",
        "aws_instance.api": "18090",
    }


def test_sources_and_vantages_of_every_form() -> None:
    plan = json.loads(PLAN.read_text())
    for source in (PLAN, str(PLAN), f"plan:{PLAN}", plan):
        for vantage in ("internet", Vantage.parse("internet"), ["internet"], ("203.0.113.9", "2001:db8::9")):
            assert len(expected_surface(source, vantage=vantage).hosts) == 2


@pytest.mark.parametrize(
    ("sources", "options", "error"),
    [
        ((), {}, SourceError),
        (("gone.json",), {}, SourceError),
        ((PLAN,), {"prots": "all"}, UsageError),
        ((PLAN,), {"vantage": "the moon"}, UsageError),
        ((PLAN,), {"vantage": ["203.0.113.9", "203.0.113.10"]}, UsageError),
        ((PLAN,), {"family": 5}, UsageError),
        ((PLAN,), {"ports": "everything"}, UsageError),
        ((PLAN,), {"fail_on": "dreadful"}, UsageError),
        ((PLAN,), {"scope": "everywhere"}, UsageError),
        ((PLAN,), {"only": "nothing.*"}, UsageError),
        ((PLAN,), {"max_age": 0.0}, SourceError),
    ],
)
def test_what_has_no_meaning_is_no_verdict(sources: tuple[Any, ...], options: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error) as raised:
        check_network_drift(*sources, **options)
    assert isinstance(raised.value, IacDriftError)
    assert not isinstance(raised.value, AssertionError)


def test_the_keywords_are_the_command_lines_options() -> None:
    spelt_out = {"vantage", "ports", "scope", "controls", "settle", "fail_on", "allow_incomplete"}
    keywords = {*CheckOptions.__annotations__, *ExpectOptions.__annotations__, *spelt_out}
    doors_own = {"sources", "finding", "dry_run", "format", "files", "color", "config", "quiet", "verbose", "debug", "terraform_exit_codes"}
    doors_own |= {"targets", "no_history", "no_alerts"}  # a library keeps and sends nothing unasked
    keywords -= {"ignore"}  # tables of the configuration file
    assert {param.name for param in cli.all_commands()["check"].params} - doors_own == keywords


@pytest.mark.live
@needs("nmap")
def test_drift_is_an_assertion_and_carries_the_report(shop: Shop) -> None:
    with pytest.raises(NetworkDriftError) as raised:
        assert_no_network_drift(shop.plan, shop.expectation, vantage="internet", ports="18443")
    assert isinstance(raised.value, AssertionError)
    report = raised.value.report
    assert isinstance(report, DriftReport)
    assert report.verdict is Verdict.DRIFT
    assert f"{shop.sample.web} tcp/18443" in str(raised.value)
    assert json.loads(report.to_json())["exit_code"] == 1


@pytest.mark.live
@needs("nmap")
def test_in_sync_returns_the_report_and_incomplete_is_no_assertion(shop: Shop) -> None:
    report = assert_no_network_drift(shop.plan, vantage="internet", ports="18443", scope=[f"{shop.sample.web}/24"])
    assert report.verdict is Verdict.IN_SYNC
    with pytest.raises(IncompleteScanError) as raised:
        assert_no_network_drift(shop.plan, vantage="internet", ports="18443", timeout=0.001)
    assert not isinstance(raised.value, AssertionError)
    assert raised.value.report.verdict is Verdict.INCOMPLETE
    forgiven = assert_no_network_drift(shop.plan, vantage="internet", ports="18443", timeout=0.001, allow_incomplete=True)
    assert (forgiven.verdict, forgiven.exit_code) == (Verdict.INCOMPLETE, 0)


@pytest.mark.live
@needs("nmap")
def test_fail_on_decides_what_is_told(shop: Shop) -> None:
    report = assert_no_network_drift(shop.plan, shop.expectation, vantage="internet", ports="18443", fail_on="critical")
    assert {finding.severity for finding in report.findings} >= {Severity.HIGH}


def finding(severity: Severity, owner: str = "aws_instance.web") -> Finding:
    return Finding(
        id="x",
        kind=FindingKind.EXPOSED,
        severity=severity,
        address="198.51.100.7",
        name=None,
        protocol="tcp",
        ports=PortSet.parse("8080"),
        owner=owner,
        expected=Expectation.BLOCKED,
        observed=Answer(Evidence.OPEN, "syn-ack", service="http", product="evil\x1b[2J\nin sync"),
        because=(Because("aws_security_group.web", "no rule admits it", "main.tf:31"),),
        explanation="",
        way_back=WayBack("", ""),
        reproduce="nmap -p 8080 198.51.100.7",
    )


def reported(*findings: Finding, missing: tuple[Undetermined, ...] = ()) -> DriftReport:
    return DriftReport(Verdict.DRIFT, 1, "", "", Vantage.parse("internet"), findings=findings, undetermined=missing)


def test_the_counterexample_names_address_port_evidence_rule_resource_and_file() -> None:
    text = counterexample(reported(finding(Severity.CRITICAL), finding(Severity.NOTE)), Severity.LOW)
    assert text.startswith("the network isn't what the code says: 1 finding\n")
    for part in (
        "198.51.100.7 tcp/8080",
        "open (syn-ack, syn scan)",
        "aws_security_group.web: no rule admits it (main.tf:31)",
        "nmap -p 8080",
    ):
        assert part in text


def test_banners_cant_write_lines_of_their_own() -> None:
    text = counterexample(reported(finding(Severity.CRITICAL, owner="a\nb")), Severity.LOW)
    assert "\x1b" not in text
    assert not any(line.strip() in ("in sync", "b") for line in text.splitlines())


def test_a_long_counterexample_is_cut_and_says_so() -> None:
    text = counterexample(reported(*[finding(Severity.HIGH)] * 25), Severity.LOW)
    assert "and 5 more" in text


def test_what_is_missing_lists_what_was_required() -> None:
    missing = (
        Undetermined("198.51.100.7", "tcp", PortSet.parse("443"), "it timed out"),
        Undetermined(None, "tcp", NO_PORTS, "the run was interrupted"),
        Undetermined("198.51.100.8", "udp", PortSet.parse("53"), "silent", required=False),
    )
    text = what_is_missing(reported(missing=missing))
    assert "198.51.100.7 tcp/443: it timed out" in text
    assert "  the run was interrupted" in text
    assert "198.51.100.8" not in text


def test_the_version_is_in_the_package() -> None:
    assert iacdrift.__version__
