"""The verdict of the run: drift wins, incomplete is never "no drift", and what isn't there is listed."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest

from iacdrift.drift.report import Severity, Verdict
from iacdrift.drift.settings import JudgeSettings
from iacdrift.errors import UsageError
from iacdrift.surface.expected import ExpectedHost, HostStatus, NotInView
from tests.drift.scenes import CLOSED, HOLLOW, OPEN, OTHER, SILENT, WEB, host, judged, kinds, observed_host, surface

WELL = observed_host("443", ("443", OPEN))
GOOD = host(open="443")


def test_in_sync() -> None:
    report = judged(GOOD, WELL)
    assert (report.verdict, report.exit_code, report.findings, report.undetermined) == (Verdict.IN_SYNC, 0, (), ())
    assert report.version


def test_drift_wins_over_incomplete() -> None:
    report = judged(GOOD, observed_host("443,8080,9", ("443,8080", OPEN)))
    assert (report.verdict, report.exit_code) == (Verdict.DRIFT, 1)
    assert any(gap.required for gap in report.undetermined)


@pytest.mark.parametrize("gap", [{"interrupted": "Ctrl-C"}, {"unreachable_families": {6: "no route"}}])
def test_a_run_that_ended_early_or_lacks_a_family(gap: dict[str, object]) -> None:
    six = surface(GOOD, host("2001:db8::7"))
    seen = (WELL, observed_host("443", ("443", SILENT), address="2001:db8::7")) if "interrupted" in gap else (WELL,)
    report = judged(six, *seen, **gap)
    assert (report.verdict, report.exit_code) == (Verdict.INCOMPLETE, 3)


def test_allow_incomplete_changes_the_exit_code_and_not_the_verdict() -> None:
    report = judged(GOOD, WELL, interrupted="Ctrl-C", settings={"allow_incomplete": True})
    assert (report.verdict, report.exit_code) == (Verdict.INCOMPLETE, 0)
    drift = judged(GOOD, observed_host("443,8080", ("443,8080", OPEN)), interrupted="x", settings={"allow_incomplete": True})
    assert (drift.verdict, drift.exit_code) == (Verdict.DRIFT, 1)


def test_gaps_of_the_sources() -> None:
    report = judged(surface(GOOD, gaps=("the plan errored",)), WELL)
    assert report.verdict is Verdict.INCOMPLETE
    assert [gap.why for gap in report.undetermined] == ["the plan errored"]


def test_a_host_that_the_results_leave_out() -> None:
    report = judged(surface(GOOD, host(OTHER, "aws_instance.other", open="22")), WELL)
    assert report.verdict is Verdict.INCOMPLETE
    assert (report.coverage.hosts_expected, report.coverage.hosts_failed) == (2, 1)
    assert (report.coverage.ports_asked, report.coverage.ports_asserted, report.coverage.ports_undetermined) == (2, 1, 1)


def test_a_name_without_an_address() -> None:
    named = host(None, "aws_lb.front", name="lb.example.com", status=HostStatus.BY_NAME, open="443")
    for more in ({"unresolved": {"lb.example.com": "NXDOMAIN"}}, {}):
        report = judged(surface(GOOD, named), WELL, **more)
        assert report.verdict is Verdict.INCOMPLETE
        assert "lb.example.com" in report.undetermined[0].why
    found = {"resolved": {"lb.example.com": (ip_address(OTHER),)}}
    assert judged(surface(GOOD, named), WELL, observed_host("443", ("443", OPEN), address=OTHER), **found).verdict is Verdict.IN_SYNC


def test_a_name_that_resolves_to_an_address_of_the_model_holds_both_declarations() -> None:
    named = host(None, "aws_lb.front", name="lb.example.com", status=HostStatus.BY_NAME, open="443")
    both = surface(host(allowed="22"), named)
    found = {"resolved": {"lb.example.com": (ip_address(WEB),)}}
    seen = observed_host("22,80,443", ("443", OPEN), ("22", CLOSED), ("80", SILENT))
    assert judged(both, seen, **found).verdict is Verdict.IN_SYNC
    gone = observed_host("22,80,443", ("443,22", CLOSED), ("80", SILENT))
    assert kinds(judged(both, gone, **found)) == [("missing", "443", "high")]


@pytest.mark.parametrize("status", [HostStatus.PENDING, HostStatus.STOPPED, HostStatus.LEAVING])
def test_hosts_that_arent_there_are_listed_and_alone_make_nothing(status: HostStatus) -> None:
    resting = ExpectedHost("aws_instance.new", "plan.json", status=status)
    report = judged(surface(GOOD, resting), WELL)
    assert report.verdict is Verdict.IN_SYNC
    assert [item.owner for item in report.not_in_view] == ["aws_instance.new"]
    assert judged(surface(resting)).verdict is Verdict.INCOMPLETE


def test_a_fleet_without_addresses() -> None:
    both = surface(GOOD, ExpectedHost("aws_autoscaling_group.app", "state", status=HostStatus.UNADDRESSED))
    assert judged(both, WELL).verdict is Verdict.INCOMPLETE
    allowed = judged(both, WELL, settings={"allow_unaddressed": True})
    assert (allowed.verdict, [gap.required for gap in allowed.undetermined]) == (Verdict.IN_SYNC, [False])


def test_no_host_in_view_is_incomplete() -> None:
    report = judged(surface(not_in_view=(NotInView("aws_instance.db", "10.0.0.1", "private"),)))
    assert (report.verdict, report.exit_code) == (Verdict.INCOMPLETE, 3)


def test_a_run_in_which_not_a_port_was_judged_is_incomplete() -> None:
    nothing = judged(host(by_vantage="0-65535"), observed_host("22", ("22", SILENT)))
    assert nothing.verdict is Verdict.INCOMPLETE
    assert judged(host(by_vantage="22"), observed_host("22,23", ("22", CLOSED), ("23", SILENT))).verdict is Verdict.IN_SYNC


@pytest.mark.parametrize(("fail_on", "exit_code"), [("critical", 0), ("high", 1), ("medium", 1), ("low", 1), ("note", 1)])
def test_fail_on(fail_on: str, exit_code: int) -> None:
    report = judged(GOOD, observed_host("443,8080", ("443", OPEN), ("8080", HOLLOW)), settings={"fail_on": fail_on})
    assert report.exit_code == exit_code
    assert kinds(report) == [("exposed", "8080", "high")]


def test_a_severity_that_isnt_one() -> None:
    with pytest.raises(UsageError, match="critical, high, medium, low, note"):
        JudgeSettings(fail_on="dire")
    assert JudgeSettings(fail_on=Severity.NOTE).fail_on is Severity.NOTE


def test_an_undeclared_host() -> None:
    stranger = observed_host("22", ("22", OPEN), address="10.0.0.44")
    report = judged(surface(GOOD, subnets=(ip_network("10.0.0.0/24"),)), WELL, extra=(stranger,))
    assert kinds(report) == [("undeclared_host", "22", "medium")]
    assert (report.findings[0].owner, report.findings[0].address) == (None, "10.0.0.44")


@pytest.mark.parametrize("address", ["10.0.0.0", "10.0.0.1", "10.0.0.3", "10.0.0.255", "10.0.0.99", "10.0.0.98"])
def test_addresses_that_are_the_providers_or_the_models_own_are_none(address: str) -> None:
    known = surface(
        GOOD,
        subnets=(ip_network("10.0.0.0/24"),),
        known_addresses=frozenset({ip_address("10.0.0.99")}),
        not_in_view=(NotInView("aws_nat_gateway.n", "10.0.0.98", "never listens"),),
    )
    assert not judged(known, WELL, extra=(observed_host("22", ("22", OPEN), address=address),)).findings


def test_an_extra_address_that_never_answered_is_none() -> None:
    assert not judged(GOOD, WELL, extra=(observed_host("22", ("22", SILENT), address="10.0.0.44", answers=False),)).findings


def test_coverage_adds_up() -> None:
    seen = observed_host("1-9,22,443", ("443", OPEN), ("22", CLOSED), ("1-5", SILENT))
    coverage = judged(host(open="443", allowed="22"), seen).coverage
    assert (coverage.ports_asked, coverage.ports_probed) == (11, 7)
    assert (coverage.ports_asserted, coverage.ports_undetermined) == (7, 4)


def test_what_the_code_cant_tell_says_what_it_is_that_cant_be_read() -> None:
    report = judged(host(open="443", by_code="9000"), observed_host("443,9000", ("443,9000", OPEN)))
    assert "aws_security_group.web" in report.undetermined[0].why
    assert "main.tf:12" in report.undetermined[0].why
