"""The real Nmap against real listeners on loopback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from ipaddress import ip_address
from pathlib import Path

import pytest
from attrs import evolve

from iacdrift.model.ports import PortSet
from iacdrift.scan.plan import plan_scan
from iacdrift.scan.route import local_source
from iacdrift.scan.run import scan
from iacdrift.scan.settings import ScanSettings
from iacdrift.scan.xml import read_nmap_xml
from iacdrift.surface.observed import Evidence
from tests.needs import needs
from tests.scan.conftest import Listen, P, host, surface

pytestmark = [pytest.mark.live, needs("nmap")]
SSH = b"SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u2\r\n"
A, B, SIX = ip_address("127.0.0.31"), ip_address("127.0.0.32"), ip_address("::1")


@pytest.mark.parametrize("kind", [pytest.param("syn", marks=needs("root")), "connect"])
def test_open_closed_and_services(listen: Listen, kind: str) -> None:
    declared, by_hand = listen(str(A), banner=SSH), listen(str(A), banner=SSH)
    gone = listen(str(B))
    expected = surface(host(str(A), str(declared)), host(str(B), f"{declared}"))
    settings = ScanSettings(ports=f"{declared},{by_hand},{gone}", scan_type=kind)
    observed = scan(expected, settings)
    seen = observed.hosts[A]
    assert observed.interrupted is None
    assert observed.scan_types == (kind,)
    assert seen.tcp.of(Evidence.OPEN) == PortSet.of((declared, by_hand))
    assert seen.believable_silence
    found = seen.tcp.answer(by_hand)
    assert found is not None
    assert (found.service, found.confirmed, found.scan) == ("ssh", True, kind)
    other = observed.hosts[B]
    assert other.tcp.of(Evidence.OPEN) == PortSet.single(gone)
    refused = other.tcp.answer(declared)
    assert refused is not None
    assert (refused.evidence, refused.scan) == (Evidence.CLOSED, kind)
    assert refused.probes >= 2
    assert observed.sent_from == ("127.0.0.1",)


@needs("root")
def test_every_asked_port_has_exactly_one_answer(listen: Listen) -> None:
    port = listen(str(A), banner=SSH)
    observed = scan(surface(host(str(A), str(port))), ScanSettings(ports="all", rate=20_000))
    seen = observed.hosts[A].tcp
    assert seen.asked == P("0-65535")
    assert sum(len(ports) for ports, _ in seen.groups) == 65536
    assert seen.of(Evidence.OPEN, Evidence.CLOSED, Evidence.NOT_LEARNT) == P("0-65535")
    assert port in seen.of(Evidence.OPEN)
    assert len(seen.of(Evidence.NOT_LEARNT)) < 100


@needs("root")
@needs("ipv6")
def test_families_are_runs_of_their_own(listen: Listen) -> None:
    port = listen("::1")
    observed = scan(surface(host(str(SIX), str(port)), host(str(A), str(port))), ScanSettings(ports=str(port)))
    assert observed.hosts[SIX].tcp.of(Evidence.OPEN) == PortSet.single(port)
    assert observed.hosts[A].tcp.of(Evidence.CLOSED) == PortSet.single(port)
    assert not any("-6" in command and str(A) in command for command in observed.commands)
    assert set(scan(surface(host(str(SIX), str(port)), host(str(A), str(port))), ScanSettings(ports=str(port), families=(4,))).hosts) == {A}


@needs("root")
def test_udp_answers_with_data_or_refuses(listen: Listen) -> None:
    port = listen(str(A), udp=True)
    expected = surface(host(str(A), udp=str(port)))
    observed = scan(expected, ScanSettings(ports=f"U:{port},9"))
    seen = observed.hosts[A].udp
    assert seen.asked == PortSet.of((9, port))
    answer = seen.answer(port)
    assert answer is not None
    assert (answer.evidence, answer.confirmed, answer.scan) == (Evidence.OPEN, True, "udp")
    assert seen.of(Evidence.CLOSED) == P("9")


@needs("root")
def test_a_listener_without_data_is_open_and_unconfirmed(listen: Listen) -> None:
    port = listen(str(A))
    seen = scan(surface(host(str(A))), ScanSettings(ports=str(port))).hosts[A].tcp.answer(port)
    assert seen is not None
    assert (seen.evidence, seen.confirmed) == (Evidence.OPEN, False)


@needs("root")
def test_the_plan_lists_what_is_sent_first(listen: Listen) -> None:
    port = listen(str(A))
    expected, settings = surface(host(str(A), str(port))), ScanSettings(ports=f"{port},1-200,U:9")
    planned = [job.argv for job in plan_scan(expected, settings).jobs]
    sent = scan(expected, settings).commands
    assert sent[0] == planned[0]
    stages = [planned.job.stage for planned in plan_scan(expected, settings).jobs]
    assert stages == ["look", "sweep", "assure", "udp"]
    assert all("--max-rate" in command for command in sent)


def test_a_control_that_refuses_proves_ports_and_one_that_answers_proves_the_way(listen: Listen) -> None:
    port = listen(str(A), banner=SSH)
    settings = ScanSettings(ports=f"{port},9", controls=(str(B), f"{A}:{port}"), scan_type="connect")
    refusing, answering = scan(surface(host(str(A), str(port))), settings).controls
    assert (refusing.answers, refusing.proves_ports, refusing.refusing, refusing.silent) == (True, True, PortSet.of((9, port)), P(""))
    assert (answering.answers, answering.proves_ports, answering.refusing) == (True, False, PortSet.single(port))


@needs("root")
def test_one_finding_is_asked_again_with_witnesses(listen: Listen) -> None:
    port, hole = listen(str(A), banner=SSH), listen(str(A), banner=SSH)
    web = host(str(A), str(port))
    expected = surface(web, host(str(B), str(port)), host("127.0.0.33", str(port)))
    observed = scan(expected, ScanSettings(), only=((web, "tcp", PortSet.single(hole)),))
    seen = observed.hosts[A]
    assert seen.tcp.asked == PortSet.single(hole)
    assert seen.tcp.of(Evidence.OPEN) == PortSet.of((port, hole))
    assert seen.believable_silence
    assert all(not observed.hosts[address].tcp.asked for address in observed.hosts if address != A)


def test_evidence_reads_back_as_the_same_surface(listen: Listen, tmp_path: Path) -> None:
    port = listen(str(A), banner=SSH)
    expected = surface(host(str(A), str(port)))
    observed = scan(expected, ScanSettings(ports=f"{port},9", scan_type="connect", evidence=tmp_path))
    files = sorted(tmp_path.glob("*/*.xml"))
    again = read_nmap_xml(files, expected)
    assert again.xml_sha256 == observed.xml_sha256
    assert again.hosts[A].tcp.of(Evidence.OPEN) == observed.hosts[A].tcp.of(Evidence.OPEN) == PortSet.single(port)
    assert again.hosts[A].tcp.of(Evidence.CLOSED) == P("9")


def test_progress_is_told_from_start_to_end(listen: Listen) -> None:
    told: list[str] = []

    class Teller:
        def planned(self, hosts: int, ports: int, packets: int, seconds: float) -> None:
            told.append(f"planned {hosts} {ports}")

        def started(self, job: object, packets: int, seconds: float) -> None:
            told.append("started")

        def advanced(self, fraction: float) -> None:
            assert 0 <= fraction <= 1

        def ended(self, job: object) -> None:
            told.append("ended")

        def finished(self) -> None:
            told.append("finished")

    port = listen(str(A))
    scan(surface(host(str(A), str(port))), ScanSettings(ports=str(port), scan_type="connect"), Teller())
    assert told[0] == "planned 1 1"
    assert told[-1] == "finished"
    assert told.count("started") == told.count("ended") >= 1


def test_a_host_timeout_is_no_result() -> None:
    """Sixty-five thousand ports at ten packets a second don't fit into a second and a half."""
    observed = scan(surface(host(str(A))), ScanSettings(ports="1-60000", rate=10, timeout=1.5, scan_type="connect"))
    seen = observed.hosts[A]
    assert seen.failed or observed.interrupted
    assert len(seen.tcp.of(Evidence.OPEN, Evidence.CLOSED, Evidence.SILENT)) < 60000


