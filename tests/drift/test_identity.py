"""Ids stay the same when an address changes, tell findings apart, and lead back to the ports."""

from __future__ import annotations

from ipaddress import ip_address

import pytest
from attrs import evolve

from iacdrift.drift.identity import locate
from iacdrift.errors import UsageError
from iacdrift.surface.expected import HostStatus
from tests.drift.scenes import CLOSED, OPEN, REJECTED, SILENT, WEB, host, judged, observed_host, surface

SCENES = {
    "exposed": (host(open="443"), (("443,8080", OPEN), ("1-9", SILENT))),
    "passable": (host(open="443"), (("443", OPEN), ("5", CLOSED), ("1-4,6-9", SILENT))),
    "rejected": (host(open="443"), (("443", OPEN), ("5", REJECTED), ("1-4,6-9", SILENT))),
    "no filter": (host(open="443"), (("443", OPEN), ("1-9", CLOSED))),
    "missing": (host(open="443"), (("443", CLOSED), ("1-9", SILENT))),
    "unreachable": (host(open="443", allowed="22"), (("443,1-9", SILENT), ("22", CLOSED))),
    "narrowed": (host(open="443", allowed="22"), (("443", OPEN), ("22", SILENT))),
    "listener": (host(open="443", allowed="22"), (("443,22", OPEN),)),
    "unexplained": (host(open="443", by_vantage="22"), (("443,22", OPEN),)),
    "everything": (host(), (("1-20", OPEN),)),
    "mismatch": (host(open="443", services={("tcp", 443): "ssh"}), (("443", OPEN),)),
}


@pytest.mark.parametrize("scene", SCENES)
def test_the_id_leads_back_to_its_ports(scene: str) -> None:
    expected, groups = SCENES[scene]
    report = judged(expected, observed_host("1-9,22,443,8080", *groups))
    assert report.findings
    for finding in report.findings:
        found = locate(finding.id, surface(expected))
        assert [(item.owner, protocol) for item, protocol, _ in found] == [("aws_instance.web", "tcp")]
        assert not finding.ports - found[0][2]


@pytest.mark.parametrize("scene", SCENES)
def test_the_id_survives_a_new_address_and_new_lines(scene: str) -> None:
    expected, groups = SCENES[scene]
    before = judged(expected, observed_host("1-9,22,443,8080", *groups))
    moved = evolve(expected, address=ip_address("198.51.100.99"))
    after = judged(moved, observed_host("1-9,22,443,8080", *groups, address="198.51.100.99"))
    assert [finding.id for finding in before.findings] == [finding.id for finding in after.findings]


def test_ids_are_unique_within_a_report_and_readable() -> None:
    addresses = (WEB, "198.51.100.70", "2001:db8::7")
    several = surface(*(host(address) for address in addresses))
    report = judged(several, *(observed_host("80,8080", ("80,8080", OPEN), address=address) for address in addresses))
    assert len({finding.id for finding in report.findings}) == len(report.findings) == 6
    assert report.findings[0].id.startswith("exposed-tcp-80")
    for finding in report.findings:
        found = locate(finding.id, several)
        assert [str(item.address) for item, _, _ in found] == [finding.address]


def test_the_id_of_a_name_leads_back_to_the_name() -> None:
    named = host(None, "aws_lb.front", name="lb.example.com", status=HostStatus.BY_NAME)
    addresses = tuple(ip_address(text) for text in ("198.51.100.20", "198.51.100.21"))
    seen = [observed_host("8080", ("8080", OPEN), address=str(address)) for address in addresses]
    report = judged(named, *seen, resolved={"lb.example.com": addresses})
    assert [finding.name for finding in report.findings] == ["lb.example.com"] * 2
    assert len({finding.id for finding in report.findings}) == 2
    for finding in report.findings:
        assert [item.name for item, _, _ in locate(finding.id, surface(named))] == ["lb.example.com"]


def test_another_owner_or_port_has_another_id() -> None:
    one = judged(host(), observed_host("8080", ("8080", OPEN))).findings[0].id
    other_owner = judged(host(owner="aws_instance.b"), observed_host("8080", ("8080", OPEN))).findings[0].id
    other_port = judged(host(), observed_host("8081", ("8081", OPEN))).findings[0].id
    assert len({one, other_owner, other_port}) == 3
    assert locate(one, surface(host(owner="aws_instance.b"))) == ()


@pytest.mark.parametrize("text", ["", "8080", "exposed-tcp-8080", "exposed-sctp-1-0123456789ab", "strange-tcp-1-0123456789ab", "-oX/tmp/x"])
def test_what_is_no_id_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="report"):
        locate(text, surface(host()))


def test_a_port_beyond_the_last_is_nobodys() -> None:
    assert locate("exposed-tcp-99999-0123456789ab", surface(host())) == ()
