"""`diff`: XML that somebody already has."""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path

import pytest

from iacdrift.errors import ScanError
from iacdrift.model.ports import NO_PORTS
from iacdrift.scan.xml import read_nmap_xml
from iacdrift.surface.expected import ExpectedHost, HostStatus
from iacdrift.surface.observed import Evidence
from tests.scan.conftest import P, host, surface
from tests.scan.test_nmap_output import END, HEAD, element, port, scaninfo

A, B = ip_address("198.51.100.7"), ip_address("198.51.100.8")
EXPECTED = surface(host(str(A), "443"), vantage="internet")


def file(tmp_path: Path, *bodies: str, name: str = "a.xml", head: str = HEAD, info: str = scaninfo(), end: str = END) -> Path:
    path = tmp_path / name
    path.write_text(head + info + "".join(bodies) + end)
    return path


def test_what_was_asked_is_what_the_file_covers_and_every_expected_open(tmp_path: Path) -> None:
    path = file(tmp_path, element(port(22, "closed", "reset")), info=scaninfo(services="22,80"))
    seen = read_nmap_xml([path], EXPECTED).hosts[A]
    assert seen.tcp.asked == P("22,80,443")
    assert seen.tcp.of(Evidence.CLOSED) == P("22")
    assert seen.tcp.of(Evidence.NOT_LEARNT) == P("80,443")


def test_ports_restrict_what_was_asked(tmp_path: Path) -> None:
    path = file(tmp_path, element(port(22, "closed", "reset") + port(80, "open", "syn-ack")))
    assert read_nmap_xml([path], EXPECTED, ports="80").hosts[A].tcp.asked == P("80,443")


def test_a_host_that_isnt_there_has_failed(tmp_path: Path) -> None:
    seen = read_nmap_xml([file(tmp_path)], EXPECTED).hosts[A]
    assert seen.failed == "it isn't in the XML"
    assert seen.tcp.asked == P("443")


@pytest.mark.parametrize(("attributes", "state", "why"), [(' timedout="true"', "up", "timed out"), ("", "down", "held it for down")])
def test_a_host_about_which_nothing_is_known_has_failed(tmp_path: Path, attributes: str, state: str, why: str) -> None:
    body = element(port(443, "open", "syn-ack"), attributes=attributes, state=state)
    seen = read_nmap_xml([file(tmp_path, body)], EXPECTED).hosts[A]
    assert why in (seen.failed or "")
    assert seen.tcp.of(Evidence.OPEN) == NO_PORTS
    assert not seen.believable_silence


def test_several_files_are_one_surface(tmp_path: Path) -> None:
    first = file(tmp_path, element(port(22, "closed", "reset")), info=scaninfo(services="22"))
    second = file(tmp_path, element(port(443, "open", "syn-ack")), name="b.xml", info=scaninfo(services="443"))
    observed = read_nmap_xml([first, second], EXPECTED)
    seen = observed.hosts[A]
    assert (seen.tcp.of(Evidence.CLOSED), seen.tcp.of(Evidence.OPEN)) == (P("22"), P("443"))
    assert len(observed.xml_sha256) == len(observed.commands) == 2
    assert observed.from_files


def test_files_that_contradict_each_other_prove_nothing(tmp_path: Path) -> None:
    first = file(tmp_path, element(port(443, "open", "syn-ack")))
    second = file(tmp_path, element(port(443, "closed", "reset")), name="b.xml")
    answer = read_nmap_xml([first, second], EXPECTED).hosts[A].tcp.answer(443)
    assert answer is not None
    assert answer.evidence is Evidence.NOT_LEARNT


def test_strangers_are_extra_and_only_if_they_answered(tmp_path: Path) -> None:
    silent = element(port(22, "filtered", "no-response"), address="198.51.100.9")
    path = file(tmp_path, element(port(443, "open", "syn-ack")), element(port(22, "open", "syn-ack"), address=str(B)), silent)
    assert [extra.address for extra in read_nmap_xml([path], EXPECTED).extra] == [B]


def test_a_name_is_taken_from_what_nmap_was_given(tmp_path: Path) -> None:
    db = ExpectedHost("aws_db_instance.db", "s", name="DB.example.com", status=HostStatus.BY_NAME, tcp=host("10.0.0.1", "5432").tcp)
    other = ExpectedHost("aws_db_instance.other", "s", name="other.example.com", status=HostStatus.BY_NAME)
    names = '<hostnames><hostname name="db.example.com" type="user"/><hostname name="other.example.com" type="PTR"/></hostnames>'
    body = element(port(443, "open", "syn-ack")).replace("<ports>", names + "<ports>")
    observed = read_nmap_xml([file(tmp_path, body)], surface(db, other))
    assert observed.resolved == {"DB.example.com": (A,)}
    assert list(observed.unresolved) == ["other.example.com"]
    assert 5432 in observed.hosts[A].tcp.asked


