"""Which of Pulumi's commands runs this program: the SDK doesn't tell an update from a destruction that runs the program.

The engine that a program talks to listens on the address of its resource monitor; whose socket that is, and how that process
was started, Linux tells in /proc (proc(5): net/tcp, PID/fd, PID/cmdline). Elsewhere it stays unknown.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

_PROC = Path("/proc")
_LISTENING = "0A"
_COMMANDS = {"up": "up", "update": "up", "destroy": "destroy", "down": "destroy", "dn": "destroy", "refresh": "refresh"}
_TAKE_A_VALUE = frozenset({"-C", "--cwd", "--color", "-v", "--verbose", "--tracing", "--profiling", "--memprofilerate", "--otel-traces"})


def operation(monitor: object) -> str | None:
    """`up`, `destroy`, `refresh` or another command of the engine behind this resource monitor; None where it can't be told."""
    port = _address(monitor).rpartition(":")[2]
    if not port.isdigit():
        return None
    sockets = set(_listening(int(port)))
    return next((found for argv in _owners(sockets) if (found := command(argv))), None) if sockets else None


def command(argv: Sequence[str]) -> str | None:
    """The command in an engine's argument list, under one name for its aliases."""
    skip = False
    for text in argv[1:]:
        if skip or text.startswith("-"):
            skip = not skip and text in _TAKE_A_VALUE
            continue
        return _COMMANDS.get(text, text)
    return None


def _address(monitor: object) -> str:
    """Where the engine listens: gRPC's stubs know, and the language host's own argument list."""
    target = getattr(getattr(monitor, "RegisterResource", None), "_target", None)
    if isinstance(target, bytes | str):
        return os.fsdecode(target)
    return next((value for option, value in pairwise(sys.argv) if option == "--monitor"), "")


def _listening(port: int) -> Iterator[str]:
    """The inodes of sockets that listen on this port of this machine."""
    for table in ("net/tcp", "net/tcp6"):
        try:
            lines = (_PROC / "self" / table).read_text().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            columns = line.split()
            if columns[3] == _LISTENING and int(columns[1].rpartition(":")[2], 16) == port:
                yield f"socket:[{columns[9]}]"


def _owners(sockets: set[str]) -> Iterator[list[str]]:
    """The argument lists of the processes that hold one of these sockets."""
    for process in _PROC.iterdir():
        if not process.name.isdigit():
            continue
        try:
            if any(_link(fd) in sockets for fd in (process / "fd").iterdir()):
                yield [os.fsdecode(text) for text in (process / "cmdline").read_bytes().split(b"\0") if text]
        except OSError:  # somebody else's process, or one that has ended
            continue


def _link(fd: Path) -> str:
    try:
        return os.readlink(fd)  # noqa: PTH115 - a socket is no path
    except OSError:
        return ""
