"""Anonymous network namespaces of one process: made on demand, joined by veth pairs, gone when the process ends.

Nothing here knows what a network means; it opens namespaces, runs `ip` and `nft` inside them, and holds their sockets.
Every veth has the same MAC address and no ARP, so that a packet routed to a device arrives at its other end at once.
"""

from __future__ import annotations

import ctypes
import os
import re
import socket
import struct
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_CLONE_NEWNET = 0x40000000
_MAC = "02:00:00:00:00:01"
_NETLINK_NETFILTER = 12
_IPV6_HDRINCL = 36
_SO_RCVBUFFORCE = 33
_BUFFER = 32 << 20
_SYSCTLS = {
    "ipv4/ip_forward": "1",
    "ipv4/conf/all/rp_filter": "0",
    "ipv4/conf/default/rp_filter": "0",
    "ipv4/conf/all/send_redirects": "0",
    "ipv4/conf/default/send_redirects": "0",
    "ipv6/conf/all/disable_ipv6": "0",
    "ipv6/conf/default/disable_ipv6": "0",
    "ipv6/conf/all/forwarding": "1",
    "ipv6/conf/default/forwarding": "1",
    "ipv6/conf/default/accept_dad": "0",
    "ipv6/conf/default/addr_gen_mode": "1",
}
_libc = ctypes.CDLL(None, use_errno=True)


def _check(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


class Namespace:
    """One network namespace with the raw sockets that probes and answers use."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._laid: dict[str, str] = {}
        self._started: list[tuple[subprocess.Popen[str], str, str, int]] = []
        self._home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        try:
            _check(_libc.unshare(_CLONE_NEWNET))
            self._fd = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        finally:
            _check(_libc.setns(self._home, _CLONE_NEWNET))
        with self.inside():
            self._open()
        self.ip("link set dev lo up")

    def _open(self) -> None:
        for key, value in _SYSCTLS.items():
            Path("/proc/sys/net", key).write_text(value)
        self.send4 = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
        self.send6 = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_RAW)
        self.send6.setsockopt(socket.IPPROTO_IPV6, _IPV6_HDRINCL, 1)
        self.tcp4, self.udp4 = (_listener(socket.AF_INET, p) for p in (socket.IPPROTO_TCP, socket.IPPROTO_UDP))
        self.tcp6, self.udp6 = (_listener(socket.AF_INET6, p) for p in (socket.IPPROTO_TCP, socket.IPPROTO_UDP))
        self._netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_NETFILTER)

    @property
    def path(self) -> str:
        """A path that names this namespace while the process lives."""
        return f"/proc/{os.getpid()}/fd/{self._fd}"

    @contextmanager
    def inside(self) -> Iterator[None]:
        """The calling thread stands in this namespace."""
        _check(_libc.setns(self._fd, _CLONE_NEWNET))
        try:
            yield
        finally:
            _check(_libc.setns(self._home, _CLONE_NEWNET))

    def lay(self, *, clear: list[str], commands: list[str], ruleset: str = "") -> None:
        """Start to set addresses, routes and filters anew, where they aren't what they were; `settled` waits for it.

        Commands are `ip`'s, without the leading `ip`; those that begin with `-6` are for IPv6. `clear` may find nothing to clear.
        """
        for family in ("-4", "-6"):
            first, rest = ([c.removeprefix("-6 ") for c in part if c.startswith("-6 ") == (family == "-6")] for part in (clear, commands))
            self._start(["ip", family, "-force", "-batch", "-"], "\n".join((*first, *rest, "")), len(first))
        self._start(["nft", "-f", "-"], "flush ruleset\n" + ruleset, 0)

    def _start(self, argv: list[str], text: str, may_fail: int) -> None:
        if self._laid.get(argv[1]) == text:
            return
        self._laid.pop(argv[1], None)
        with self.inside():
            process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        if process.stdin is None:
            raise RuntimeError("a pipe was asked for")
        process.stdin.write(text)
        process.stdin.close()
        process.stdin = None
        self._started.append((process, argv[1], text, may_fail))

    def settled(self) -> None:
        """Wait until all is set; RuntimeError with the program's words where something failed that may not."""
        started, self._started = self._started, []
        for process, part, text, may_fail in started:
            _, said = process.communicate()
            lines = [int(number) for number in re.findall(r"Command failed -:(\d+)", said)]
            if any(line > may_fail for line in lines) or (process.returncode and not lines):
                raise RuntimeError(f"{self.name}: {said}\n{text}")
            self._laid[part] = text

    def ip(self, *commands: str) -> None:
        """Run `ip` commands at once."""
        self.run(["ip", "-batch", "-"], "\n".join(commands) + "\n")

    def run(self, argv: list[str], text: str) -> None:
        """Run a program inside, and wait for it; RuntimeError with its words where it fails."""
        with self.inside():
            done = subprocess.run(argv, input=text, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{self.name}: {' '.join(argv)}: {done.stderr}\n{text}")

    def forget_connections(self) -> None:
        """Empty the connection tracking table."""
        for family in (socket.AF_INET, socket.AF_INET6):
            self._netlink.send(struct.pack("=IHHIIBBH", 20, (1 << 8) | 2, 0x5, 1, 0, family, 0, 0))
            self._netlink.recv(4096)

    def drain(self) -> None:
        """Throw away what arrived and nobody asked for."""
        for sock in (self.tcp4, self.udp4, self.tcp6, self.udp6):
            while _receive(sock):
                pass

    def close(self) -> None:
        """Give the namespace back to the kernel, with all devices in it."""
        for sock in (self.send4, self.send6, self.tcp4, self.udp4, self.tcp6, self.udp6, self._netlink):
            sock.close()
        os.close(self._fd)
        os.close(self._home)


def _listener(family: int, protocol: int) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_RAW, protocol)
    sock.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _BUFFER)
    sock.setblocking(False)
    return sock


def _receive(sock: socket.socket) -> bool:
    try:
        return bool(sock.recv(65535))
    except BlockingIOError:
        return False


def join(first: Namespace, first_device: str, second: Namespace, second_device: str) -> None:
    """A cable between two namespaces, up at both ends."""
    first.ip(f"link add name {first_device} address {_MAC} type veth peer name {second_device} address {_MAC} netns {second.path}")
    first.ip(f"link set dev {first_device} arp off up")
    second.ip(f"link set dev {second_device} arp off up")
