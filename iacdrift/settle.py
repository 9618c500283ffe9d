"""After a deploy: ask again only what isn't yet as it should be, with growing pauses, until it holds or the time is spent."""

from __future__ import annotations

import time
from collections.abc import Callable
from ipaddress import ip_address
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from iacdrift.drift.report import DriftReport, Severity
from iacdrift.model.ports import PortSet
from iacdrift.surface.expected import PROTOCOLS, Address, ExpectedHost, ExpectedSurface
from iacdrift.surface.observed import Evidence, ObservedHost, ObservedPorts, ObservedSurface, Settling, SilenceFigure

if TYPE_CHECKING:
    from iacdrift.scan.task import Only

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 30.0


@frozen(slots=True)
class Clock:
    """Time, so that tests needn't wait."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


def settled(  # noqa: PLR0917
    first: ObservedSurface,
    expected: ExpectedSurface,
    seconds: float,
    ask: Callable[[Only], ObservedSurface],
    judge: Callable[[ObservedSurface], DriftReport],
    clock: Clock = Clock(),
) -> ObservedSurface:
    """What was observed last. Ends once what had been wrong was right twice in a row, or when the time is spent."""
    start = clock.now()
    deadline = start + seconds
    observed, pause = first, FIRST_PAUSE
    wrong = _unsettled(judge(observed), expected)
    diary = Diary()
    diary.note(wrong, 0.0)
    ever, stable = tuple(wrong), not wrong
    while not stable and not observed.interrupted and clock.now() + pause < deadline:
        try:
            clock.sleep(pause)
        except KeyboardInterrupt:
            return evolve(observed, interrupted="interrupted while waiting for the network to settle", settling=diary.told())
        # Once nothing is wrong any more, all that ever was is asked a second time: one good answer of a host that is
        # still starting proves little.
        confirming = not wrong
        observed = joined(observed, ask(wrong or ever))
        wrong = _unsettled(judge(observed), expected)
        diary.note(wrong, clock.now() - start)
        ever = (*ever, *(item for item in wrong if item not in ever))
        stable = confirming and not wrong
        pause = min(2 * pause, LONGEST_PAUSE)
    return evolve(observed, settling=diary.told())


class Diary:
    """When what was wrong became right. What turns wrong again counts from its last good answer."""

    def __init__(self) -> None:
        self._wrong: dict[tuple[str, str], PortSet] = {}
        self._right: dict[tuple[str, str], dict[float, PortSet]] = {}

    def note(self, wrong: Only, seconds: float) -> None:
        """What is wrong so many seconds after the first verdict."""
        now: dict[tuple[str, str], PortSet] = {}
        for who, protocol, ports in wrong:
            key = (str(who.name or who.owner) if isinstance(who, ExpectedHost) else str(who), protocol)
            now[key] = now.get(key, PortSet()) | ports
        for key in {**self._wrong, **now, **self._right}:
            still, before = now.get(key, PortSet()), self._wrong.get(key, PortSet())
            kept = {at: held - still for at, held in self._right.get(key, {}).items()}
            kept[seconds] = kept.get(seconds, PortSet()) | (before - still)
            self._right[key] = {at: held for at, held in kept.items() if held}
        self._wrong = now

    def told(self) -> tuple[Settling, ...]:
        """Each group of ports with its seconds, then what never was right."""
        right = [Settling(*key, ports, at) for key, held in self._right.items() for at, ports in sorted(held.items())]
        return (*right, *(Settling(*key, ports, None) for key, ports in self._wrong.items() if ports))


def joined(before: ObservedSurface, again: ObservedSurface) -> ObservedSurface:
    """`before`, with everything that `again` asked replaced by what it learnt."""
    hosts = dict(before.hosts)
    for address, host in again.hosts.items():
        hosts[address] = _joined_host(hosts[address], host) if address in hosts else host
    return evolve(
        before,
        hosts=hosts,
        resolved={**before.resolved, **again.resolved},
        unresolved={name: why for name, why in before.unresolved.items() if name not in again.resolved},
        interrupted=again.interrupted,
        commands=before.commands + again.commands,
        xml_sha256=before.xml_sha256 + again.xml_sha256,
        finished_at=again.finished_at or before.finished_at,
        packets_sent=(before.packets_sent or 0) + (again.packets_sent or 0) if before.packets_sent is not None else None,
    )


def _joined_host(before: ObservedHost, again: ObservedHost) -> ObservedHost:
    stale = bool(_silent_ports(before, "tcp") - _asked(again.tcp) or _silent_ports(before, "udp") - _asked(again.udp))
    # Silence is believed by what the host answered around it: a host that came up in between can't vouch for
    # the silence of before, nor one that went down for the silence of now.
    vouching = [host for host, silent in ((before, stale), (again, _silent(again))) if silent]
    return evolve(
        before,
        tcp=_joined_ports(before.tcp, again.tcp),
        udp=_joined_ports(before.udp, again.udp),
        answered_before=all(host.answered_before for host in vouching) if vouching else before.answered_before or again.answered_before,
        answered_after=all(host.answered_after for host in vouching) if vouching else before.answered_after or again.answered_after,
        failed=again.failed if _asked(again.tcp) or _asked(again.udp) else before.failed,
        silence=_worse(before.silence, again.silence),
        doubted=_joined_doubts(before, again),
    )


def _worse(before: SilenceFigure | None, again: SilenceFigure | None) -> SilenceFigure | None:
    return max((figure for figure in (before, again) if figure is not None), key=lambda figure: figure.miss, default=None)


def _joined_doubts(before: ObservedHost, again: ObservedHost) -> tuple[tuple[PortSet, str], ...]:
    """What each run doubts of the ports that it asked last.

    And all silence of a run in which the address never answered, while it did in the other: that one can't vouch for it.
    """
    fresh = _asked(again.tcp)
    doubts = [(ports - fresh, why) for ports, why in before.doubted] + list(again.doubted)
    if before.answered_before != again.answered_before:
        mute, kept = (again, PortSet()) if before.answered_before else (before, fresh)
        doubts.append((mute.tcp.of(Evidence.SILENT) - kept, "the address answered in another pass, but not when these ports were asked"))
    return tuple((ports, why) for ports, why in doubts if ports)


def _silent_ports(host: ObservedHost, protocol: str) -> PortSet:
    return host.ports(protocol).of(Evidence.SILENT, Evidence.OPEN_OR_SILENT)


def _silent(host: ObservedHost) -> bool:
    return bool(_silent_ports(host, "tcp") or _silent_ports(host, "udp"))


def _asked(ports: ObservedPorts) -> PortSet:
    asked = ports.asked
    for group, _ in ports.groups:
        asked |= group
    return asked


def _joined_ports(before: ObservedPorts, again: ObservedPorts) -> ObservedPorts:
    fresh = _asked(again)
    kept = ((ports - fresh, answer) for ports, answer in before.groups)
    return ObservedPorts(before.asked | again.asked, (*((ports, answer) for ports, answer in kept if ports), *again.groups))


def _unsettled(report: DriftReport, expected: ExpectedSurface) -> Only:
    """The ports of findings that could fail a run, and of everything required that wasn't learnt."""
    failing = [(f.address, f.owner, f.protocol, f.ports) for f in report.findings if f.severity is not Severity.NOTE]
    missing = [(u.address, u.owner, u.protocol, u.ports) for u in report.undetermined if u.required]
    found: list[tuple[ExpectedHost | Address, str, PortSet]] = []
    for address, owner, protocol, ports in failing + missing:
        if address is not None:
            found.append((ip_address(address), protocol, ports))
        else:
            # A name that had no address: it may have one by now, and then everything that must answer is asked.
            named = (host for host in expected.hosts if host.owner == owner and host.name)
            found += [(host, name, host.ports(name).open) for host in named for name in PROTOCOLS]
    return tuple(item for item in found if item[2])
