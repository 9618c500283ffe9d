"""Runs a callable in a child process: inside a network namespace, as root or as a user without any right to raw sockets."""

from __future__ import annotations

import ctypes
import itertools
import os
import pickle
import select
import signal
import struct
import time
import traceback
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import Any, NoReturn

_LIBC = ctypes.CDLL(None, use_errno=True)
_CLONE_NEWNET = 0x40000000
_PR_SET_PDEATHSIG, _PR_SET_KEEPCAPS, _PR_CAP_AMBIENT, _AMBIENT_RAISE = 1, 8, 47, 2
_CAPABILITY_VERSION_3 = 0x20080522
_DAC_READ_SEARCH = 2
NOBODY = 65534


class User(Enum):
    """Who scans: root may send SYN packets of its own making, nobody can only connect."""

    ROOT = "root"
    NOBODY = "nobody"


class InsideError(Exception):
    """The callable raised in the child; the text is its traceback there."""


def check(result: int, what: str) -> None:
    """OSError when a libc call failed."""
    if result != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")


def enter(net: int) -> None:
    """Moves this process into the network namespace behind an open file."""
    check(_LIBC.setns(net, _CLONE_NEWNET), "setns")


def leave_network() -> None:
    """Moves this process into a new, empty network namespace."""
    check(_LIBC.unshare(_CLONE_NEWNET), "unshare")


def end_with_parent(parent: int) -> None:
    """The kernel kills this process when the test process ends, however it ends."""
    check(_LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0), "prctl")
    if os.getppid() != parent:
        os._exit(1)


def become(user: User) -> None:
    """Gives up every right but one: to read files, because the interpreter that runs the tests may lie in root's home."""
    if user is User.ROOT:
        return
    check(_LIBC.prctl(_PR_SET_KEEPCAPS, 1, 0, 0, 0), "prctl")
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)
    kept = 1 << _DAC_READ_SEARCH
    header = struct.pack("=Ii", _CAPABILITY_VERSION_3, 0)
    check(_LIBC.capset(header, struct.pack("=6I", kept, kept, kept, 0, 0, 0)), "capset")
    check(_LIBC.prctl(_PR_CAP_AMBIENT, _AMBIENT_RAISE, _DAC_READ_SEARCH, 0, 0), "prctl")
    end_with_parent(os.getppid())  # a change of user clears it
    os.environ.update(HOME="/nonexistent", USER="nobody", LOGNAME="nobody")
    os.chdir("/")


def start(work: Callable[[int], None], *keep: int) -> tuple[int, int]:
    """Forks a child that runs `work(pipe)` in a session of its own; its pid and the pipe's reading end.

    Of the open files it has only the standard ones and `keep`: a pipe of another thread that stayed open here would never end there.
    """
    reader, writer = os.pipe()
    parent = os.getpid()
    child = os.fork()
    if child:
        os.close(writer)
        return child, reader
    _child(work, writer, parent, {0, 1, 2, writer, *keep})


def _child(work: Callable[[int], None], writer: int, parent: int, keep: set[int]) -> NoReturn:
    code = 1
    try:
        for first, last in itertools.pairwise([*sorted(keep), os.sysconf("SC_OPEN_MAX")]):
            os.closerange(first + 1, last)
        os.setsid()
        end_with_parent(parent)
        work(writer)
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def stop(child: int) -> None:
    """Kills one of our children with everything that it started, and waits for it."""
    for kill in (os.killpg, os.kill):
        try:
            kill(child, signal.SIGKILL)
        except ProcessLookupError:
            continue
    try:
        os.waitpid(child, 0)
    except ChildProcessError:
        return


def call(net: int, function: Callable[[], Any], user: User = User.ROOT, seconds: float = 120.0) -> Any:
    """What `function()` returns when it runs in the namespace as `user`; InsideError with its traceback when it raises."""

    def work(pipe: int) -> None:
        enter(net)
        become(user)
        try:
            answer = (True, function())
        except BaseException:
            answer = (False, traceback.format_exc())
        data = pickle.dumps(answer)
        with os.fdopen(pipe, "wb") as out:
            out.write(len(data).to_bytes(8, "big") + data)

    child, reader = start(work, net)
    try:
        data = _read_answer(reader, child, seconds)
    finally:
        os.close(reader)
        stop(child)
    worked, value = pickle.loads(data)
    if not worked:
        raise InsideError(value)
    return value


def _read_answer(reader: int, child: int, seconds: float) -> bytes:
    """The answer behind its length. Its end isn't the pipe's end: a child forked meanwhile for another bed holds that open too."""
    deadline = time.monotonic() + seconds
    data = b""
    while len(data) < 8 or len(data) < 8 + int.from_bytes(data[:8], "big"):
        if time.monotonic() > deadline:
            raise InsideError(f"the child took more than {seconds} s")
        if select.select([reader], [], [], 0.2)[0]:
            part = os.read(reader, 1 << 16)
            if not part:
                raise InsideError("the child ended without an answer")
            data += part
        elif _ended(child) and not select.select([reader], [], [], 0)[0]:
            raise InsideError("the child ended without an answer")
    return data[8:]


def _ended(child: int) -> bool:
    # WNOWAIT leaves it to be waited for: its pid can't be given to anybody else before that.
    return os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def write_setting(name: str, value: str) -> None:
    """One kernel setting of the namespace that this process is in, by its path below /proc/sys."""
    Path("/proc/sys", name).write_text(value, encoding="ascii")
