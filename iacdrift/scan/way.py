"""The rate that the way bears: addresses that never answer can't show that they were asked too fast, others on the same way can."""

from __future__ import annotations

from iacdrift.scan.ledger import Controlled, Ledger
from iacdrift.scan.loss import NO_CONTROLS, Controls
from iacdrift.surface.expected import Address

_TOO_MANY_LOST = 0.1
_EASE = 0.8
_SLOWEST = 5


def slow_down(ledger: Ledger, told_by: Address, fast: Controlled) -> None:
    """An address was found to be rationed at the pace of the batch `fast`: where all that were asked then lost as much, the way is.

    Every address that never answered begins anew then, at a rate that the way bears: none of its silence so far counts.
    """
    kind = (told_by.version, told_by.is_loopback)
    lost = sum((found for address, found in _in_batch(ledger, fast.batch) if (address.version, address.is_loopback) == kind), NO_CONTROLS)
    if lost.share <= _TOO_MANY_LOST:
        return
    borne = max(_SLOWEST, round(fast.rate * (1 - lost.share) * _EASE))
    for address, record in ledger.records.items():
        if not record.first and (address.version, address.is_loopback) == kind:
            record.since, record.borne = ledger.batch + 1, min(borne, record.borne or borne)


def _in_batch(ledger: Ledger, batch: int) -> list[tuple[Address, Controls]]:
    return [(address, held.controls) for address, record in ledger.records.items() for held in record.controlled if held.batch == batch]
