"""A file that is read while it is written anew: its readers find the text of before or the new one, never a part of either."""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

_NOT_OURS = (errno.EACCES, errno.EPERM, errno.EROFS, errno.EBUSY)
"""A directory or an owner that isn't ours to change, or a file that is mounted by itself."""


def write_whole(path: Path, text: str) -> None:
    """Write the text beside the file, then put it in its place; mode, owner and symbolic links stay as they are.

    What can't be replaced is written where it is: a pipe, a device, a file behind one of this process's own streams
    (`/dev/stdout`), what isn't ours to replace. OSError as from any write; on a full disk the file stays as it was.
    """
    data = text.encode("utf-8", errors="backslashreplace")
    before = _status(path)
    if before is not None and not _replaceable(path, before):
        path.write_bytes(data)
        return
    try:
        _replace(Path(os.path.realpath(path)), data, before)
    except OSError as error:
        if error.errno not in _NOT_OURS:
            raise
        path.write_bytes(data)


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def _replaceable(path: Path, before: os.stat_result) -> bool:
    return stat.S_ISREG(before.st_mode) and os.access(path, os.W_OK) and not _is_own_stream(before)


def _is_own_stream(before: os.stat_result) -> bool:
    # Open for writing in this process: who reads that stream holds this very file, another one in its place would never reach them.
    for stream in Path("/dev/fd").glob("*"):
        with suppress(OSError):
            written = fcntl.fcntl(int(stream.name), fcntl.F_GETFL) & os.O_ACCMODE != os.O_RDONLY
            if written and os.path.samestat(before, os.fstat(int(stream.name))):
                return True
    return False


def _replace(place: Path, data: bytes, before: os.stat_result | None) -> None:
    beside = place.with_name(f".iacdrift-{secrets.token_hex(8)}")
    try:
        with beside.open("xb") as file:
            file.write(data)
            if before is not None:
                _made_alike(file.fileno(), before)
        beside.replace(place)
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)


def _made_alike(file: int, before: os.stat_result) -> None:
    made = os.fstat(file)
    # The owner first: a change of owner takes special bits of the mode away.
    if (made.st_uid, made.st_gid) != (before.st_uid, before.st_gid):
        os.fchown(file, before.st_uid, before.st_gid)
    os.fchmod(file, stat.S_IMODE(before.st_mode))
