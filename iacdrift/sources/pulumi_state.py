"""`pulumi stack export` and a backend's checkpoint: what the last update or refresh recorded, inputs and outputs.

A refresh rewrites both with what it finds in the cloud, so inputs from here are no proof of what the program says.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import evolve

from iacdrift.errors import SourceError
from iacdrift.sources.document import Document
from iacdrift.sources.pulumi_resource import STACK, Pair, Stack
from iacdrift.sources.pulumi_values import properties
from iacdrift.sources.reading import Reading
from iacdrift.sources.resource import Action, Origin, SourceInfo

INSTEAD = "pulumi preview --json --show-sames asks the program"


def read_state(document: Document, info: SourceInfo) -> Reading:
    """Every resource that the stack records; those that wait for their deletion as leaving."""
    name, data = document.name, document.data
    deployment = _deployment(name, data)
    if pending := deployment.get("pending_operations"):
        raise SourceError(
            f"{name} has {len(pending)} pending operation{'s' if len(pending) > 1 else ''}, whose outcome nobody knows: "
            "run pulumi refresh, and export the stack again"
        )
    states = [state for state in deployment.get("resources") or () if isinstance(state, Mapping)]
    pairs = [_pair(state) for state in states]
    resources = tuple(Stack.of(name, Origin.STATE, pairs).resources(pairs))
    outputs = next((properties(state.get("outputs")) for state in states if state.get("type") == STACK), {})
    written = (deployment.get("manifest") or {}).get("time")
    info = evolve(info, written_at=written if isinstance(written, str) else info.written_at)
    note = f"{name}: rules are the inputs that the last update or refresh recorded, and drift that was refreshed into them can't be seen"
    empty = None if resources else f"{name}: this stack is empty"
    return Reading(info, resources, outputs, notes=(f"{note}; {INSTEAD}",) if resources else (), empty=empty)


def _deployment(name: str, data: Mapping[str, Any]) -> Mapping[str, Any]:
    """The resources' place: under `deployment`, or under `checkpoint.latest`."""
    version = data.get("version")
    if version not in (3, 4):
        raise SourceError(
            f"{name} is an export of version {version}; 3 and 4 are read: export it again with Pulumi 3 (pulumi stack export)"
        )
    held = data["deployment"] if "deployment" in data else (data["checkpoint"] or {}).get("latest")
    return held or {}


def _pair(state: Mapping[str, Any]) -> Pair:
    """What is marked for deletion has been replaced already, or will be gone with the next update."""
    urn = str(state["urn"])
    if state.get("delete"):
        return Pair(f"{urn} (pending deletion)", None, state, Action.DELETE)
    return Pair(urn, state if "inputs" in state else None, state)
