"""Expected surfaces made by hand, and listeners on loopback that answer a real scan."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from ipaddress import ip_address

import pytest

from iacdrift.model.ports import PortSet
from iacdrift.scan.machine import Nmap
from iacdrift.surface.expected import ExpectedHost, ExpectedPorts, ExpectedSurface
from iacdrift.surface.vantage import Vantage

P = PortSet.parse


def host(address: str, tcp: str = "", udp: str = "", *, allowed: str = "", **more: object) -> ExpectedHost:
    """A present host that must be open on these ports."""
    ports = {"tcp": ExpectedPorts(open=P(tcp), allowed=P(allowed)), "udp": ExpectedPorts(open=P(udp))}
    return ExpectedHost("aws_instance.web", "terraform.tfstate", ip_address(address), **ports, **more)  # type: ignore[arg-type]


def surface(*hosts: ExpectedHost, vantage: str = "127.0.0.1", **more: object) -> ExpectedSurface:
    return ExpectedSurface(Vantage.parse(vantage), hosts=hosts, **more)  # type: ignore[arg-type]


def machine(*, raw: bool = True, version: tuple[int, int] = (7, 93)) -> Nmap:
    """An Nmap as a plain value: nothing is started."""
    return Nmap("/usr/bin/nmap", version, raw, P("22,80,443,8080"), P("53,123"))


Listen = Callable[..., int]


@pytest.fixture
def listen() -> Iterator[Listen]:
    """`listen("127.0.0.2", banner=b"...")` -> the port of a TCP listener there; `udp=True` answers datagrams."""
    with ExitStack() as stack:
        stop = threading.Event()
        stack.callback(stop.set)

        def start(address: str, port: int = 0, *, banner: bytes = b"", udp: bool = False) -> int:
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            sock = stack.enter_context(socket.socket(family, socket.SOCK_DGRAM if udp else socket.SOCK_STREAM))
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind((address, port))
            sock.settimeout(0.1)
            if not udp:
                sock.listen(512)
            threading.Thread(target=_echo if udp else _accept, args=(sock, banner, stop), daemon=True).start()
            return int(sock.getsockname()[1])

        yield start


def _accept(sock: socket.socket, banner: bytes, stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            peer, _ = sock.accept()
        except TimeoutError:
            continue
        except OSError:
            return
        with peer:
            try:
                if banner:
                    peer.sendall(banner)
                    peer.settimeout(0.5)
                    peer.recv(1024)
            except OSError:
                continue


def _echo(sock: socket.socket, banner: bytes, stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            _, peer = sock.recvfrom(2048)
            sock.sendto(banner or b"here", peer)
        except TimeoutError:
            continue
        except OSError:
            return
