"""One resource of a plan as it is before the plan is applied.

What the plan leaves alone is the same on both sides, so that only what it changes can differ. What it changes was as the prior
state records it, drift that the refresh found included: the plan takes that back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from attrs import evolve

from iacdrift.sources.resource import Action, Origin, Resource, Value


def earlier(resource: Resource, change: Mapping[str, Any], recorded: Mapping[str, Value] | None) -> Resource | None:
    """The resource before; None where it isn't there yet.

    `change` is the plan's `before`, `after` and `after_unknown` (empty where the resource wasn't planned), `recorded` the
    prior state's values.
    """
    if resource.data or not change or resource.action is Action.KEEP:
        return resource
    if resource.action is Action.CREATE or recorded is None:
        return None
    if resource.action in (Action.DELETE, Action.REPLACE):
        return evolve(resource, declared=recorded, recorded=recorded, origin=Origin.STATE, action=Action.KEEP)
    return evolve(resource, declared=dict(_was(resource.declared, change, recorded)), action=Action.KEEP)


def outputs_before(plan: Mapping[str, Any]) -> dict[str, Value]:
    """A plan's output values by name before it is applied: `prior_state` holds the planned ones already (Terraform 1.11.4)."""
    changes = plan.get("output_changes") or {}
    return {name: change["before"] for name, change in changes.items() if isinstance(change, Mapping) and change.get("before") is not None}


def with_moving(resources: Iterable[Resource], coming: Iterable[Resource]) -> Iterator[Resource]:
    """The resources before, where the first of `coming` takes over what was written inside another: a group's inline rules.

    The code has left the inline list, and the plan doesn't touch it: what is recorded there was, and is, in force. Where such
    resources were there before, the list only mirrors them.
    """
    before = list(resources)
    named = _naming(coming)
    owned = _naming(before)
    for resource in before:
        ident = resource.recorded.get("id")
        if (
            resource.data
            or not isinstance(ident, str)
            or not _parts(resource, named.get(ident, ()))
            or _parts(resource, owned.get(ident, ()))
        ):
            yield resource
            continue
        hidden = {key: value for key, value in resource.recorded.items() if key not in resource.declared and _holds_blocks(value)}
        yield evolve(resource, declared={**resource.declared, **hidden}) if hidden else resource


def _naming(resources: Iterable[Resource]) -> dict[str, list[Resource]]:
    """Every resource by the ids that it names."""
    found: dict[str, list[Resource]] = {}
    for resource in resources:
        for key, value in resource.declared.items():
            if key.endswith("_id") and isinstance(value, str):
                found.setdefault(value, []).append(resource)
    return found


def _parts(whole: Resource, named_by: Iterable[Resource]) -> bool:
    """Whether one of these is a part of the whole, as their types tell: `aws_route` of `aws_route_table`, `…_rule` of a group."""
    stem = whole.type.partition("_")[2]
    kinds = (part.type.partition("_")[2] for part in named_by if part.type != whole.type and not part.data)
    return any(kind.endswith(("rule", "route", "entry")) and (stem in kind or kind in stem) for kind in kinds)


def _holds_blocks(value: Value) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, Mapping) for item in value)


def _was(declared: Mapping[str, Value], change: Mapping[str, Any], recorded: Mapping[str, Value]) -> Iterator[tuple[str, Value]]:
    """Attributes as the code sets them, those that change as they were; what neither sets nor changes stays out (the mirror rule)."""
    before, after, unknown = (change.get(name) or {} for name in ("before", "after", "after_unknown"))
    for key in sorted(declared.keys() | before.keys()):
        coming = _any(unknown.get(key))
        if not coming and before.get(key) == after.get(key):
            if key in declared:
                yield key, declared[key]
        elif recorded.get(key) is not None and (key in declared or not coming):
            yield key, recorded[key]


def _any(tree: Any) -> bool:
    """Whether anything in an `after_unknown` is unknown."""
    if isinstance(tree, Mapping):
        return any(_any(item) for item in tree.values())
    if isinstance(tree, list):
        return any(_any(item) for item in tree)
    return bool(tree)
