"""Marks secrets: what a source calls sensitive becomes Sensitive, and only the path down to it is copied."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from iacdrift.sources.resource import Sensitive, Value


def holds_true(tree: Any) -> bool:
    """Whether a tree of marks (`*_sensitive`, `after_unknown`) marks anything at all."""
    if isinstance(tree, dict):
        tree = tree.values()
    elif not isinstance(tree, list):
        return tree is True
    for item in tree:  # noqa: SIM110  nearly all are false or empty: most of a large plan's marks are passed by here
        if item and holds_true(item):
            return True
    return False


def mark_tree(values: Mapping[str, Value], tree: Any) -> Mapping[str, Value]:
    """`values` with a shape-parallel tree of marks applied; the same object where nothing is marked."""
    if tree is True:
        return {key: Sensitive(value) for key, value in values.items()}
    if not isinstance(tree, dict):
        return values
    marked = {key: _mark(values[key], marks) for key, marks in tree.items() if marks and key in values and holds_true(marks)}
    return {**values, **marked} if marked else values


def _mark(value: Value, tree: Any) -> Value:
    if tree is True:
        return Sensitive(value)
    if isinstance(tree, dict) and isinstance(value, dict):
        return {key: _mark(item, tree.get(key)) for key, item in value.items()}
    if isinstance(tree, list) and isinstance(value, list):
        # sets may be shorter in the marks than in the values; what has no mark of its own stays plain
        return [_mark(item, tree[n]) if n < len(tree) else item for n, item in enumerate(value)]
    return value


def mark_paths(values: Mapping[str, Value], paths: Iterable[Any]) -> Mapping[str, Value]:
    """`values` with the paths of a version 4 state's `sensitive_attributes` applied."""
    marked: Mapping[str, Value] = values
    for path in paths:
        steps = [_step(step) for step in path] if isinstance(path, list) else [path]
        marked = _mark_path(marked, steps)
    return marked


def _step(step: Any) -> Any:
    """`{"type": "get_attr", "value": "password"}` or `{"type": "index", "value": {"value": 0, ...}}` as a plain key."""
    value = step.get("value") if isinstance(step, dict) else step
    return value.get("value") if isinstance(value, dict) else value


def _mark_path(value: Value, steps: Sequence[Any]) -> Value:
    if not steps:
        return Sensitive(value)
    step, rest = steps[0], steps[1:]
    if isinstance(value, dict) and step in value:
        return {**value, step: _mark_path(value[step], rest)}
    if isinstance(value, list):
        # a step into a set names the element by its value, not by a number: then the whole set is kept secret
        if isinstance(step, int) and 0 <= step < len(value):
            return [_mark_path(item, rest) if n == step else item for n, item in enumerate(value)]
        return Sensitive(value)
    return value