_CHILD = """
import encodings.ascii, encodings.idna, json, os, sys
from iacdrift.scan.run import scan
from iacdrift.scan.settings import ScanSettings
from iacdrift.errors import ScanError
from iacdrift.surface.observed import Evidence
from tests.scan.conftest import host, surface
os.setgroups([]); os.setgid(65534); os.setuid(65534)  # after the imports: others can't always read this Python
address, port = sys.argv[1], sys.argv[2]
seen = scan(surface(host(address, port, "53")), ScanSettings(ports=f"{port},9"))
try:
    scan(surface(host(address, port)), ScanSettings(ports="9", scan_type="syn"))
    refused = ""
except ScanError as error:
    refused = str(error)
found = next(iter(seen.hosts.values()))
print(json.dumps({"types": seen.scan_types, "open": str(found.tcp.of(Evidence.OPEN)), "closed": str(found.tcp.of(Evidence.CLOSED)),
    "udp": [(str(p), a.evidence.value, a.reason) for p, a in found.udp.groups], "refused": refused, "notes": seen.notes}))
"""


@needs("root")
def test_without_rights_it_connects_and_says_what_it_cant(listen: Listen) -> None:
    port = listen(str(A), banner=SSH)
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "HOME": "/nonexistent"}
    done = subprocess.run([sys.executable, "-c", _CHILD, str(A), str(port)], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["types"] == ["connect"]
    assert (told["open"], told["closed"]) == (str(port), "9")
    assert told["udp"] == [["53", "not_learnt", "UDP needs root or CAP_NET_RAW for Nmap"]]
    assert "needs root" in told["refused"]
    assert any("connect scan" in note for note in told["notes"])


def test_the_route_is_looked_up_without_a_packet() -> None:
    assert local_source(A) == ip_address("127.0.0.1")
    assert local_source(ip_address("255.255.255.255")) is None


def test_an_address_without_a_route_has_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    from iacdrift.scan import run

    monkeypatch.setattr(run, "local_source", lambda address: None if address.version == 6 else ip_address("127.0.0.1"))
    expected = evolve(surface(host("2001:db8::1", "443"), host(str(A), "9")))
    observed = scan(expected, ScanSettings(ports="9", scan_type="connect"))
    assert observed.unreachable_families == {6: "this machine has no IPv6 route to any target"}
    assert observed.hosts[ip_address("2001:db8::1")].failed
    assert not any("2001:db8::1" in command for command in observed.commands)
