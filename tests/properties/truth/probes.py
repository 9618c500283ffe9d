"""Packets: SYNs and datagrams out of one namespace, answers from the targets through the same filters, and who got one.

TCP answers come from the kernel (nothing listens: a reset, which a stateful filter passes as an answer and an ACL must
let out like any other); UDP answers are sent by this process from the target's namespace. Both carry the probe's number.
"""

from __future__ import annotations

import errno
import socket
import struct
import time
from collections.abc import Iterable, Sequence
from ipaddress import ip_address

from attrs import frozen

from tests.properties.truth.namespaces import Namespace

_CHUNK = 256
_SYN = 0x02
_ANSWER = 0x80000000
"""The bit that tells an answer to a datagram from the datagram."""
_NO_WAY = {errno.EPERM, errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EACCES, errno.EINVAL}


@frozen
class Probe:
    """One packet: from `source`:`client_port` to `target`:`port`."""

    source: str
    target: str
    protocol: str
    port: int
    client_port: int


def answered(vantage: Namespace, targets: Iterable[Namespace], probes: Sequence[Probe], stateful: Iterable[Namespace] = ()) -> set[int]:
    """The indices of the probes that got an answer."""
    _forget((vantage, *targets, *stateful))
    return _round(vantage, _once(targets), probes, range(len(probes)))


def confirm(vantage: Namespace, targets: Iterable[Namespace], probes: Sequence[Probe], stateful: Iterable[Namespace] = ()) -> set[int]:
    """The same, three times over: for what doesn't agree."""
    hosts, got = _once(targets), set[int]()
    for _ in range(3):
        _forget((vantage, *hosts, *stateful))
        got |= _round(vantage, hosts, probes, [n for n in range(len(probes)) if n not in got])
        time.sleep(0.02)
    return got


def _once(namespaces: Iterable[Namespace]) -> list[Namespace]:
    return list({id(one): one for one in namespaces}.values())


def _forget(namespaces: Iterable[Namespace]) -> None:
    for namespace in _once(namespaces):
        namespace.forget_connections()
        namespace.drain()


def _round(vantage: Namespace, hosts: list[Namespace], probes: Sequence[Probe], chosen: Iterable[int]) -> set[int]:
    packets = _Packets()
    got: set[int] = set()
    for count, number in enumerate(chosen, 1):
        probe = probes[number]
        _send(vantage, probe.target, packets.build(probe, number))
        if count % _CHUNK == 0:
            _pump(vantage, hosts, probes, got, packets)
    for _ in range(3):
        while _pump(vantage, hosts, probes, got, packets):
            pass
        time.sleep(0.001)
    return got


def _send(namespace: Namespace, target: str, packet: bytes) -> None:
    try:
        if ":" in target:
            namespace.send6.sendto(packet, (target, 0, 0, 0))
        else:
            namespace.send4.sendto(packet, (target, 0))
    except OSError as error:
        if error.errno not in _NO_WAY:  # the host's own filter or route table says no
            raise


def _pump(vantage: Namespace, hosts: list[Namespace], probes: Sequence[Probe], got: set[int], packets: _Packets) -> int:
    """Let the targets answer datagrams, then hear the answers; how many packets moved."""
    moved = 0
    for host in hosts:
        if host is not vantage:
            moved += _answer(host, host.udp4, probes, packets) + _answer(host, host.udp6, probes, packets)
    for sock, protocol, version in (
        (vantage.tcp4, "tcp", 4),
        (vantage.udp4, "udp", 4),
        (vantage.tcp6, "tcp", 6),
        (vantage.udp6, "udp", 6),
    ):
        moved += _hear(sock, protocol, version, probes, got)
    return moved


def _answer(host: Namespace, sock: socket.socket, probes: Sequence[Probe], packets: _Packets) -> int:
    """Send every datagram back where it seems to come from. IPv6 isn't translated: there the probe knows the target."""
    moved = 0
    while True:
        try:
            data, sender = sock.recvfrom(2048)
        except BlockingIOError:
            return moved
        moved += 1
        header = 0 if sock.family == socket.AF_INET6 else (data[0] & 15) * 4
        sport, dport, _, _, number = struct.unpack("!HHHHI", data[header : header + 12])
        if number & _ANSWER:
            continue
        seen = str(ip_address(data[16:20])) if header else probes[number].target
        _send(host, sender[0], packets.datagram(seen, sender[0], dport, sport, number | _ANSWER))


def _hear(sock: socket.socket, protocol: str, version: int, probes: Sequence[Probe], got: set[int]) -> int:
    moved = 0
    while True:
        try:
            data, sender = sock.recvfrom(2048)
        except BlockingIOError:
            return moved
        moved += 1
        segment = data if version == 6 else data[(data[0] & 15) * 4 :]
        number = _number(protocol, segment)
        if number is None or number >= len(probes):
            continue
        probe = probes[number]
        sport, dport = struct.unpack("!HH", segment[:4])
        if (sender[0], sport, dport, protocol) == (probe.target, probe.port, probe.client_port, probe.protocol):
            got.add(number)


def _number(protocol: str, segment: bytes) -> int | None:
    """The number of the probe that this answers; None for what is no answer."""
    if protocol == "tcp":
        ack, flags = struct.unpack("!I", segment[8:12])[0], segment[13]
        return ack - 1 if flags & 0x14 == 0x14 else None
    number: int = struct.unpack("!I", segment[8:12])[0]
    return number ^ _ANSWER if number & _ANSWER else None


class _Packets:
    """Builds packets; sums over addresses are kept, since most packets differ only in ports and number."""

    def __init__(self) -> None:
        self._heads: dict[tuple[str, str, int], tuple[bytes, int]] = {}

    def build(self, probe: Probe, number: int) -> bytes:
        """The packet of a probe: a SYN with its number as sequence, or a datagram with its number inside."""
        if probe.protocol == "udp":
            return self.datagram(probe.source, probe.target, probe.client_port, probe.port, number)
        head, base = self._head(probe.source, probe.target, socket.IPPROTO_TCP, 20)
        rest = (5 << 12) | _SYN
        total = base + probe.client_port + probe.port + (number >> 16) + (number & 0xFFFF) + rest + 1024
        return head + struct.pack("!HHIIHHHH", probe.client_port, probe.port, number, 0, rest, 1024, _fold(total), 0)

    def datagram(self, source: str, target: str, sport: int, dport: int, number: int) -> bytes:
        """A UDP packet that holds its number."""
        head, base = self._head(source, target, socket.IPPROTO_UDP, 12)
        total = base + sport + dport + 12 + (number >> 16) + (number & 0xFFFF)
        return head + struct.pack("!HHHHI", sport, dport, 12, _fold(total) or 0xFFFF, number)

    def _head(self, source: str, target: str, protocol: int, length: int) -> tuple[bytes, int]:
        key = (source, target, protocol)
        if key not in self._heads:
            ends = ip_address(source).packed + ip_address(target).packed
            if len(ends) == 8:
                head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + length, 0, 0x4000, 64, protocol, 0) + ends
            else:
                head = struct.pack("!IHBB", 0x60000000, length, protocol, 64) + ends
            words = struct.unpack(f"!{len(ends) // 2}H", ends)
            self._heads[key] = (head, sum(words) + protocol + length)
        return self._heads[key]


def _fold(total: int) -> int:
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF
