"""The rate that the way bears: addresses that never answer can't show that they were asked too fast, others on the same way can."""

from __future__ import annotations

from iacdrift.scan.bearing import TOO_MANY_LOST, bearable
from iacdrift.scan.ledger import Controlled, Ledger
from iacdrift.scan.loss import NO_CONTROLS, Controls
from iacdrift.scan.manner import kind
from iacdrift.surface.expected import Address


def slow_down(ledger: Ledger, told_by: Address, fast: Controlled) -> None:
    """An address was found to be rationed at the pace of the batch `fast`: where all that were asked then lost as much, the way is.

    Every address that never answered begins anew then, at a rate that the way bears: none of its silence so far counts.
    """
    lost = sum((found for address, found in _in_batch(ledger, fast.batch) if kind(address) == kind(told_by)), NO_CONTROLS)
    if lost.share <= TOO_MANY_LOST:
        return
    borne = bearable(fast.rate, lost)
    for address, record in ledger.records.items():
        if not record.first and kind(address) == kind(told_by):
            record.since, record.borne = ledger.batch + 1, min(borne, record.borne or borne)


def _in_batch(ledger: Ledger, batch: int) -> list[tuple[Address, Controls]]:
    return [(address, held.controls) for address, record in ledger.records.items() for held in record.controlled if held.batch == batch]
