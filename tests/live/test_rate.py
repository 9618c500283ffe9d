"""How fast a scan is on the wire, and what it does where the target doesn't bear it."""

from __future__ import annotations

import itertools
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import IPv4Address

import pytest

from iacdrift.drift.judge import judge
from iacdrift.drift.report import DriftReport
from iacdrift.model.ports import PortSet
from iacdrift.scan.run import scan
from iacdrift.scan.settings import ScanSettings
from iacdrift.surface.expected import ExpectedHost, ExpectedPorts, ExpectedSurface
from tests.live.bed import Bed, Host, Rules, Service, Verb, inside
from tests.live.bed.filters import Match, redirect
from tests.live.bed.topology import SCANNER_V4
from tests.live.networks import HERE
from tests.needs import needs

pytestmark = [pytest.mark.live, needs("root"), needs("nft"), needs("nmap")]

ETH_P_ALL = 0x0003
SLACK = 1.15
"""On a machine that starves it, Nmap catches up on what it was late with; 10 packets more for the smallest rates."""
SYN, SYN_AND_ACK = 0x02, 0x12
SO_TIMESTAMPNS_NEW, SO_RCVBUFFORCE = 64, 33


@contextmanager
def arrivals(bed: Bed) -> Iterator[list[tuple[float, str]]]:
    """(kernel's time, destination) of every SYN that leaves the scanner.

    Taken where the packets enter the wire: a router on a busy machine takes them from its queue in bunches.
    The kernel answers each SYN/ACK with a reset of its own, which no scanner holds back: those aren't counted.
    """
    sock = listening_in(bed.scanner.net)
    sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 26)
    sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS_NEW, 1)
    sock.settimeout(0.2)
    found: list[tuple[float, str]] = []
    done = threading.Event()

    def listen() -> None:
        while True:
            try:
                data, extra, _, link = sock.recvmsg(64, 256)
            except TimeoutError:
                if done.is_set():
                    return
                continue
            if link[2] == socket.PACKET_OUTGOING and is_syn(data):
                stamp = next(held for _, kind, held in extra if kind == SO_TIMESTAMPNS_NEW)
                seconds, nanoseconds = struct.unpack("=qq", stamp)
                found.append((seconds + nanoseconds / 1e9, socket.inet_ntoa(data[16:20])))

    thread = threading.Thread(target=listen)
    thread.start()
    try:
        yield found
    finally:
        time.sleep(0.3)
        done.set()
        thread.join()
        sock.close()


def is_syn(packet: bytes) -> bool:
    """Whether this IPv4 packet is the scanner's question for a connection."""
    asks = packet[0] >> 4 == 4 and packet[9] == socket.IPPROTO_TCP and packet[12:16] == SCANNER_V4.packed
    return asks and packet[33] & SYN_AND_ACK == SYN


def listening_in(net: int) -> socket.socket:
    """A socket that hears what the scanner sends. A thread may live in another network than its process."""
    made: list[socket.socket] = []

    def make() -> None:
        inside.enter(net)
        sock = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_ALL))
        sock.bind(("eth0", ETH_P_ALL))
        made.append(sock)

    thread = threading.Thread(target=make)
    thread.start()
    thread.join()
    return made[0]


def most_in_a_second(times: list[float]) -> int:
    """The most packets in any window of one second."""
    times = sorted(times)
    most = start = 0
    for end, moment in enumerate(times):
        while times[start] <= moment - 1.0:
            start += 1
        most = max(most, end - start + 1)
    return most


def says(host: Host, tcp: str = "") -> ExpectedHost:
    return ExpectedHost(f"aws_instance.{host.name}", "x", host.v4, tcp=ExpectedPorts(PortSet.parse(tcp)))


def look(bed: Bed, *hosts: ExpectedHost, **options: object) -> DriftReport:
    surface, settings = ExpectedSurface(HERE, hosts), ScanSettings(families=(4,), **{"timeout": 100, **options})  # type: ignore[arg-type]
    report: DriftReport = bed.scan(lambda: judge(surface, scan(surface, settings)))
    return report


def test_the_windows_of_a_second_are_counted_right() -> None:
    assert most_in_a_second([0.0, 0.5, 0.99, 1.0, 1.2]) == 4
    assert most_in_a_second(list(itertools.chain.from_iterable((n, n + 0.25) for n in range(5)))) == 2


