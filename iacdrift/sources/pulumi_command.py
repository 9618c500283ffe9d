"""Asks the user's own Pulumi what the program of a directory declares. Changes nothing; the program itself runs, as in any preview."""

from __future__ import annotations

import os
import re
import shutil
import subprocess  # noqa: TID251 - only Pulumi itself can say what its program declares
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from attrs import frozen

from iacdrift.errors import SourceError
from iacdrift.sources.directory import PROGRAM
from iacdrift.sources.document import parse_json

TIMEOUT = 900
"""Seconds that a preview may take."""
OLDEST = (3, 0, 0)
OLDEST_REFRESH = (3, 105, 0)
INSTEAD = "or run pulumi preview --json --show-sames where it can, and give what it writes"
_ESCAPES = re.compile(r"\x1b\[[0-9;]*m|<\{%[^%]*%\}>")
_REASONS = (
    (
        re.compile(r"no stack named '?([^']*?)'? found|stack '?([^']*?)'? not found"),
        "it has no stack of that name: pulumi stack ls lists them",
    ),
    (re.compile(r"no stack selected|no current stack"), "no stack is selected there: name one, pulumi:DIR?stack=NAME"),
    (
        re.compile(r"passphrase must be set"),
        "its secrets need a passphrase: set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE",
    ),
    (re.compile(r"incorrect passphrase"), "PULUMI_CONFIG_PASSPHRASE is not the stack's passphrase"),
    (re.compile(r"PULUMI_ACCESS_TOKEN must be set|not logged in|pulumi login"), "it isn't logged in to its backend: pulumi login"),
    (re.compile(r"unknown flag: (\S+)"), "it is too old for this command"),
)


@frozen(slots=True)
class Program:
    """A directory with a Pulumi.yaml, and the stack that is meant (None: the one selected there)."""

    folder: Path
    stack: str | None = None

    @classmethod
    def parse(cls, text: str) -> Program:
        """From `DIR` or `DIR?stack=NAME`. SourceError where there is no program."""
        folder, mark, query = text.partition("?")
        key, _, stack = query.partition("=")
        if mark and (key != "stack" or not stack or stack.startswith("-")):
            raise SourceError(f"pulumi:{text}: after the ? only stack=NAME is known")
        path = Path(folder or ".")
        if not path.exists():
            raise SourceError(f"pulumi:{text}: {path} doesn't exist: check the path")
        if not any((path / name).is_file() for name in PROGRAM):
            raise SourceError(f"pulumi:{text}: {path} holds no Pulumi.yaml: name the directory of the program, or a file")
        return cls(path, stack or None)

    @property
    def name(self) -> str:
        """How messages call it."""
        return f"pulumi:{self.folder}" + (f"?stack={self.stack}" if self.stack else "")


def preview_of(program: Program) -> bytes:
    """`pulumi preview --json --show-sames`: one JSON document."""
    return _asked(program, ("preview", "--json", "--show-sames"), OLDEST)


def refresh_of(program: Program) -> bytes:
    """`pulumi refresh --preview-only` as the engine's events, one a line: what the cloud's API says, nothing written.

    The one document that it writes otherwise leaves out what the API says of everything that isn't an input.
    """
    return _asked(program, ("refresh", "--preview-only", "--json"), OLDEST_REFRESH, PULUMI_ENABLE_STREAMING_JSON_PREVIEW="true")


def ready_to_refresh(program: Program) -> None:
    """SourceError where there is no `pulumi`, or one that is too old to ask the cloud without writing."""
    _ready(program, ("refresh", "--preview-only"), OLDEST_REFRESH)


def version_of(program: Program) -> str:
    """Which Pulumi there is. SourceError where there is none, or one that is too old."""
    done = _run(program, (_ready(program, ("preview", "--json"), OLDEST), "version"))
    return f"Pulumi {done.stdout.decode('utf-8', 'replace').strip()[:100]}"


def reachable(program: Program) -> str:
    """Whether the stack can be read where it is kept. SourceError where it can't; what it holds is looked at by nobody."""
    _asked(program, ("stack", "export"), OLDEST)
    return "its stack can be read"


def _asked(program: Program, command: Sequence[str], oldest: tuple[int, int, int], **environment: str) -> bytes:
    binary = _ready(program, command, oldest)
    chosen = ("--stack", program.stack) if program.stack else ()
    done = _run(program, (binary, *command, "--non-interactive", "--color", "never", *chosen), environment)
    if done.returncode != 0:
        raise SourceError(f"{program.name}: pulumi {command[0]} failed: {_reason(done)}")
    return done.stdout


def _ready(program: Program, command: Sequence[str], oldest: tuple[int, int, int]) -> str:
    binary = shutil.which("pulumi")
    if binary is None:
        raise SourceError(f"{program.name} needs pulumi on PATH, and it isn't there: install it, {INSTEAD}")
    _refuse_old(program, binary, command, oldest)
    return binary


def _refuse_old(program: Program, binary: str, command: Sequence[str], oldest: tuple[int, int, int]) -> None:
    found = re.search(rb"v?(\d+)\.(\d+)\.(\d+)", _run(program, (binary, "version")).stdout)
    if found and tuple(int(part) for part in found.groups()) < oldest:
        version, wanted = ".".join(part.decode() for part in found.groups()), ".".join(map(str, oldest))
        raise SourceError(f"{program.name}: pulumi {version} is too old for {' '.join(command)}: {wanted} or newer is needed")


def _run(program: Program, command: Sequence[str], more: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[bytes]:
    inherited = {name: value for name, value in os.environ.items() if name != "PULUMI_ENABLE_STREAMING_JSON_PREVIEW"}
    environment = {**inherited, "PULUMI_SKIP_UPDATE_CHECK": "1", "NO_COLOR": "1", **(more or {})}
    try:
        return subprocess.run(
            command, cwd=program.folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT, check=False
        )
    except subprocess.TimeoutExpired:
        raise SourceError(f"{program.name}: pulumi {command[1]} took longer than {TIMEOUT // 60} minutes") from None
    except OSError as error:
        raise SourceError(f"{program.name}: {command[0]} can't be started: {error.strerror}") from None


def _reason(done: subprocess.CompletedProcess[bytes]) -> str:
    """One sentence of our own where the cause is known, else the first line of Pulumi's error: what follows may quote values."""
    return reason_of("\n".join((done.stderr.decode("utf-8", "replace"), *_diagnostics(done.stdout))), f"exit status {done.returncode}")


def reason_of(text: str, otherwise: str = "it doesn't say why") -> str:
    """The same, of what Pulumi wrote."""
    told = _ESCAPES.sub("", text)
    for pattern, sentence in _REASONS:
        if pattern.search(told):
            return sentence
    errors = (line.strip().removeprefix("error: ") for line in told.splitlines() if line.strip().startswith("error: "))
    return next(errors, otherwise)[:300]


def _diagnostics(output: bytes) -> Iterator[str]:
    """The errors that a preview's JSON tells."""
    try:
        document = parse_json(output, "the preview")
    except SourceError:
        return
    for told in document.get("diagnostics") or () if isinstance(document, dict) else ():
        if isinstance(told, dict) and told.get("severity") == "error":
            yield f"error: {str(told.get('message')).removeprefix('error: ')}"
