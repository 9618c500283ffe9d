"""Pulumi's JSON: a preview, an export, a backend's checkpoint, or a stack's outputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import evolve

from iacdrift.errors import SourceError
from iacdrift.sources.document import Document
from iacdrift.sources.expectation import SCHEMA
from iacdrift.sources.pulumi_preview import read_preview
from iacdrift.sources.pulumi_state import read_state
from iacdrift.sources.pulumi_values import decoded
from iacdrift.sources.reading import Options, Reading
from iacdrift.sources.resource import SourceInfo

KIND = "pulumi"
_EMPTY_PREVIEW = frozenset({"config", "diagnostics", "duration", "maybeCorrupt"})


def recognises(data: Any) -> bool:
    """A preview, export or checkpoint, or outputs with an expectation among them."""
    return isinstance(data, Mapping) and (_is_preview(data) or "deployment" in data or "checkpoint" in data or _holds_expectation(data))


def tells_before(data: Any) -> bool:
    """A preview says what was there, and what the program makes of it."""
    return isinstance(data, Mapping) and _is_preview(data)


def read(document: Document, options: Options) -> Reading:
    """Every resource of the stack, and its outputs."""
    data = document.data
    info = SourceInfo(KIND, document.name, document.sha256, written_at=document.written_at, commit=document.commit)
    if _is_preview(data):
        info = evolve(info, written_at=info.written_at or _modified(data))
        return read_preview(document, info, earlier=options.earlier)
    if "deployment" in data or "checkpoint" in data:
        return read_state(document, info)
    if not _holds_expectation(data):
        raise SourceError(
            f"{document.name} is neither a preview nor an export of Pulumi's, and as outputs of a stack it holds no expectation ({SCHEMA})"
        )
    return Reading(info, outputs={name: decoded(value) for name, value in data.items()})


def _is_preview(data: Mapping[str, Any]) -> bool:
    if "changeSummary" in data or ("steps" in data and "config" in data):
        return True
    return "duration" in data and data.keys() <= _EMPTY_PREVIEW


def _modified(data: Mapping[str, Any]) -> str | None:
    """When what a preview shows was last recorded: the age of its addresses, where no file tells another."""
    old = (step.get("oldState") for step in data.get("steps") or () if isinstance(step, Mapping))
    return max((str(state["modified"]) for state in old if isinstance(state, Mapping) and state.get("modified")), default=None)


def _holds_expectation(data: Mapping[str, Any]) -> bool:
    return any(isinstance(value, Mapping) and str(value.get("schema")).startswith("iacdrift/expectation/") for value in data.values())
