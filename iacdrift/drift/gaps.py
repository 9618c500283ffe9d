"""What had to be known and wasn't learnt: every entry says where, which ports, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from iacdrift.drift.reason import by_reason
from iacdrift.drift.report import Undetermined
from iacdrift.drift.settings import JudgeSettings
from iacdrift.drift.table import UNKNOWN, Fate, Ruling
from iacdrift.drift.target import SCANNED, Target
from iacdrift.drift.wording import code_says
from iacdrift.model.ports import NO_PORTS, PortSet
from iacdrift.surface.expected import ExpectedHost, ExpectedSurface, HostStatus, NotInView
from iacdrift.surface.observed import ObservedSurface

_NOT_SCANNED = {
    HostStatus.PENDING: "pending: its address is known after apply only",
    HostStatus.STOPPED: "stopped: its address may belong to somebody else by now",
    HostStatus.LEAVING: "leaving: the plan destroys it",
    HostStatus.UNADDRESSED: "unaddressed: a fleet whose addresses no source holds",
}


def run_gaps(expected: ExpectedSurface, observed: ObservedSurface, settings: JudgeSettings) -> Iterator[Undetermined]:
    """What makes the run as a whole incomplete; address null, ports empty."""
    for gap in expected.gaps:
        yield _of_run(gap)
    if observed.interrupted:
        yield _of_run(f"the scan ended early: {observed.interrupted}")
    if not any(host.status in SCANNED for host in expected.hosts):
        yield _of_run(_nobody(expected))
    for host in expected.hosts:
        if host.status is HostStatus.UNADDRESSED:
            why = "no source holds this fleet's addresses: resolve them, or give --allow-unaddressed"
            yield Undetermined(None, "tcp", NO_PORTS, why, host.owner, required=not settings.allow_unaddressed)


def _nobody(expected: ExpectedSurface) -> str:
    if any(host.status is HostStatus.PENDING for host in expected.hosts):
        return "every host is still pending: apply first, then check against the state"
    if expected.hosts:
        return "no host in view of this vantage can be scanned"
    outside = len(expected.not_in_view)
    return "no host is in view of this vantage" + (f" ({outside} addresses are out of view)" if outside else "")


def _of_run(why: str) -> Undetermined:
    return Undetermined(None, "tcp", NO_PORTS, why)


def host_gaps(target: Target, rulings: Iterable[Ruling]) -> Iterator[Undetermined]:
    """What is wrong with the scan of one address as a whole; a failure is said even where every port asked for was learnt."""
    address = str(target.address) if target.address else None
    if target.trouble:
        yield Undetermined(address, "tcp", target.host.tcp.open, target.trouble, target.host.owner)
        if target.host.udp.open:
            yield Undetermined(address, "udp", target.host.udp.open, target.trouble, target.host.owner)
    elif target.observed and target.observed.failed and not any(ruling.fate is Fate.INCOMPLETE for ruling in rulings):
        yield Undetermined(address, "tcp", NO_PORTS, target.observed.failed, target.host.owner)


def port_gaps(rulings: tuple[Ruling, ...], target: Target, protocol: str) -> Iterator[Undetermined]:
    """The ports of one target that weren't judged, grouped by why. Only ports that were asked for count."""
    if target.observed is None or not any(ruling.fate in (Fate.INCOMPLETE, Fate.LISTED) for ruling in rulings):
        return
    asked = target.observed.ports(protocol).asked
    found: dict[tuple[bool, str], PortSet] = {}
    for ruling in rulings:
        if ruling.fate in (Fate.INCOMPLETE, Fate.LISTED):
            for why, ports in _whys(ruling, target, protocol):
                key = (ruling.fate is Fate.INCOMPLETE, why)
                found[key] = found.get(key, NO_PORTS) | (ports & asked)
    for (required, why), ports in found.items():
        if ports:
            yield Undetermined(str(target.address), protocol, ports, why, target.host.owner, required)


def _whys(ruling: Ruling, target: Target, protocol: str) -> Iterator[tuple[str, PortSet]]:
    """Where the code itself can't tell, what it is that can't be read."""
    if ruling.row not in UNKNOWN:
        yield ruling.why, ruling.ports
        return
    for ports in by_reason(target.host, protocol, ruling.ports).values():
        because = target.host.explains.because(protocol, next(iter(ports)))
        yield " ".join(filter(None, (f"{ruling.why}.", code_says(because)))).removesuffix("."), ports


def out_of_view(expected: ExpectedSurface) -> tuple[NotInView, ...]:
    """All that this run doesn't look at: what the vantage can't see, and hosts that aren't there to be scanned."""
    resting = (host for host in expected.hosts if host.status in _NOT_SCANNED)
    return expected.not_in_view + tuple(_resting(host) for host in resting)


def _resting(host: ExpectedHost) -> NotInView:
    return NotInView(host.owner, str(host.address or host.name or ""), _NOT_SCANNED[host.status])
