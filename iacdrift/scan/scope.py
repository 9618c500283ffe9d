"""What may be scanned at all; everything that becomes an argument has passed here first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_network

from iacdrift.errors import ScopeError
from iacdrift.model.addresses import parse_ip
from iacdrift.surface.expected import Address, AnyNetwork, ExpectedSurface

_METADATA = tuple(
    ip_network(text)
    for text in (
        "169.254.169.254/32",  # AWS, Azure, GCP, OpenStack
        "fd00:ec2::/32",  # AWS over IPv6: metadata, DNS, time
        "fd20:ce::254/128",  # GCP over IPv6
        "168.63.129.16/32",  # Azure's platform address
        "100.100.100.200/32",  # Alibaba Cloud
        "192.0.0.192/32",  # Oracle Cloud
    )
)
_SPECIAL = (
    ("this network", ip_network("0.0.0.0/8")),
    ("a link-local address", ip_network("169.254.0.0/16")),
    ("a link-local address", ip_network("fe80::/10")),
    ("a multicast address", ip_network("224.0.0.0/4")),
    ("a multicast address", ip_network("ff00::/8")),
    ("a reserved or broadcast address", ip_network("240.0.0.0/4")),
    ("the unspecified address", ip_network("::/128")),
)
_NAT64 = (ip_network("64:ff9b::/96"), ip_network("64:ff9b:1::/48"))
LARGEST_SWEEP = 65536
_RESERVED_AT_START = 4
"""AWS keeps a subnet's first four addresses and its last one; Azure does the same, GCP keeps fewer."""


def forbidden(address: Address) -> str | None:
    """Why this address is never scanned; None where it may be."""
    if isinstance(address, IPv6Address):
        if address.scope_id is not None:
            return "an address with a zone"
        embedded = _embedded(address)
        if embedded is not None:
            why = forbidden(embedded)
            return f"{why} inside an IPv6 address" if why else None
    if any(address in network for network in _METADATA):
        return "a cloud's metadata or platform address"
    return next((why for why, network in _SPECIAL if address in network), None)


def _embedded(address: IPv6Address) -> IPv4Address | None:
    if any(address in network for network in _NAT64):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


def plain(address: Address) -> Address:
    """The same address as a new object made of its number alone, so that no text rides along with it."""
    made: Address = IPv4Address(int(address)) if address.version == 4 else IPv6Address(int(address))
    return made


def guard(address: Address, scope: Sequence[AnyNetwork], what: str) -> Address:
    """The address, if it may be scanned. ScopeError says who wanted it and what to do."""
    why = forbidden(address)
    if why:
        raise ScopeError(f"{address} ({what}) is {why} and is never scanned; leave it out with --skip")
    if scope and not any(address in network for network in scope):
        shown = ", ".join(str(network) for network in scope)
        raise ScopeError(f"{address} ({what}) is outside --scope {shown}; widen the scope or leave the host out with --skip")
    return plain(address)


def sweep_targets(expected: ExpectedSurface, networks: Sequence[AnyNetwork], scope: Sequence[AnyNetwork]) -> tuple[Address, ...]:
    """The addresses of `--sweep` that nothing in the model owns, each guarded. ScopeError where a network isn't declared."""
    owned = {host.address for host in expected.hosts} | expected.known_addresses
    found: dict[Address, None] = {}
    for network in networks:
        declared = _declared_around(network, expected.subnets)
        if network.num_addresses > LARGEST_SWEEP:
            raise ScopeError(f"--sweep {network} has more than {LARGEST_SWEEP:,} addresses; give a smaller part of the subnet")
        reserved = _reserved(declared)
        for address in network:
            if address not in owned and address not in reserved and address not in found:
                found[guard(address, scope, f"--sweep {network}")] = None
    return tuple(found)


def _declared_around(network: AnyNetwork, subnets: Iterable[AnyNetwork]) -> tuple[AnyNetwork, ...]:
    around = tuple(s for s in subnets if s.version == network.version and network.subnet_of(s))  # type: ignore[arg-type]
    inside = tuple(s for s in subnets if s.version == network.version and s.subnet_of(network))  # type: ignore[arg-type]
    if not around:
        raise ScopeError(f"--sweep {network} isn't inside a subnet that the code declares; only declared subnets are swept")
    return around + inside


def _reserved(subnets: Iterable[AnyNetwork]) -> frozenset[Address]:
    kept: set[Address] = set()
    for subnet in subnets:
        if subnet.num_addresses > _RESERVED_AT_START:
            first, last = int(subnet.network_address), int(subnet.broadcast_address)
            make = IPv4Address if subnet.version == 4 else IPv6Address
            kept.update(make(first + step) for step in range(_RESERVED_AT_START))
            kept.add(make(last))
    return frozenset(kept)


def parse_address(text: str) -> Address | None:
    """The IP address that this text is, without a zone; None for anything else."""
    try:
        address = parse_ip(text)
    except ValueError:
        return None
    return None if isinstance(address, IPv6Address) and address.scope_id is not None else address
