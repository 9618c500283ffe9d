"""`pulumi preview --json --show-sames`: what the program says now (`newState.inputs`) beside what was recorded (`oldState`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from iacdrift.errors import SourceError
from iacdrift.sources import pulumi_earlier
from iacdrift.sources.document import Document
from iacdrift.sources.pulumi_resource import STACK, Pair, Stack
from iacdrift.sources.pulumi_values import properties
from iacdrift.sources.reading import Reading
from iacdrift.sources.resource import Action, Origin, SourceInfo, Value

COMMAND = "pulumi preview --json --show-sames"
_ACTIONS = {
    "create": Action.CREATE,
    "update": Action.UPDATE,
    "delete": Action.DELETE,
    "discard": Action.DELETE,
    "remove-pending-replace": Action.DELETE,
    "replace": Action.REPLACE,
    "create-replacement": Action.REPLACE,
    "delete-replaced": Action.REPLACE,
    "import-replacement": Action.REPLACE,
    "read-replacement": Action.REPLACE,
    "discard-replaced": Action.REPLACE,
}


def read_preview(document: Document, info: SourceInfo, *, earlier: bool = False) -> Reading:
    """Every resource that the preview knows: those of the program, and those that it is about to delete.

    `earlier`: those that are there before the update, what it doesn't touch as the program says, what it touches as was recorded.
    """
    data = document.data
    steps = [step for step in data.get("steps") or () if isinstance(step, Mapping)]
    _refuse(document.name, data, steps)
    own = _by_urn(steps)
    pairs = [pair for urn, mine in own.items() if (pair := _asked(urn, mine, before=earlier)) is not None]
    stack = Stack.of(document.name, Origin.CODE, pairs)
    resources = tuple(stack.resources(pairs))
    outputs, noted = _outputs(pairs, before=earlier)
    notes = (f"{document.name}: the stack's outputs are those of its last update",) if noted else ()
    empty = None if resources or earlier else f"{document.name}: this preview holds no resource"
    return Reading(info, resources, outputs, tuple(_gaps(document)), notes, empty)


def _refuse(name: str, data: Mapping[str, Any], steps: Sequence[Mapping[str, Any]]) -> None:
    """SourceError for a preview that leaves out what stays the same, or that isn't the program's."""
    operations: dict[str, set[str]] = {}
    for step in steps:
        operations.setdefault(str(step.get("urn")), set()).add(str(step.get("op")))
    if any(ops == {"refresh"} for ops in operations.values()):
        raise SourceError(f"{name} is the preview of a refresh, which asks the cloud and not the program: give it with --refresh-json")
    unchanged = (data.get("changeSummary") or {}).get("same") or 0
    if unchanged and not any("same" in ops for ops in operations.values()):
        raise SourceError(f"{name} leaves out the {unchanged} resources that stay the same: write it with {COMMAND}")


def _gaps(document: Document) -> Iterator[str]:
    """Why this preview can't prove everything; `gaps` are those of the door that collected it inside a program or a policy pack."""
    yield from map(str, document.data.get("gaps") or ())
    told = [one for one in document.data.get("diagnostics") or () if isinstance(one, Mapping)]
    if any(one.get("severity") == "error" for one in told):
        yield f"{document.name}: this preview is incomplete, Pulumi stopped with an error while it made it"
    if document.data.get("maybeCorrupt"):
        yield f"{document.name}: Pulumi says that this preview may be corrupt"


def _by_urn(steps: Sequence[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    """The steps of each resource: a replacement has up to three, a refresh before the preview one more."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for step in steps:
        found.setdefault(str(step["urn"]), []).append(step)
    return found


def _asked(urn: str, own: Sequence[Mapping[str, Any]], *, before: bool) -> Pair | None:
    """One pair a resource, as the update leaves it or as it was before."""
    asked = [step for step in own if step.get("op") != "refresh"] or own
    pair = _pair(urn, asked, [str(step.get("op")) for step in asked])
    return pulumi_earlier.earlier(pair, asked) if before else pair


def _pair(urn: str, steps: Sequence[Mapping[str, Any]], operations: Sequence[str]) -> Pair:
    """A refresh before the preview shows as an update or deletion of its own, before the program's own step."""
    new = next((step["newState"] for step in reversed(steps) if step.get("newState") and _wanted(step)), None)
    old = next((step["oldState"] for step in steps if step.get("oldState")), None)
    actions = [_ACTIONS.get(operation, Action.KEEP) for operation in operations]
    if Action.REPLACE in actions:
        return Pair(urn, new, old, Action.REPLACE)
    if new is None:
        return Pair(urn, None, old, Action.DELETE)
    action = actions[-1]
    if old is None and action is Action.KEEP and not new.get("external"):
        action = Action.CREATE
    if new.get("external") and not old:
        old = new
    return Pair(urn, new, old, Action.KEEP if action is Action.DELETE else action)


def _wanted(step: Mapping[str, Any]) -> bool:
    return step.get("op") not in ("delete", "delete-replaced", "discard", "discard-replaced", "remove-pending-replace")


def _outputs(pairs: Sequence[Pair], *, before: bool) -> tuple[dict[str, Value], bool]:
    """The stack's outputs, and whether they are only those of the last update though the coming ones are asked for."""
    for pair in pairs:
        if pair.type == STACK:
            new = None if before else (pair.declared or {}).get("outputs")
            recorded = properties((pair.recorded or {}).get("outputs"))
            expected = any(isinstance(value, dict) and "schema" in value for value in recorded.values())
            return (properties(new), False) if new else (recorded, expected and not before)
    return {}, False
