"""One resource of a plan as it is before the plan is applied.

What the plan leaves alone is the same on both sides, so that only what it changes can differ. What it changes was as the prior
state records it, drift that the refresh found included: the plan takes that back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
