"""A listener that counts who connects: what a plan sends would be seen here."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from attrs import define


@define
class Counted:
    """A listening port and the connections that it saw."""

    address: str
    port: int
    connections: int = 0


@contextmanager
def counted(address: str, port: int = 0) -> Iterator[Counted]:
    """Answers with a line and counts, inside the block."""
    with socket.create_server((address, port), backlog=64) as server:
        server.settimeout(0.1)
        found = Counted(address, server.getsockname()[1])
        ended = threading.Event()
        thread = threading.Thread(target=_serve, args=(server, found, ended), daemon=True)
        thread.start()
        yield found
        ended.set()
        thread.join(timeout=5)


def _serve(server: socket.socket, found: Counted, ended: threading.Event) -> None:
    while not ended.is_set():
        try:
            client, _ = server.accept()
        except OSError:
            continue
        found.connections += 1
        with client:
            try:
                client.sendall(b"220 shop ready\r\n")
            except OSError:
                continue
