from __future__ import annotations

import hashlib
from ipaddress import ip_address
from pathlib import Path

import pytest
from attrs import evolve

from iacdrift.errors import ScanError
from iacdrift.scan import host_blocks, nmap_output
from iacdrift.scan.facts import XmlRun
from iacdrift.scan.nmap_output import GrowingXml, read_xml
from iacdrift.surface.observed import Answer, Evidence
from tests.scan.conftest import P

HEAD = '<?xml version="1.0"?>\n<!DOCTYPE nmaprun>\n<nmaprun scanner="nmap" args="nmap -sS x" start="1700000000" version="7.93">\n'
END = '<runstats><finished time="1700000009" exit="success"/><hosts up="1" down="0" total="1"/></runstats>\n</nmaprun>\n'


def scaninfo(kind: str = "syn", services: str = "22,80,443,1000-1100", protocol: str = "tcp") -> str:
    return f'<scaninfo type="{kind}" protocol="{protocol}" numservices="1" services="{services}"/>'


def element(body: str, address: str = "198.51.100.7", attributes: str = "", state: str = "up") -> str:
    return (
        f'<host{attributes}><status state="{state}" reason="user-set" reason_ttl="0"/>'
        f'<address addr="{address}" addrtype="{"ipv6" if ":" in address else "ipv4"}"/><ports>{body}</ports></host>'
    )


def port(number: int, state: str, reason: str, more: str = "", service: str = "") -> str:
    return f'<port protocol="tcp" portid="{number}"><state state="{state}" reason="{reason}" reason_ttl="64"{more}/>{service}</port>'