def test_the_rate_is_never_exceeded_over_any_second_and_neither_are_the_caps() -> None:
    with Bed(3) as bed:
        for host in bed.hosts:
            host.listen({("tcp", 80): Service.WRAPPED})
        bed.filter(Rules(Verb.DROP, (Match("80"),)))
        hosts = [says(host, "80") for host in bed.hosts]
        with arrivals(bed) as whole:
            report = look(bed, *hosts, ports="80,1000-1299", rate=500)
        with arrivals(bed) as capped:
            look(bed, *hosts, ports="80,1000-1059", rate=500, host_rate=60)
    assert report.verdict.value == "in_sync"
    assert len(whole) > 3 * 301 * 2
    assert most_in_a_second([moment for moment, _ in whole]) <= 500 * SLACK
    for host in bed.hosts:
        mine = [moment for moment, target in capped if target == str(host.v4)]
        assert len(mine) > 61 * 2
        assert most_in_a_second(mine) <= 60 * SLACK + 10


def test_a_host_that_rations_its_resets_loses_no_port() -> None:
    """Nothing filters; the host sends 100 resets a second and no more. All of its closed ports must turn up as closed."""
    with Bed(1) as bed:
        host = bed.hosts[0]
        host.listen({("tcp", 80): Service.WRAPPED})
        limit = "tcp flags & rst == rst limit rate over 100/second burst 20 packets drop"
        host.space.nft(Rules(Verb.ACCEPT, first=(limit,), hook="output", interface="eth0").text())
        report = look(bed, says(host, "80"), ports="80,1000-1299", rate=5000)
    (seen,) = report.hosts
    assert len(seen.tcp.closed) == 300, f"{len(seen.tcp.closed)} closed, {len(seen.tcp.filtered)} filtered"


def test_a_filter_that_rations_connections_is_noticed_and_hides_no_port() -> None:
    """The router lets 100 connections a second through: at 3,000 a second many of the forty open ports seem silent."""
    with Bed(1) as bed:
        host = bed.hosts[0]
        host.listen({("tcp", 80): Service.WRAPPED})
        host.space.nft(Rules(Verb.ACCEPT, chains=(redirect(Match("2000-2039"), 80),)).text())
        limit = 'iifname "scan" tcp flags syn limit rate over 100/second burst 20 packets drop'
        bed.filter(Rules(Verb.DROP, (Match("80,2000-2039"),), first=(limit,)))
        report = look(bed, says(host, "80"), ports="80,1980-2179", rate=3000)
    (seen,) = report.hosts
    assert PortSet.parse("2000-2039") - seen.tcp.open - seen.tcp.undetermined == PortSet()
    assert any("rations its answers" in note for note in report.notes)


def test_a_way_that_rations_connections_hides_no_port_of_hosts_that_never_answered() -> None:
    """The router lets 200 connections a second through to 150 addresses; every tenth has a port open that none should have."""
    addresses = [IPv4Address("198.18.0.0") + n for n in range(150)]
    exposing = addresses[::10]
    with Bed(2) as bed:
        witness, others = bed.hosts
        witness.listen({("tcp", 80): Service.WRAPPED})
        others.listen({("tcp", 80): Service.WRAPPED})
        bed.router.ip("route add 198.18.0.0/24 dev h2")
        others.space.ip("route add local 198.18.0.0/24 dev lo")
        others.space.nft(Rules(Verb.ACCEPT, chains=(redirect(Match("2000"), 80),)).text())
        limit = 'iifname "scan" tcp flags syn limit rate over 200/second burst 20 packets drop'
        admitted = (Match("80", witness.v4), *(Match("2000", address) for address in exposing))
        bed.filter(Rules(Verb.DROP, admitted, first=(limit,)))
        silent = [ExpectedHost(f"aws_instance.many[{n}]", "x", address) for n, address in enumerate(addresses)]
        report = look(bed, says(witness, "80"), *silent, ports="80,1994-2000", rate=1000, timeout=40)
    believed = [host.address for host in report.hosts if 2000 in host.tcp.filtered and 2000 not in host.tcp.undetermined]
    assert not set(believed) & set(map(str, exposing))
