"""A running program's resources, joined: what it declares by the transform, what the engine recorded, and what can't be seen."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pulumi
from attrs import evolve
from google.protobuf import json_format, struct_pb2
from pulumi.runtime.mocks import MockMonitor
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.settings import get_monitor

from iacdrift.pulumi.document import STACK, Collected, Seen, document
from iacdrift.pulumi.expectation import is_expectation
from iacdrift.pulumi.values import awaited, plain
from iacdrift.pulumi.watch import Local, Watch

_OF_PULUMI = "pulumi:"


async def collected(watch: Watch) -> Collected:
    """All that the program declared, with what the engine recorded of it."""
    local = await watch.finished()
    outputs = {name: await awaited(value) for name, value in watch.root.outputs.items() if is_expectation(value)}
    stack = Seen(str(await watch.root.urn.future()), STACK, custom=False, outputs=outputs)
    seen = [await _with_recorded(one) for one in tuple(everything(watch, local))]
    return document(watch.name, [stack, *seen], tuple(gaps(watch, seen, local)))


async def seen_so_far(watch: Watch, ready: Mapping[str, tuple[str | None, Any]]) -> Collected:
    """What is declared and recorded by now, waiting for nothing; `ready` has ids and outputs that the engine doesn't tell yet."""
    seen = []
    for one in tuple(everything(watch, {})):
        physical, outputs = ready[one.urn] if one.urn in ready else await recorded(one.urn)
        place = next((local.at for local in watch.locals if (local.type, local.name) == (one.type, one.name)), None)
        seen.append(evolve(one.with_outputs(outputs, physical), at=place))
    return document(watch.name, seen)


def everything(watch: Watch, local: Mapping[str, Local]) -> Iterator[Seen]:
    """What is registered and in time, each with the line that makes it."""
    late = {(one.type, one.name) for one in watch.late()}
    for urn, seen in tuple(watch.declared.items()):
        if (seen.type, seen.name) not in late and not seen.type.startswith(_OF_PULUMI):
            yield evolve(seen, at=local[urn].at if urn in local else None)
    for urn, one in local.items():
        if urn not in watch.declared and not one.type.startswith(_OF_PULUMI):
            # what a program reads by its id is no registration: no transform is told
            yield Seen(urn, one.type, isinstance(one.resource, pulumi.CustomResource), at=one.at, external=one.read)


def gaps(watch: Watch, seen: Sequence[Seen], local: Mapping[str, Local]) -> Iterator[str]:
    """What the program declares and this door can't see."""
    if late := [one for one in watch.late() if isinstance(one.resource, pulumi.CustomResource) and not one.type.startswith(_OF_PULUMI)]:
        shown = ", ".join(f"{one.type}::{one.name}" for one in late[:5])
        yield f"{_count(late)} declared after assert_no_network_drift and not judged, so call it last: {shown}"
    if unseen := [one for one in seen if one.custom and one.outputs is None]:
        inside = [one for one in unseen if one.urn not in local]
        shown = ", ".join(f"{one.type}::{one.name}" for one in (inside or unseen)[:5])
        why = "inside remote components can't be seen from the program; the policy pack sees them (iacdrift.policy)"
        yield f"{_count(inside)} {why}: {shown}" if inside else f"the engine has no id of {_count(unseen)}, which may not exist: {shown}"


def _count(found: Sequence[object]) -> str:
    return "1 resource" if len(found) == 1 else f"{len(found)} resources"


async def _with_recorded(seen: Seen) -> Seen:
    physical, outputs = await recorded(seen.urn)
    return seen.with_outputs(outputs, physical)


async def recorded(urn: str) -> tuple[str | None, dict[str, Any] | None]:
    """The id and the outputs that the engine has for a resource of this deployment; (None, None) where it has none."""
    monitor: Any = get_monitor()
    if isinstance(monitor, MockMonitor):
        found = monitor.resources.get(urn)
        return (found.id, await awaited(found.state)) if found and found.id else (None, None)
    args = struct_pb2.Struct()
    args.update({"urn": urn})
    request = resource_pb2.ResourceInvokeRequest(tok="pulumi:pulumi:getResource", args=args, acceptResources=False)
    try:
        answer = await asyncio.get_running_loop().run_in_executor(None, monitor.Invoke, request)
    except Exception:
        return None, None
    given = json_format.MessageToDict(getattr(answer, "return"))
    if "state" not in given:
        return None, None
    return str(given.get("id") or "") or None, plain(given["state"] or {})
