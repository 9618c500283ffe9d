"""What one answer proves (design, section 4): Nmap's state is not yet a fact about a firewall."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from iacdrift.surface.observed import READABLE_SCANS, Answer, Evidence

_TCP_SCANS = frozenset({"syn", "connect"})
_REJECTIONS = frozenset(
    {
        "port-unreach",
        "host-unreach",
        "net-unreach",
        "proto-unreach",
        "admin-prohibited",
        "host-prohibited",
        "net-prohibited",
        "dest-unreach",
        "no-route",
        "beyond-scope",
        "failed-policy",
        "reject-route",
        "source-quench",
        "time-exceeded",
        "unknown-response",
    }
)


def proven(scan: str, state: str, reason: str, from_target: bool) -> Evidence:
    """The evidence of one port.

    `scan`: Nmap's scan type; anything but syn, connect and udp can't be read. `from_target`: whether an ICMP error
    came from the target's own address; under a connect scan the kernel doesn't say, and it counts as on the way.
    """
    if scan not in READABLE_SCANS:
        return Evidence.NOT_LEARNT
    if state == "open":
        return Evidence.OPEN
    if state == "closed":
        return Evidence.CLOSED
    if state == "open|filtered":
        return Evidence.OPEN_OR_SILENT if scan == "udp" else Evidence.NOT_LEARNT
    if state != "filtered":
        return Evidence.NOT_LEARNT
    return _filtered(scan, reason, from_target)


def _filtered(scan: str, reason: str, from_target: bool) -> Evidence:
    if reason == "no-response":
        return Evidence.SILENT if scan in _TCP_SCANS else Evidence.OPEN_OR_SILENT
    if reason not in _REJECTIONS:
        return Evidence.NOT_LEARNT
    return Evidence.REJECTED if from_target and scan != "connect" else Evidence.REJECTED_ON_THE_WAY


def heard(service: Mapping[str, str], tunnel: bool) -> bool:
    """Whether a service answered with data: service detection matched, kept unknown bytes, or TLS was spoken."""
    matched = service.get("method") == "probed" and service.get("name") not in (None, "tcpwrapped", "unknown")
    return matched or tunnel or "servicefp" in service


@lru_cache(maxsize=1024)
def not_learnt(why: str, scan: str) -> Answer:
    """The answer of a port about which nothing is known, with the reason."""
    return Answer(Evidence.NOT_LEARNT, reason=why, scan=scan)
