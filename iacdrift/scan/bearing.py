"""The rate that a target bears: refusals, ICMP errors and new connections are rationed by hosts and by filters on the way."""

from __future__ import annotations

from iacdrift.scan.ledger import HostRecord
from iacdrift.surface.expected import Address

_TOO_MANY_LOST = 0.1
_ENOUGH = 12
"""Fewer controls than this say nothing about speed."""
_SAME = 0.6
"""Where a slower batch still loses so much of what the faster one lost, speed isn't the cause."""
_EASE = 0.8
_SLOWEST = 5


def watch(record: HostRecord, address: Address) -> None:
    """Slow down for this address where its latest controls show that it was asked too fast.

    What was silent so far is void then: it is asked again. A loss that stays the same at a lower rate is the way's own.
    """
    latest = record.controlled[-1]
    sent, lost, rate = latest.controls.sent, latest.controls.lost, latest.rate
    if record.lossy or sent < _ENOUGH or lost == sent or lost <= _TOO_MANY_LOST * sent:
        return
    faster = [held for held in record.controlled if held.rate > rate and held.controls.sent >= _ENOUGH]
    if faster and latest.controls.share > _SAME * faster[-1].controls.share:
        record.lossy, record.borne, record.since, record.remark = True, None, 0, None
        return
    record.borne = max(_SLOWEST, round(rate * (1 - latest.controls.share) * _EASE))
    record.since = latest.batch + 1
    record.remark = (
        f"{address} answered {sent - lost} of {sent} controls while it was asked at up to {rate} packets a second: it, or a filter on "
        f"the way, rations its answers; it was asked again at {record.borne} a second"
    )
