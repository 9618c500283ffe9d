"""`--egress-url` asks what the user named, and believes nothing but an address."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from iacdrift.egress import public_vantage
from iacdrift.errors import ScanError, UsageError
from iacdrift.surface.vantage import Vantage


@contextmanager
def answering(text: str) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_an_address_is_the_vantage() -> None:
    with answering("203.0.113.9\n") as url:
        assert public_vantage(url) == Vantage.parse("203.0.113.9")


@pytest.mark.parametrize("text", ["", "<html>", "internet", "aws_instance.web", "203.0.113.9 203.0.113.10"])
def test_anything_else_is_refused(text: str) -> None:
    with answering(text) as url, pytest.raises(ScanError, match="which is no IP address"):
        public_vantage(url)


def test_nobody_there() -> None:
    with pytest.raises(ScanError, match="can't be asked"):
        public_vantage("http://127.0.0.1:1/")


def test_files_arent_read() -> None:
    with pytest.raises(UsageError, match="http or https"):
        public_vantage("file:///etc/hostname")
