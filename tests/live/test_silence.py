"""What silence, its causes and its remedies look like in a report: each scene with a network on which it is otherwise."""

from __future__ import annotations

import pytest

from iacdrift.drift.report import DriftReport, FindingKind, Severity, Verdict
from tests.live.scenes import Seen
from tests.needs import needs

pytestmark = [pytest.mark.live, needs("root"), needs("nft"), needs("nmap")]
WAY_OUT = "scanner's own network lets packets out"


@pytest.fixture(scope="module")
def seen() -> Seen:
    """All scenes, played."""
    return Seen()


def kinds(report: DriftReport, host: str) -> list[tuple[FindingKind, str]]:
    return [(found.kind, str(found.ports)) for found in report.findings if found.owner == f"aws_instance.{host}"]


def gaps(report: DriftReport, required: bool = True) -> str:
    return "\n".join(f"{gap.address} {gap.protocol}/{gap.ports}: {gap.why}" for gap in report.undetermined if gap.required is required)


def assumed(report: DriftReport) -> str:
    return "\n".join(item.text for item in report.assumptions)


def test_a_host_that_is_down_is_unreachable_and_its_other_ports_are_not_in_sync(seen: Seen) -> None:
    assert (seen["host_up"].verdict, seen["host_up"].findings) == (Verdict.IN_SYNC, ())
    report = seen["host_down"]
    assert (report.verdict, kinds(report, "host1"), kinds(report, "host2")) == (Verdict.DRIFT, [(FindingKind.UNREACHABLE, "80")], [])
    assert "down or the path to it is blocked" in report.findings[0].explanation
    assert "198.51.100.11 tcp/81-89" in gaps(report)


def test_a_silent_host_of_which_nothing_must_answer_is_incomplete(seen: Seen) -> None:
    report = seen["host_down_that_need_not_answer"]
    assert (report.verdict, report.findings) == (Verdict.INCOMPLETE, ())
    assert "never answered" in gaps(report)


def test_where_nothing_answers_at_all_nothing_is_known(seen: Seen) -> None:
    for name in ("nothing_answers", "a_control_is_silent"):
        assert (seen[name].verdict, seen[name].findings) == (Verdict.INCOMPLETE, ())
        assert "nothing else answered over IPv4 TCP" in gaps(seen[name])


@pytest.mark.parametrize("name", ["another_host_answers", "a_control_answers"])
def test_silence_is_believed_where_something_else_answered(seen: Seen, name: str) -> None:
    assert (seen[name].verdict, seen[name].findings) == (Verdict.IN_SYNC, ())
    assert WAY_OUT in assumed(seen[name])


def test_an_answer_over_ipv6_says_nothing_about_silence_over_ipv4(seen: Seen) -> None:
    report = seen["another_host_answers_over_the_other_family"]
    assert (report.verdict, report.findings) == (Verdict.INCOMPLETE, ())
    assert "198.51.100.11" in gaps(report)
    assert "2001:db8" not in gaps(report)


def test_without_a_control_the_way_out_is_a_printed_assumption(seen: Seen) -> None:
    assert seen["egress_without_control"].verdict is Verdict.IN_SYNC
    assert WAY_OUT in assumed(seen["egress_without_control"])
    assert WAY_OUT in assumed(seen["egress_held_back_by_this_machine"])


def test_a_port_on_which_the_control_is_silent_is_undetermined(seen: Seen) -> None:
    report = seen["egress_with_control"]
    assert (report.verdict, report.findings) == (Verdict.INCOMPLETE, ())
    assert "198.51.100.11 tcp/85: the control was silent on this port too" in gaps(report)


def test_a_control_that_refuses_every_port_takes_the_assumption_away(seen: Seen) -> None:
    report = seen["egress_free_with_control"]
    assert (report.verdict, report.findings) == (Verdict.IN_SYNC, ())
    assert WAY_OUT not in assumed(report)


def test_silence_of_a_host_that_stopped_answering_is_not_believed(seen: Seen) -> None:
    assert (seen["host_lives"].verdict, seen["host_lives"].findings) == (Verdict.IN_SYNC, ())
    report = seen["host_dies"]
    assert report.verdict is not Verdict.IN_SYNC
    assert "198.51.100.11" in gaps(report)
    assert "its silence can't be believed" in gaps(report)
    assert kinds(report, "host2") == []


def test_lost_packets_neither_hide_an_open_port_nor_make_an_alarm(seen: Seen) -> None:
    assert kinds(seen["every_first_packet_is_lost"], "host1") == [(FindingKind.EXPOSED, "85")]


def test_a_family_without_a_route_is_undetermined_unless_deselected(seen: Seen) -> None:
    report = seen["no_route_for_ipv6"]
    assert (report.verdict, report.findings) == (Verdict.INCOMPLETE, ())
    assert "2001:db8:1::11" in gaps(report)
    assert "route" in gaps(report)
    assert seen["no_route_and_deselected"].verdict is Verdict.IN_SYNC


def test_udp_without_rights_is_undetermined(seen: Seen) -> None:
    report = seen["udp_as_nobody"]
    assert (report.verdict, report.findings) == (Verdict.INCOMPLETE, ())
    assert "udp/53" in gaps(report)
    assert "root" in gaps(report)


def test_a_service_that_ignores_the_probe_hides_behind_a_printed_assumption(seen: Seen) -> None:
    assert "a service that ignores Nmap's probes looks the same" in assumed(seen["udp_that_ignores_the_probe"])


def test_an_nmap_that_was_killed_leaves_the_run_incomplete(seen: Seen) -> None:
    report = seen["nmap_is_killed"]
    assert (report.verdict, report.exit_code, report.findings) == (Verdict.INCOMPLETE, 3, ())
    assert "ended early" in gaps(report)


@pytest.mark.parametrize("name", ["middlebox", "middlebox_with_the_hosts_ttl"])
def test_what_answers_alike_on_every_address_is_unconfirmed_and_one_degree_lower(seen: Seen, name: str) -> None:
    report = seen[name]
    assert [kinds(report, name) for name in ("host1", "host2", "host3")] == [[(FindingKind.EXPOSED, "85")]] * 3
    assert {found.severity for found in report.findings} == {Severity.HIGH}
    assert {found.observed.confirmed for found in report.findings} == {False}
    assert all("every address alike" in found.explanation for found in report.findings)
    alone = seen["one_host_exposes_it"]
    assert [kinds(alone, name) for name in ("host1", "host2", "host3")] == [[(FindingKind.EXPOSED, "85")], [], []]
    assert [(found.severity, found.observed.confirmed) for found in alone.findings] == [(Severity.CRITICAL, True)]


def test_an_answer_with_another_ttl_than_the_hosts_is_one_degree_lower(seen: Seen) -> None:
    report = seen["middlebox_for_one"]
    assert [kinds(report, name) for name in ("host1", "host2", "host3")] == [[(FindingKind.EXPOSED, "85")], [], []]
    assert report.findings[0].severity is Severity.HIGH
    assert "its TTL is 64, that of the host's other answers 63" in report.findings[0].explanation


def test_a_syn_proxy_is_one_finding_and_proves_no_declared_service(seen: Seen) -> None:
    report = seen["proxied"]
    assert kinds(report, "host1") == [(FindingKind.EVERYTHING_OPEN, "81-120")]
    assert "198.51.100.11 tcp/80" in gaps(report)
