"""When silence may be believed, when it is a finding, and when nothing was learnt."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from iacdrift.drift.report import Verdict
from iacdrift.model.ports import NO_PORTS, PortSet
from iacdrift.surface.observed import Control, Evidence, ObservedPorts
from tests.drift.scenes import (
    CLOSED,
    OPEN,
    OTHER,
    QUIET,
    SILENT,
    WEB,
    answer,
    host,
    judged,
    kinds,
    observed_host,
    partition,
    seen,
    surface,
)

DARK = host(OTHER, "aws_instance.dark")


def dark(asked: str = "1-100", **more: object):
    return observed_host(asked, (asked, SILENT), address=OTHER, answers=False, **more)


def test_a_host_with_everything_blocked_is_in_sync_if_another_one_answered() -> None:
    report = judged(surface(DARK, host(open="443")), dark(), observed_host("443", ("443", OPEN)))
    assert report.verdict is Verdict.IN_SYNC
    assert (report.coverage.hosts_silent, report.coverage.hosts_answered) == (1, 1)


def test_and_incomplete_if_nothing_did() -> None:
    report = judged(surface(DARK), dark())
    assert (report.verdict, report.exit_code) == (Verdict.INCOMPLETE, 3)
    assert "--control" in report.undetermined[0].why


def test_a_control_that_answered_is_as_good_as_a_host() -> None:
    control = Control(ip_address("192.0.2.53"), answers=True, proves_ports=False)
    assert judged(surface(DARK), dark(), controls=(control,)).verdict is Verdict.IN_SYNC
    mute = Control(ip_address("192.0.2.53"), answers=False, proves_ports=False)
    assert judged(surface(DARK), dark(), controls=(mute,)).verdict is Verdict.INCOMPLETE


@pytest.mark.parametrize("witness", ["2001:db8::1", "127.0.0.1"])
def test_another_family_or_loopback_proves_nothing(witness: str) -> None:
    report = judged(surface(DARK, host(witness, open="443")), dark(), observed_host("443", ("443", OPEN), address=witness))
    assert report.verdict is Verdict.INCOMPLETE


def test_loopback_is_a_witness_for_loopback() -> None:
    two = surface(host("127.0.0.2", "a.dark"), host("127.0.0.1", "a.web", open="443"))
    dropped = observed_host("1-9", ("1-9", SILENT), address="127.0.0.2", answers=False)
    assert judged(two, dropped, observed_host("443", ("443", OPEN), address="127.0.0.1")).verdict is Verdict.IN_SYNC


def test_the_scanners_own_address_is_no_witness() -> None:
    own = "203.0.113.9"
    report = judged(surface(DARK, host(own, "a.own", open="443")), dark(), observed_host("443", ("443", OPEN), address=own))
    assert report.verdict is Verdict.INCOMPLETE


def test_a_host_that_answered_over_udp_only_is_no_witness_for_tcp() -> None:
    spoken = answer(Evidence.CLOSED, scan="udp")
    two = surface(DARK, host(udp=partition(allowed="53")))
    report = judged(two, dark(), observed_host("", udp=seen("53", ("53", spoken))))
    assert report.verdict is Verdict.INCOMPLETE


def test_silent_throughout_with_an_expected_open_port_is_unreachable() -> None:
    report = judged(host(open="80,443"), observed_host("1-100,443", ("1-100,443", SILENT), answers=False))
    assert kinds(report) == [("unreachable", "80,443", "high")]
    assert "down" in report.findings[0].explanation
    assert [str(gap.ports) for gap in report.undetermined] == ["1-79,81-100"]


def test_silent_throughout_with_an_allowed_port_is_incomplete_whatever_else_answers() -> None:
    scene = surface(host(OTHER, "aws_instance.dark", allowed="22"), host(open="443"))
    report = judged(scene, dark(), observed_host("443", ("443", OPEN)))
    assert report.verdict is Verdict.INCOMPLETE
    assert "nothing was learnt" in report.undetermined[0].why


def test_an_allowed_port_that_nobody_asked_for_doesnt_count() -> None:
    scene = surface(host(OTHER, "aws_instance.dark", allowed="2222"), host(open="443"))
    assert judged(scene, dark(), observed_host("443", ("443", OPEN))).verdict is Verdict.IN_SYNC


@pytest.mark.parametrize(("before", "after"), [(True, False), (False, True)])
def test_a_host_that_answered_only_early_or_only_late_isnt_believed(before: bool, after: bool) -> None:
    half = observed_host("1-9,22,443", ("22", CLOSED), ("1-9,443", SILENT), answered_before=before, answered_after=after)
    report = judged(host(open="443", allowed="22"), half)
    assert (report.verdict, kinds(report)) == (Verdict.INCOMPLETE, [])
    whole = observed_host("1-9,22,443", ("22", CLOSED), ("1-9,443", SILENT))
    assert kinds(judged(host(open="443", allowed="22"), whole)) == [("unreachable", "443", "high")]


def test_a_port_on_which_the_control_is_silent_is_undetermined_everywhere() -> None:
    scene = host(open="443"), observed_host("25,443", ("443", OPEN), ("25", SILENT))
    deaf = Control(ip_address("192.0.2.53"), answers=True, proves_ports=True, refusing=PortSet.parse("1-24"), silent=PortSet.parse("25"))
    assert judged(*scene).verdict is Verdict.IN_SYNC
    report = judged(*scene, controls=(deaf,))
    assert report.verdict is Verdict.INCOMPLETE
    assert [(str(gap.ports), gap.required) for gap in report.undetermined] == [("25", True)]


def test_an_open_port_stays_exposed_though_the_control_is_silent_on_it() -> None:
    deaf = Control(ip_address("192.0.2.53"), answers=True, proves_ports=True, silent=PortSet.parse("25"))
    report = judged(host(open="443"), observed_host("25,443", ("25,443", OPEN)), controls=(deaf,))
    assert kinds(report) == [("exposed", "25", "critical")]


def test_a_control_that_refuses_every_silent_port_replaces_the_assumption() -> None:
    scene = host(open="443"), observed_host("25,443", ("443", OPEN), ("25", SILENT))
    proof = Control(ip_address("192.0.2.53"), answers=True, proves_ports=True, refusing=PortSet.parse("1-100"), silent=NO_PORTS)
    assert any("lets packets out" in item.text for item in judged(*scene).assumptions)
    assert not judged(*scene, controls=(proof,)).assumptions


def test_udp_silence_of_a_dark_host_is_listed_where_tcp_is_believed_and_required_where_it_isnt() -> None:
    quiet: ObservedPorts = seen("53", ("53", QUIET))
    web = observed_host("443", ("443", OPEN))
    both = surface(DARK, host(open="443"))
    report = judged(both, dark(udp=quiet), web)
    assert (report.verdict, [(gap.protocol, gap.required) for gap in report.undetermined]) == (Verdict.IN_SYNC, [("udp", False)])
    udp_only = observed_host("", address=OTHER, answers=False, udp=quiet)
    assert judged(both, udp_only, web).verdict is Verdict.INCOMPLETE


def test_a_failed_host_is_incomplete_and_its_silence_is_not_believed() -> None:
    failed = observed_host("1-9,443", ("443", OPEN), ("1-9", SILENT), failed="the host timed out")
    report = judged(host(open="443"), failed)
    assert report.verdict is Verdict.INCOMPLETE
    assert report.coverage.hosts_failed == 1
    assert any("timed out" in gap.why for gap in report.undetermined)


def test_a_failed_host_without_any_port_is_incomplete_too() -> None:
    report = judged(
        surface(host(open="443"), host(OTHER, "a.b")), observed_host("443", ("443", OPEN)), observed_host("", address=OTHER, failed="down")
    )
    assert report.verdict is Verdict.INCOMPLETE
    assert {gap.address for gap in report.undetermined} == {OTHER}


def test_what_was_seen_open_on_a_failed_host_stays_seen() -> None:
    assert kinds(judged(host(), observed_host("8080", ("8080", OPEN), failed="killed"))) == [("exposed", "8080", "critical")]
    assert WEB
