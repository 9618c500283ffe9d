"""The door of this room: a refresh from a file, or asked of the tool whose directory is a source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import orjson

from iacdrift.errors import SourceError, UsageError
from iacdrift.refresh import pulumi, terraform
from iacdrift.refresh.change import Refresh
from iacdrift.sources.directory import PROGRAM
from iacdrift.sources.document import Document, decode, digest, parse_json, read_bytes


def refreshes_of(sources: Iterable[object], *, asking: bool, files: Iterable[Path | str]) -> tuple[Refresh, ...]:
    """What the cloud's API says: of the tools whose directories are sources where `asking`, and of these files."""
    return (*read_refreshes(files), *(ask(sources) if asking else ()))


def read_refreshes(files: Iterable[Path | str]) -> tuple[Refresh, ...]:
    """What each of these files says. SourceError, one sentence, where one is no refresh."""
    return tuple(_read(_document(read_bytes(Path(path), str(path)), str(path))) for path in files)


def ask(sources: Iterable[object]) -> tuple[Refresh, ...]:
    """Asks Terraform or Pulumi about every source that is a directory of theirs. UsageError where none is."""
    asked = [document for source in sources if (document := _asked(source)) is not None]
    if not asked:
        raise UsageError("--refresh asks the tool of a directory: give a source as tf:DIR or pulumi:DIR, or a file with --refresh-json")
    return tuple(_read(document) for document in asked)


def _asked(source: object) -> Document | None:
    if isinstance(source, Mapping):
        return None
    kind, _, rest = str(source).partition(":")
    if kind == "tf":
        from iacdrift.sources.terraform_command import Root, refresh_of

        return _document(refresh_of(Root.parse(rest)), f"refresh of {source}")
    if kind == "pulumi" and not Path(rest).is_file():
        return _of_pulumi(rest)
    folder = Path(str(source))
    return _of_pulumi(str(source)) if any((folder / name).is_file() for name in PROGRAM) else None


def _of_pulumi(text: str) -> Document:
    """Through the Automation API where it is installed, else by the command line."""
    from iacdrift.refresh.automation import events_of
    from iacdrift.sources.pulumi_command import Program, refresh_of

    program, name = Program.parse(text), f"refresh of pulumi:{text}"
    events = events_of(program)
    return _document(refresh_of(program), name) if events is None else Document(name, {pulumi.EVENTS: events})


def _document(raw: bytes, name: str) -> Document:
    text = decode(raw, name)
    return Document(name, _events(text, name) or parse_json(text, name), None, digest(raw))


def _events(text: bytes, name: str) -> dict[str, Any] | None:
    """The engine's events, one JSON object a line; None where this is one document."""
    lines = text.strip().splitlines()
    if not lines or not lines[0].startswith(b"{") or b'"sequence"' not in lines[0]:
        return None
    try:
        return {pulumi.EVENTS: [orjson.loads(line) for line in lines]}
    except orjson.JSONDecodeError:
        raise SourceError(f"{name} holds a line that is not JSON: is it complete?") from None


def _read(document: Document) -> Refresh:
    try:
        if terraform.recognises(document.data):
            return terraform.read(document)
        if pulumi.recognises(document.data):
            return pulumi.read(document)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise SourceError(f"{document.name} is no valid refresh: its structure is broken ({type(error).__name__})") from error
    raise SourceError(
        f"{document.name} is no refresh: give what terraform plan -refresh-only found, as JSON, "
        "or what pulumi refresh --preview-only --json writes"
    )
