"""What a template's expressions mean: intrinsics resolved as far as the sources know, unknown with their text where they don't."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import orjson
from attrs import define, field

from iacdrift.errors import SourceError
from iacdrift.sources.cloudformation.functions import EXTENSIONS, FUNCTIONS, equal, found_in, text_of
from iacdrift.sources.resource import Reference, Sensitive, Unknown, Value

PROCESSED = "aws cloudformation get-template --template-stage Processed"
_PLACE = re.compile(r"\$\{(!?)([^{}!][^{}]*)\}")
_DYNAMIC = re.compile(r"\{\{resolve:[^}]*\}\}")
_LONGEST = 120


class _NoValue:
    """AWS::NoValue: what it stands for isn't set at all."""


NO_VALUE = _NoValue()


@define(slots=True, eq=False)
class Scope:
    """One template's names. `resource(logical id, attribute)` tells a resource's attribute (None: what Ref gives); None for no resource.

    `imported` tells an export of another stack; None where no source holds it.
    """

    source: str
    parameters: Mapping[str, Value]
    pseudo: Mapping[str, Value]
    mappings: Mapping[str, Any]
    conditions: Mapping[str, Any]
    resource: Callable[[str, str | None], Value]
    imported: Callable[[str], Value]
    extended: bool = False
    _decided: dict[str, Value] = field(factory=dict)

    def resolve(self, value: Any) -> Value:
        """The value of an expression; NO_VALUE where it sets nothing."""
        if isinstance(value, dict):
            name = intrinsic(value)
            return self._called(name, value) if name else self._object(value)
        if isinstance(value, list):
            return [item for item in map(self.resolve, value) if item is not NO_VALUE]
        if isinstance(value, str) and "{{resolve:" in value and (found := _DYNAMIC.search(value)):
            return Unknown(f"{found[0]} is looked up when the stack is deployed")
        return value

    def decides(self, name: str) -> bool | Unknown:
        """Whether a condition holds."""
        if name not in self._decided:
            if name not in self.conditions:
                return Unknown(f"there is no condition {name}")
            self._decided[name] = Unknown(f"condition {name} refers to itself")
            self._decided[name] = self._condition(self.conditions[name])
        return self._truth(self._decided[name], f"condition {name}")

    def _truth(self, value: Value, what: str) -> bool | Unknown:
        return value if isinstance(value, bool | Unknown) else Unknown(f"{what} is neither true nor false")

    def _object(self, value: Mapping[str, Any]) -> Value:
        return {key: item for key, item in ((key, self.resolve(item)) for key, item in value.items()) if item is not NO_VALUE}

    def _called(self, name: str, expression: Mapping[str, Any]) -> Value:
        argument = expression[name]
        if name == "Fn::Transform":
            raise SourceError(f"{self.source} calls the macro {_macro(argument)}, which may make anything: give what {PROCESSED} prints")
        special = _SPECIAL.get(name)
        if special is not None:
            found = special(self, argument)
        elif name in FUNCTIONS and (self.extended or name not in EXTENSIONS):
            found = self._computed(FUNCTIONS[name], self.resolve(argument))
        else:
            found = Unknown("no such function is known")
        return self._said(found, expression)

    def _said(self, found: Value, expression: Mapping[str, Any]) -> Value:
        """An unknown carries the text of the expression that it comes from."""
        if not isinstance(found, Unknown):
            return found
        text = shown(expression)
        return found if found.why.startswith("!") or text in found.why else Unknown(f"{text}: {found.why}", found.references)

    def _computed(self, function: Callable[[Any], Any], argument: Value) -> Value:
        """The function of what is known; secret where a part of it is."""
        unknown = list(unknowns(argument))
        if unknown:
            return _because(unknown)
        try:
            found = function(opened(argument))
        except (ValueError, TypeError, KeyError, IndexError) as error:
            return Unknown(str(error) if isinstance(error, ValueError) and error.args else "its arguments have no meaning")
        return Sensitive(found) if secret(argument) else found

    def _ref(self, name: Any) -> Value:
        if not isinstance(name, str):
            return Unknown("it names nothing")
        if name == "AWS::NoValue":
            return NO_VALUE
        if name in self.pseudo:
            return self.pseudo[name]
        if name in self.parameters:
            return self.parameters[name]
        found = self.resource(name, None)
        return Unknown("the template has no such parameter or resource") if found is None else found

    def _get_att(self, argument: Any) -> Value:
        parts = argument.split(".", 1) if isinstance(argument, str) else [self.resolve(part) for part in argument or ()]
        if len(parts) < 2 or not all(isinstance(part, str) for part in parts):
            return Unknown("it names no attribute")
        found = self.resource(parts[0], ".".join(parts[1:]))
        return Unknown("the template has no such resource") if found is None else found

    def _sub(self, argument: Any) -> Value:
        text, more = argument if isinstance(argument, list) and len(argument) == 2 else (argument, {})
        if not isinstance(text, str) or not isinstance(more, dict):
            return Unknown("its arguments have no meaning")
        parts = list(self._parts(text, {name: self.resolve(value) for name, value in more.items()}))
        if len(parts) == 1 and not isinstance(parts[0], bool | int | float):
            return parts[0]
        return self._computed(lambda items: "".join(map(text_of, items)), parts)

    def _parts(self, text: str, more: Mapping[str, Value]) -> Iterator[Value]:
        end = 0
        for place in _PLACE.finditer(text):
            if place.start() > end:
                yield self.resolve(text[end : place.start()])
            name = place[2].strip()
            if place[1]:
                yield f"${{{name}}}"
            elif name in more:
                yield more[name]
            else:
                yield self._get_att(name) if "." in name else self._ref(name)
            end = place.end()
        if end < len(text):
            yield self.resolve(text[end:])

    def _if(self, argument: Any) -> Value:
        name, yes, no = argument
        held = self.decides(name)
        if isinstance(held, bool):
            return self.resolve(yes if held else no)
        left, right = self.resolve(yes), self.resolve(no)
        return left if left is right or (left == right and not list(unknowns(left))) else held

    def _find(self, argument: Any) -> Value:
        keys = self.resolve(argument)
        if not isinstance(keys, list) or not isinstance(argument, list):
            return Unknown("its arguments have no meaning")
        unknown = list(unknowns(keys[:3]))
        if unknown:
            return _because(unknown)
        return self.resolve(self._computed(lambda known: found_in(self.mappings, known), keys))

    def _import(self, argument: Any) -> Value:
        name = self.resolve(argument)
        if not isinstance(name, str):
            return _because(list(unknowns(name))) if name is not None else Unknown("it names no export")
        found = self.imported(name)
        return Unknown(f"no source holds the export {name}: give its stack's template as well") if found is None else found

    def _select(self, argument: Any) -> Value:
        """One item; what isn't known of the others doesn't matter."""
        if not isinstance(argument, list) or len(argument) != 2:
            return Unknown("its arguments have no meaning")
        index, items = self.resolve(argument)
        if isinstance(items, list) and not list(unknowns(index)):
            return self._chosen(opened(index), items)
        return self._computed(FUNCTIONS["Fn::Select"], [index, items])

    def _chosen(self, index: Any, items: list[Value]) -> Value:
        try:
            return items[int(text_of(index))]
        except (ValueError, IndexError):
            return Unknown("there is no such item")

    def _join(self, argument: Any) -> Value:
        found = self.resolve(argument)
        if isinstance(found, list) and len(found) == 2 and isinstance(found[1], list) and len(found[1]) == 1:
            alone = found[1][0]
            return alone if isinstance(alone, Reference | Unknown) else self._computed(FUNCTIONS["Fn::Join"], found)
        return self._computed(FUNCTIONS["Fn::Join"], found)

    def _zones(self, argument: Any) -> Value:
        del argument
        return Unknown("which zones an account has isn't in a template")

    def _condition(self, value: Any) -> Value:
        """An expression of the Conditions section."""
        if not isinstance(value, dict) or len(value) != 1:
            return Unknown("it is no condition")
        name, argument = next(iter(value.items()))
        if name == "Condition":
            return self.decides(str(argument))
        if name == "Fn::Equals":
            return self._said(self._computed(equal, self.resolve(argument)), value)
        held = [self._truth(self._condition(item), shown(value)) for item in argument] if isinstance(argument, list) else []
        return _combined(name, held)


