"""What each kind of filter looks like to each kind of scan, between namespaces of the test's own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.needs import needs

pytestmark = [pytest.mark.live, needs("namespaces"), needs("nft"), needs("nmap")]

RULES = """
table inet t {
  chain input {
    type filter hook input priority 0; policy drop;
    ct state established,related accept
    meta l4proto ipv6-icmp accept
    tcp dport { 9000-9003 } accept
    tcp dport 9010 reject with tcp reset
    tcp dport 9011 reject with icmpx port-unreachable
    tcp dport 9012 reject with icmpx admin-prohibited
    tcp dport 9100-9199 reject with icmpx admin-prohibited
    udp dport { 9000, 9001 } accept
  }
}
"""
_CHILD = """
import json, sys
from ipaddress import ip_address, ip_network
from iacdrift.model.ports import PortSet
from iacdrift.scan.run import scan
from iacdrift.scan.settings import ScanSettings
from iacdrift.surface.observed import Evidence
from tests.scan.conftest import host, surface
asked = json.loads(sys.argv[1])
expected = surface(*(host(a, "9000") for a in asked["hosts"]), subnets=tuple(map(ip_network, asked.get("subnets", ()))))
known = tuple((ip_address(a), PortSet.parse(p)) for a, p in asked["settings"].pop("remembered", {}).items())
seen = scan(expected, ScanSettings(**asked["settings"], remembered=known))
def shown(ports):
    return {e.value: str(ports.of(e)) for e in Evidence if ports.of(e)}
told = {}
for address, h in seen.hosts.items():
    told[str(address)] = shown(h.tcp) | {"udp": shown(h.udp), "before": h.answered_before, "after": h.answered_after, "failed": h.failed}
print(json.dumps({"hosts": told, "extra": [str(h.address) for h in seen.extra],
    "vanished": {str(a): str(p) for a, p in seen.vanished.items()}}))
"""

_LISTENERS = """
import select, socket
socks = []
for address, family in (("0.0.0.0", socket.AF_INET), ("::", socket.AF_INET6)):
    for port in (9000, 9001):
        sock = socket.socket(family)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind((address, port))
        sock.listen(512)
        socks.append(sock)
print("up", flush=True)
while True:
    for sock in select.select(socks, [], [])[0]:
        try:
            peer, _ = sock.accept()
            peer.sendall(b"SSH-2.0-OpenSSH_9.2p1\\r\\n")
            peer.close()
        except OSError:
            pass  # a connect scan hangs up before anybody can speak
