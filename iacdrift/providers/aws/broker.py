"""aws_mq_broker, aws_msk_cluster: message brokers by name, some of them public."""

from __future__ import annotations

import re
from collections.abc import Iterator

from attrs import evolve

from iacdrift.model.network import Interface, Listener
from iacdrift.providers.attributes import at_path, fixed, items, recorded, rows, text
from iacdrift.providers.aws.managed import anybody, listener, named, truth
from iacdrift.providers.aws.placement import groups_of, groups_within, subnets_of
from iacdrift.providers.links import Links
from iacdrift.sources.resource import Resource, Unknown

_MQ = {"activemq": (61617, 5671, 61614, 61619, 8883, 8162), "rabbitmq": (5671, 443)}
_ADDRESS = re.compile(r"^(?:[a-z+]+://)?([A-Za-z0-9.-]+):(\d{1,5})$")
_BOOTSTRAP = (
    "bootstrap_brokers",
    "bootstrap_brokers_tls",
    "bootstrap_brokers_sasl_scram",
    "bootstrap_brokers_sasl_iam",
    "bootstrap_brokers_public_tls",
    "bootstrap_brokers_public_sasl_scram",
    "bootstrap_brokers_public_sasl_iam",
)


def translate(resource: Resource, links: Links) -> Iterator[object]:
    """One endpoint a broker, with every port that its recorded addresses name."""
    yield from _kafka(resource, links) if resource.type == "aws_msk_cluster" else _mq(resource, links)


def _mq(resource: Resource, links: Links) -> Iterator[Interface]:
    engine = (text(fixed(resource, "engine_type")) or "activemq").lower()
    usual = [listener(resource, port, "ssl") for port in _MQ.get(engine, ())]
    found = [
        text(item) for row in rows(recorded(resource, "instances")) if not isinstance(row, Unknown) for item in items(row.get("endpoints"))
    ]
    groups, subnets = groups_of(resource, links, "security_groups"), subnets_of(resource, links, "subnet_ids")
    public = truth(fixed(resource, "publicly_accessible"), False)
    in_vpc = not (public and engine == "rabbitmq" and not subnets)  # public RabbitMQ brokers stand outside the user's networks
    for name, ports in (_hosts(found, resource) or {None: []}).items():
        more = {item.port: item for item in (*usual, *ports)}
        endpoint = named(resource, name, more.values(), groups=groups, subnets=subnets, public=public, split_horizon=in_vpc)
        yield endpoint if in_vpc else evolve(endpoint, admits=anybody(resource))


def _kafka(resource: Resource, links: Links) -> Iterator[Interface]:
    node = {"node": fixed(resource, "broker_node_group_info")}
    subnets, _ = links.resolve_all(at_path(node, "node", "client_subnets"), resource)
    groups = groups_within(resource, "broker_node_group_info", "security_groups", links)
    place = tuple(sorted(subnets))
    for public in (False, True):
        attributes = [attribute for attribute in _BOOTSTRAP if ("public" in attribute) is public]
        brokers = [broker for attribute in attributes for broker in (text(recorded(resource, attribute)) or "").split(",")]
        for name, ports in (_hosts(list(brokers), resource) or ({} if public else {None: []})).items():
            yield named(resource, name, ports, groups=groups, subnets=place, public=public, split_horizon=False)


def _hosts(addresses: list[str | None], resource: Resource) -> dict[str | None, list[Listener]]:
    found: dict[str | None, list[Listener]] = {}
    for address in addresses:
        match = _ADDRESS.match((address or "").strip())
        if match:
            found.setdefault(match[1], []).append(listener(resource, int(match[2])))
    return found
