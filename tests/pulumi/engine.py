"""A real Pulumi engine with a file for a backend, run on programs inside the test (Automation API), and listeners that count."""

from __future__ import annotations

import json
import os
import shutil
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pulumi import automation

from tests.needs import pulumi_engine

HERE = Path(__file__).parent


@dataclass
class Outcome:
    """What one command of the engine came to."""

    ok: bool
    text: str
    outputs: dict[str, Any] = field(default_factory=dict)


@dataclass
class Engine:
    """One stack in a directory of its own."""

    folder: Path
    project: str = "shop"
    addresses: dict[str, str] = field(default_factory=dict)
    policy_packs: list[str] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    config: dict[str, str] = field(default_factory=dict)

    def up(self, program: Callable[[], None], **options: Any) -> Outcome:
        return self._run(program, lambda stack: stack.up(color="never", policy_packs=self.policy_packs or None, **options))

    def preview(self, program: Callable[[], None], **options: Any) -> Outcome:
        return self._run(program, lambda stack: stack.preview(color="never", policy_packs=self.policy_packs or None, **options))

    def refresh(self, program: Callable[[], None]) -> Outcome:
        return self._run(program, lambda stack: stack.refresh(run_program=True, color="never"))

    def destroy(self, program: Callable[[], None]) -> Outcome:
        return self._run(program, lambda stack: stack.destroy(run_program=True, color="never"))

    def _run(self, program: Callable[[], None], command: Callable[[automation.Stack], Any]) -> Outcome:
        stack = automation.create_or_select_stack(
            "dev", self.project, program, opts=automation.LocalWorkspaceOptions(work_dir=str(self.folder), env_vars=self.settings())
        )
        try:
            if self.config:
                stack.set_all_config({key: automation.ConfigValue(value) for key, value in self.config.items()})
            done = command(stack)
        except automation.CommandError as error:
            return Outcome(False, str(error))
        outputs = {name: output.value for name, output in (getattr(done, "outputs", None) or {}).items()}
        return Outcome(True, done.stdout + done.stderr, outputs)

    def settings(self) -> dict[str, str]:
        home, state = self.folder / "home", self.folder / "state"
        home.mkdir(exist_ok=True)
        state.mkdir(exist_ok=True)
        return {
            "PULUMI_BACKEND_URL": f"file://{state}",
            "PULUMI_CONFIG_PASSPHRASE": "",
            "PULUMI_SKIP_UPDATE_CHECK": "1",
            "PULUMI_HOME": str(home),
            "PULUMI_PYTHON_CMD": sys.executable,
            "AWS_ADDRESSES": json.dumps(self.addresses),
            "PATH": f"{plugins(self.folder)}:{Path(sys.executable).parent}:{engine_path()}",
            **self.environment,
        }


def engine_path() -> str:
    """PATH with the engine on it."""
    return f"{pulumi_engine()}:{os.environ['PATH']}"


def plugins(folder: Path) -> Path:
    """A folder for PATH that holds the tests' own provider under the name of AWS's."""
    target = folder / "plugins"
    target.mkdir(exist_ok=True)
    executable = target / "pulumi-resource-aws"
    if not executable.exists():
        shutil.copy(HERE / "aws_provider.py", target / "aws_provider.py")
        executable.write_text(f'#!/bin/sh\nexec "{sys.executable}" -u "{target}/aws_provider.py" "$@"\n')
        executable.chmod(0o755)
    return target


@dataclass
class Listener:
    """A service on loopback, and how many connections it has seen."""

    address: str
    port: int
    connections: int = 0


@contextmanager
def listener(address: str, port: int = 0) -> Iterator[Listener]:
    """Answers every connection with a line, and counts it."""
    with socket.create_server((address, port), backlog=64) as sock:
        found = Listener(address, sock.getsockname()[1])
        thread = threading.Thread(target=_serve, args=(sock, found), daemon=True)
        thread.start()
        yield found
        sock.shutdown(socket.SHUT_RDWR)
        thread.join(timeout=5)


def _serve(sock: socket.socket, found: Listener) -> None:
    while True:
        try:
            connection, _ = sock.accept()
        except OSError:
            return
        found.connections += 1
        with connection:
            try:
                connection.sendall(b"220 shop ready\r\n")
            except OSError:
                continue
