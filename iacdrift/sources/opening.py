"""From what the user named to parsed documents: prefixes, stdin, files of every encoding, binary plans, directories."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import frozen

from iacdrift.errors import SourceError
from iacdrift.sources import directory
from iacdrift.sources.document import Document, decode, digest, modified_at, parse_json, read_bytes, read_stdin, unpacked
from iacdrift.sources.kinds import READERS
from iacdrift.sources.reading import Options
from iacdrift.sources.refusals import refuse_bytes, refuse_data

Source = str | Path | Mapping[str, Any]


@frozen(slots=True, eq=False)
class Opened:
    """The documents behind one source. `kind` is what the user forced, or what the way of reading it tells."""

    documents: tuple[tuple[str | None, Document], ...]
    notes: tuple[str, ...] = ()


def open_source(source: Source, options: Options) -> Opened:
    """What a source holds, parsed. SourceError where it can't be read."""
    if isinstance(source, Mapping):
        name = str(getattr(source, "name", "(dict)"))  # what a door collected has a name of its own
        written_at = getattr(source, "written_at", None)
        return Opened(((None, Document(name, _unwrapped(source, name), written_at=written_at)),))
    text = str(source)
    kind, rest = _prefix(text) if isinstance(source, str) else (None, text)
    if not rest:
        raise SourceError(f"{text!r} names no file")
    if rest == "-":
        return Opened(((kind, parse(read_stdin(), "-", None, kind, options)),))
    path = Path(rest)
    if kind == "tf":
        return Opened((("plan", _planned(rest)),))
    if kind == "pulumi" and not path.is_file():
        return Opened((("pulumi", _previewed(rest)),))
    if path.is_dir():
        return _directory(path, kind, options)
    return Opened(((kind, open_file(path, kind, options)),))


def open_file(path: Path, kind: str | None, options: Options) -> Document:
    """One file, parsed."""
    name = str(path)
    return parse(read_bytes(path, name), name, path, kind, options)


def parse(raw: bytes, name: str, path: Path | None, kind: str | None, options: Options) -> Document:
    """Bytes to a document. Its hash is that of the bytes given."""
    sha256, written_at, folder = digest(raw), modified_at(path) if path else None, path.parent if path else None
    if raw.startswith(b"\x1f\x8b"):
        raw = unpacked(raw, name)
    if _is_plan(raw):
        raw, folder = _shown(raw, name, path, options)
    text = decode(raw, name)
    if (other := _other_syntax(text, name, path, kind)) is not None:
        return Document(name, other, folder, sha256, written_at)
    refuse_bytes(text, name)
    return Document(name, _unwrapped(parse_json(text, name), name), folder, sha256, written_at)


def _prefix(text: str) -> tuple[str | None, str]:
    kind, colon, rest = text.partition(":")
    return (kind, rest) if colon and kind in ("tf", *READERS) else (None, text)


def _planned(rest: str) -> Document:
    from iacdrift.sources.terraform_command import Root, plan_of

    root = Root.parse(rest)
    raw = plan_of(root)
    return Document(root.name, parse_json(raw, root.name), root.folder, digest(raw))


def _previewed(rest: str) -> Document:
    from iacdrift.sources.pulumi_command import Program, preview_of

    program = Program.parse(rest)
    raw = preview_of(program)
    return Document(f"pulumi:{rest}", parse_json(raw, f"pulumi:{rest}"), program.folder, digest(raw))


def _directory(path: Path, kind: str | None, options: Options) -> Opened:
    found = directory.look(path, kind)
    taken = tuple((of_kind, _previewed(str(path)) if of_kind == "pulumi" else open_file(file, of_kind, options)) for of_kind, file in found)
    if kind is None:
        return Opened(taken, (f"{path}: read {', '.join(file.relative_to(path).as_posix() for _, file in found)}",))
    return Opened(taken)


def _unwrapped(data: Any, name: str) -> Any:
    """Without the `{"tfplan": ...}` that some pipelines put around a plan."""
    if isinstance(data, Mapping) and isinstance(data.get("tfplan"), Mapping):
        data = data["tfplan"]
    refuse_data(data, name)
    return data


def _is_plan(raw: bytes) -> bool:
    """A binary plan is a zip archive with a `tfplan` in it."""
    if not raw.startswith(b"PK\x03\x04"):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            return "tfplan" in archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError):
        return False


def _shown(raw: bytes, name: str, path: Path | None, options: Options) -> tuple[bytes, Path]:
    from iacdrift.sources.terraform_command import shown

    if path is None:
        raise SourceError("- is a binary plan: pipe its JSON (terraform show -json PLAN), or name the file")
    folder = options.code or path.parent
    return shown(path, folder, name), folder


def _other_syntax(text: bytes, name: str, path: Path | None, kind: str | None) -> Any:
    """Templates of CloudFormation's and expectations may be written in YAML or TOML; None where this is no such text."""
    suffix = path.suffix.lower() if path else ""
    if kind == "cloudformation" or (kind is None and _is_template(text)):
        from iacdrift.sources.cloudformation.opening import template_in

        return template_in(text, name)
    if text.lstrip().startswith((b"{", b"[{")) and suffix not in (".yaml", ".yml", ".toml"):
        return None
    if kind == "expectation" or b"iacdrift/expectation/" in text[:4096]:
        from iacdrift.sources.expectation import parse_text

        return parse_text(text, name, suffix)
    return None


def _is_template(text: bytes) -> bool:
    if b"::" not in text and b"AWSTemplateFormatVersion" not in text:
        return False
    from iacdrift.sources.cloudformation.signs import looks_like_template

    return looks_like_template(text)
