"""Silent addresses have no controls of their own: how many others are asked for them, who serve all of them together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import ceil

from attrs import define

from iacdrift.model.ports import PortSet
from iacdrift.scan.assurance import known_ports, measured, spread_over
from iacdrift.scan.ledger import Ledger
from iacdrift.scan.loss import Controls, cheapest
from iacdrift.scan.manner import Manner, kind, neighbourhood
from iacdrift.surface.expected import Address

_MOST_ASKED = 8


@define
class _Resting:
    """Silent ports whose loss was measured at the same addresses: how many, and how often the least asked one was asked."""

    controls: Controls
    ports: int = 0
    done: int | None = None

    def add(self, count: int, done: int) -> None:
        self.ports += count
        self.done = done if self.done is None else min(self.done, done)


def controls_elsewhere(
    ledger: Ledger, wants: Mapping[Address, PortSet], others: Sequence[Address], vouching: Sequence[Address], manner: Manner
) -> dict[Address, int]:
    """Address -> further controls, for the ports of addresses that never answered (`wants`).

    `others`: every address that may tell how many packets are lost; `vouching`: those that already did. Where nobody
    around an address was asked yet, those of its family are.
    """
    resting: dict[tuple[Address, ...], _Resting] = {}
    answering = _answering(ledger, others) if wants else {}
    for address, ports in wants.items():
        taken = measured(ledger, address, vouching)
        where = taken.where or answering.get(neighbourhood(address)) or answering.get(kind(address))
        if where:
            held = resting.setdefault(tuple(where), _Resting(taken.controls))
            held.add(len(ports), min(ledger.record(address).probes(ports, so_far=True)))
    return _most(_share(where, held, manner) for where, held in resting.items())


def _answering(ledger: Ledger, others: Sequence[Address]) -> dict[object, list[Address]]:
    """The addresses with known ports, by their network and by what `kind` says of them."""
    found: dict[object, list[Address]] = {}
    for address in others:
        if known_ports(ledger, address):
            found.setdefault(neighbourhood(address), []).append(address)
            found.setdefault(kind(address), []).append(address)
    return found


def _share(where: Sequence[Address], held: _Resting, manner: Manner) -> dict[Address, int]:
    """The controls that are quicker than further probes of all these ports, spread over a few of the addresses."""
    further = cheapest(held.ports, manner.confidence, manner.rate, held.controls, held.done or 0)[1]
    chosen = spread_over(where, _MOST_ASKED)
    return dict.fromkeys(chosen, ceil(further / len(chosen))) if further else {}


def _most(needs: Iterable[dict[Address, int]]) -> dict[Address, int]:
    found: dict[Address, int] = {}
    for need in needs:
        for address, count in need.items():
            found[address] = max(count, found.get(address, 0))
    return found
