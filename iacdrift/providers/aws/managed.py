"""Managed endpoints in one shape: a DNS name, declared listeners, groups and subnets in front of them."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import evolve

from iacdrift.model.network import Endpoint, Interface, Listener, Presence
from iacdrift.providers.attributes import because, fixed, text
from iacdrift.providers.aws.placement import Groups
from iacdrift.providers.aws.presence import presence_of
from iacdrift.providers.links import Links, key_of
from iacdrift.sources.resource import Resource


def listener(resource: Resource, port: int, service: str | None = None, protocol: str = "tcp") -> Listener:
    """A port that a managed endpoint declares."""
    return Listener(protocol, port, because(resource, f"listens on {protocol}/{port}" + (f" ({service})" if service else "")), service)


def named(
    resource: Resource,
    name: str | None,
    listeners: Iterable[Listener],
    *,
    groups: Groups,
    subnets: tuple[str, ...],
    public: bool | None,
    split_horizon: bool = True,
    doubt: str | None = None,
) -> Interface:
    """An endpoint known by name. `public`: what the name resolves to outside; `split_horizon`: private inside its VPC all the same."""
    pending = presence_of(resource)
    host = (name or "").partition("://")[2] or (name or "")
    return Interface(
        key_of(resource) + (f"/{host}" if host else ""),
        resource.address,
        resource.provenance.source,
        because(resource, "managed endpoint"),
        subnets=subnets,
        groups=groups.keys,
        aliases=frozenset({resource.address, key_of(resource)}),
        listeners=tuple(listeners),
        managed=True,
        name=host.partition("/")[0].rpartition(":")[0] if _has_port(host) else host.partition("/")[0],
        name_is_public=public,
        split_horizon=split_horizon,
        presence=Presence.PENDING if not host and pending is Presence.PRESENT else pending,
        doubt=doubt or groups.doubt,
    )


def addressed(interface: Interface, endpoints: tuple[Endpoint, ...]) -> Interface:
    """The same endpoint, known by addresses instead of its name."""
    return evolve(interface, endpoints=endpoints)


def _has_port(host: str) -> bool:
    return host.partition("/")[0].rpartition(":")[2].isdecimal() and ":" in host


def subnets_of_group(resource: Resource, attribute: str, links: Links, *types: str) -> tuple[str, ...]:
    """The subnets of a subnet group that is named by attribute; none where the group is in no source."""
    key = links.resolve(fixed(resource, attribute), resource)
    name = text(fixed(resource, attribute))
    found = [g for g in links.of_type(*types) if key_of(g) == key or (name and text(fixed(g, "name")) == name)]
    if not found:
        return ()
    subnets, _ = links.resolve_all(fixed(found[0], "subnet_ids"), found[0])
    return tuple(sorted(subnets))
