"""The `configuration` of a plan: which attributes the code sets, and what each is made from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from attrs import field, frozen

from iacdrift.sources.address import Address, parse, steps

DEEPEST = 40
"""Variables passed through more module calls than this are taken as unresolved."""

ModulePath = tuple[tuple[str, str], ...]
"""The instance of a module: call names with their keys, `(("service", '["api"]'),)`."""


@frozen(slots=True, eq=False)
class Configuration:
    """One module's configuration: its resources by `type.name`, its calls, its outputs, its variables."""

    resources: Mapping[str, Mapping[str, Any]] = field(factory=dict)
    calls: Mapping[str, Mapping[str, Any]] = field(factory=dict)
    children: Mapping[str, Configuration] = field(factory=dict)
    outputs: Mapping[str, Mapping[str, Any]] = field(factory=dict)
    variables: Mapping[str, Mapping[str, Any]] = field(factory=dict)

    @classmethod
    def from_module(cls, module: Any) -> Configuration:
        """From `configuration.root_module` or a call's `module`."""
        if not isinstance(module, dict):
            return cls()
        calls = module.get("module_calls") or {}
        return cls(
            {entry["address"]: entry for entry in module.get("resources") or ()},
            calls,
            {name: cls.from_module(call.get("module")) for name, call in calls.items()},
            module.get("outputs") or {},
            module.get("variables") or {},
        )

    def inside(self, names: Iterable[str]) -> Configuration | None:
        """The configuration of a module below this one, by the names of the calls."""
        found: Configuration | None = self
        for name in names:
            found = found.children.get(name) if found else None
        return found


@lru_cache(maxsize=4096)
def module_path(module: str) -> ModulePath:
    """`module.a["x"].module.b.` as names and keys."""
    return tuple(list(steps(module))[1::2])


def longest(references: Sequence[str]) -> list[str]:
    """References without those that are only the beginning of the one before: Terraform lists `a.b.id`, then `a.b`."""
    kept: list[str] = []
    for reference in references:
        if not (kept and kept[-1].startswith(reference) and kept[-1][len(reference) : len(reference) + 1] in (".", "[", "")):
            kept.append(reference)
    return kept


def references_in(expression: Any) -> list[str]:
    """All references of an expression, of its nested blocks too."""
    if isinstance(expression, list):
        return [reference for item in expression for reference in references_in(item)]
    if not isinstance(expression, dict):
        return []
    if isinstance(found := expression.get("references"), list):
        return longest([reference for reference in found if isinstance(reference, str)])
    return [reference for item in expression.values() for reference in references_in(item)]


@frozen(slots=True, eq=False)
class Scope:
    """Where an expression stands: the module instance, and the `for_each` or `count` of the resource with its key."""

    root: Configuration
    module: ModulePath = ()
    repeated: Mapping[str, Any] = field(factory=dict)
    key: str = ""

    def resolve(self, references: Iterable[str], depth: int = 0) -> tuple[str, ...]:
        """References as absolute ones: through variables to the caller, through outputs into modules, `each.value` to its resource."""
        found = [absolute for reference in references for absolute in self._one(reference, depth)]
        return tuple(dict.fromkeys(found))

    def caller(self, name: str) -> tuple[Scope, Any]:
        """The scope that calls this module, and what it passes as this variable."""
        *outer, (call_name, key) = self.module
        parent = self.root.inside(call for call, _ in outer)
        call = parent.calls.get(call_name, {}) if parent else {}
        return Scope(self.root, tuple(outer), call, key), (call.get("expressions") or {}).get(name)

    def _one(self, reference: str, depth: int) -> tuple[str, ...]:
        parts = list(steps(reference))
        if not parts or depth > DEEPEST:
            return (reference,)
        head = parts[0][0]
        if head == "var" and len(parts) > 1:
            return self._variable(parts[1][0], reference, depth)
        if head == "module" and len(parts) > 2:
            return self._output(parts[1], parts[2][0], reference, depth)
        if head == "each" and len(parts) > 1:
            return self._each(parts, reference)
        prefix = "".join(f"module.{name}{key}." for name, key in self.module)
        return (reference if head in ("path", "terraform", "count", "self") else prefix + reference,)

    def _variable(self, name: str, reference: str, depth: int) -> tuple[str, ...]:
        if not self.module:
            return (reference,)
        caller, expression = self.caller(name)
        return caller.resolve(references_in(expression), depth + 1)

    def _output(self, call: tuple[str, str], name: str, reference: str, depth: int) -> tuple[str, ...]:
        module = (*self.module, call)
        inside = self.root.inside(step for step, _ in module)
        output = inside.outputs.get(name) if inside else None
        if output is None:
            return (reference,)
        return Scope(self.root, module).resolve(references_in(output.get("expression")), depth + 1) or (reference,)

    def _each(self, parts: list[tuple[str, str]], reference: str) -> tuple[str, ...]:
        """`each.value.id` where `for_each` is one whole resource: that resource's instance with the same key."""
        over = references_in(self.repeated.get("for_each_expression"))
        target = parse(over[0]) if len(over) == 1 else None
        if parts[1][0] != "value" or len(parts) < 3 or target is None or target.key or target.rest or not self.key:
            return (reference,)
        rest = ".".join(name + key for name, key in parts[2:])
        prefix = "".join(f"module.{name}{key}." for name, key in self.module)
        return (f"{prefix}{target.resource}{self.key}.{rest}",)


def attribute_of(reference: str, instances: frozenset[str]) -> tuple[Address, str] | None:
    """The one resource instance and attribute that a reference names; None where it names several, or none that is known."""
    target = parse(reference)
    if target is None or len(target.rest) != 1 or target.instance not in instances:
        return None
    return target, target.rest[0]
