"""One resource as Terraform writes it down: what the code sets (expressions) and what was recorded (values)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from attrs import evolve, field, frozen, mutable

Json = Any
PROVIDER = "registry.terraform.io/hashicorp/aws"
_SCHEMA_VERSIONS = {
    "aws_vpc": 1,
    "aws_subnet": 1,
    "aws_instance": 1,
    "aws_security_group": 1,
    "aws_default_security_group": 1,
    "aws_security_group_rule": 2,
}


def identifier(prefix: str, key: str) -> str:
    """An id as AWS makes them, the same for the same key."""
    return f"{prefix}-0{hashlib.sha1(f'{prefix}/{key}'.encode(), usedforsecurity=False).hexdigest()[:16]}"


def constant(value: Json) -> Json:
    """An expression that is a literal."""
    return {"constant_value": value}


def refers(*addresses: str) -> Json:
    """An expression that names other resources' ids, as `terraform show -json` spells it."""
    return {"references": [text for a in addresses for text in ((a,) if a.startswith(("var.", "each.", "module.")) else (f"{a}.id", a))]}


@frozen
class Written:
    """`module`: (name, key or None); `stack`: which state file holds it, `main` or `rules`."""

    type: str
    name: str
    values: Mapping[str, Json]
    expressions: Mapping[str, Json]
    module: tuple[str, str | None] | None = None
    index: int | str | None = None
    stack: str = "main"

    @property
    def module_address(self) -> str:
        """`module.fleet["a"]`, or nothing for the root."""
        if self.module is None:
            return ""
        name, key = self.module
        return f"module.{name}" + (f'["{key}"]' if key is not None else "")

    @property
    def local(self) -> str:
        """The address within its module, without the index."""
        return f"{self.type}.{self.name}"

    @property
    def address(self) -> str:
        """The full address."""
        suffix = "" if self.index is None else f"[{self.index}]" if isinstance(self.index, int) else f'["{self.index}"]'
        return ".".join(filter(None, (self.module_address, self.local))) + suffix

    @property
    def schema_version(self) -> int:
        """As the provider numbers them."""
        return _SCHEMA_VERSIONS.get(self.type, 0)


@mutable
class Pad:
    """What is written so far, and how this user's files spell "nothing"."""

    empty: int = 0
    provable_from_state: bool = False
    """Leave out the drift that only a configuration can tell from what is declared."""
    resources: list[Written] = field(factory=list)
    addresses: dict[str, str] = field(factory=dict)
    _turn: int = 0

    def add(self, type_: str, name: str, values: Mapping[str, Json], expressions: Mapping[str, Json], **rest: Any) -> Written:
        """Write one resource down."""
        written = Written(type_, name, values, expressions, **rest)
        self.resources.append(written)
        return written

    def nothing(self, typed: Json) -> Json:
        """Null, or the type's own empty value, or the one and the other by turns."""
        self._turn += 1
        return typed if self.empty == 1 or (self.empty == 2 and self._turn % 2) else None

    def text(self, value: str | None) -> Json:
        """A string or nothing."""
        return value if value else self.nothing("")

    def many(self, values: Iterable[Json]) -> Json:
        """A list or nothing."""
        return list(values) or self.nothing([])


def gather(resources: Iterable[Written], name: str) -> list[Written]:
    """The same resources as one resource with `for_each`: what one of them sets, the code sets for all."""
    kept = list(resources)
    keys = {key for one in kept for key in one.expressions}
    expressions = {key: refers("each.value") for key in sorted(keys)}
    return [evolve(one, name=name, index=f"k{n}", expressions=expressions) for n, one in enumerate(kept)]
