"""Whether two configurations say the same of one resource, and references that follow a resource to another name."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import evolve

from iacdrift.sources.resource import Action, Reference, Resource, Sensitive, Unknown, Value

_FRESH = (Action.CREATE, Action.REPLACE)


def disagreement(left: Resource, right: Resource) -> str | None:
    """The first attribute on which two configurations differ, or "the existence"; None where they agree.

    What is unknown in one agrees with everything; null, "" and [] are the same. A plan that creates also shows the provider's
    defaults: then only attributes that both have are compared.
    """
    if (left.action is Action.DELETE) != (right.action is Action.DELETE):
        return "the existence"
    fresh = left.action in _FRESH or right.action in _FRESH
    keys = left.declared.keys() & right.declared.keys() if fresh else left.declared.keys() | right.declared.keys()
    for key in sorted(keys):
        if not same(left.declared.get(key), right.declared.get(key)):
            return key
    return None


def same(left: Value, right: Value) -> bool:
    """Whether two values mean the same: null, "" and [] do, order doesn't count, and what is unknown agrees with everything."""
    left = left.value if isinstance(left, Sensitive) else left
    right = right.value if isinstance(right, Sensitive) else right
    if isinstance(left, Unknown | Reference) or isinstance(right, Unknown | Reference):
        return True
    if left in (None, "", [], {}) or right in (None, "", [], {}):
        return left in (None, "", [], {}, False) and right in (None, "", [], {}, False)
    if isinstance(left, dict) and isinstance(right, dict):
        return all(same(left.get(key), right.get(key)) for key in left.keys() | right.keys())
    if isinstance(left, list) and isinstance(right, list):
        # sets are written in any order
        return len(left) == len(right) and all(any(same(a, b) for b in right) for a in left)
    return bool(left == right) or str(left) == str(right)


def renamed(resource: Resource, names: Mapping[str, str]) -> Resource:
    """The resource with its references following `names` (old address -> new)."""
    declared = {key: _follow(value, names) for key, value in resource.declared.items()}
    return evolve(resource, declared=declared)


def _follow(value: Value, names: Mapping[str, str]) -> Value:
    if isinstance(value, Reference):
        return evolve(value, address=names.get(value.address, value.address))
    if isinstance(value, Unknown):
        return evolve(value, references=tuple(_follow_text(text, names) for text in value.references)) if value.references else value
    if isinstance(value, list):
        return [_follow(item, names) for item in value]
    if isinstance(value, dict):
        return {key: _follow(item, names) for key, item in value.items()}
    return value


def _follow_text(text: str, names: Mapping[str, str]) -> str:
    address, dot, attribute = text.rpartition(".")
    return names.get(text) or (f"{names[address]}{dot}{attribute}" if address in names else text)
