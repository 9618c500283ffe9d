"""aws_lb (application, network), its listeners, target groups and attachments; aws_elb with its inline listeners."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attrs import evolve

from iacdrift.model.network import Endpoint, Listener
from iacdrift.providers.attributes import addresses, declared, fixed, recorded, rows, sets, text, whole
from iacdrift.providers.aws.managed import addressed, listener, named, truth
from iacdrift.providers.aws.placement import groups_of, subnets_of
from iacdrift.providers.aws.targets import behind
from iacdrift.providers.links import UNPLACED, Links, key_of
from iacdrift.sources.resource import Action, Origin, Resource, Unknown, Value

_SERVICES = {"HTTP": "http", "HTTPS": "https", "TLS": "ssl", "SSL": "ssl"}
_PROTOCOLS = {"UDP": ("udp",), "TCP_UDP": ("tcp", "udp"), "QUIC": ("udp",), "TCP_QUIC": ("tcp", "udp")}
_LISTENERS = ("aws_lb_listener", "aws_alb_listener")


def translate(resource: Resource, links: Links) -> Iterator[object]:
    """The balancer's endpoint with every listener that names it."""
    is_network = text(fixed(resource, "load_balancer_type")) == "network"
    groups = groups_of(resource, links, "security_groups")
    subnets = tuple(sorted({*subnets_of(resource, links, "subnets"), *_mapped_subnets(resource, links)}))
    items = [] if resource.type == "aws_elb" else _items(resource, links)
    found = _classic(resource) if resource.type == "aws_elb" else (li for item in items for li in _listener(item, links, is_network))
    endpoint = named(
        resource,
        text(recorded(resource, "dns_name")),
        found,
        groups=groups,
        subnets=subnets,
        public=_public(resource),
        split_horizon=False,
        doubt=_hidden(resource) if resource.type == "aws_elb" else _unread(items, links),
    )
    if is_network and groups.keys is None and not groups.doubt:
        endpoint = evolve(endpoint, ungrouped=True)
    if text(fixed(resource, "load_balancer_type")) == "gateway":
        endpoint = evolve(endpoint, doubt="a gateway balancer isn't modelled")
    yield addressed(endpoint, _elastic(resource, links)) if _elastic(resource, links) else endpoint


def _mapped_subnets(resource: Resource, links: Links) -> frozenset[str]:
    values = [row.get("subnet_id") for row in rows(fixed(resource, "subnet_mapping")) if not isinstance(row, Unknown)]
    return links.resolve_all(values, resource)[0]


def _elastic(resource: Resource, links: Links) -> tuple[Endpoint, ...]:
    """A network balancer's fixed addresses: elastic IPs, or private ones of its own choice."""
    if not any(
        not isinstance(row, Unknown) and (row.get("allocation_id") or row.get("private_ipv4_address")) for row in _mapping(resource)
    ):
        return ()
    found: list[Endpoint] = []
    for row in _mapping(resource):
        if isinstance(row, Unknown):
            continue
        key = links.resolve(row.get("allocation_id"), resource)
        eip = links.by_key(key) if isinstance(key, str) else None
        public = addresses(recorded(eip, "public_ip")) if eip else []
        if row.get("allocation_id") and not public:
            return ()  # with one of its addresses unknown, its name stands for all of them
        found += [Endpoint(a, True) for a in public]
        found += [Endpoint(a) for a in addresses(row.get("private_ipv4_address"))]
    return tuple(found)


def _mapping(resource: Resource) -> list[Mapping[str, Value] | Unknown]:
    return rows(declared(resource, "subnet_mapping") if sets(resource, "subnet_mapping") else recorded(resource, "subnet_mapping"))


def _public(resource: Resource) -> bool | None:
    internal = truth(fixed(resource, "internal"), False)
    return None if internal is None else not internal


def _items(resource: Resource, links: Links) -> list[Resource]:
    named = [item for kind in _LISTENERS for item in links.referrers(kind, "load_balancer_arn").get(key_of(resource), ())]
    return [item for item in named if item.action is not Action.DELETE]


def _unread(items: list[Resource], links: Links) -> str | None:
    """Why there may be a listener on any port: one whose port, or whose balancer, isn't known."""
    unplaced = [item for kind in _LISTENERS for item in links.referrers(kind, "load_balancer_arn").get(UNPLACED, ())]
    for item in unplaced:
        if item.action is not Action.DELETE:
            return f"which balancer {item.address} belongs to isn't known"
    return next((f"the port of {item.address} isn't known" for item in items if whole(declared(item, "port")) is None), None)


def _hidden(resource: Resource) -> str | None:
    """Why a classic balancer's listeners, which are blocks of its own, can't be told."""
    found = rows(declared(resource, "listener"))
    if any(isinstance(row, Unknown) or whole(row.get("lb_port")) is None for row in found):
        return "its listeners aren't all known"
    if not found and resource.origin is Origin.PLAN and not resource.data:
        return "its listeners may come from dynamic blocks, which a plan leaves out: give --code DIR"
    return None


def _listener(item: Resource, links: Links, is_network: bool) -> Iterator[Listener]:
    port, protocol = whole(declared(item, "port")), (text(declared(item, "protocol")) or ("TCP" if is_network else "HTTP")).upper()
    if port is None:
        return
    for name in _PROTOCOLS.get(protocol, ("tcp",)):
        said = listener(item, port, _SERVICES.get(protocol), name)
        yield evolve(said, behind=behind(item, name, links)) if is_network else said


def _classic(resource: Resource) -> Iterator[Listener]:
    for row in rows(declared(resource, "listener")):
        port = None if isinstance(row, Unknown) else whole(row.get("lb_port"))
        if port is not None and not isinstance(row, Unknown):
            yield listener(resource, port, _SERVICES.get((text(row.get("lb_protocol")) or "").upper()))
