"""Topologies by number: each from a Hypothesis run of its own, so that one has nothing in common with the next.

Within one run Hypothesis varies what it has (five of six examples are mutations of another), which finds parsers' bugs
but makes a poor sample of networks. A number names its topology for good: the same number, the same network.
"""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.properties.truth.strategies import topologies
from tests.properties.truth.topology import Topology


def topology(number: int) -> Topology:
    """The topology with this number."""
    found: list[Topology] = []
    _run(number, found.append, shrink=False)
    return found[-1]


def shrunk(number: int, check: Callable[[Topology], None]) -> None:
    """Let Hypothesis make the topology with this number as small as it still fails, and raise what `check` raises."""
    _run(number, check, shrink=True)


def _run(number: int, check: Callable[[Topology], None], *, shrink: bool) -> None:
    phases = [Phase.generate, Phase.shrink] if shrink else [Phase.generate]

    @seed(number)
    @settings(max_examples=2, deadline=None, database=None, suppress_health_check=list(HealthCheck), phases=phases, print_blob=False)
    @given(topologies())
    def once(drawn: Topology) -> None:
        check(drawn)

    once()
