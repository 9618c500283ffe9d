"""Answers that something in between may have given: one degree lower, unless a service spoke."""

from __future__ import annotations

from attrs import evolve

from iacdrift.drift.report import Verdict
from tests.drift.scenes import CLOSED, HOLLOW, OPEN, OTHER, SILENT, host, judged, kinds, observed_host, surface

WEB = evolve(OPEN, ttl=57)


def test_an_unconfirmed_open_port_is_high_and_a_confirmed_one_critical() -> None:
    assert kinds(judged(host(), observed_host("8080", ("8080", HOLLOW)))) == [("exposed", "8080", "high")]
    assert kinds(judged(host(), observed_host("8080", ("8080", OPEN)))) == [("exposed", "8080", "critical")]


def test_a_refusal_with_another_ttl_than_the_hosts_is_one_degree_lower() -> None:
    def report(ttl: int) -> object:
        seen = observed_host("1-9,443", ("443", WEB), ("5", evolve(CLOSED, ttl=ttl)), ("1-4,6-9", SILENT))
        return judged(host(open="443"), seen)

    assert kinds(report(57)) == [("passable", "5", "high")]
    assert kinds(report(62)) == [("passable", "5", "medium")]
    assert "TTL is 62" in report(62).findings[0].explanation


def test_a_foreign_ttl_doesnt_weaken_what_spoke() -> None:
    seen = observed_host("443,8080", ("443", WEB), ("8080", evolve(OPEN, ttl=62)))
    report = judged(host(open="443"), seen)
    assert kinds(report) == [("exposed", "8080", "critical")]
    assert "Unconfirmed" not in report.findings[0].explanation


def test_a_port_that_is_open_on_every_address_alike_is_said_to_be_so() -> None:
    two = surface(host(), host(OTHER, "aws_instance.other"))
    alike = judged(two, observed_host("2000", ("2000", HOLLOW)), observed_host("2000", ("2000", HOLLOW), address=OTHER))
    assert [finding.severity.value for finding in alike.findings] == ["high", "high"]
    assert "every address alike" in alike.findings[0].explanation
    apart = judged(two, observed_host("2000", ("2000", HOLLOW)), observed_host("2000", ("2000", SILENT), address=OTHER))
    assert "every address alike" not in apart.findings[0].explanation


def test_sixteen_blocked_ports_all_open_are_one_finding() -> None:
    report = judged(host(open="443"), observed_host("1-16,443", ("443", OPEN), ("1-16", HOLLOW)))
    assert kinds(report) == [("everything_open", "1-16", "high")]
    fifteen = judged(host(open="443"), observed_host("1-15,443", ("443", OPEN), ("1-15", HOLLOW)))
    assert {finding.kind.value for finding in fifteen.findings} == {"exposed"}
    one_silent = judged(host(open="443"), observed_host("1-17,443", ("443", OPEN), ("1-16", HOLLOW), ("17", SILENT)))
    assert {finding.kind.value for finding in one_silent.findings} == {"exposed"}


def test_where_everything_is_open_an_expected_port_needs_data() -> None:
    hollow = judged(host(open="443"), observed_host("1-16,443", ("443", HOLLOW), ("1-16", HOLLOW)))
    assert hollow.verdict is Verdict.DRIFT
    assert [str(gap.ports) for gap in hollow.undetermined] == ["443"]
    assert judged(host(open="443"), observed_host("443", ("443", HOLLOW))).verdict is Verdict.IN_SYNC


def test_a_declared_listener_that_says_nothing_is_in_sync_and_remarked() -> None:
    quiet = judged(host(open="443"), observed_host("443", ("443", HOLLOW)))
    assert (quiet.verdict, len(quiet.notes)) == (Verdict.IN_SYNC, 1)
    assert "tcp/443 on 198.51.100.7" in quiet.notes[0]
    assert not judged(host(open="443"), observed_host("443", ("443", OPEN))).notes


def test_of_very_many_ranges_the_text_shows_a_few_and_the_report_holds_all() -> None:
    odd = ",".join(str(port) for port in range(1, 60, 2))
    report = judged(host(open="443"), observed_host("0-1000", ("443", OPEN), (odd, CLOSED), ("0,100-442,444-1000", SILENT)))
    assert [str(item.ports) for item in report.findings] == [odd]
    assert "18 more ranges (30 ports)" in report.findings[0].explanation
