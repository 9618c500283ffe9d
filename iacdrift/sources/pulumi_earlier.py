"""One resource of a Pulumi preview as it is before the update: what doesn't change as the program says, what does as was recorded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from iacdrift.sources.pulumi_resource import Pair, State
from iacdrift.sources.pulumi_values import hidden
from iacdrift.sources.resource import Action


def earlier(pair: Pair, steps: Iterable[Mapping[str, Any]]) -> Pair | None:
    """The pair before; None where it isn't there yet. `steps`: the preview's steps of this resource."""
    if pair.action is Action.KEEP:
        return pair
    if pair.action is Action.CREATE or pair.recorded is None:
        return None
    if pair.action is not Action.UPDATE or pair.declared is None:
        return Pair(pair.urn, pair.recorded, pair.recorded)
    return Pair(pair.urn, _was(pair.declared, pair.recorded, _changing(steps)), pair.recorded)


def _was(new: State, old: State, changing: frozenset[str]) -> State:
    """The program's state with what changes as it was; outputs tell drift that a refresh found, which inputs may leave out."""
    said, given = new.get("inputs"), old.get("inputs")
    if hidden(said) or hidden(given) or not isinstance(said, Mapping) or not isinstance(given, Mapping):
        return old
    outputs = old.get("outputs")
    recorded = {**given, **(outputs if isinstance(outputs, Mapping) else {})}
    changed = changing | {name for name in (*said, *given) if said.get(name) != given.get(name) and not name.startswith("__")}
    kept = {name: value for name, value in said.items() if name not in changed}
    dependencies = {name: urns for name, urns in (new.get("propertyDependencies") or {}).items() if name not in changed}
    was = {name: recorded[name] for name in sorted(changed) if name in recorded}
    return {**new, "inputs": kept | was, "propertyDependencies": dependencies}


def _changing(steps: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """The properties that the engine says it changes: `diffReasons`, and the heads of `detailedDiff`'s paths."""
    found = set[str]()
    for step in steps:
        if step.get("op") != "refresh":
            found.update(str(name) for name in step.get("diffReasons") or ())
            found.update(str(path).partition("[")[0].partition(".")[0] for path in step.get("detailedDiff") or ())
    return frozenset(found)
