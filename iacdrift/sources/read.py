"""The door of this room: sources as the user names them -> one Inventory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from iacdrift.errors import SourceError
from iacdrift.sources.document import Document, decode, digest, modified_at, parse_json, read_bytes, read_stdin
from iacdrift.sources.kinds import LATER, READERS, detect, reader
from iacdrift.sources.reading import Options, Reading
from iacdrift.sources.resource import Inventory

Source = str | Path | Mapping[str, Any]


def read_sources(
    sources: Iterable[Source],
    *,
    code: Path | None = None,
    states: Mapping[str, Path] | Iterable[tuple[str, Path]] = (),
    outputs: Mapping[str, Path] | Iterable[tuple[str, Path]] = (),
) -> Inventory:
    """All resources that the sources hold, joined. SourceError, one sentence, where one can't be read.

    A source is a path, a `KIND:path`, `-`, or a dict already parsed. `code` is the directory of the `.tf` files (beside each
    source by default); `states` and `outputs` map the stacks of a CDKTF synth to files.
    """
    options = Options(code, dict(states), dict(outputs))
    readings = [_read(source, options) for source in sources]
    if not readings:
        raise SourceError("no source is given: name a state, a plan or a directory with --from")
    return Inventory(
        tuple(resource for reading in readings for resource in reading.resources),
        tuple(reading.info for reading in readings),
        tuple(gap for reading in readings for gap in reading.gaps),
        tuple(note for reading in readings for note in reading.notes),
    )


def _read(source: Source, options: Options) -> Reading:
    kind, document = _open(source)
    found = reader(kind) if kind else detect(document)
    return found.read(document, options)


def _open(source: Source) -> tuple[str | None, Document]:
    if isinstance(source, Mapping):
        return None, Document("(dict)", source)
    text = str(source)
    kind, colon, rest = text.partition(":")
    if colon and isinstance(source, str) and kind in (*READERS, *LATER):
        reader(kind)
        text = rest
    else:
        kind = ""
    path = None if text == "-" else Path(text)
    raw = read_bytes(path, text) if path else read_stdin()
    data = parse_json(decode(raw, text), text)
    return kind or None, Document(text, data, path, digest(raw), modified_at(path) if path else None)
