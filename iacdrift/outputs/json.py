"""JSON as promised in interfaces: whatever has a `to_dict`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from json import JSONEncoder, dumps
from json.encoder import encode_basestring_ascii
from typing import Any

from iacdrift.model.collector import collector_paused
from iacdrift.outputs.safe import safe_json


@collector_paused()
def render(value: Any, *, color: bool = False, width: int = 100) -> str:
    """Indented ASCII JSON and a line break; `color` and `width` change nothing."""
    document = value.to_dict()
    return safe_json("".join(_pieces(document)) if type(document) is dict and document else indented(document) + "\n")


def _pieces(document: dict[str, Any]) -> Iterator[str]:
    """A document and a line break, in pieces: of a large report each whole copy counts."""
    opening = "{"
    for name, value in document.items():
        yield f"{opening}\n  {encode_basestring_ascii(name)}: "
        opening = ","
        if type(value) is list and value:
            yield f"[\n    {indented(value[0], _DEEPER)}"
            for item in value[1:]:
                yield f",\n    {indented(item, _DEEPER)}"
            yield "\n  ]"
        else:
            yield indented(value, "\n  ")
    yield "\n}\n"


_DEEPER = "\n    "


def indented(value: Any, margin: str = "\n") -> str:
    """As `json.dumps(value, indent=2)`, whose indenting encoder takes three times as long for a large report."""
    if type(value) is str:
        return encode_basestring_ascii(value)
    if value is None:
        return "null"
    inner = margin + "  "
    if type(value) is dict and value and _SCALARS.issuperset(map(type, value.values())):
        return f"{{{inner}{_on_lines(inner)(value)[1:-1]}{margin}}}"
    if type(value) is dict and value and all(type(name) is str for name in value):
        held = [f"{encode_basestring_ascii(name)}: {indented(item, inner)}" for name, item in value.items()]
        return f"{{{inner}{f',{inner}'.join(held)}{margin}}}"
    if type(value) in (list, tuple) and value:
        return f"[{inner}{f',{inner}'.join([indented(item, inner) for item in value])}{margin}]"
    return dumps(value, indent=2).replace("\n", margin)


_SCALARS = frozenset({str, int, float, bool, type(None)})


@lru_cache(maxsize=64)
def _on_lines(inner: str) -> Callable[[object], str]:
    """The library's encoder in C, which knows no indentation: a line break in the place of the blank behind each comma makes one."""
    return JSONEncoder(separators=(f",{inner}", ": "), check_circular=False).encode
