"""Puts what is only known after apply into declared values: as references where the code says so, else as Unknown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from iacdrift.sources.configuration import Scope, attribute_of, references_in
from iacdrift.sources.resource import Reference, Unknown, Value
from iacdrift.sources.sensitive import holds_true

AFTER_APPLY = "known after apply"


@frozen(slots=True, eq=False)
class Overlay:
    """The unknowns of one planned resource. `instances` are all addresses that a reference may name."""

    scope: Scope
    instances: frozenset[str]

    def over(self, value: Value, unknown: Any, expression: Any, shape: Any) -> Value:
        """`value` with Unknown and Reference where `unknown` says so; `shape` tells a list from a single value ([] or not)."""
        if unknown is True:
            return self._unknown(expression, isinstance(shape, list))
        if isinstance(unknown, dict) and holds_true(unknown):
            return self._dict(value if isinstance(value, dict) else {}, unknown, expression, shape)
        if isinstance(unknown, list) and holds_true(unknown):
            return self._list(value if isinstance(value, list) else [], unknown, expression, shape)
        return value

    def references(self, expression: Any) -> tuple[str, ...]:
        """What an expression is made from, as absolute references."""
        return self.scope.resolve(references_in(expression))

    def _dict(self, value: Mapping[str, Value], unknown: Mapping[str, Any], expression: Any, shape: Any) -> dict[str, Value]:
        out = dict(value)
        blocks = _is_block(expression)
        for key, tree in unknown.items():
            # what a block doesn't set and the provider computes declares nothing
            if holds_true(tree) and not (blocks and key not in expression):
                out[key] = self.over(value.get(key), tree, _inside(expression, key), shape.get(key) if isinstance(shape, dict) else None)
        return out

    def _list(self, value: list[Value], unknown: list[Any], expression: Any, shape: Any) -> list[Value]:
        out: list[Value] = []
        for n in range(max(len(value), len(unknown))):
            item = value[n] if n < len(value) else None
            tree = unknown[n] if n < len(unknown) else None
            of_item = shape[n] if isinstance(shape, list) and n < len(shape) else None
            out.append(self.over(item, tree, _item(expression, n), of_item))
        return out

    def _unknown(self, expression: Any, is_list: bool) -> Value:
        references = self.references(expression)
        targets = [attribute_of(reference, self.instances) for reference in references]
        links = [Reference(found[0].instance, found[1]) for found in targets if found]
        if links and len(links) == len(references) and (is_list or len(links) == 1):
            return links if is_list else links[0]
        return Unknown(AFTER_APPLY, references)


def _inside(expression: Any, key: str) -> Any:
    """A block's attribute in the configuration; an attribute's whole expression where the block is written as a value."""
    return expression.get(key) if _is_block(expression) else expression


def _is_block(expression: Any) -> bool:
    return isinstance(expression, dict) and "references" not in expression and "constant_value" not in expression


def _item(expression: Any, position: int) -> Any:
    """The n-th block. Sets are sorted in values but not in the configuration: with several blocks, none can be picked."""
    if not isinstance(expression, list):
        return expression
    return expression[0] if len(expression) == 1 else {"references": references_in(expression)}
