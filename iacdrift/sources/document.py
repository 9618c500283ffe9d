"""One source as bytes, then as parsed JSON: what every reader starts from."""

from __future__ import annotations

import gzip
import hashlib
import io
import sys
import zlib
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import orjson
from attrs import frozen

from iacdrift.errors import SourceError
from iacdrift.model.collector import collector_paused
from iacdrift.sources.commit import commit_of

LARGE = 8 << 20
"""Bytes from which a plan is parsed part by part."""
_PARTS = (b"planned_values", b"resource_drift", b"resource_changes", b"output_changes", b"prior_state", b"configuration")
LARGEST = 2 << 30
"""Bytes. More than any state or plan that was ever seen; a wrong file must not fill the memory."""

LARGEST_PACKED = 256 << 20
"""Bytes that are unpacked: a small file may hold endless zeros."""


@frozen(slots=True, eq=False)
class Document:
    """A parsed source. `name` is how the user named it; `folder` is where its code lies by default (None: stdin, a dict)."""

    name: str
    data: Any
    folder: Path | None = None
    sha256: str | None = None
    written_at: str | None = None

    @property
    def commit(self) -> str | None:
        """The commit that the file's directory has checked out."""
        return commit_of(self.folder) if self.folder else None


def read_bytes(path: Path, name: str) -> bytes:
    """The file's bytes. SourceError names the path and what to do."""
    try:
        if not path.is_file() and path.exists():
            raise SourceError(f"{name} is no regular file: name a file or a directory, or pipe into -")
        if path.stat().st_size > LARGEST:
            raise SourceError(f"{name} is larger than {LARGEST >> 30} GiB: this is no state or plan; name the right file")
        return path.read_bytes()
    except FileNotFoundError:
        raise SourceError(f"{name} doesn't exist: check the path") from None
    except OSError as error:
        raise SourceError(f"{name} can't be read: {error.strerror or type(error).__name__}") from None


def unpacked(raw: bytes, name: str) -> bytes:
    """What gzip has packed: a backend of Pulumi's keeps its checkpoints so."""
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(raw)) as packed:
            content = packed.read(LARGEST_PACKED + 1)
    except (OSError, EOFError, zlib.error):
        raise SourceError(f"{name} is compressed with gzip, but broken: is it complete?") from None
    if len(content) > LARGEST_PACKED:
        raise SourceError(f"{name} is compressed with gzip and holds more than {LARGEST_PACKED >> 20} MiB: unpack it first")
    return content


def read_stdin() -> bytes:
    """All of standard input."""
    if sys.stdin is None or sys.stdin.isatty():
        raise SourceError("- reads standard input, and nothing is piped into it: terraform show -json PLAN | iacdrift expect --from -")
    return sys.stdin.buffer.read()


def decode(raw: bytes, name: str) -> bytes:
    """UTF-8 without a byte order mark, whatever a Windows shell made of it."""
    for mark, encoding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig")):
        if raw.startswith(mark):
            return _transcode(raw, encoding, name)
    if raw[1:2] == b"\0" and raw[:1] != b"\0":
        return _transcode(raw, "utf-16-le", name)
    return raw


def _transcode(raw: bytes, encoding: str, name: str) -> bytes:
    try:
        return raw.decode(encoding).encode()
    except UnicodeError:
        raise SourceError(f"{name} is neither JSON nor a plan: its bytes are not text") from None


def modified_at(path: Path) -> str | None:
    """The file's modification time as RFC 3339 text."""
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC).isoformat(timespec="seconds")
    except OSError:
        return None


def digest(raw: bytes) -> str:
    """The hash by which a report names exactly these bytes."""
    return hashlib.sha256(raw).hexdigest()


def parse_json(raw: bytes, name: str) -> Any:
    """The JSON in `raw`. The text of an error never quotes the content: it may hold secrets."""
    try:
        with collector_paused():
            return _by_parts(raw) or orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        if "ecursion" in error.msg or "depth limit" in error.msg:
            raise SourceError(f"{name} is nested too deeply to be a state or plan: it is refused") from None
        raise SourceError(f"{name} is not valid JSON (line {error.lineno}, column {error.colno}): is it complete?") from None


def _by_parts(raw: bytes) -> dict[str, Any] | None:
    """A large plan, one top-level value after the other; None where it can't be cut, so that it must be parsed as a whole.

    The parser's own tree of a document takes as much memory as what it makes of it: of a part it takes a part. The cuts are where a key
    of the top level seems to begin. Each piece must be an object of its own once it is put in braces; a cut in a nested value
    or a string leaves pieces that aren't, and then none is used.
    """
    cuts = sorted(at for key in _PARTS if (at := raw.find(b',"%s":' % key)) > 0) if len(raw) >= LARGE else []
    if not cuts:
        return None
    edges = [0, *cuts, len(raw)]
    view, found = memoryview(raw), dict[str, Any]()
    for start, end in pairwise(edges):
        opening = b"{" if start else b""
        closing = b"}" if end < len(raw) else b""
        try:
            part = orjson.loads(b"".join((opening, view[start + bool(start) : end], closing)))
        except orjson.JSONDecodeError:
            return None
        if not isinstance(part, dict):
            return None
        found.update(part)
    return found
