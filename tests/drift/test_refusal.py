"""When a refusal on a blocked port is a hole, when it is no filter at all, and when it can't be told."""

from __future__ import annotations

from attrs import evolve

from iacdrift.drift.report import Verdict
from iacdrift.surface.observed import Evidence
from tests.drift.scenes import CLOSED, ON_THE_WAY, OPEN, SILENT, answer, host, judged, kinds, observed_host

REFUSED = answer(Evidence.CLOSED, reason="conn-refused", scan="connect")
HEARD = answer(Evidence.OPEN, reason="syn-ack", scan="connect", service="http", confirmed=True)


def test_refusing_nine_in_ten_is_one_finding_with_ranges() -> None:
    report = judged(host(open="443"), observed_host("1-100,443", ("443", OPEN), ("1-90", CLOSED), ("91-100", SILENT)))
    assert kinds(report) == [("passable", "1-90", "high")]
    assert "no filter stands in front" in report.findings[0].explanation
    hole = judged(host(open="443"), observed_host("1-100,443", ("443", OPEN), ("1-89", CLOSED), ("90-100", SILENT)))
    assert kinds(hole) == [("passable", "1-89", "high")]
    assert "no filter stands" not in hole.findings[0].explanation


def test_on_loopback_it_is_a_note() -> None:
    local = host("127.0.0.1", open="443")
    report = judged(local, observed_host("1-100,443", ("443", OPEN), ("1-100", CLOSED), address="127.0.0.1"))
    assert (report.verdict, kinds(report)) == (Verdict.IN_SYNC, [("passable", "1-100", "note")])
    connect = observed_host("1-100,443", ("443", HEARD), ("1-100", REFUSED), address="127.0.0.1", tcp_scan="connect")
    assert judged(local, connect).verdict is Verdict.IN_SYNC


def test_under_a_connect_scan_of_a_remote_address_it_is_incomplete() -> None:
    report = judged(host(open="443"), observed_host("1-100,443", ("443", HEARD), ("1-100", REFUSED), tcp_scan="connect"))
    assert (report.verdict, kinds(report)) == (Verdict.INCOMPLETE, [])
    assert "SYN" in report.undetermined[0].why


def test_under_a_connect_scan_a_refusal_beside_silence_is_a_hole() -> None:
    beside = observed_host("1-100,443", ("443", HEARD), ("8", REFUSED), ("1-7,9-100", SILENT), tcp_scan="connect")
    assert kinds(judged(host(open="443"), beside)) == [("passable", "8", "high")]


def test_a_rejection_proves_a_filter_on_the_way_only_where_its_sender_is_known() -> None:
    seen = {scan: observed_host("1-4,443", ("443", HEARD), ("1-4", ON_THE_WAY), tcp_scan=scan) for scan in ("syn", "connect")}
    assert judged(host(open="443"), seen["syn"]).verdict is Verdict.IN_SYNC
    report = judged(host(open="443"), seen["connect"])
    assert (report.verdict, str(report.undetermined[0].ports)) == (Verdict.INCOMPLETE, "1-4")
    assert "SYN" in report.undetermined[0].why


def test_under_syn_a_rejection_of_unknown_sender_leaves_its_ports_open_to_doubt() -> None:
    signed, unsigned = ON_THE_WAY, evolve(ON_THE_WAY, reason_ip=None)
    report = judged(host(open="443"), observed_host("1-4,443", ("443", HEARD), ("1-2", signed), ("3-4", unsigned)))
    assert (report.verdict, str(report.undetermined[0].ports)) == (Verdict.INCOMPLETE, "3-4")
    assert "whose sender isn't known" in report.undetermined[0].why


def test_a_refusal_without_any_silence_is_no_proof_of_a_hole() -> None:
    few = observed_host("1-4,443", ("443", HEARD), ("1", REFUSED), ("2-4", ON_THE_WAY), tcp_scan="connect")
    assert judged(host(open="443"), few).verdict is Verdict.INCOMPLETE
    under_syn = judged(host(open="443"), observed_host("1-4,443", ("443", OPEN), ("1", CLOSED), ("2-4", ON_THE_WAY)))
    assert kinds(under_syn) == [("passable", "1", "high")]


def test_a_managed_endpoint_may_refuse_what_has_no_listener_and_nothing_more() -> None:
    endpoint = host(open="443", managed=True)
    assert judged(endpoint, observed_host("1-9,443", ("443", OPEN), ("1-9", CLOSED))).verdict is Verdict.IN_SYNC
    assert kinds(judged(endpoint, observed_host("9,443", ("443", OPEN), ("9", OPEN)))) == [("exposed", "9", "critical")]
    assert kinds(judged(host(open="443"), observed_host("1-9,443", ("443", OPEN), ("1-9", CLOSED)))) == [("passable", "1-9", "high")]
