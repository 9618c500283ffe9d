"""The rate that a target bears: refusals, ICMP errors and new connections are rationed by hosts and by filters on the way."""

from __future__ import annotations

from iacdrift.scan.ledger import Controlled, HostRecord
from iacdrift.scan.loss import RARE, Controls, rarer, same
from iacdrift.surface.expected import Address

TOO_MANY_LOST = 0.1
_ENOUGH = 12
"""Fewer controls than this say nothing about speed."""
_EASE = 0.8
_WALKING_PACE = 50
_SLOWEST = 5


def bearable(rate: int, lost: Controls) -> int:
    """Packets a second that are borne where these were lost at `rate`."""
    return max(_SLOWEST, round(rate * (1 - lost.share) * _EASE))


def watch(record: HostRecord, address: Address) -> bool:
    """Slow down for this address where its latest controls show that it was asked too fast; whether that is so.

    What was silent so far is void then: it is asked again. The first sign is tried at a walking pace: a loss that stays
    is the way's own, and one that goes away is a ration.
    """
    latest = record.controlled[-1]
    if latest.controls.sent < _ENOUGH or record.lossy:
        return False
    if record.tried is not None:
        return _tried(record, record.tried, latest, address)
    sent, lost = latest.controls.sent, latest.controls.lost
    if lost == sent or rarer(lost, sent, TOO_MANY_LOST) > RARE or (record.borne is not None and record.borne <= _SLOWEST):
        return False
    if record.calm is not None and same(record.calm, latest.controls) > RARE:
        return False
    record.since = latest.batch + 1
    if record.remark is None:
        record.tried, record.borne = latest, max(_SLOWEST, min(_WALKING_PACE, latest.rate // 4))
    else:
        _ration(record, latest, address)
    return True


def _tried(record: HostRecord, fast: Controlled, slow: Controlled, address: Address) -> bool:
    record.tried = None
    if same(slow.controls, fast.controls) > RARE:
        record.lossy, record.borne, record.since = True, None, 0
        return False
    record.calm = slow.controls
    _ration(record, fast, address)
    return True


def _ration(record: HostRecord, fast: Controlled, address: Address) -> None:
    sent, lost = fast.controls.sent, fast.controls.lost
    record.borne = bearable(fast.rate, fast.controls)
    record.remark = (
        f"{address} answered {sent - lost} of {sent} controls while it was asked at up to {fast.rate} packets a second: it, or a "
        f"filter on the way, rations its answers; it was asked again at {record.borne} a second"
    )
