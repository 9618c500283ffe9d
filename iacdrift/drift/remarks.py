"""What is worth saying beside the verdict and changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from iacdrift.drift.coverage import Rulings
from iacdrift.drift.severity import proven
from iacdrift.drift.table import Column, Fate, Row
from iacdrift.drift.target import Target
from iacdrift.drift.wording import subject
from iacdrift.model.ports import PortSet
from iacdrift.surface.expected import PROTOCOLS
from iacdrift.surface.observed import Evidence

_MOST = 5


def unheard(judged: Sequence[tuple[Target, Rulings]]) -> Iterator[str]:
    """The declared listeners that took the connection without a word: in sync, but what took it isn't known."""
    found = [
        (protocol, quiet, target) for target, rulings in judged for protocol in PROTOCOLS for quiet in _hollow(target, rulings, protocol)
    ]
    if found:
        more = f"; and {len(found) - _MOST} more" if len(found) > _MOST else ""
        what = "open as declared, but no service answered with data, so a device in between can't be excluded"
        shown = (subject(protocol, quiet, str(target.address), target.host.owner) for protocol, quiet, target in found[:_MOST])
        yield f"{what}: {'; '.join(shown)}{more}"


def _hollow(target: Target, rulings: Rulings, protocol: str) -> Iterator[PortSet]:
    for ruling in rulings[protocol]:
        if target.observed is not None and (ruling.row, ruling.column, ruling.fate) == (Row.OPEN, Column.OPEN, Fate.IN_SYNC):
            seen = target.observed.ports(protocol)
            quiet = 0
            for ports, answer in seen.groups:
                if answer.evidence is Evidence.OPEN and not proven(answer, protocol):
                    quiet |= ports.bits & ruling.ports.bits
            if quiet:
                yield ruling.ports if quiet == ruling.ports.bits else PortSet.of_bits(quiet)