def written(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "out.xml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def answers(tmp_path: Path, body: str, kind: str = "syn", services: str = "22,80,443,1000-1100") -> dict[str, Answer]:
    run = read_xml(written(tmp_path, HEAD + scaninfo(kind, services) + element(body) + END))
    return {str(ports): answer for ports, answer in run.hosts[0].tcp}


def test_a_whole_file(tmp_path: Path) -> None:
    run = read_xml(written(tmp_path, HEAD + scaninfo() + element(port(80, "open", "syn-ack")) + END))
    assert (run.version, run.broken, run.failed, run.started, run.finished) == ("7.93", None, None, 1700000000, 1700000009)
    assert run.coverage == {"tcp": ("syn", P("22,80,443,1000-1100"))}
    assert run.hosts[0].address == ip_address("198.51.100.7")
    assert len(run.sha256) == 64


def test_collapsed_ports_are_read_from_their_lists(tmp_path: Path) -> None:
    body = (
        '<extraports state="filtered" count="100"><extrareasons reason="no-response" count="90" proto="tcp" ports="1000-1089"/>'
        '<extrareasons reason="admin-prohibited" count="10" proto="tcp" ports="1090-1099"/></extraports>' + port(22, "closed", "reset")
    )
    found = answers(tmp_path, body)
    assert found["1000-1089"].evidence is Evidence.SILENT
    # Nobody knows who sent a collapsed ICMP error, so it isn't taken for the target's own.
    assert (found["1090-1099"].evidence, found["1090-1099"].reason_ip) == (Evidence.REJECTED_ON_THE_WAY, None)
    assert (found["22"].evidence, found["22"].ttl) == (Evidence.CLOSED, 64)


def test_before_7_92_a_lone_number_stands_for_all_others(tmp_path: Path) -> None:
    body = '<extraports state="filtered" count="102"><extrareasons reason="no-responses" count="102"/></extraports>' + port(
        22, "open", "syn-ack"
    )
    found = answers(tmp_path, body, services="22,80,1000-1100")
    assert found["80,1000-1100"].evidence is Evidence.SILENT


def test_before_7_92_two_numbers_teach_nothing(tmp_path: Path) -> None:
    body = (
        '<extraports state="filtered" count="50"><extrareasons reason="no-responses" count="50"/></extraports>'
        '<extraports state="closed" count="53"><extrareasons reason="resets" count="53"/></extraports>' + port(22, "open", "syn-ack")
    )
    assert list(answers(tmp_path, body)) == ["22"]


def test_a_number_that_doesnt_add_up_teaches_nothing(tmp_path: Path) -> None:
    body = '<extraports state="closed" count="7"><extrareasons reason="resets" count="7"/></extraports>'
    assert answers(tmp_path, body) == {}


def test_who_rejects(tmp_path: Path) -> None:
    body = (
        port(22, "filtered", "port-unreach")
        + port(80, "filtered", "host-unreach", ' reason_ip="192.0.2.1"')
        + port(443, "filtered", "port-unreach", ' reason_ip="198.51.100.7"')
    )
    found = answers(tmp_path, body)
    assert found["22"].evidence is Evidence.REJECTED
    assert (found["80"].evidence, found["80"].reason_ip) == (Evidence.REJECTED_ON_THE_WAY, "192.0.2.1")
    assert found["443"].evidence is Evidence.REJECTED


@pytest.mark.parametrize(
    ("service", "name", "tunnel", "confirmed"),
    [
        ('<service name="http" product="nginx" method="probed" conf="10"/>', "http", None, True),
        ('<service name="http" tunnel="ssl" method="probed" conf="10"/>', "http", "ssl", True),
        ('<service name="https" tunnel="ssl" method="table" conf="3"/>', "https", "ssl", True),
        ('<service name="tcpwrapped" method="probed" conf="8"/>', "tcpwrapped", None, False),
        ('<service name="http" method="table" conf="3"/>', None, None, False),
        ('<service name="http" method="table" conf="3" servicefp="SF-Port80"/>', None, None, True),
        ("", None, None, False),
    ],
)
def test_services(tmp_path: Path, service: str, name: str | None, tunnel: str | None, confirmed: bool) -> None:
    found = answers(tmp_path, port(80, "open", "syn-ack", service=service))["80"]
    assert (found.service, found.tunnel, found.confirmed) == (name, tunnel, confirmed)


def test_a_host_that_timed_out_is_marked(tmp_path: Path) -> None:
    run = read_xml(written(tmp_path, HEAD + scaninfo() + element("", attributes=' timedout="true"') + END))
    assert run.hosts[0].timed_out


def test_a_scan_type_that_proves_nothing_teaches_nothing(tmp_path: Path) -> None:
    assert answers(tmp_path, port(80, "unfiltered", "reset"), kind="ack")["80"].evidence is Evidence.NOT_LEARNT


def test_skipped_targets_are_named(tmp_path: Path) -> None:
    run = read_xml(written(tmp_path, HEAD + '<target specification="nohost.invalid" status="skipped" reason="invalid"/>' + END))
    assert run.skipped == ("nohost.invalid",)


def test_everything_open_stays_small(tmp_path: Path) -> None:
    body = "".join(port(number, "open", "syn-ack") for number in range(1, 3000))
    found = answers(tmp_path, body)
    assert list(found) == ["1-2999"]


@pytest.mark.parametrize("cut", [1, 20, 200, 400, 500])
def test_a_truncated_file_is_never_whole(tmp_path: Path, cut: int) -> None:
    text = HEAD + scaninfo() + element(port(80, "open", "syn-ack")) + END
    path = written(tmp_path, text[:cut])
    if cut < 100:
        with pytest.raises(ScanError, match="isn't Nmap's XML"):
            read_xml(path)
    else:
        assert read_xml(path).broken


def test_finished_hosts_of_a_killed_run_are_kept(tmp_path: Path) -> None:
    text = HEAD + scaninfo() + element(port(80, "open", "syn-ack")) + "\n<host><status state="
    run = read_xml(written(tmp_path, text))
    assert run.broken
    assert [str(host.address) for host in run.hosts] == ["198.51.100.7"]


@pytest.mark.parametrize("end", [END, "", "\n<host><status state="])
def test_a_file_is_read_while_it_grows(tmp_path: Path, end: str) -> None:
    text = HEAD + scaninfo() + element(port(80, "open", "syn-ack")) + "\n" + element(port(22, "closed", "reset")) + end
    growing = GrowingXml(tmp_path / "out.xml")
    growing.more()  # it isn't there yet
    for start in range(0, len(text), 37):
        written(tmp_path, text[: start + 37])
        growing.more()
    path = written(tmp_path, text)
    assert growing.run() == evolve(read_xml(path), broken=growing.run().broken)
    assert bool(growing.run().broken) == (end != END)
    assert len(growing.run().hosts) == 2


def test_a_growing_file_that_was_never_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(ScanError, match="can't be read"):
        GrowingXml(tmp_path / "none.xml").run()


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE nmaprun [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    '<nmaprun scanner="nmap" version="7.93"><scaninfo services="&b;"/></nmaprun>'
)
EXTERNAL = '<?xml version="1.0"?><!DOCTYPE nmaprun [<!ENTITY x SYSTEM "file:///etc/passwd">]><nmaprun scanner="nmap" version="&x;"/>'


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "isn't Nmap's XML: it is empty"),
        (b"{}", "isn't Nmap's XML"),
        (b"\x00\xff\x00\xff", "isn't Nmap's XML"),
        (b"<html></html>", "its root is <html>"),
        (b'<nmaprun scanner="masscan" version="1.3"></nmaprun>', "isn't Nmap's XML"),
        (b"<nmaprun/>", "isn't Nmap's XML"),
        (BOMB.encode(), "entities"),
        (EXTERNAL.encode(), "entities"),
        (b'<?xml version="1.0" encoding="no-such"?><nmaprun scanner="nmap"/>', "isn't Nmap's XML"),
    ],
)
def test_what_isnt_nmaps_is_refused(tmp_path: Path, content: bytes, says: str) -> None:
    path = written(tmp_path, content)
    with pytest.raises(ScanError, match=says):
        read_xml(path)
    with pytest.raises(ScanError, match=says):
        GrowingXml(path).run()


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ScanError, match="can't be read"):
        read_xml(tmp_path / "none.xml")


