"""Small real servers that stand for a host's services; also a program of its own, for network namespaces.

    python -m iacdrift.demo.listeners 198.51.100.10:18080:http 198.51.100.10:6379:redis

prints `ready` once all of them listen, and ends when its standard input does.
"""

from __future__ import annotations

import contextlib
import socket
import sys
import threading
from collections.abc import Callable, Iterator

from attrs import frozen

_PATIENCE = 5.0
_INFO = b"# Server\r\nredis_version:7.2.4\r\nredis_mode:standalone\r\n"
_PAGE = b"The corner shop is open.\n"


@frozen(slots=True)
class Service:
    """One listener: where, and what it speaks (`http`, `ssh` or `redis`)."""

    address: str
    port: int
    speaks: str

    @classmethod
    def parse(cls, text: str) -> Service:
        """From `ADDRESS:PORT:SPEAKS`."""
        address, port, speaks = text.rsplit(":", 2)
        return cls(address, int(port), speaks)

    def __str__(self) -> str:
        return f"{self.address}:{self.port}:{self.speaks}"


@contextlib.contextmanager
def listening(services: tuple[Service, ...]) -> Iterator[None]:
    """All services answer inside the block, and none behind it. OSError where an address or port can't be had."""
    with contextlib.ExitStack() as stack:
        for service in services:
            server = stack.enter_context(contextlib.closing(_bound(service)))
            thread = threading.Thread(target=_serve, args=(server, _SPEAKS[service.speaks]), daemon=True)
            thread.start()
            stack.callback(_end, server, thread)
        yield


def _end(server: socket.socket, thread: threading.Thread) -> None:
    """Stop listening now: a socket that is only closed goes on as long as a thread waits in accept()."""
    with contextlib.suppress(OSError):
        server.shutdown(socket.SHUT_RDWR)
    thread.join(_PATIENCE)


def _bound(service: Service) -> socket.socket:
    server = socket.create_server((service.address, service.port), backlog=128)
    # Where shutdown doesn't wake a thread that is in accept(), the timeout does.
    server.settimeout(0.2)
    return server


def _serve(server: socket.socket, speak: Callable[[socket.socket], None]) -> None:
    while server.fileno() >= 0:
        try:
            client, _ = server.accept()
        except TimeoutError:
            continue
        except OSError:
            return
        threading.Thread(target=_talk, args=(client, speak), daemon=True).start()


def _talk(client: socket.socket, speak: Callable[[socket.socket], None]) -> None:
    with client, contextlib.suppress(OSError):
        client.settimeout(_PATIENCE)
        speak(client)


def _http(client: socket.socket) -> None:
    if client.recv(4096):
        head = f"HTTP/1.1 200 OK\r\nServer: corner-shop\r\nContent-Type: text/plain\r\nContent-Length: {len(_PAGE)}\r\n\r\n"
        client.sendall(head.encode() + _PAGE)


def _ssh(client: socket.socket) -> None:
    client.sendall(b"SSH-2.0-OpenSSH_9.6\r\n")
    client.recv(4096)


def _redis(client: socket.socket) -> None:
    """As a Redis that asks nobody for a password."""
    while asked := client.recv(4096).lower():
        if b"info" in asked:
            client.sendall(b"$%d\r\n%s\r\n" % (len(_INFO), _INFO))
        elif asked.startswith(b"get"):
            client.sendall(b"-ERR wrong number of arguments for 'get' command\r\n")
        else:
            client.sendall(b"-ERR unknown command\r\n")


_SPEAKS: dict[str, Callable[[socket.socket], None]] = {"http": _http, "ssh": _ssh, "redis": _redis}


def main() -> None:
    """Listen on what the arguments say until standard input ends."""
    with listening(tuple(Service.parse(text) for text in sys.argv[1:])):
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main()
