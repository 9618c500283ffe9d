"""What a diagram of an expected surface shows: cards of hosts that are alike, in subnets, in networks."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from attrs import frozen

from iacdrift.errors import UsageError
from iacdrift.outputs.safe import safe
from iacdrift.outputs.text_surface import place
from iacdrift.surface.expected import PROTOCOLS, ExpectedHost, ExpectedSurface, HostStatus

_INDEX = re.compile(r"\[[^\]]*\]")
SHOWN_NAMES = 4
SHOWN_RULES = 6
SHOWN_PORTS = 60


@frozen(slots=True)
class Card:
    """Hosts of one subnet with the same expectation. `chips`: (expectation, `tcp 443,8000-8010`); `rules`: to whom what is open."""

    title: str
    addresses: tuple[str, ...]
    chips: tuple[tuple[str, str], ...]
    rules: tuple[str, ...]

    @property
    def answers(self) -> str:
        """The strongest thing that it may do: open, allowed, unknown or blocked."""
        kinds = {kind for kind, _ in self.chips}
        return next((kind for kind in ("open", "allowed", "unknown") if kind in kinds), "blocked")


@frozen(slots=True)
class Box:
    """A subnet of a network, with its cards."""

    network: str
    subnet: str
    cards: tuple[Card, ...]


@frozen(slots=True)
class Diagram:
    """A vantage and everything that it sees; `aside` counts what isn't in view or isn't modelled."""

    vantage: str
    boxes: tuple[Box, ...]
    aside: tuple[str, ...]


def diagram_of(surface: Any) -> Diagram:
    """The diagram of an expected surface. UsageError for anything else."""
    if not isinstance(surface, ExpectedSurface):
        raise UsageError("a diagram shows an expected surface: use this format with `iacdrift expect`")
    found: dict[tuple[str, str], list[ExpectedHost]] = {}
    for host in surface.hosts:
        network, subnet = (*host.within, "", "")[:2]
        found.setdefault((network or "outside any declared network", subnet or "no declared subnet"), []).append(host)
    boxes = tuple(Box(safe(network), safe(subnet), _cards(hosts)) for (network, subnet), hosts in sorted(found.items()))
    return Diagram(safe(place(surface.vantage)), boxes, tuple(_aside(surface)))


def _aside(surface: ExpectedSurface) -> Iterable[str]:
    if surface.not_in_view:
        yield f"{len(surface.not_in_view)} addresses are not in view"
    if surface.unmodelled:
        yield f"{sum(len(item.resources) for item in surface.unmodelled)} resources of {len(surface.unmodelled)} types are not modelled"
    if surface.declared_from == "state":
        yield "rules read from a state: drift that was refreshed into it can't be seen"
    yield from (safe(gap) for gap in surface.gaps)


def _cards(hosts: list[ExpectedHost]) -> tuple[Card, ...]:
    """Hosts that differ in nothing but their names and addresses share a card, so that fifty stay readable."""
    alike: dict[object, list[ExpectedHost]] = {}
    for host in hosts:
        alike.setdefault((_family(host.owner), _chips(host), host.admits, host.status), []).append(host)
    return tuple(_card(same) for same in alike.values())


def _family(owner: str) -> str:
    """The resource without the indexes of count and for_each."""
    return _INDEX.sub("", owner)


def _card(hosts: list[ExpectedHost]) -> Card:
    owners = list(dict.fromkeys(host.owner for host in hosts))
    title = owners[0] if len(owners) == 1 else f"{_family(owners[0])} ({len(owners)})"
    names = [safe(host.name or host.address or host.status.value) + _status(host) for host in hosts]
    shown = names[:SHOWN_NAMES] + ([f"and {len(names) - SHOWN_NAMES} more"] if len(names) > SHOWN_NAMES else [])
    rules = [safe(rule, 70) for rule in hosts[0].admits]
    more = [f"and {len(rules) - SHOWN_RULES} more rules"] if len(rules) > SHOWN_RULES else []
    return Card(safe(title), tuple(shown), _chips(hosts[0]), (*rules[:SHOWN_RULES], *more))


def _status(host: ExpectedHost) -> str:
    plain = host.status in (HostStatus.PRESENT, HostStatus.BY_NAME) or not (host.name or host.address)
    return "" if plain else f" ({host.status.value})"


def _chips(host: ExpectedHost) -> tuple[tuple[str, str], ...]:
    found = []
    for protocol in PROTOCOLS:
        sides = host.ports(protocol)
        for kind, ports in (("open", sides.open), ("allowed", sides.allowed), ("unknown", sides.unknown)):
            if ports:
                found.append((kind, safe(f"{protocol} {ports}", SHOWN_PORTS)))
    return tuple(found)