"""


def run(*words: str, stdin: str | None = None) -> None:
    subprocess.run(words, check=True, input=stdin, text=True, capture_output=True)


@pytest.fixture(scope="module")
def lab() -> Iterator[str]:
    """Two namespaces and a wire: the scanner at .1, a filtered host at .2 with listeners, nobody at .9, a stranger at .10."""
    near, far = f"scan-a{os.getpid()}", f"scan-b{os.getpid()}"
    listener = None
    try:
        for name in (near, far):
            run("ip", "netns", "add", name)
            run("ip", "-n", name, "link", "set", "lo", "up")
        run("ip", "link", "add", "w", "netns", near, "type", "veth", "peer", "name", "w", "netns", far)
        for name, ends in ((near, ("1",)), (far, ("2", "10"))):
            for end in ends:
                run("ip", "-n", name, "addr", "add", f"198.18.9.{end}/24", "dev", "w")
                run("ip", "-n", name, "addr", "add", f"fd5c::{end}/64", "dev", "w", "nodad")
            run("ip", "-n", name, "link", "set", "w", "up")
        run("ip", "netns", "exec", far, "nft", "-f", "-", stdin=RULES)
        words = ["ip", "netns", "exec", far, sys.executable, "-c", _LISTENERS]
        listener = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
        assert listener.stdout is not None
        assert listener.stdout.readline() == "up\n"
        yield near
    finally:
        if listener is not None:
            listener.kill()
            listener.wait()
        for name in (near, far):
            subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)


def scanned(lab: str, hosts: list[str], subnets: tuple[str, ...] | list[str] = ("198.18.9.0/28",), **settings: object) -> dict[str, object]:
    asked = json.dumps({"hosts": hosts, "settings": settings, "subnets": subnets})
    words = ["ip", "netns", "exec", lab, sys.executable, "-c", _CHILD, asked]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told: dict[str, object] = json.loads(done.stdout)
    return told


PORTS = "9000-9003,9010-9012,9020"


@pytest.mark.parametrize("address", ["198.18.9.2", "fd5c::2"])
def test_syn_tells_filters_apart(lab: str, address: str) -> None:
    seen = scanned(lab, [address], ports=PORTS, scan_type="syn")["hosts"][address]  # type: ignore[index]
    assert seen["open"] == "9000-9001"
    assert seen["closed"] == "9002-9003,9010"
    assert seen["rejected"] == "9011-9012"
    assert seen["silent"] == "9020"
    assert (seen["before"], seen["after"], seen["failed"]) == (True, True, None)


def test_connect_cant_tell_a_rejection_from_a_closed_port_nor_by_whom(lab: str) -> None:
    seen = scanned(lab, ["198.18.9.2"], ports=PORTS, scan_type="connect")["hosts"]["198.18.9.2"]  # type: ignore[index]
    assert seen["open"] == "9000-9001"
    assert seen["closed"] == "9002-9003,9010-9011"
    assert seen["rejected_on_the_way"] == "9012"
    assert seen["silent"] == "9020"


def test_collapsed_rejections_are_asked_for_their_sender(lab: str) -> None:
    """A hundred ports rejected by the target: Nmap collapses them and drops the sender."""
    seen = scanned(lab, ["198.18.9.2"], ports="9000,9100-9199", scan_type="syn")["hosts"]["198.18.9.2"]  # type: ignore[index]
    assert seen["open"] == "9000"
    assert "rejected" in seen


def test_udp(lab: str) -> None:
    seen = scanned(lab, ["198.18.9.2"], ports="U:9000,9002")["hosts"]["198.18.9.2"]["udp"]  # type: ignore[index]
    assert seen == {"closed": "9000", "open_or_silent": "9002"}


@pytest.mark.parametrize("kind", ["syn", "connect"])
def test_nobody_home_is_silence_throughout(lab: str, kind: str) -> None:
    seen = scanned(lab, ["198.18.9.9", "198.18.9.2"], ports="9000-9200", scan_type=kind)["hosts"]
    gone = seen["198.18.9.9"]  # type: ignore[index]
    assert (gone["before"], gone["after"], gone["failed"]) == (False, False, None)
    assert not {"open", "closed", "rejected"} & set(gone)
    assert seen["198.18.9.2"]["after"]  # type: ignore[index]


def test_a_sweep_finds_who_answers_and_isnt_declared(lab: str) -> None:
    told = scanned(lab, ["198.18.9.2"], ports="9000", sweep=["198.18.9.0/28"])
    assert told["extra"] == ["198.18.9.10"]
    assert told["vanished"] == {}


@pytest.mark.parametrize("kind", ["syn", "connect"])
def test_a_sweep_tells_who_of_the_strangers_of_before_is_gone(lab: str, kind: str) -> None:
    known = {"198.18.9.10": "9001", "198.18.9.11": "22,9001", "198.18.9.40": "22"}
    told = scanned(lab, ["198.18.9.2"], ports="9000", sweep=["198.18.9.0/28"], scan_type=kind, remembered=known)
    assert told["extra"] == ["198.18.9.10"]
    assert told["vanished"] == {"198.18.9.11": "22,9001"}, "who lies outside the sweep wasn't asked"


def test_a_stranger_that_only_stopped_to_answer_the_knocking_is_still_there(lab: str) -> None:
    """Behind a router, where no ARP betrays it: found again because the scan is reminded of its port."""
    far = lab.replace("scan-a", "scan-b")
    run("ip", "-n", far, "addr", "add", "198.18.10.5/32", "dev", "lo")
    run("ip", "-n", lab, "route", "add", "198.18.10.0/24", "via", "198.18.9.2")
    asked = {"ports": "9000", "sweep": ["198.18.10.0/29"], "subnets": ["198.18.9.0/28", "198.18.10.0/24"]}
    assert scanned(lab, ["198.18.9.2"], **asked)["extra"] == []
    told = scanned(lab, ["198.18.9.2"], **asked, remembered={"198.18.10.5": "9001", "198.18.10.6": "9001"})
    assert told["extra"] == ["198.18.10.5"]
    assert told["vanished"] == {"198.18.10.6": "9001"}


def test_a_large_sweep_is_complete_on_a_host_that_drops(lab: str) -> None:
    seen = scanned(lab, ["198.18.9.2"], ports="8000-10999", scan_type="syn", rate=5000)["hosts"]["198.18.9.2"]  # type: ignore[index]
    assert seen["open"] == "9000-9001"
    assert seen["closed"] == "9002-9003,9010"
    assert (seen["before"], seen["after"]) == (True, True)
