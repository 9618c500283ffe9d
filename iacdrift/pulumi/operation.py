"""Which of Pulumi's commands runs this program: the SDK doesn't tell an update from a destruction that runs the program.

The engine that a program talks to listens on the address of its resource monitor. It is a parent of the program's process, or its child
(Automation API); which of them has that socket, and how it was started, psutil tells. Where it can't, OPERATION says it, or nobody.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from itertools import pairwise

import psutil

OPERATION = "IACDRIFT_PULUMI_OPERATION"
"""The variable of the environment that names the command where this machine hides its processes: up, destroy or refresh."""
_COMMANDS = {"up": "up", "update": "up", "destroy": "destroy", "down": "destroy", "dn": "destroy", "refresh": "refresh"}
_TAKE_A_VALUE = frozenset({"-C", "--cwd", "--color", "-v", "--verbose", "--tracing", "--profiling", "--memprofilerate", "--otel-traces"})
_LIMITS = frozenset({"-t", "--target", "--target-replace", "--exclude"})


def operation(monitor: object) -> str | None:
    """`up`, `destroy`, `refresh` or another command of the engine behind this resource monitor; None where it can't be told."""
    if said := os.environ.get(OPERATION):
        return _COMMANDS.get(said, said)
    return next((found for argv in _engine(monitor) if (found := command(argv))), None)


def limited(monitor: object) -> str | None:
    """The option with which this update leaves resources alone that the program changes; None without one."""
    return next((text.partition("=")[0] for argv in _engine(monitor) for text in argv if text.partition("=")[0] in _LIMITS), None)


def command(argv: Sequence[str]) -> str | None:
    """The command in an engine's argument list, under one name for its aliases."""
    skip = False
    for text in argv[1:]:
        if skip or text.startswith("-"):
            skip = not skip and text in _TAKE_A_VALUE
            continue
        return _COMMANDS.get(text, text)
    return None


def _engine(monitor: object) -> Iterator[list[str]]:
    port = _address(monitor).rpartition(":")[2]
    if port.isdigit():
        yield from _listening(int(port))


def _address(monitor: object) -> str:
    """Where the engine listens: gRPC's stubs know, and the argument list with which the language host started this process."""
    target = getattr(getattr(monitor, "RegisterResource", None), "_target", None)
    if isinstance(target, bytes | str):
        return os.fsdecode(target)
    return next((value for option, value in pairwise(_argv(psutil.Process())) if option == "--monitor"), "")


def _listening(port: int) -> Iterator[list[str]]:
    """The argument lists of the processes above and below this one, then of all others, that listen on this port."""
    near = [*_family(psutil.Process())]
    seen = {process.pid for process in near}
    for process in (*near, *(other for other in psutil.process_iter() if other.pid not in seen)):
        if _listens(process, port):
            yield _argv(process)


def _family(here: psutil.Process) -> Iterator[psutil.Process]:
    try:
        yield from here.parents()
        yield from here.children(recursive=True)
    except psutil.Error:
        return


def _listens(process: psutil.Process, port: int) -> bool:
    try:
        sockets = process.net_connections(kind="tcp")
    except (psutil.Error, OSError):  # somebody else's process, or one that has ended
        return False
    return any(one.status == psutil.CONN_LISTEN and one.laddr and one.laddr.port == port for one in sockets)


def _argv(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except (psutil.Error, OSError):
        return []
