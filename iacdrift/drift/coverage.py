"""How much was looked at, host by host and in sum."""

from __future__ import annotations

from collections.abc import Sequence

from iacdrift.drift.declared import Declared, DeclaredPorts
from iacdrift.drift.figure import silence_of
from iacdrift.drift.report import Coverage, HostPorts, ReportedHost
from iacdrift.drift.silence import answered
from iacdrift.drift.table import UNKNOWN, Fate, Ruling
from iacdrift.drift.target import Target
from iacdrift.model.ports import NO_PORTS, PortSet
from iacdrift.surface.expected import PROTOCOLS
from iacdrift.surface.observed import Evidence, ObservedHost
from iacdrift.surface.step import passages

_NOTHING = HostPorts()
Rulings = dict[str, tuple[Ruling, ...]]
_FILTERED = (Evidence.REJECTED, Evidence.REJECTED_ON_THE_WAY, Evidence.SILENT, Evidence.OPEN_OR_SILENT)
_PROBED = tuple(evidence for evidence in Evidence if evidence is not Evidence.NOT_LEARNT)


def reported_host(target: Target, rulings: Rulings) -> ReportedHost:
    """One line of the report's hosts."""
    address = str(target.address) if target.address else None
    tcp, udp = (_host_ports(target, protocol, rulings[protocol]) for protocol in PROTOCOLS)
    declared = Declared(*(DeclaredPorts.of(target.host.ports(protocol)) for protocol in PROTOCOLS))
    return ReportedHost(address, target.host.owner, tcp, udp, target.host.name, declared, passages(target.host.explains))


def _host_ports(target: Target, protocol: str, rulings: tuple[Ruling, ...]) -> HostPorts:
    if target.observed is None:
        lost = target.host.ports(protocol).open
        return HostPorts(asked=lost, undetermined=lost)
    seen = target.observed.ports(protocol)
    if not seen.asked and not seen.groups:
        return _NOTHING
    undetermined = _ports(rulings, Fate.INCOMPLETE, Fate.LISTED) & seen.asked
    learnt = (seen.of(Evidence.OPEN), seen.of(Evidence.CLOSED), seen.of(*_FILTERED), undetermined)
    return HostPorts(seen.asked, *(ports.shared() for ports in learnt))


def _ports(rulings: tuple[Ruling, ...], *fates: Fate) -> PortSet:
    found = NO_PORTS
    for ruling in rulings:
        found |= ruling.ports if ruling.fate in fates else NO_PORTS
    return found


def asserted(rulings: tuple[Ruling, ...], target: Target, protocol: str) -> PortSet:
    """The ports that were asked for and judged against an expectation that isn't unknown."""
    if target.observed is None:
        return NO_PORTS
    found = NO_PORTS
    for ruling in rulings:
        if ruling.row not in UNKNOWN and ruling.fate in (Fate.IN_SYNC, Fate.FINDING):
            found |= ruling.ports
    return found & target.observed.ports(protocol).asked


def cover(judged: Sequence[tuple[Target, Rulings]], hosts: Sequence[ReportedHost]) -> Coverage:
    """The sums over all targets."""
    states = [_state(target) for target, _ in judged]
    both = [ports for host in hosts for ports in (host.tcp, host.udp)]
    return Coverage(
        hosts_expected=len(states),
        hosts_answered=states.count("answered"),
        hosts_silent=states.count("silent"),
        hosts_failed=states.count("failed"),
        ports_asked=sum(len(ports.asked) for ports in both),
        ports_asserted=sum(len(asserted(rulings[name], target, name)) for target, rulings in judged for name in PROTOCOLS),
        ports_probed=sum(len(seen.ports(name).of(*_PROBED)) for seen in _seen(judged) for name in PROTOCOLS),
        ports_undetermined=sum(len(ports.undetermined) for ports in both),
        silence=silence_of(_seen(judged)),
    )


def _seen(judged: Sequence[tuple[Target, Rulings]]) -> list[ObservedHost]:
    return [target.observed for target, _ in judged if target.observed is not None]


def _state(target: Target) -> str:
    seen = target.observed
    if target.trouble or seen is None or seen.failed:
        return "failed"
    spoke = seen.answered_before or seen.answered_after or any(answered(seen, protocol) for protocol in PROTOCOLS)
    return "answered" if spoke else "silent"
