"""Whether the `for_each` of a `dynamic` block is over nothing: then the block sets nothing, and what is planned is the cloud's own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from attrs import frozen

from iacdrift.sources.configuration import DEEPEST, Scope

Written = Callable[[tuple[str, ...], str], str | None]
"""The text of `local.NAME` or of `module.CALL.ARGUMENT` in a module, by the names of the calls that lead there."""

_CALL = re.compile(r"([a-z_]+)\((.*)\)", re.DOTALL)
_SAME = frozenset({"toset", "tolist", "tomap", "distinct", "sort", "reverse", "keys", "values"})
"""Functions of one argument whose result is empty exactly where it is."""
_PAIRS = {"(": ")", "[": "]", "{": "}"}


@frozen(slots=True, eq=False)
class Emptiness:
    """Evaluates as far as constants, variables and locals go. `given`: the plan's variables."""

    given: Mapping[str, Any]
    written: Written

    def of(self, text: str, scope: Scope, depth: int = 0) -> bool | None:
        """True or False where the code and the plan's variables leave no other choice, else None."""
        text = _unwrapped(text)
        if depth > DEEPEST or not text:
            return None
        if len(parts := _conditional(text)) == 3:
            return self._chosen(parts, scope, depth + 1)
        if text[0] in "[{" and _closes_last(text):
            return _literal(text)
        call = _CALL.fullmatch(text)
        if call is not None and _closes_last(text):
            return self._called(call[1], list(_split(call[2], ",")), scope, depth + 1)
        return self._named(text, scope, depth + 1)

    def _chosen(self, parts: list[str], scope: Scope, depth: int) -> bool | None:
        truth = self._truth(_unwrapped(parts[0]), scope)
        if truth is not None:
            return self.of(parts[1 if truth else 2], scope, depth)
        either = {self.of(part, scope, depth) for part in parts[1:]}
        return either.pop() if len(either) == 1 else None

    def _called(self, name: str, arguments: list[str], scope: Scope, depth: int) -> bool | None:
        if name in _SAME and len(arguments) == 1:
            return self.of(arguments[0], scope, depth)
        said = [self.of(argument, scope, depth) for argument in arguments] if name in ("concat", "merge", "setunion") else [None]
        return False if False in said else None if None in said else True

    def _named(self, text: str, scope: Scope, depth: int) -> bool | None:
        front, _, name = text.partition(".")
        if not name.isidentifier():
            return None
        if front == "local":
            found = self.written(_names(scope), text)
            return self.of(found, scope, depth) if found is not None else None
        return self._variable(name, scope, depth) if front == "var" else None

    def _variable(self, name: str, scope: Scope, depth: int) -> bool | None:
        known, value = self._value(name, scope)
        if known:
            return not value if isinstance(value, (list, dict)) else None
        if not scope.module:
            return None
        caller, _ = scope.caller(name)
        passed = self.written(_names(caller), f"module.{scope.module[-1][0]}.{name}")
        return self.of(passed, caller, depth) if passed is not None else None

    def _value(self, name: str, scope: Scope) -> tuple[bool, Any]:
        """Whether the value is certain, and the value: what is given, a constant that the caller passes, or the default."""
        told, key = (scope.caller(name)[1], "constant_value") if scope.module else (self.given.get(name), "value")
        if told is not None:
            return isinstance(told, dict) and key in told, told.get(key) if isinstance(told, dict) else None
        module = scope.root.inside(call for call, _ in scope.module)
        declared = module.variables.get(name, {}) if module else {}
        return "default" in declared and not declared.get("ephemeral"), declared.get("default")

    def _truth(self, text: str, scope: Scope) -> bool | None:
        if text in ("true", "false"):
            return text == "true"
        if text.startswith("!"):
            truth = self._truth(_unwrapped(text[1:]), scope)
            return None if truth is None else not truth
        known, value = self._value(text[4:], scope) if text.startswith("var.") else (False, None)
        return value if known and isinstance(value, bool) else None


def _names(scope: Scope) -> tuple[str, ...]:
    return tuple(name for name, _ in scope.module)


def _unwrapped(text: str) -> str:
    """Without the spaces, quotes and parentheses around the whole."""
    text = text.strip()
    if text.startswith("${") and text.endswith("}") and "${" not in text[2:]:
        return _unwrapped(text[2:-1])
    return _unwrapped(text[1:-1]) if text.startswith("(") and _closes_last(text) else text


def _literal(text: str) -> bool | None:
    """A list or an object as written; one made by `for` may come to nothing."""
    inside = text[1:-1].strip()
    return None if inside.startswith("for") else not inside


def _conditional(text: str) -> list[str]:
    """Condition and both choices; more or fewer parts where it is no conditional expression."""
    condition, *rest = _split(text, "?")
    return [condition, *_split("?".join(rest), ":")] if rest else [condition]


def _closes_last(text: str) -> bool:
    """Whether the first bracket is closed by the very last character."""
    depth = 0
    for at, character, outside in _outside_strings(text):
        depth += outside and (character in _PAIRS) - (character in _PAIRS.values())
        if depth == 0 and outside and character in _PAIRS.values():
            return at == len(text) - 1
    return False


def _split(text: str, mark: str) -> Iterator[str]:
    """The parts between these characters, where those stand in no bracket and no string."""
    depth = start = 0
    for at, character, outside in _outside_strings(text):
        depth += outside and (character in _PAIRS) - (character in _PAIRS.values())
        if outside and depth == 0 and character == mark:
            yield text[start:at]
            start = at + 1
    if text[start:].strip():
        yield text[start:]


def _outside_strings(text: str) -> Iterator[tuple[int, str, bool]]:
    """Every character with its place, and whether it stands outside of quotes."""
    quoted = escaped = False
    for at, character in enumerate(text):
        outside = not quoted and character != '"'
        if character == '"' and not escaped:
            quoted = not quoted
        escaped = character == "\\" and not escaped
        yield at, character, outside
