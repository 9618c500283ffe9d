"""Reading a resource's attributes: declared and recorded apart, secrets unwrapped, unknown kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from typing import Any

from iacdrift.model.addresses import Address
from iacdrift.model.because import Because
from iacdrift.sources.resource import Origin, Reference, Resource, Sensitive, Unknown, Value

NOT_KNOWN = (Unknown, Reference)


def plain(value: Value) -> Value:
    """The value without its wrapper of secrecy; each part of a secret list or block is a secret still."""
    if not isinstance(value, Sensitive):
        return value
    held = value.value
    if isinstance(held, (list, tuple)):
        return [_secret(item) for item in held]
    return {name: _secret(item) for name, item in held.items()} if isinstance(held, Mapping) else held


def _secret(value: Value) -> Sensitive:
    return value if isinstance(value, Sensitive) else Sensitive(value)


def empty(value: Value) -> bool:
    """Whether a value says nothing: null, "" and [] are interchangeable in states."""
    value = plain(value)
    return not value and not isinstance(value, (bool, int, float))


def declared(resource: Resource, name: str) -> Value:
    """What the code says; for a data source, what it found."""
    return plain((resource.recorded or resource.declared if resource.data else resource.declared).get(name))


def recorded(resource: Resource, name: str) -> Value:
    """What the last apply or refresh wrote down."""
    return plain(resource.recorded.get(name))


def fixed(resource: Resource, name: str) -> Value:
    """An attribute that can't drift (changing it replaces the resource): the code's word, else the recorded one."""
    said = declared(resource, name)
    if empty(said) or isinstance(said, Unknown):
        known = recorded(resource, name)
        return said if empty(known) else known
    return said


def sets(resource: Resource, name: str) -> bool:
    """Whether the code sets the attribute to something."""
    return not empty(declared(resource, name))


def items(value: Value) -> list[Value]:
    """A list's items; a single value is a list of one; Unknown stays as one item."""
    if value is None or value == "":
        return []
    value = plain(value)
    if value is None or value == "":
        return []
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value if not empty(item)]
    return [value]


def rows(value: Value) -> list[Mapping[str, Value] | Unknown]:
    """The blocks of an attribute: a list of objects, one object, or unknown."""
    found: list[Mapping[str, Value] | Unknown] = []
    for item in items(value):
        if isinstance(item, Mapping):
            found.append(item)
        elif isinstance(item, Reference):
            found.append(Unknown("known after apply", (f"{item.address}.{item.attribute}",)))
        else:
            found.append(item if isinstance(item, Unknown) else Unknown("it isn't a block"))
    return found


def text(value: Value) -> str | None:
    """A value as text; None where it is null, empty or not known."""
    if type(value) is str:
        return value or None
    value = plain(value)
    if empty(value) or isinstance(value, (*NOT_KNOWN, list, dict)):
        return None
    return str(value)


def whole(value: Value) -> int | None:
    """A value as an integer (`22`, `22.0`, `"22"`); None where it is none."""
    if type(value) is int:
        return value
    value = plain(value)
    if isinstance(value, bool) or value is None or isinstance(value, (*NOT_KNOWN, list, dict)):
        return None
    try:
        return int(float(str(value).strip()))
    except ValueError:
        return None


def flag(value: Value) -> bool | None:
    """A value as a truth (`true`, `"true"`); None where it is null or not known."""
    value = plain(value)
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.lower())
    return value if isinstance(value, bool) else None


def addresses(value: Value) -> list[Address]:
    """The IP addresses in a value or list; what is no address is left out."""
    return list(_addresses(value))


def _addresses(value: Value) -> Iterator[Address]:
    for item in items(value):
        if not isinstance(item, NOT_KNOWN):
            try:
                yield ip_address(str(item).partition("/")[0].strip())
            except ValueError:
                continue


def because(resource: Resource, detail: str) -> Because:
    """A reason that lies in this resource."""
    return Because(resource.address, detail, resource.provenance.at)


def from_state(resource: Resource) -> bool:
    """Whether there is no configuration, so that declared values are recorded ones."""
    return resource.origin is Origin.STATE


def at_path(values: Mapping[str, Any], *path: str) -> Value:
    """A nested attribute through single blocks (`[{…}]` or `{…}`); None where a step is missing."""
    value: Value = values
    for step in path:
        found = items(value)
        value = plain(found[0].get(step)) if found and isinstance(found[0], Mapping) else None
    return value
