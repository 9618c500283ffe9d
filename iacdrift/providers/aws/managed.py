"""Managed endpoints in one shape: a DNS name, declared listeners, groups and subnets in front of them."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import evolve

from iacdrift.model.addresses import parse_network
from iacdrift.model.filters import Rule, Rules
from iacdrift.model.network import Endpoint, Interface, Listener, Presence
from iacdrift.model.ports import ALL_PORTS
from iacdrift.providers.attributes import because, fixed, flag, text
from iacdrift.providers.aws.placement import Groups
from iacdrift.providers.aws.presence import presence_of
from iacdrift.providers.links import Links, key_of
from iacdrift.sources.resource import Reference, Resource, Unknown, Value

_ELSEWHERE = "it is a data source: what listens on it and what filters it is declared elsewhere"


def truth(value: Value, usual: bool | None) -> bool | None:
    """A flag that the provider sets to `usual` where the code doesn't; None where it can't be told."""
    if isinstance(value, (Unknown, Reference)):
        return None
    said = flag(value)
    return usual if said is None else said


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
        doubt=(_ELSEWHERE if resource.data else None) or doubt or groups.doubt,
    )


def anybody(resource: Resource) -> Rules:
    """The allow-list of an endpoint outside the user's networks: no filter of the user's stands before it."""
    reason = because(resource, "it lies outside the user's networks, so no security group, ACL or route of theirs stands before it")
    return Rules((Rule(ALL_PORTS, ALL_PORTS, (parse_network("0.0.0.0/0"), parse_network("::/0")), reason),))


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
