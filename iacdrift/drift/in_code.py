"""Whom the code still names: a finding about anybody else is about nothing that is in the code any more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from attrs import frozen

from iacdrift.model.network import Network


@frozen(slots=True)
class InCode:
    """Owners (resource addresses, names) and addresses that whole sources name, those of a report's own hosts left out."""

    owners: frozenset[str]
    addresses: frozenset[str]

    @classmethod
    def of(cls, network: Network, owners: Iterable[str], addresses: Iterable[str | None]) -> InCode | None:
        """All that the network names but for these. None where the sources weren't read whole, or name no host at all.

        Sources without any host are rather the wrong ones (another workspace, an empty state) than a stack that is gone.
        """
        if network.gaps or not (network.interfaces or network.fleets or network.expectations):
            return None
        return cls(frozenset(_owners(network)) - set(owners), frozenset(_addresses(network)) - set(addresses))

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> InCode:
        """The inverse of `to_dict`."""
        return cls(frozenset(document["owners"]), frozenset(document["addresses"]))

    def to_dict(self) -> dict[str, list[str]]:
        """The JSON shape: owners and addresses, sorted."""
        return {"owners": sorted(self.owners), "addresses": sorted(self.addresses)}


def _owners(network: Network) -> Iterator[str]:
    for interface in network.interfaces:
        yield from (interface.key, interface.owner, interface.because.resource, *interface.aliases)
        yield from (endpoint.owner for endpoint in interface.endpoints if endpoint.owner)
    for fleet in network.fleets:
        yield from (fleet.key, fleet.owner, fleet.because.resource)
    for said in network.expectations:
        yield from (name for name in (said.owner, said.name, said.because.resource) if name)
    yield from (mapping.because.resource for mapping in network.unattached)


def _addresses(network: Network) -> Iterator[str]:
    yield from map(str, network.known_addresses)
    for interface in network.interfaces:
        for endpoint in interface.endpoints:
            yield from (str(address) for address in (endpoint.address, endpoint.private) if address)
    yield from (str(said.address) for said in network.expectations if said.address)
    yield from (str(mapping.address) for mapping in network.unattached if mapping.address)
