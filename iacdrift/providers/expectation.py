"""`iacdrift_expectation`: what somebody said outright, from a file or an output of the shape `iacdrift/expectation/1`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from iacdrift.model.addresses import Address, parse_ip, parse_network
from iacdrift.model.network import ExplicitExpectation
from iacdrift.model.ports import NO_PORTS, PortSet
from iacdrift.providers.attributes import because, items, plain, text
from iacdrift.providers.links import Links
from iacdrift.providers.parts import Note
from iacdrift.sources.resource import Resource, Unknown, Value


def translate(resource: Resource, links: Links) -> Iterator[object]:
    """The expectation; one whose host isn't known yet is said and left out."""
    del links
    host = plain(resource.declared.get("host"))
    owner = text(resource.declared.get("owner"))
    if owner is None and (isinstance(host, Unknown) or text(host) is None):
        yield Note(f"{resource.address}: its host isn't known yet")
        return
    address, name = _host(text(host))
    yield ExplicitExpectation(
        because(resource, "explicit expectation"),
        resource.provenance.source,
        address,
        name,
        owner,
        _ports(resource.declared.get("open")),
        _ports(resource.declared.get("allowed")),
        tuple(parse_network(str(item)) for item in items(resource.declared.get("admitted_from"))),
        _services(resource.declared.get("services")),
    )


def _host(said: str | None) -> tuple[Address | None, str | None]:
    if said is None:
        return None, None
    try:
        return parse_ip(said.strip("[]")), None
    except ValueError:
        return None, said


def _ports(value: Value) -> Mapping[str, PortSet]:
    return _sets(tuple(str(item) for item in items(value)))


@lru_cache(maxsize=4096)  # nobody changes a mapping of the model: hosts that are said alike share it
def _sets(said: tuple[str, ...]) -> Mapping[str, PortSet]:
    found: dict[str, PortSet] = {}
    for item in said:
        ports, _, protocol = item.partition("/")
        protocol = protocol.strip().lower() or "tcp"
        found[protocol] = (found.get(protocol, NO_PORTS) | PortSet.parse(ports)).shared()
    return found


def _services(value: Value) -> Mapping[tuple[str, int], str]:
    found = {}
    for where, service in (plain(value) or {}).items():
        ports, _, protocol = str(where).partition("/")
        for port in PortSet.parse(ports):
            found[protocol.strip().lower() or "tcp", port] = str(service)
    return found
