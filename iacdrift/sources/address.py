"""Terraform addresses: `module.a["x"].aws_instance.web[0]` taken apart and put together."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import orjson
from attrs import frozen

_STEP = re.compile(r'\s*([A-Za-z_][\w-]*)((?:\[(?:"(?:[^"\\]|\\.)*"|[^\]"]*)\])*)(?:\.|$)')


@frozen(slots=True)
class Address:
    """An address by its steps. `modules` are the calls' names without keys, `prefix` the module instance with its dot."""

    modules: tuple[str, ...]
    prefix: str
    data: bool
    type: str
    name: str
    key: str
    rest: tuple[str, ...] = ()

    @property
    def resource(self) -> str:
        """`type.name`, with `data.` in front of a data source: how a configuration names it."""
        return f"{'data.' if self.data else ''}{self.type}.{self.name}"

    @property
    def instance(self) -> str:
        """The full address with its keys, without what follows the resource."""
        return f"{self.prefix}{self.resource}{self.key}"


def steps(text: str) -> Iterator[tuple[str, str]]:
    """The names between the dots, each with its `[...]` (or ""); stops where the text is no address any more."""
    position = 0
    while position < len(text) and (found := _STEP.match(text, position)):
        yield found[1], found[2]
        position = found.end()


@lru_cache(maxsize=4096)
def parse(text: str) -> Address | None:
    """An address or a reference to a resource's attribute; None where it is neither."""
    parts, modules, prefix = list(steps(text)), [], ""
    while len(parts) > 1 and parts[0][0] == "module":
        modules.append(parts[1][0])
        prefix += f"module.{parts[1][0]}{parts[1][1]}."
        parts = parts[2:]
    data = bool(parts) and parts[0] == ("data", "")
    parts = parts[data:]
    if len(parts) < 2 or parts[0][1]:
        return None
    rest = tuple(name + key for name, key in parts[2:])
    return Address(tuple(modules), prefix, data, parts[0][0], parts[1][0], parts[1][1], rest)


def of_instance(text: str, name: str, key: object) -> Address | None:
    """The address of one instance whose last part (`aws_instance.web`) and key are known besides: most of it was parsed before."""
    index = key_text(key)
    if key is not None and text.endswith(f"{name}{index}") and (parsed := parse(text.removesuffix(index))) and not parsed.key:
        return Address(parsed.modules, parsed.prefix, parsed.data, parsed.type, parsed.name, index)
    return parse(text)


def key_text(key: object) -> str:
    """An instance's key as it is written in an address: `[0]`, `["x"]`; nothing where there is none."""
    if key is None:
        return ""
    return f"[{orjson.dumps(key).decode()}]"


def module_names(module: str) -> tuple[str, ...]:
    """The calls' names in a module's address: `module.a["x"].module.b` is `("a", "b")`."""
    return tuple(name for name, _ in list(steps(module))[1::2])
