"""`${...}` in a CDKTF synth: references between resources and stacks become values where they are known.

What is declared in the synth itself is preferred to what was recorded; a reference without a value stays a Reference;
anything that would have to be computed (functions, conditions) is Unknown with its text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import define, field

from iacdrift.sources.address import Address, parse, steps
from iacdrift.sources.resource import Reference, Sensitive, Unknown, Value

DEEPEST = 30
"""References followed through more steps than this are cyclic or as good as that."""
_WHOLE = re.compile(r"\$\{([^{}]+)\}")
_PLAIN = re.compile(r'[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*|\[(?:\d+|"[^"]*")\])*')
_NAMED = re.compile(r'(?:data\.)?[a-z][a-z0-9]*_[\w]+\.[A-Za-z_][\w-]*(?:\[(?:\d+|"[^"]*")\])?(?:\.[A-Za-z_][\w-]*)*')
MISSING = object()


@define(slots=True, eq=False)
class Stack:
    """One stack of a synth: its parsed `cdk.tf.json`, and what state or outputs recorded, by address and by name."""

    name: str
    synth: Mapping[str, Any]
    recorded: Mapping[str, Mapping[str, Value]] = field(factory=dict)
    outputs: Mapping[str, Value] = field(factory=dict)
    others: Mapping[str, Stack] = field(factory=dict)
    shared: frozenset[str] = frozenset()
    """Addresses that several stacks use: a reference to one of them carries its stack's name."""

    def resolve(self, value: Value, each: Mapping[str, Value] | None = None, depth: int = 0) -> Value:
        """`value` with every `${...}` in it resolved as far as it is known; `each` holds `each.key`, `count.index` and so on."""
        if isinstance(value, str):
            return self._text(value, each or {}, depth) if "${" in value or "%{" in value else value
        if isinstance(value, list):
            return [self.resolve(item, each, depth) for item in value]
        if isinstance(value, dict):
            return {key: self.resolve(item, each, depth) for key, item in value.items() if key != "//"}
        return value

    def _text(self, text: str, each: Mapping[str, Value], depth: int) -> Value:
        whole = _WHOLE.fullmatch(text)
        if whole:
            return self._expression(whole[1].strip(), text, each, depth)
        if "%{" in text or "$${" in text:
            return Unknown(text, _references(text))
        parts = [(_expr, self._expression(_expr.strip(), text, each, depth)) for _expr in _WHOLE.findall(text)]
        known = {expr: str(value) for expr, value in parts if isinstance(value, str | int) and not isinstance(value, bool)}
        out = _WHOLE.sub(lambda found: known.get(found[1], found[0]), text)
        return Unknown(text, _references(text)) if "${" in out else out

    def _expression(self, expression: str, text: str, each: Mapping[str, Value], depth: int) -> Value:
        if depth > DEEPEST or not _PLAIN.fullmatch(expression):
            return Unknown(text, _references(text))
        if expression in each:
            return each[expression]
        if expression.startswith("local."):
            name = expression.removeprefix("local.")
            locals_ = self.synth.get("locals") or {}
            return self.resolve(locals_[name], each, depth + 1) if name in locals_ else Unknown(text, (expression,))
        target = parse(expression)
        if target is None or not target.rest or target.type in ("var", "each", "count", "path", "terraform", "self", "module"):
            return Unknown(text, (expression,))
        if target.data and target.type == "terraform_remote_state":
            return self._remote(target, text, depth)
        return self._attribute(target, depth)

    def _attribute(self, target: Address, depth: int) -> Value:
        """What another resource declares for this attribute, else what was recorded, else a reference to it."""
        if (body := self.body(target)) is not None and target.rest[0] in body and not target.key:
            value = _walk(self.resolve(body[target.rest[0]], None, depth + 1), target.rest[1:])
            if value is not MISSING and not isinstance(value, Unknown):
                return value
        found = _walk(self.recorded.get(target.instance, MISSING), target.rest)
        if found is not MISSING and found is not None:
            return found
        return Reference(target.instance, ".".join(target.rest))

    def _remote(self, target: Address, text: str, depth: int) -> Value:
        """`data.terraform_remote_state.N.outputs.O`: the other stack's output, else what this stack's state recorded of it."""
        if len(target.rest) < 2 or target.rest[0] != "outputs":
            return Unknown(text, (f"{target.resource}",))
        name, rest = target.rest[1], target.rest[2:]
        other = self.others.get(target.name)
        value = other.output(name, depth + 1) if other else MISSING
        if value is MISSING or isinstance(value, Unknown | Reference):
            recorded = _walk(self.recorded.get(target.resource, MISSING), ("outputs", name, *rest))
            if recorded is not MISSING and recorded is not None:
                return recorded
        value = _walk(value, rest)
        if other and isinstance(value, Reference) and value.address in self.shared:
            return Reference(f"{other.name}/{value.address}", value.attribute)
        return Unknown(text, (f"{target.resource}.outputs.{name}",)) if value is MISSING else value

    def output(self, name: str, depth: int = 0) -> Value:
        """An output's value: as declared, else as recorded, else the reference that it is made of; MISSING where there is none."""
        declared = (self.synth.get("output") or {}).get(name)
        value = self.resolve(declared.get("value"), None, depth + 1) if isinstance(declared, dict) and depth <= DEEPEST else MISSING
        if (value is MISSING or isinstance(value, Unknown | Reference)) and self.outputs.get(name) is not None:
            return self.outputs[name]
        return value

    def body(self, target: Address) -> Mapping[str, Any] | None:
        """The block of a resource or data source, None where this stack doesn't have it."""
        section = self.synth.get("data" if target.data else "resource") or {}
        named = section.get(target.type) if isinstance(section, dict) else None
        body = named.get(target.name) if isinstance(named, dict) else None
        return body if isinstance(body, dict) else None


def _walk(value: Any, rest: tuple[str, ...]) -> Any:
    """Down a path such as `("network_interface[0]", "private_ip")`; MISSING where it leads nowhere."""
    for step in rest:
        for key in _keys(step):
            value = value.value if isinstance(value, Sensitive) else value
            if isinstance(value, Unknown | Reference):
                return value
            try:
                value = value[key]
            except (KeyError, IndexError, TypeError):
                return MISSING
    return value


def _keys(step: str) -> Iterator[str | int]:
    for name, indexes in steps(step):
        yield name
        for number, text in re.findall(r'\[(?:(\d+)|"([^"]*)")\]', indexes):
            yield int(number) if number else text


def _references(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_NAMED.findall(" ".join(_WHOLE.findall(text)) or text)))
