"""The readers by kind: a new one is a file with recognises() and read(), and a line here."""

from __future__ import annotations

from importlib import import_module
from typing import Any, Protocol

from iacdrift.errors import SourceError
from iacdrift.sources.document import Document
from iacdrift.sources.reading import Options, Reading

READERS = {
    "plan": "iacdrift.sources.plan",
    "cdktf": "iacdrift.sources.cdktf",
    "expectation": "iacdrift.sources.expectation",
    "tfstate": "iacdrift.sources.tfstate",
    "pulumi": "iacdrift.sources.pulumi",
    "cloudformation": "iacdrift.sources.cloudformation.reader",
    "eni": "iacdrift.sources.interfaces",
    "resources": "iacdrift.sources.handed_over",
}
"""Kind -> module. The order is that of detection."""


class Reader(Protocol):
    """What a module in READERS offers."""

    def recognises(self, data: Any) -> bool:
        """Whether parsed content is of this kind."""

    def read(self, document: Document, options: Options) -> Reading:
        """The content as resources."""


def reader(kind: str) -> Reader:
    """The reader of this kind, imported now. SourceError lists the known ones."""
    if kind not in READERS:
        raise SourceError(f"{kind}: is no kind of source; known kinds: {', '.join(READERS)}")
    return import_module(READERS[kind])


def tells_before(kind: str, data: Any) -> bool:
    """Whether content of this kind says what is there before it is applied, too: a plan, a preview."""
    told = getattr(reader(kind), "tells_before", None)
    return told is not None and bool(told(data))


def detect(document: Document) -> str:
    """The kind whose reader recognises the content."""
    for kind in READERS:
        if reader(kind).recognises(document.data):
            return kind
    raise SourceError(
        f"{document.name} is JSON, but neither a state nor a plan: give terraform show -json, or say what it is with KIND:PATH"
    )
