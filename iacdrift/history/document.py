"""Reports as they lie in the database: their JSON, compressed."""

from __future__ import annotations

import zlib
from typing import Any

import orjson

from iacdrift.drift.baseline import Baseline
from iacdrift.drift.report import DriftReport
from iacdrift.errors import HistoryError


def packed(report: DriftReport | Baseline) -> bytes:
    """The JSON of a report or baseline, compressed as fast as zlib can: it repeats itself so much that more effort gains little."""
    return packed_json(report.to_dict())


def packed_json(document: dict[str, Any]) -> bytes:
    """The same for any JSON object."""
    import json

    try:
        text = orjson.dumps(document)
    except TypeError:
        # Lone surrogates, which names from a broken state may hold: only the standard library escapes them.
        text = json.dumps(document).encode("ascii")
    return zlib.compress(text, 1)


def unpacked(document: bytes, number: int) -> dict[str, Any]:
    """The JSON again. HistoryError where it isn't what was stored."""
    import json

    try:
        found = json.loads(zlib.decompress(document))
    except (zlib.error, ValueError) as error:
        raise HistoryError(f"report {number} of the history is damaged: {error}") from None
    if not isinstance(found, dict):
        raise HistoryError(f"report {number} of the history is damaged")
    return found


def storable(value: object) -> str | None:
    """A text that every database takes: zero bytes and halves of surrogate pairs, which a broken state may hold, as escapes."""
    if value is None:
        return None
    return str(value).replace("\0", "\\x00").encode("utf-8", "backslashreplace").decode("utf-8")
