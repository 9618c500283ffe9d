"""Sets of addresses as integer intervals, and what counts as public.

Documentation prefixes (RFC 5737, RFC 3849) count as public: examples live there. Sources: RFC 1918, 4193, 6598, 6890.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from attrs import frozen

Address = IPv4Address | IPv6Address
AnyNetwork = IPv4Network | IPv6Network

_NOT_PUBLIC_V4 = (
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "224.0.0.0/3",
)
_PUBLIC_V6 = "2000::/3"


@frozen(slots=True, cache_hash=True)
class Space:
    """Addresses of one IP version as disjoint ascending intervals `(first, last)` of integers."""

    version: int
    spans: tuple[tuple[int, int], ...]

    def __bool__(self) -> bool:
        return bool(self.spans)

    def meets(self, network: AnyNetwork) -> bool:
        """Whether any address of this set lies in the network."""
        if network.version != self.version:
            return False
        first, last = _ends(network)
        for low, high in self.spans:  # noqa: SIM110  a generator for each of millions of questions costs more than the question
            if low <= last and first <= high:
                return True
        return False

    def meets_any(self, networks: Iterable[AnyNetwork]) -> bool:
        """Whether any address of this set lies in any of the networks."""
        return any(self.meets(network) for network in networks)

    def larger_than(self, networks: Iterable[AnyNetwork]) -> bool:
        """Whether it holds more addresses than the networks together, so that they can't cover it."""
        return sum(last - first + 1 for first, last in self.spans) > sum(
            net.num_addresses for net in networks if net.version == self.version
        )

    def within(self, network: AnyNetwork) -> bool:
        """Whether every address of this set lies in the network."""
        if network.version != self.version or not self.spans:
            return False
        first, last = _ends(network)
        return first <= self.spans[0][0] and self.spans[-1][1] <= last

    def without(self, network: AnyNetwork) -> Space:
        """The addresses of this set outside the network."""
        if not self.meets(network):
            return self
        first, last = _ends(network)
        kept: list[tuple[int, int]] = []
        for low, high in self.spans:
            if low < first:
                kept.append((low, min(high, first - 1)))
            if high > last:
                kept.append((max(low, last + 1), high))
        return Space(self.version, tuple(kept))

    def without_all(self, networks: Iterable[AnyNetwork]) -> Space:
        """The addresses of this set outside all the networks."""
        rest = self
        for network in networks:
            if not rest:
                break
            rest = rest.without(network)
        return rest

    @classmethod
    def of(cls, address: Address) -> Space:
        """The set of this one address."""
        return cls(address.version, ((int(address), int(address)),))


def _ends(network: AnyNetwork) -> tuple[int, int]:
    # a cache would cost more than it saves: hashing a network is slower than this
    return int(network.network_address), int(network.broadcast_address)


def _public_v4() -> Space:
    everything = Space(4, ((0, (1 << 32) - 1),))
    return everything.without_all(IPv4Network(text) for text in _NOT_PUBLIC_V4)


PUBLIC = {4: _public_v4(), 6: Space(6, (_ends(IPv6Network(_PUBLIC_V6)),))}
"""All addresses that somebody on the internet may have, by IP version."""


def is_public(address: Address) -> bool:
    """Whether somebody on the internet may have this address."""
    value = int(address)
    return any(low <= value <= high for low, high in PUBLIC[address.version].spans)


@lru_cache(maxsize=65536)
def parse_network(text: str) -> AnyNetwork:
    """A CIDR or a bare address, host bits allowed. ValueError when it is neither."""
    return ip_network(text.strip(), strict=False)


@lru_cache(maxsize=1 << 16)  # a large estate's addresses are met in its code and in every scan of it
def parse_ip(text: str) -> Address:
    """An IP address. ValueError for anything else."""
    return ip_address(text)