def test_the_scan_type_is_nmaps_own_word(tmp_path: Path) -> None:
    path = file(tmp_path, element(port(443, "closed", "conn-refused")), info=scaninfo("connect"))
    observed = read_nmap_xml([path], EXPECTED)
    assert (observed.scan_types, observed.hosts[A].tcp_scan) == (("connect",), "connect")
    answer = observed.hosts[A].tcp.answer(443)
    assert answer is not None
    assert answer.scan == "connect"


def test_a_scan_that_proves_nothing_says_so(tmp_path: Path) -> None:
    path = file(tmp_path, element(port(443, "unfiltered", "reset")), info=scaninfo("ack"))
    observed = read_nmap_xml([path], EXPECTED)
    assert 443 in observed.hosts[A].tcp.of(Evidence.NOT_LEARNT)
    assert any("type ack" in note for note in observed.notes)


def test_a_ping_scan_taught_nothing(tmp_path: Path) -> None:
    seen = read_nmap_xml([file(tmp_path, element(""), info="")], EXPECTED).hosts[A]
    assert seen.tcp.of(Evidence.NOT_LEARNT) == P("443")


def test_silence_is_believed_where_the_address_answered(tmp_path: Path) -> None:
    path = file(tmp_path, element(port(443, "open", "syn-ack") + port(22, "filtered", "no-response")))
    assert read_nmap_xml([path], EXPECTED).hosts[A].believable_silence
    path = file(tmp_path, element(port(443, "filtered", "no-response")))
    assert not read_nmap_xml([path], EXPECTED).hosts[A].believable_silence


@pytest.mark.parametrize(
    ("end", "says"),
    [("", "isn't whole"), (END.replace('exit="success"', 'exit="error" errormsg="out of memory"'), "ended with an error")],
)
def test_broken_xml_is_an_error(tmp_path: Path, end: str, says: str) -> None:
    with pytest.raises(ScanError, match=says):
        read_nmap_xml([file(tmp_path, element(port(443, "open", "syn-ack")), end=end)], EXPECTED)


def test_no_file_is_an_error() -> None:
    with pytest.raises(ScanError):
        read_nmap_xml([], EXPECTED)


def test_the_same_words_mean_what_each_file_says_of_its_own_scan(tmp_path: Path) -> None:
    body = element(port(443, "filtered", "admin-prohibited", ' reason_ip="198.51.100.7"') + port(22, "open", "syn-ack"))
    files = [file(tmp_path, body, name=f"{kind}.xml", info=scaninfo(kind)) for kind in ("syn", "connect", "window")]
    apart = [read_nmap_xml([path], EXPECTED).hosts[A] for path in files]
    assert [seen.tcp.answer(443).evidence for seen in apart if seen.tcp.answer(443)] == [
        Evidence.REJECTED,
        Evidence.REJECTED_ON_THE_WAY,
        Evidence.NOT_LEARNT,
    ]
    for kind, path in zip(("connect", "window"), files[1:], strict=True):
        together = read_nmap_xml([files[0], path], EXPECTED).hosts[A]
        first = read_nmap_xml([path, files[0]], EXPECTED).hosts[A]
        assert together.tcp.of(Evidence.REJECTED) == P("443")
        assert {together.tcp_scan, first.tcp_scan} == {"syn", kind}


def test_hosts_that_are_alike_in_many_files_come_to_what_each_comes_to_alone(tmp_path: Path) -> None:
    said = port(443, "open", "syn-ack"), port(443, "filtered", "no-response"), port(22, "closed", "reset"), port(443, "closed", "reset")
    bodies = [element(said[n % 4] + said[2] * (n % 4 < 2), address=f"198.51.100.{n}") for n in range(1, 40)]
    bodies += [element("", address="198.51.100.40", state="down"), element(said[0], address="198.51.100.40", attributes=' timedout="true"')]
    files = [file(tmp_path, *bodies[start:], name=f"{start}.xml") for start in (0, 7, 7)]
    expected = surface(*(host(f"198.51.100.{n}", "443") for n in range(1, 42)), vantage="internet")
    whole = read_nmap_xml(files, expected)
    for one in expected.hosts:
        alone = read_nmap_xml(files, surface(one, vantage="internet"))
        assert one.address is not None
        assert whole.hosts[one.address] == alone.hosts[one.address]
