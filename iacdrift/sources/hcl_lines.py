"""Where the blocks of a `.tf` file begin, by their headers alone: a state needs no more of its code than lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from iacdrift.sources.code import CodeBlock

_HEADER = re.compile(r'^[ \t]*(resource|data|module)[ \t]+"([^"\n]+)"(?:[ \t]+"([^"\n]+)")?[ \t]*\{', re.MULTILINE)
_SOURCE = re.compile(r'(?:^|\{)[ \t]*source[ \t]*=[ \t]*"([^"\n]+)"', re.MULTILINE)
_ASIDE = re.compile(
    r'"(?:[^"\\\n]|\\.)*"|(?:#|//)[^\n]*|/\*.*?\*/|<<-?[ \t]*(?P<end>\w+)[ \t]*\n.*?^[ \t]*(?P=end)[ \t]*$', re.DOTALL | re.MULTILINE
)
"""Strings, which stay, and what looks like code and isn't: comments and texts over several lines."""


def lines_of(text: str, shown: str) -> Mapping[str, CodeBlock]:
    """Every resource, data source and module call with its line, and the source of a call; nothing of what it sets."""
    return dict(_blocks(code_alone(text), shown))


def code_alone(text: str) -> str:
    """The text without comments and without texts over several lines; its lines stay where they are."""
    return _ASIDE.sub(_without_text, text)


def headers_of(text: str, shown: str) -> Iterator[tuple[str, CodeBlock]]:
    """The same of a file that doesn't parse: what its blocks set isn't known."""
    for found in _HEADER.finditer(text):
        if key := key_of([part for part in found.groups() if part]):
            yield key, CodeBlock(f"{shown}:{_line(text, found)}", None)


def _blocks(text: str, shown: str) -> Iterator[tuple[str, CodeBlock]]:
    for found, following in pairwise((*_HEADER.finditer(text), None)):
        key = key_of([part for part in found.groups() if part]) if found else None
        if found and key:
            source = _SOURCE.search(text, found.end() - 1, following.start() if following else len(text)) if found[1] == "module" else None
            yield key, CodeBlock(f"{shown}:{_line(text, found)}", frozenset(), source=source[1] if source else None)


def _without_text(found: re.Match[str]) -> str:
    return found[0] if found[0].startswith('"') else "\n" * found[0].count("\n")


def _line(text: str, found: re.Match[str]) -> int:
    return text.count("\n", 0, found.start(1)) + 1


def key_of(labels: Sequence[str]) -> str | None:
    """`type.name`, `data.type.name` or `module.name`; None for any other block."""
    match labels:
        case ["resource", kind, name]:
            return f"{kind}.{name}"
        case ["data", kind, name]:
            return f"data.{kind}.{name}"
        case ["module", name]:
            return f"module.{name}"
    return None
