"""Starts the real command without the time of its imports: forked from a process that has loaded the modules already, and run none of them.

It begins as `python -m iacdrift` does: a process of its own with its own arguments, directory, environment and files.
tests/test_cli_usage.py shows that the commands also run where nothing was imported before, and say the same.
"""

from __future__ import annotations

import gc
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import NoReturn

LIBRARIES = """
    alembic.autogenerate alembic.command alembic.config alembic.migration alembic.operations alembic.script asyncio attrs click
    concurrent.futures.process concurrent.futures.thread defusedxml.ElementTree email.message hcl2 jinja2 nmap orjson pathspec platformdirs
    rich.console rich.table rich.text rich.tree sqlalchemy sqlalchemy.dialects.sqlite sqlalchemy.orm ssl tomlkit urllib.request uuid
    xml.etree.ElementTree yaml
"""
ROOMS = ("cli", "assertion", "recording", "drift", "history", "model", "outputs", "providers", "scan", "sources", "surface")
"""Of iacdrift: what most commands import of it, and no room that brings a library with threads of its own."""
INTERPRETERS = ("PYTHON", "LC_", "LANG")
"""Variables that an interpreter reads as it starts begin so."""


def interpreters(environment: Mapping[str, str]) -> dict[str, str]:
    """What of an environment decides how Python itself starts."""
    return {name: value for name, value in environment.items() if name.startswith(INTERPRETERS)}


class Starter:
    """The process with the libraries; a context manager. Many threads may start commands at the same time."""

    def __init__(self, root: Path) -> None:
        here, there = socket.socketpair()
        environment = {name: value for name, value in os.environ.items() if not name.startswith("IACDRIFT_")} | {"PYTHONPATH": str(root)}
        self.fits = interpreters(environment)
        """A command whose environment says anything else of Python needs an interpreter of its own."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.started", str(there.fileno())],
            cwd=root,
            env=environment,
            pass_fds=[there.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        there.close()
        self._line, self._lock = here, threading.Lock()

    def close(self) -> None:
        """It ends when nobody can ask it any more."""
        self._line.shutdown(socket.SHUT_RDWR)
        self._line.close()
        self._process.wait(30)

    def run(self, words: Sequence[str], cwd: Path, env: Mapping[str, str], timeout: float) -> tuple[int, str, str]:
        """The exit code of `python -m iacdrift WORDS`, and what it wrote; TimeoutExpired when it had to be killed."""
        told, tell = os.pipe()
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, os.fdopen(told, "rb") as answer:
            asked = json.dumps([list(words), str(cwd), dict(env)]).encode()
            with self._lock:
                socket.send_fds(self._line, [len(asked).to_bytes(8, "big")], [out.fileno(), err.fileno(), tell])
                self._line.sendall(asked)
            os.close(tell)
            pid = int(answer.readline() or self._ended())
            killer = threading.Timer(timeout, os.kill, (pid, signal.SIGKILL))
            killer.start()
            code = int(answer.readline())
            late = not killer.is_alive()
            killer.cancel()
            killer.join()
            if late:
                raise subprocess.TimeoutExpired(list(words), timeout)
            return code, *(_read(file.fileno()) for file in (out, err))

    def _ended(self) -> NoReturn:
        raise RuntimeError(f"what starts the commands has ended with {self._process.wait(30)}: its stderr says why")


def _read(file: int) -> str:
    with os.fdopen(os.dup(file), encoding="utf-8") as text:
        text.seek(0)
        return text.read()


def _serve(line: socket.socket) -> None:
    """Returns in the process of a command, and in this one when nobody is left that asks."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        head, files, _, _ = socket.recv_fds(line, 8, 3)
        if not head:
            return
        size, data = int.from_bytes(head, "big"), b""
        while len(data) < size:
            data += line.recv(size - len(data))
        if os.fork():
            for file in files:
                os.close(file)
            continue
        line.close()
        _watch(*json.loads(data), files)
        return


def _watch(words: list[str], cwd: str, env: dict[str, str], files: list[int]) -> None:
    """Returns in the command's process; the one that waits for it tells its pid and then its exit code, and ends."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    out, err, tell = files
    child = os.fork()
    if child:
        os.write(tell, b"%d\n" % child)
        _, status = os.waitpid(child, 0)
        os.write(tell, b"%d\n" % os.waitstatus_to_exitcode(status))
        os._exit(0)
    os.dup2(out, 1)
    os.dup2(err, 2)
    for file in files:
        os.close(file)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    sys.argv, sys.path[0] = ["iacdrift", *words], cwd
    runpy.run_module("iacdrift", run_name="__main__", alter_sys=True)


def main(line: int) -> None:
    for name in LIBRARIES.split():
        with suppress(ImportError):
            import_module(name)
    for room in ROOMS:
        found = import_module(f"iacdrift.{room}")
        for inner in walk_packages(getattr(found, "__path__", ()), f"{found.__name__}."):
            if ".migrations" not in inner.name:  # alembic's own, that it runs by itself
                import_module(inner.name)
    if threading.active_count() > 1:
        raise RuntimeError("what was imported has started a thread: a fork would lose it")
    gc.freeze()
    _serve(socket.socket(fileno=line))


if __name__ == "__main__":
    main(int(sys.argv[1]))