def test_nonsense_inside_is_not_believed(tmp_path: Path) -> None:
    body = (
        '<port protocol="tcp" portid="99999"><state state="open" reason="syn-ack" reason_ttl="x"/></port>'
        '<port protocol="tcp" portid="-1"><state state="open" reason="syn-ack"/></port>'
        '<port protocol="sctp" portid="80"><state state="open" reason="init-ack"/></port>'
        '<port protocol="tcp"><state state="open"/></port>'
        '<extraports state="closed"><extrareasons reason="reset" proto="tcp" ports="1-99999,x"/></extraports>'
    )
    assert answers(tmp_path, body) == {}


def test_a_deep_document_does_no_harm(tmp_path: Path) -> None:
    run = read_xml(written(tmp_path, HEAD + "<a>" * 50_000 + "</a>" * 50_000 + END))
    assert run.hosts == ()


def _strictly(path: Path) -> XmlRun:
    """The same file with every element read by the strict parser."""
    target = nmap_output._Target()
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        broken = nmap_output._feed(stream, target, digest)
    return target.run(broken, digest.hexdigest())


SHAPES = [
    element(port(80, "open", "syn-ack") + port(81, "closed", "reset")) * 3,
    element(port(80, "filtered", "port-unreach", ' reason_ip="198.51.100.7"'))
    + element(port(80, "filtered", "port-unreach", ' reason_ip="198.51.100.7"'), "198.51.100.8"),
    element(
        port(80, "open", "syn-ack", service='<service name="http" method="probed" product="a &amp; b"><cpe>cpe:/a:x:y</cpe></service>')
    ),
    element(port(80, "open", "syn-ack") + '<port protocol="tcp" portid="81"><state state="open"/><state state="closed"/></port>'),
    element(port(80, "open", "syn-ack", service='<script id="x" output="</p&gt;"/>')) * 2,
    element('<extraports state="closed" count="1"><extrareasons reason="reset" count="1" proto="tcp" ports="81"/></extraports>'),
    element('<extraports state="closed" count="106"><extrareasons reason="resets" count="106"/></extraports>'),
    element('<extrareasons reason="reset" count="1" proto="tcp" ports="81"/>' + port(80, "open", "syn-ack")),
    element(port(80, "open", "syn-ack") + '<address addr="198.51.100.9" addrtype="ipv4"/><hostname name="a.example" type="user"/>'),
    element(port(80, "open", "syn-ack")).replace("<ports>", '<hostnames>\n<hostname name="a.example" type="user"/></hostnames><ports>'),
    element(port(80, "open", "syn-ack"), "2001:db8::1") + element("", "999.1.1.1") + element("", state="down"),
    f"<!-- {element(port(80, 'open', 'syn-ack'))} -->" + element(port(443, "open", "syn-ack"), "198.51.100.8"),
    f"<a><![CDATA[{element(port(80, 'open', 'syn-ack'))}]]></a>" + element(port(443, "open", "syn-ack"), "198.51.100.8"),
    element(f"<!-- {port(80, 'open', 'syn-ack')} -->" + port(443, "open", "syn-ack")),
    element(port(80, "open", "syn-ack") + element(port(443, "open", "syn-ack"), "198.51.100.8")),
    '<host><status state="up"/>' + element(port(443, "open", "syn-ack")) + "</host>",
    element(port(80, "open", "syn-ack")) + scaninfo("connect") + element(port(80, "open", "syn-ack"), "198.51.100.8"),
    element(port(80, "open", "syn-ack") + port(80, "closed", "reset")),
    element('<port protocol="tcp" portid="80"><state state="open" state="closed"/></port>'),
    element('<port protocol="tcp" portid="80"><state state="open" reason="&no;"/></port>'),
    element('<port protocol="tcp" portid="80"><state state="open"></port>'),
    element(port(80, "open", "syn-ack")) + "<host><status",
    element(port(80, "open", "syn-ack"))[:-3],
]


