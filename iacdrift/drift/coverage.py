"""How much was looked at, host by host and in sum."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from iacdrift.drift.declared import Declared, DeclaredPorts
from iacdrift.drift.figure import silence_of
from iacdrift.drift.report import Coverage, HostPorts, ReportedHost
from iacdrift.drift.silence import answered
from iacdrift.drift.table import UNKNOWN, Fate, Ruling
from iacdrift.drift.target import Target
from iacdrift.model.ports import NO_PORTS, PortSet
from iacdrift.surface.expected import PROTOCOLS
from iacdrift.surface.observed import Evidence, ObservedHost, ObservedPorts
from iacdrift.surface.step import passages

_NOTHING = HostPorts()
Rulings = dict[str, tuple[Ruling, ...]]
_FILTERED = (Evidence.REJECTED, Evidence.REJECTED_ON_THE_WAY, Evidence.SILENT, Evidence.OPEN_OR_SILENT)


def reported_hosts(judged: Sequence[tuple[Target, Rulings]]) -> tuple[ReportedHost, ...]:
    """The report's hosts. Those of which the same is said, or that were ruled alike, share what is reported of them."""
    learnt: dict[int, HostPorts] = {}
    declared: dict[tuple[int, int], Declared] = {}
    found: list[ReportedHost] = []
    for target, rulings in judged:
        host = target.host
        said = declared.get((id(host.tcp), id(host.udp)))
        if said is None:
            said = declared[id(host.tcp), id(host.udp)] = Declared(DeclaredPorts.of(host.tcp), DeclaredPorts.of(host.udp))
        tcp, udp = (_shared_ports(target, protocol, rulings[protocol], learnt) for protocol in PROTOCOLS)
        address = str(target.address) if target.address else None
        found.append(ReportedHost(address, host.owner, tcp, udp, host.name, said, passages(host.explains)))
    return tuple(found)


def _shared_ports(target: Target, protocol: str, rulings: tuple[Ruling, ...], learnt: dict[int, HostPorts]) -> HostPorts:
    """Rulings are one object only where the same was asked and seen; that there is none says nothing of what was."""
    if not rulings:
        return _host_ports(target, protocol, rulings)
    found = learnt.get(id(rulings))
    if found is None:
        found = learnt[id(rulings)] = _host_ports(target, protocol, rulings)
    return found


def _host_ports(target: Target, protocol: str, rulings: tuple[Ruling, ...]) -> HostPorts:
    if target.observed is None:
        lost = target.host.ports(protocol).open
        return HostPorts(asked=lost, undetermined=lost)
    seen = target.observed.ports(protocol)
    if not seen.asked and not seen.groups:
        return _NOTHING
    undetermined = _ports(rulings, Fate.INCOMPLETE, Fate.LISTED) & seen.asked
    opened, declared = seen.of(Evidence.OPEN), target.host.ports(protocol).open
    opened = declared if opened == declared else opened  # one object of the two: that they are the same is what most hosts come to
    learnt = (opened, seen.of(Evidence.CLOSED), seen.of(*_FILTERED), undetermined)
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
        ports_asserted=_sum(judged, lambda target, name, rulings: len(asserted(rulings, target, name))),
        ports_probed=_sum(judged, lambda target, name, _: _probed(target.observed.ports(name)) if target.observed else 0),
        ports_undetermined=sum(len(ports.undetermined) for ports in both),
        silence=silence_of(_seen(judged)),
    )


def _probed(seen: ObservedPorts) -> int:
    return sum(len(ports) for ports, answer in seen.groups if answer.evidence is not Evidence.NOT_LEARNT)


def _sum(judged: Sequence[tuple[Target, Rulings]], count: Callable[[Target, str, tuple[Ruling, ...]], int]) -> int:
    """The sum over targets and protocols; the same rulings are counted once and added as often as they were made."""
    known: dict[int, int] = {}
    total = 0
    for target, rulings in judged:
        for name in PROTOCOLS:
            mine = rulings[name]
            if not mine:
                total += count(target, name, mine)
                continue
            if id(mine) not in known:
                known[id(mine)] = count(target, name, mine)
            total += known[id(mine)]
    return total


def _seen(judged: Sequence[tuple[Target, Rulings]]) -> list[ObservedHost]:
    return [target.observed for target, _ in judged if target.observed is not None]


def _state(target: Target) -> str:
    seen = target.observed
    if target.trouble or seen is None or seen.failed:
        return "failed"
    spoke = seen.answered_before or seen.answered_after or any(answered(seen, protocol) for protocol in PROTOCOLS)
    return "answered" if spoke else "silent"
