"""ICMP errors are rationed nearly everywhere: some ports reject, and others that do as well seem silent."""

from __future__ import annotations

from iacdrift.model.ports import PortSet
from iacdrift.scan.belief import ports_with
from iacdrift.scan.ledger import Ledger
from iacdrift.surface.expected import Address
from iacdrift.surface.observed import Evidence

_MANY = 3
"""So many times as many silent ports as rejecting ones."""


def rationed_errors(ledger: Ledger, address: Address, asked: PortSet) -> str | None:
    """What the report says of an address whose host rejects some ports by ICMP while many more of them stay silent; None elsewhere."""
    belief = ledger.belief(address, "tcp")
    rejected = ports_with(belief, Evidence.REJECTED) & asked
    silent = ports_with(belief, Evidence.SILENT) & asked
    if not rejected or len(silent) < _MANY * len(rejected):
        return None
    return (
        f"{address} rejects {len(rejected)} of its TCP ports by ICMP errors and is silent on {len(silent)}: hosts ration such errors, "
        "so a filter in front of it may let silent ports through as well, to a host that rejects them"
    )