def _combined(name: str, held: list[bool | Unknown]) -> bool | Unknown:
    """And, Or and Not over what may not be known."""
    unknown = next((one for one in held if isinstance(one, Unknown)), None)
    if not held or name not in ("Fn::And", "Fn::Or", "Fn::Not"):
        return Unknown(f"{name} is no condition")
    if name == "Fn::Not":
        return unknown or not held[0]
    deciding = name == "Fn::Or"
    if any(one is deciding for one in held):
        return deciding
    return unknown or not deciding


_SPECIAL: Mapping[str, Callable[[Scope, Any], Value]] = {
    "Ref": Scope._ref,
    "Fn::GetAtt": Scope._get_att,
    "Fn::Sub": Scope._sub,
    "Fn::If": Scope._if,
    "Fn::FindInMap": Scope._find,
    "Fn::ImportValue": Scope._import,
    "Fn::Select": Scope._select,
    "Fn::Join": Scope._join,
    "Fn::GetAZs": Scope._zones,
}


def intrinsic(value: Mapping[str, Any]) -> str | None:
    """The function that an object calls; None for a plain object."""
    if len(value) != 1:
        return None
    name = next(iter(value))
    return name if isinstance(name, str) and (name == "Ref" or name.startswith("Fn::")) else None


def shown(expression: Mapping[str, Any]) -> str:
    """How texts call an expression: `!Sub "${Web.PublicIp}/32"`, cut where it is long."""
    name = next(iter(expression))
    argument = expression[name]
    if name == "Fn::GetAtt" and isinstance(argument, list) and all(isinstance(part, str) for part in argument):
        argument = ".".join(argument)
    said = argument if isinstance(argument, str) else orjson.dumps(argument, default=str).decode()
    text = f"!{name.removeprefix('Fn::')} {said}"
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def unknowns(value: Value) -> Iterator[Unknown | Reference]:
    """Everything within a value that isn't known."""
    if isinstance(value, Sensitive):
        value = value.value
    if isinstance(value, Unknown | Reference):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from unknowns(item)
    elif isinstance(value, list):
        for item in value:
            yield from unknowns(item)


def opened(value: Value) -> Any:
    """A value without its wrappers of secrecy."""
    if isinstance(value, Sensitive):
        return opened(value.value)
    if isinstance(value, Mapping):
        return {key: opened(item) for key, item in value.items()}
    return [opened(item) for item in value] if isinstance(value, list) else value


def secret(value: Value) -> bool:
    """Whether a part of a value is secret."""
    if isinstance(value, Mapping):
        return any(map(secret, value.values()))
    return any(map(secret, value)) if isinstance(value, list) else isinstance(value, Sensitive)


def _because(found: list[Unknown | Reference]) -> Unknown:
    """One unknown for all those that a value is made from."""
    first = found[0]
    references = [text for one in found for text in (one.references if isinstance(one, Unknown) else (f"{one.address}.{one.attribute}",))]
    why = first.why if isinstance(first, Unknown) else f"{first.address}.{first.attribute} is known after deployment"
    return Unknown(why, tuple(dict.fromkeys(references)))


def _macro(argument: Any) -> str:
    name = argument.get("Name") if isinstance(argument, dict) else argument
    return name if isinstance(name, str) else "of an unknown name"
