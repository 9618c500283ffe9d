"""The resources of one synthesised stack: declared from the synth, recorded from the state, one for each instance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import evolve

from iacdrift.sources.address import Address, key_text, parse
from iacdrift.sources.hcl_json import bodies
from iacdrift.sources.resource import Action, Origin, Provenance, Resource, Sensitive, Unknown, Value
from iacdrift.sources.synth_values import Stack

MOST_INSTANCES = 100_000
_META = frozenset({"//", "count", "for_each", "provider", "depends_on", "lifecycle", "connection", "provisioner", "dynamic"})


def resources_of(stack: Stack, source: str, file: str, state: Mapping[str, Resource] | None, gaps: list[str]) -> Iterator[Resource]:
    """All resources of the stack: those of its synth, then those that only its state holds."""
    known: set[str] = set()
    for address, body in bodies(stack.synth):
        target = parse(address)
        if target is None or address.startswith("module."):
            continue
        for key, each in _instances(address, body, stack, state, gaps):
            known.add(address + key)
            yield _resource(stack, evolve(target, key=key), body, each, Provenance(source, stack.name, _at(file, body)))
    for address, resource in (state or {}).items():
        if address not in known:
            yield _only_recorded(resource, Provenance(source, stack.name))


def _resource(stack: Stack, target: Address, body: Mapping[str, Any], each: Mapping[str, Value], provenance: Provenance) -> Resource:
    address = target.instance
    recorded = stack.recorded.get(address, {})
    declared = {name: stack.resolve(value, each) for name, value in body.items() if name not in _META}
    for name, block in _dynamic(body):
        declared[name] = Unknown(f"dynamic block {name}: its blocks are computed when the stack is planned", block)
    shaped = {name: _shaped(value, recorded.get(name)) for name, value in declared.items()}
    created = bool(stack.recorded) and not recorded and not target.data
    return Resource(target.type, address, shaped, recorded, provenance, Origin.CODE, Action.CREATE if created else Action.KEEP, target.data)


def _only_recorded(resource: Resource, provenance: Provenance) -> Resource:
    """Inside a module the synth can't tell; at the top, what isn't declared any more will be destroyed."""
    if resource.data or resource.address.startswith("module."):
        return evolve(resource, provenance=provenance)
    return evolve(resource, declared={}, provenance=provenance, action=Action.DELETE, origin=Origin.CODE)


def _shaped(value: Value, recorded: Value) -> Value:
    """A single block is an object in a synth and a list in a state; what the state calls secret is secret here too."""
    if isinstance(recorded, Sensitive):
        return value if isinstance(value, Sensitive) else Sensitive(value)
    return [value] if isinstance(recorded, list) and isinstance(value, dict) else value


def _dynamic(body: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, ...]]]:
    dynamic = body.get("dynamic")
    for one in dynamic if isinstance(dynamic, list) else [dynamic]:
        if isinstance(one, dict):
            yield from ((name, ()) for name in one if name != "//")


def _at(file: str, body: Mapping[str, Any]) -> str:
    """The synthesised file with the construct's path: `stacks/web/cdk.tf.json (web/ip-0)`; the path alone where there is no file."""
    notes = body.get("//")
    metadata = notes.get("metadata") if isinstance(notes, dict) else None
    path = metadata.get("path") if isinstance(metadata, dict) else None
    if not isinstance(path, str):
        return file
    return f"{file} ({path})" if file else path


def _instances(
    address: str, body: Mapping[str, Any], stack: Stack, state: Mapping[str, Resource] | None, gaps: list[str]
) -> Iterator[tuple[str, Mapping[str, Value]]]:
    """Keys of a resource's instances with what `each` and `count` mean there: as declared, else as the state has them."""
    if "count" not in body and "for_each" not in body:
        yield "", {}
        return
    count, over = stack.resolve(body.get("count")), stack.resolve(body.get("for_each"))
    if isinstance(count, int) and not isinstance(count, bool) and 0 <= count <= MOST_INSTANCES:
        yield from ((f"[{n}]", {"count.index": n}) for n in range(count))
    elif isinstance(over, dict):
        yield from ((key_text(key), {"each.key": key, "each.value": value}) for key, value in over.items())
    else:
        keys = [found[len(address) :] for found in state or () if found.startswith(f"{address}[") and " (deposed" not in found]
        if not keys:
            gaps.append(f"stack {stack.name}: how many instances {address} has is computed, and no state holds them")
        yield from ((key, _each(key)) for key in keys)


def _each(key: str) -> Mapping[str, Value]:
    inner = key[1:-1]
    return {"count.index": int(inner)} if inner.isdecimal() else {"each.key": inner.strip('"')}
