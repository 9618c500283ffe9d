"""Real listeners: a child process inside a host's namespace that serves a set of ports until it is stopped."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import subprocess
import tempfile
import threading
from collections.abc import Mapping
from enum import Enum
from pathlib import Path

from tests.live.bed import inside


class Service(Enum):
    """What a listener says. The last three are UDP."""

    SILENT = "accepts and says nothing"
    WRAPPED = "accepts and hangs up"
    ECHO = "says back what it hears"
    SSH = "an SSH banner"
    SMTP = "a mail server's banner"
    HTTP = "a web server"
    HTTPS = "a web server behind TLS with a certificate of its own making"
    DNS = "a name server: tells its version, refuses the rest, even what is no question"
    SHY_DNS = "the same, but it ignores what is no question"
    ANY_UDP = "says something to whatever comes"


Ports = Mapping[tuple[str, int], Service]
_BANNERS = {Service.SSH: b"SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n", Service.SMTP: b"220 mail.example.com ESMTP Postfix\r\n"}
_PAGE = b"<html><title>it works</title></html>"
_HTTP = b"HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nContent-Type: text/html\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (
    len(_PAGE),
    _PAGE,
)


class Listeners:
    """The child process that serves these ports on every address of the namespace, IPv4 and IPv6."""

    def __init__(self, net: int, ports: Ports) -> None:
        # Made here, because the child must be ready when it says so.
        context = _tls() if Service.HTTPS in ports.values() else None
        self.child, self._pipe = inside.start(lambda pipe: _serve(net, ports, context, pipe), net)
        if os.read(self._pipe, 1) != b"r":
            self.stop()
            raise RuntimeError("a listener couldn't take its port")

    def stop(self) -> None:
        """Ends them all; their ports refuse from now on."""
        if self.child:
            inside.stop(self.child)
            os.close(self._pipe)
            self.child = 0


def _serve(net: int, ports: Ports, context: ssl.SSLContext | None, ready: int) -> None:
    inside.enter(net)
    asyncio.run(_listen(ports, context, ready))


async def _listen(ports: Ports, context: ssl.SSLContext | None, ready: int) -> None:
    loop = asyncio.get_running_loop()
    kept = []
    for (protocol, port), service in ports.items():
        if protocol == "udp":
            kept.append(await loop.create_datagram_endpoint(lambda service=service: _Datagrams(service), sock=_udp_socket(port)))
            continue
        listening = socket.create_server(("", port), family=socket.AF_INET6, dualstack_ipv6=True, backlog=512)
        if context and service is Service.HTTPS:
            threading.Thread(target=_accept_tls, args=(listening, context), daemon=True).start()
            continue
        kept.append(await asyncio.start_server(_talker(service), sock=listening))
    os.write(ready, b"r")
    await asyncio.Event().wait()


def _udp_socket(port: int) -> socket.socket:
    sock = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    sock.bind(("::", port))
    return sock


def _talker(service: Service):
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await _say(service, reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    return talk


async def _say(service: Service, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    if service is Service.WRAPPED:
        return
    if service in _BANNERS:
        writer.write(_BANNERS[service])
    while data := await reader.read(4096):
        if service is Service.ECHO:
            writer.write(data)
        elif service in (Service.HTTP, Service.HTTPS) and b"\n" in data:
            writer.write(_HTTP)
            return


def _accept_tls(listening: socket.socket, context: ssl.SSLContext) -> None:
    # Blocking, because asyncio hangs up on a failed handshake without the alert that every real server sends.
    while True:
        accepted, _ = listening.accept()
        threading.Thread(target=_talk_tls, args=(accepted, context), daemon=True).start()


def _talk_tls(accepted: socket.socket, context: ssl.SSLContext) -> None:
    try:
        accepted.settimeout(30)
        with context.wrap_socket(accepted, server_side=True) as wrapped:
            if b"\n" in wrapped.recv(4096):
                wrapped.sendall(_HTTP)
    except OSError:
        accepted.close()


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, service: Service) -> None:
        self.service = service

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if self.service is Service.ANY_UDP:
            self.transport.sendto(b"hello\n", addr)
        elif len(data) >= 12:
            self.transport.sendto(_dns_answer(data), addr)
        elif self.service is Service.DNS:
            self.transport.sendto(_dns_answer(bytes(12)), addr)


def _dns_answer(question: bytes) -> bytes:
    """To the question for version.bind an answer, to all others a refusal (RFC 1035, 4.1.1; code 5)."""
    if b"\x07version\x04bind\0\0\x10\0\x03" not in question:
        return question[:2] + bytes([question[2] | 0x80, 0x85]) + b"\0" * 8
    text = b"9.18.24-1-Debian"
    record = b"\xc0\x0c\0\x10\0\x03" + b"\0" * 4 + (len(text) + 1).to_bytes(2, "big") + bytes([len(text)]) + text
    return question[:2] + b"\x85\0\0\x01\0\x01\0\0\0\0" + question[12:] + record


def _tls() -> ssl.SSLContext:
    with tempfile.TemporaryDirectory() as folder:
        key, certificate = Path(folder, "key.pem"), Path(folder, "cert.pem")
        make = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
        names = ["-subj", "/CN=web.example.com", "-keyout", str(key), "-out", str(certificate)]
        subprocess.run([*make, *names], check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
    return context
