"""A state that lies in a backend: the real Terraform, and its own http backend served here."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from iacdrift.cli import check
from iacdrift.sources.terraform_command import Root, has_backend
from iacdrift.watch.backends import Backend, ask
from iacdrift.watch.budget import Budget
from iacdrift.watch.look import Look
from tests.alerts.scenes import opened
from tests.needs import needs

pytestmark = needs("terraform")

CODE = """
terraform {
  backend "http" { address = "http://127.0.0.1:%d/state" }
}
variable "address" { default = "127.44.62.1" }
resource "terraform_data" "host" {
  input = var.address
  lifecycle { ignore_changes = [input] }
}
output "edge" {
  value = { schema = "iacdrift/expectation/1", host = terraform_data.host.output, open = ["443/tcp"] }
}
"""


class Kept:
    """What the backend holds; `down`: it answers with an error."""

    state = b""
    down = False


@contextmanager
def serving(kept: Kept) -> Iterator[int]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(400 if kept.down else 200 if kept.state else 404, kept.state)

        def do_POST(self) -> None:
            kept.state = self.rfile.read(int(self.headers["Content-Length"]))
            self._answer(200, b"")

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def terraform(folder: Path, *words: str) -> None:
    environment = {**os.environ, "CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1"}
    done = subprocess.run(["terraform", *words], cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr


def checkout(folder: Path, port: int) -> Path:
    folder.mkdir()
    (folder / "main.tf").write_text(CODE % port)
    terraform(folder, "init", "-input=false")
    return folder


def apply(folder: Path, address: str) -> None:
    """As somebody else does it, elsewhere."""
    terraform(folder, "apply", "-auto-approve", "-input=false", "-replace=terraform_data.host", f"-var=address={address}")


def until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def looking(folder: Path, kept: Path) -> Look:
    with check.make_context("check", ["--from", f"tf:{folder}", "--vantage", "internet"]) as made:
        options = dict(made.params)
    store = opened(kept)
    return Look(options, store, Budget(store.database))


def seen_by(look: Look) -> list[str]:
    """What it would ask; nothing is sent."""
    return [str(host.address) for host in look.expected().surface.hosts]


def test_an_apply_elsewhere_is_noticed_and_read(tmp_path: Path) -> None:
    kept, told, said, stop = Kept(), list[str](), list[str](), threading.Event()
    with serving(kept) as port:
        own, other = checkout(tmp_path / "own", port), checkout(tmp_path / "other", port)
        apply(other, "127.44.62.1")
        look = looking(own, tmp_path)
        assert not look.backend.moved(), "the first answer is news to nobody"
        assert seen_by(look) == ["127.44.62.1"]
        thread = ask({"shop": look.backend}, told.append, said.append, stop, 0.1)
        try:
            apply(other, "127.44.62.2")
            until(lambda: told)
            assert seen_by(look) == ["127.44.62.2"]
            kept.down = True
            until(lambda: said)
            assert "the state can't be read" in said[0]
            assert seen_by(look) == ["127.44.62.2"], "what was read before counts"
            kept.down = False
            apply(other, "127.44.62.3")
            until(lambda: len(told) == 2)
            assert seen_by(look) == ["127.44.62.3"]
        finally:
            stop.set()
            thread.join(60)
    assert len(said) == 1
    assert told == ["shop", "shop"]


def test_without_the_question_the_old_state_counts(tmp_path: Path) -> None:
    """What the thread is for: no file of the checkout tells of an apply elsewhere."""
    kept = Kept()
    with serving(kept) as port:
        own, other = checkout(tmp_path / "own", port), checkout(tmp_path / "other", port)
        apply(other, "127.44.62.1")
        look = looking(own, tmp_path)
        assert seen_by(look) == ["127.44.62.1"]
        apply(other, "127.44.62.2")
        assert seen_by(look) == ["127.44.62.1"]


def test_a_state_in_the_directory_itself_is_left_to_the_files(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text('resource "terraform_data" "a" {}\n')
    terraform(tmp_path, "init", "-input=false")
    assert not has_backend(Root.parse(str(tmp_path)))
    assert not Backend({"sources": (f"tf:{tmp_path}", "plan.json")})


@pytest.mark.parametrize("text", ["", "[]", '{"backend": null}', "no JSON"])
def test_a_note_of_init_that_says_nothing_is_no_backend(tmp_path: Path, text: str) -> None:
    (tmp_path / ".terraform").mkdir()
    (tmp_path / ".terraform" / "terraform.tfstate").write_text(text)
    assert not has_backend(Root.parse(str(tmp_path)))
