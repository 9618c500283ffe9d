"""What all jobs of one scan share: how TCP is asked, how fast at the most, and how sure silence must be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from ipaddress import ip_network

from attrs import frozen

from iacdrift.scan.job import Pace
from iacdrift.scan.settings import DEFAULT_CONFIDENCE
from iacdrift.surface.expected import Address, AnyNetwork

_EVENLY = 0.75
"""Nmap asks its targets in turn, but not second by second: what one gets in the worst second was measured a third above its share."""
_NEIGHBOURHOOD = {4: 24, 6: 64}


@frozen(slots=True)
class Manner:
    """`tcp` is syn or connect, `rate` the whole budget, `host_rate` and `network_rate` caps within it, all in packets a second.

    `host_timeout` in seconds. `confidence`: of each asserted silence.
    """

    tcp: str
    rate: int
    host_timeout: float | None = None
    host_rate: int | None = None
    network_rate: int | None = None
    confidence: float = DEFAULT_CONFIDENCE
    certificates: bool = False

    def capped(self, pace: Pace, targets: Sequence[Address]) -> Pace:
        """The pace within all caps.

        With a forced rate and equal ports Nmap asks its targets in turn, so each gets its share; without one any target
        may get all of it.
        """
        shared = pace.min_rate is not None and pace.retries <= 1
        limit = pace.max_rate
        if self.host_rate is not None:
            limit = min(limit, max(self.host_rate, int(self.host_rate * len(targets) * _EVENLY)) if shared else self.host_rate)
        if self.network_rate is not None:
            largest = max(Counter(neighbourhood(address) for address in targets).values())
            evenly = int(self.network_rate * len(targets) * _EVENLY) // largest
            limit = min(limit, max(self.network_rate, evenly) if shared else self.network_rate)
        return pace if limit == pace.max_rate else pace.at_most(limit)


def kind(address: Address) -> tuple[int, bool]:
    """Loss and load are nothing that the loopback and the network, or IPv4 and IPv6, have in common."""
    return address.version, address.is_loopback


@lru_cache(maxsize=1 << 16)
def neighbourhood(address: Address) -> AnyNetwork:
    """The /24 or /64 around an address: what one cap, and one measured loss, speaks for."""
    return ip_network((address, _NEIGHBOURHOOD[address.version]), strict=False)
