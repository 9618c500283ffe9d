"""What every verdict takes for granted about silence, unless a control proves it."""

from __future__ import annotations

from collections.abc import Sequence

from iacdrift.drift.report import ReportedHost
from iacdrift.model.because import Assumption
from iacdrift.model.ports import NO_PORTS, PortSet
from iacdrift.surface.observed import ObservedSurface

SCANNER = "(this scanner)"
_WAY_OUT = (
    "silence is read as dropped on the target's side: it is taken for granted that the scanner's own network lets packets out "
    "to every port (a --control HOST that refuses every port proves it port by port)"
)
_QUIET_UDP = "a UDP port that is silent is taken as closed off; a service that ignores Nmap's probes looks the same"


def silence_assumptions(hosts: Sequence[ReportedHost], observed: ObservedSurface) -> tuple[Assumption, ...]:
    """That packets leave this network on every port that was silent, and that a silent UDP port isn't a quiet service."""
    found: list[Assumption] = []
    unproven = _silent(hosts, "tcp") - _proven(observed)
    if unproven:
        found.append(Assumption(SCANNER, _WAY_OUT))
    if _silent(hosts, "udp"):
        found.append(Assumption(SCANNER, _QUIET_UDP))
    return tuple(found)


def _silent(hosts: Sequence[ReportedHost], protocol: str) -> PortSet:
    ports = NO_PORTS
    for host in hosts:
        ports |= host.tcp.filtered if protocol == "tcp" else host.udp.filtered
    return ports


def _proven(observed: ObservedSurface) -> PortSet:
    """Ports that controls of every family in the run refused."""
    families = {address.version for address in observed.hosts}
    proven = [_refused(observed, family) for family in families]
    result = proven[0] if proven else NO_PORTS
    for ports in proven[1:]:
        result &= ports
    return result


def _refused(observed: ObservedSurface, family: int) -> PortSet:
    ports = NO_PORTS
    for control in observed.controls:
        if control.proves_ports and control.address.version == family:
            ports |= control.refusing
    return ports
