"""`--vantage auto`: the source address that this machine uses towards the targets, if that says anything."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address

from iacdrift.model.addresses import Address, is_public
from iacdrift.model.network import Network
from iacdrift.surface.vantage import Vantage, VantageKind


def stand(network: Network, vantage: Vantage, local_v4: IPv4Address | None, local_v6: IPv6Address | None) -> Vantage:
    """Resolve `auto`: an address that lies in a declared network or is public; otherwise somewhere on the internet."""
    if vantage.kind is not VantageKind.AUTO:
        return _named(network, vantage)
    ipv4 = local_v4 if local_v4 and _tells(network, local_v4) else None
    ipv6 = local_v6 if local_v6 and _tells(network, local_v6) else None
    if ipv4 is None and ipv6 is None:
        return Vantage(VantageKind.INTERNET)
    return _named(network, Vantage(VantageKind.ADDRESS, ipv4, ipv6))


def _tells(network: Network, address: Address) -> bool:
    return is_public(address) or any(address in net for vpc in network.vpcs.values() for net in vpc.networks)


def _named(network: Network, vantage: Vantage) -> Vantage:
    """The same, with the name of the network that it stands inside."""
    for address in (vantage.ipv4, vantage.ipv6):
        inside = [vpc for vpc in network.vpcs.values() if address and any(address in net for net in vpc.networks)]
        if inside:
            return vantage.standing_in(inside[0].because.resource)
    return vantage
