"""What a refusal on a blocked port means: a hole in the filter, no filter at all, or nothing (design, section 4, Refusal)."""

from __future__ import annotations

from enum import Enum

from iacdrift.drift.target import Target
from iacdrift.model.ports import PortSet
from iacdrift.surface.observed import Evidence, ObservedPorts

MOST = 0.9
"""The share of probed blocked ports from which on an address counts as refusing altogether."""


class Refusal(Enum):
    """How a refused, blocked port is judged."""

    AS_DECLARED = "as declared"
    """A managed endpoint refuses what has no listener."""
    HOLE = "hole"
    """The address drops elsewhere, so this port got through the filter that drops."""
    NO_FILTER = "no filter"
    """Nearly everything is refused: no filter stands in front, or it rejects."""
    OWN_MACHINE = "own machine"
    """Loopback: no cloud filter stands in front of this machine itself."""
    NOT_TOLD = "not told"
    """A connect scan can't tell the host's reset from a rejection by the filter."""


def read_refusal(target: Target, protocol: str) -> Refusal:
    """How refusals on this target's blocked ports are judged; ask only where there is one."""
    if target.host.managed:
        return Refusal.AS_DECLARED
    if target.observed is None:
        return Refusal.NOT_TOLD
    seen = target.observed.ports(protocol)
    if _proven(target.host.ports(protocol).blocked, seen):
        return Refusal.HOLE
    if target.loopback:
        return Refusal.OWN_MACHINE
    return Refusal.NOT_TOLD if protocol == "tcp" and target.observed.tcp_scan == "connect" else Refusal.NO_FILTER


def _proven(blocked: PortSet, seen: ObservedPorts) -> bool:
    """Whether the address drops silently somewhere and refuses only here and there."""
    dropped = seen.of(Evidence.SILENT, Evidence.OPEN_OR_SILENT)
    refused = blocked & seen.of(Evidence.CLOSED, Evidence.REJECTED)
    probed = blocked & (refused | dropped | seen.of(Evidence.OPEN, Evidence.REJECTED_ON_THE_WAY))
    return bool(dropped) and len(refused) < MOST * len(probed)
