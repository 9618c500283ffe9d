"""The rate that a target bears: refusals, ICMP errors and new connections are rationed by hosts and by filters on the way."""

from __future__ import annotations

from iacdrift.scan.ledger import Controlled, HostRecord
from iacdrift.surface.expected import Address

_TOO_MANY_LOST = 0.1
_ENOUGH = 12
"""Fewer controls than this say nothing about speed."""
_SAME = 0.6
"""Where a walking pace still loses so much of what the full rate lost, speed isn't the cause."""
_EASE = 0.8
_WALKING_PACE = 50
_SLOWEST = 5


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
    share = latest.controls.share
    if share <= _TOO_MANY_LOST or share == 1.0 or (record.borne is not None and record.borne <= _SLOWEST):
        return False
    record.since = latest.batch + 1
    if record.remark is None:
        record.tried, record.borne = latest, max(_SLOWEST, min(_WALKING_PACE, latest.rate // 4))
    else:
        _ration(record, latest, address)
    return True


def _tried(record: HostRecord, fast: Controlled, slow: Controlled, address: Address) -> bool:
    record.tried = None
    if slow.controls.share > _SAME * fast.controls.share:
        record.lossy, record.borne, record.since = True, None, 0
        return False
    _ration(record, fast, address)
    return True


def _ration(record: HostRecord, fast: Controlled, address: Address) -> None:
    sent, lost = fast.controls.sent, fast.controls.lost
    record.borne = max(_SLOWEST, round(fast.rate * (1 - fast.controls.share) * _EASE))
    record.remark = (
        f"{address} answered {sent - lost} of {sent} controls while it was asked at up to {fast.rate} packets a second: it, or a "
        f"filter on the way, rations its answers; it was asked again at {record.borne} a second"
    )