@pytest.mark.parametrize("body", SHAPES, ids=range(len(SHAPES)))
@pytest.mark.parametrize("chunk", [7, 1 << 18])
def test_the_short_way_reads_what_the_strict_parser_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str, chunk: int) -> None:
    monkeypatch.setattr(nmap_output, "_CHUNK", max(chunk, len(HEAD)))
    path = written(tmp_path, HEAD + scaninfo() + element(port(22, "open", "syn-ack"), "198.51.100.1") + body + END)
    assert read_xml(path) == _strictly(path)


def test_hosts_of_the_known_shape_do_go_the_short_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started = []
    real = nmap_output._Target._start_in_host
    monkeypatch.setattr(nmap_output._Target, "_start_in_host", lambda *given: started.append(given[2]) or real(*given))
    body = element(port(80, "open", "syn-ack")) + element(port(80, "open", "syn-ack"), "198.51.100.8")
    assert len(read_xml(written(tmp_path, HEAD + scaninfo() + body + END)).hosts) == 2
    assert started == []


def test_attributes_that_a_doctype_adds_are_read_by_the_strict_parser(tmp_path: Path) -> None:
    head = HEAD.replace("<!DOCTYPE nmaprun>", '<!DOCTYPE nmaprun [<!ATTLIST host timedout CDATA "true">]>')
    path = written(tmp_path, head + scaninfo() + element(port(80, "open", "syn-ack")) + END)
    assert read_xml(path).hosts[0].timed_out
    assert read_xml(path) == _strictly(path)


def test_many_pieces_that_are_new_each_time_are_read_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host_blocks, "_TRIAL", 8)
    monkeypatch.setattr(host_blocks, "_MOST_PIECES", 4)
    monkeypatch.setattr(host_blocks, "_MOST_BLOCKS", 4)
    hosts = [element(port(80, "open", "syn-ack", service=f'<script id="x" output="&#x{n:x};"/>'), f"198.51.100.{n}") for n in range(40, 90)]
    path = written(tmp_path, HEAD + scaninfo() + "".join(hosts) + END)
    assert len(read_xml(path).hosts) == 50
    assert read_xml(path) == _strictly(path)
