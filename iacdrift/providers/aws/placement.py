"""Groups and subnets of an interface, as the code declares them."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from iacdrift.providers.attributes import declared, fixed, items, rows, sets, text
from iacdrift.providers.links import Links, key_of
from iacdrift.sources.resource import Origin, Reference, Resource, Unknown, Value


@frozen(slots=True)
class Groups:
    """The declared groups; None where none is declared, so that the VPC's default group serves. `doubt`: why there may be more."""

    keys: frozenset[str] | None
    doubt: str | None = None


def groups_of(resource: Resource, links: Links, *names: str) -> Groups:
    """The groups that the code sets in these attributes (the recorded ones are a mirror where it sets none)."""
    return groups_in({name: declared(resource, name) for name in names if sets(resource, name)}, resource, links)


def groups_in(values: Mapping[str, Value], resource: Resource, links: Links) -> Groups:
    """The groups named in these values."""
    keys: set[str] = set()
    doubt = None
    for value in values.values():
        found, why = links.resolve_all(value, resource)
        keys.update(links.group_named(key, resource) for key in found)
        doubt = why or doubt
    if doubt:
        return Groups(frozenset(keys), f"its security groups aren't all known: {doubt}")
    return Groups(frozenset(keys) if keys else None)


def groups_within(resource: Resource, block: str, name: str, links: Links) -> Groups:
    """The groups that a block of the resource names; in doubt where the block itself isn't known."""
    found = rows(declared(resource, block))
    unread = next((row.why for row in found if isinstance(row, Unknown)), None)
    if unread:
        return Groups(frozenset(), f"its security groups aren't all known: {unread}")
    if not found and resource.origin is Origin.PLAN:
        return Groups(frozenset(), f"its {block} may come from a dynamic block, which a plan leaves out: give --code DIR")
    return groups_in({name: found[0].get(name) if found and isinstance(found[0], Mapping) else None}, resource, links)


def subnets_of(resource: Resource, links: Links, *names: str) -> tuple[str, ...]:
    """The subnets that it lies in; a subnet can't change without replacing it, so the recorded one will do."""
    keys, _ = links.resolve_all([item for name in names for item in items(fixed(resource, name))], resource)
    return tuple(sorted(keys))


def template_groups(resource: Resource, links: Links) -> Groups:
    """The groups of the launch template that a machine or fleet starts from."""
    block = next(iter(items(fixed(resource, "launch_template"))), None)
    if isinstance(block, (Unknown, Reference)):
        return template_in({}, resource, links)
    return template_in(block, resource, links) if isinstance(block, Mapping) else Groups(None)


def template_in(block: Mapping[str, Value], resource: Resource, links: Links) -> Groups:
    """The groups of the launch template that a block names by id or by name."""
    key = links.resolve(block.get("id") or block.get("launch_template_id"), resource)
    found = links.by_key(key) if isinstance(key, str) else None
    name = block.get("name") or block.get("launch_template_name")
    if found is None and name:
        wanted = links.resolve(name, resource)
        named = [r for r in links.of_type("aws_launch_template") if wanted in (key_of(r), text(fixed(r, "name")))]
        found = named[0] if len(named) == 1 else None
    if found is None:
        return Groups(frozenset(), "its security groups come from a launch template that is in no source")
    return groups_of_template(found, links)


def groups_of_template(template: Resource, links: Links) -> Groups:
    """The groups that a launch template gives, on the template or on its network interfaces."""
    values: dict[str, Value] = {"vpc_security_group_ids": declared(template, "vpc_security_group_ids")}
    for number, row in enumerate(items(declared(template, "network_interfaces"))):
        if isinstance(row, Unknown):
            return Groups(frozenset(), "its launch template's interfaces aren't known")
        if isinstance(row, Mapping):
            values[f"interface {number}"] = row.get("security_groups")
    return groups_in({name: value for name, value in values.items() if value}, template, links)
