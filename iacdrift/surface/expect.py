"""model x vantage -> the expected surface."""

from __future__ import annotations

from collections.abc import Iterable

from iacdrift.model.addresses import AnyNetwork
from iacdrift.model.because import Assumption
from iacdrift.model.collector import collector_paused
from iacdrift.model.network import Network, Presence
from iacdrift.surface.expected import ExpectedHost, ExpectedSurface, HostStatus, NotInView
from iacdrift.surface.explicit import join
from iacdrift.surface.hosts import View
from iacdrift.surface.partition import HostExplains
from iacdrift.surface.place import find_place
from iacdrift.surface.stand import stand
from iacdrift.surface.vantage import Vantage, VantageKind
from iacdrift.surface.ways import Ways


@collector_paused()
def expect(network: Network, vantage: Vantage, *, families: Iterable[int] = (4, 6), strict: bool = False) -> ExpectedSurface:
    """What may answer, seen from the vantage. `strict` turns assumptions into unknowns. UsageError for an ambiguous vantage."""
    stood = _stood(network, vantage)
    asked = tuple(sorted(families))
    places = tuple(find_place(network, stood, version) for version in asked)
    view = View(Ways(network, strict), places)
    seen = [item for interface in network.interfaces for item in view.look(interface)]
    joined = join(tuple(item for item in seen if isinstance(item, ExpectedHost)), network, places)
    hosts = (*joined.hosts, *(view.fleet(fleet) for fleet in network.fleets))
    return ExpectedSurface(
        vantage=stood,
        hosts=tuple(sorted(hosts, key=_order)),
        not_in_view=(*(item for item in seen if isinstance(item, NotInView)), *_unattached(network)),
        assumptions=_assumptions(network, hosts),
        unmodelled=network.unmodelled,
        declared_from=network.declared_from,
        subnets=_subnets(network),
        known_addresses=network.known_addresses,
        described=network.described,
        gaps=_gaps(network, hosts, seen, asked),
        notes=(*network.notes, *joined.notes),
    )


def _stood(network: Network, vantage: Vantage) -> Vantage:
    """The vantage with what the model knows of it; an `auto` that nobody resolved is the internet."""
    stood = stand(network, vantage, None, None)
    if stood.kind is VantageKind.RESOURCE:
        place = find_place(network, stood, 4)
        vpc = network.vpcs.get(place.vpc or "")
        return stood.standing_in(vpc.because.resource if vpc else place.vpc)
    return stood


def _order(host: ExpectedHost) -> tuple[int, int, str, str]:
    address = host.address
    return (address.version, int(address), "", host.owner) if address else (9, 0, host.name or "", host.owner)


def _assumptions(network: Network, hosts: tuple[ExpectedHost, ...]) -> tuple[Assumption, ...]:
    ways = {id(host.explains.way): host.explains.way for host in hosts if isinstance(host.explains, HostExplains)}
    found = dict.fromkeys(network.assumptions)
    for way in ways.values():
        found.update(dict.fromkeys(way.assumptions()))
    return tuple(found)


def _unattached(network: Network) -> list[NotInView]:
    return [
        NotInView(
            item.because.resource,
            str(item.address),
            "an elastic IP that is attached to nothing" if item.presence is Presence.PRESENT else "it is leaving",
        )
        for item in network.unattached
    ]


def _subnets(network: Network) -> tuple[AnyNetwork, ...]:
    return tuple(net for subnet in network.subnets.values() for net in subnet.networks)


def _gaps(
    network: Network, hosts: tuple[ExpectedHost, ...], seen: list[ExpectedHost | NotInView], families: tuple[int, ...]
) -> tuple[str, ...]:
    gaps = list(network.gaps)
    if not hosts:
        gaps.append(_no_host(network, seen, families))
    elif not any(host.status in (HostStatus.PRESENT, HostStatus.BY_NAME) for host in hosts):
        kinds = ", ".join(sorted({host.status.value for host in hosts}))
        gaps.append(f"no host can be looked at yet: all {len(hosts)} are {kinds}")
    return tuple(gaps)


def _no_host(network: Network, seen: list[ExpectedHost | NotInView], families: tuple[int, ...]) -> str:
    if seen:
        return f"none of the {len(seen)} addresses in the sources is in view of this vantage"
    if any(address.version not in families for address in network.known_addresses):
        asked = ", ".join(f"IPv{version}" for version in families)
        return f"the sources hold no {asked} address of a host, and --family leaves out the others"
    return network.empty_because or "the sources hold no host"
