"""What is decided about every port of one address: the table, corrected by what the evidence can carry."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import evolve, field, frozen

from iacdrift.drift.middlebox import everything_open
from iacdrift.drift.refusal import Refusal, read_refusal
from iacdrift.drift.report import FindingKind
from iacdrift.drift.service import differs
from iacdrift.drift.silence import Meaning, Silence, Witnesses, doubted, read_silence
from iacdrift.drift.table import UNKNOWN, Column, Fate, Row, Ruling, cells
from iacdrift.drift.target import Target
from iacdrift.model.ports import NO_PORTS, PortSet
from iacdrift.surface.observed import READABLE_SCANS, Answer, Evidence, ObservedHost, ObservedPorts

Shape = tuple[object, ...]
_MOST_SHAPES = 4096
"""An estate has few; where there are more, hardly two hosts are alike."""


@frozen(slots=True)
class Run:
    """What the whole run says about the worth of one address's answers. `deaf`: ports on which a control was silent."""

    witnesses: Witnesses
    deaf: PortSet = NO_PORTS
    ruled: dict[Shape, tuple[Ruling, ...]] = field(factory=dict, init=False, repr=False, eq=False)
    """What was ruled of plain hosts, by all that it depends on."""


def rule(target: Target, protocol: str, run: Run) -> tuple[Ruling, ...]:
    """Every judged port of this target and protocol, in exactly one ruling."""
    seen = target.observed
    if seen is None or not (seen.ports(protocol).asked or seen.ports(protocol).groups):
        return ()  # a protocol that nothing was asked of, and of which nothing was heard: UDP on most hosts
    shape = _shape(target, seen, protocol, run)
    if shape is None:
        return _ruled(target, seen, protocol, run)
    found = run.ruled.get(shape)
    if found is None:
        found = _ruled(target, seen, protocol, run)
        if len(run.ruled) < _MOST_SHAPES:
            run.ruled[shape] = found
    return found


def _shape(target: Target, seen: ObservedHost, protocol: str, run: Run) -> Shape | None:
    """All that the rulings of a plain host depend on; None where more counts: a service, a failure, silence that needs a witness.

    What answered in which version, and how far away, counts for nothing. Large estates hold few different sets of ports, as
    objects that live as long as the run.
    """
    host, told = target.host, seen.ports(protocol)
    if host.services or seen.failed or run.deaf or seen.doubted or not seen.believable_silence:
        return None
    shape: list[object] = [id(host.ports(protocol)), protocol, host.managed, target.loopback, seen.tcp_scan, id(told.asked)]
    for ports, answer in told.groups:
        shape += (id(ports), id(answer.evidence), answer.reason, answer.reason_ip, answer.confirmed)
    return tuple(shape)


def _ruled(target: Target, seen: ObservedHost, protocol: str, run: Run) -> tuple[Ruling, ...]:
    silence = read_silence(target, protocol, run.witnesses, run.deaf)
    found: list[Ruling] = []
    for cell in cells(target.host.ports(protocol), seen.ports(protocol)):
        found += _refined(cell, target, protocol, silence, run)
    return tuple(ruling for ruling in found if ruling.ports)


def _refined(cell: Ruling, target: Target, protocol: str, silence: Silence, run: Run) -> Iterator[Ruling]:
    if cell.row in UNKNOWN:
        yield _unknown(cell)
    elif cell.column is Column.NOTHING:
        yield from _nothing(cell, target, protocol)
    elif cell.column is Column.SILENT:
        yield from _silent(cell, target, protocol, silence, run)
    elif cell.column is Column.OPEN:
        yield from _open(cell, target, protocol)
    elif (cell.row, cell.column) == (Row.BLOCKED, Column.REFUSED):
        yield _refused(cell, target, protocol)
    elif (cell.row, cell.column) == (Row.BLOCKED, Column.ON_THE_WAY):
        yield from _rejected(cell, target, protocol)
    else:
        yield cell


def _unknown(cell: Ruling) -> Ruling:
    seen = "nothing was learnt" if cell.column is Column.NOTHING else f"it is {cell.column.value}"
    if cell.row is Row.BY_CODE:
        return evolve(cell, why=f"the code doesn't say enough to judge it ({seen})")
    return evolve(cell, why=f"what the code admits depends on where the scan stands, and that isn't known ({seen})")


def _nothing(cell: Ruling, target: Target, protocol: str) -> Iterator[Ruling]:
    """Nothing is known: why the scan of the host failed, what the scan says of these ports, or that no answer came at all."""
    seen = target.observed
    rest = cell.ports
    for ports, answer in seen.ports(protocol).groups if seen and not seen.failed else ():
        if answer.evidence is Evidence.NOT_LEARNT and answer.reason:
            if part := rest & ports:
                yield Ruling(cell.row, cell.column, part, cell.fate, cell.kind, f"nothing was learnt: {_said(answer)}")
            rest -= ports
    if rest:
        yield evolve(cell, ports=rest, why=seen.failed if seen and seen.failed else "no answer that means anything was learnt")


def _said(answer: Answer) -> str:
    return answer.reason if answer.scan in READABLE_SCANS else f"{answer.scan} scans aren't read, only those by {', '.join(READABLE_SCANS)}"


def _silent(cell: Ruling, target: Target, protocol: str, silence: Silence, run: Run) -> Iterator[Ruling]:
    deaf = cell.ports & run.deaf if protocol == "tcp" else NO_PORTS
    if deaf:
        why = "the control was silent on this port too: probes to it may never leave this scanner's network"
        yield evolve(cell, ports=deaf, fate=Fate.INCOMPLETE, kind=None, why=why)
    rest = evolve(cell, ports=cell.ports - deaf) if deaf else cell
    for ports, why in doubted(target.observed, protocol) if target.observed and not target.observed.failed else ():
        if unsure := rest.ports & ports:
            yield evolve(rest, ports=unsure, fate=Fate.INCOMPLETE, kind=None, why=why)
            rest = evolve(rest, ports=rest.ports - unsure)
    if protocol == "udp" and cell.row is not Row.BLOCKED:
        yield _silent_udp(rest)
    elif silence.meaning is Meaning.DROPPED:
        yield rest
    elif silence.meaning is Meaning.LISTED:
        yield evolve(rest, fate=Fate.LISTED, kind=None, why=silence.why)
    elif silence.meaning is Meaning.DOWN and cell.row is Row.OPEN:
        yield evolve(rest, aside=silence.why, whole=True)
    else:
        yield evolve(rest, fate=Fate.INCOMPLETE, kind=None, why=silence.why)


def _silent_udp(cell: Ruling) -> Ruling:
    fate = Fate.INCOMPLETE if cell.row is Row.OPEN else Fate.LISTED
    return evolve(cell, fate=fate, kind=None, why="no answer over UDP: open and dropped look the same")


def _open(cell: Ruling, target: Target, protocol: str) -> Iterator[Ruling]:
    if cell.row is Row.ALLOWED:
        yield cell
        return
    all_open = everything_open(target, protocol)
    if cell.row is Row.BLOCKED:
        yield evolve(cell, kind=FindingKind.EVERYTHING_OPEN, whole=True) if all_open else cell
        return
    wrong = PortSet.of(port for port in cell.ports if _mismatch(target, protocol, port)) if target.host.services else NO_PORTS
    hollow = PortSet.of(port for port in cell.ports - wrong if not _confirmed(target, protocol, port)) if all_open else NO_PORTS
    if not wrong and not hollow:
        yield cell
        return
    yield evolve(cell, ports=wrong, fate=Fate.FINDING, kind=FindingKind.SERVICE_MISMATCH)
    why = "every port of this address is open, so an answer without data doesn't show that the declared service is there"
    yield evolve(cell, ports=hollow, fate=Fate.INCOMPLETE, why=why)
    yield evolve(cell, ports=cell.ports - wrong - hollow)


def _mismatch(target: Target, protocol: str, port: int) -> bool:
    declared, answer = target.host.services.get((protocol, port)), _answer(target, protocol, port)
    return declared is not None and answer is not None and differs(declared, answer)


def _confirmed(target: Target, protocol: str, port: int) -> bool:
    answer = _answer(target, protocol, port)
    return answer is not None and answer.confirmed


def _answer(target: Target, protocol: str, port: int) -> Answer | None:
    return target.observed.ports(protocol).answer(port) if target.observed else None


def _refused(cell: Ruling, target: Target, protocol: str) -> Ruling:
    refusal = read_refusal(target, protocol)
    if refusal is Refusal.AS_DECLARED:
        return evolve(cell, fate=Fate.IN_SYNC, kind=None)
    if refusal is Refusal.HOLE:
        return cell
    if refusal is Refusal.OWN_MACHINE:
        aside = "this is the scanner's own machine, in front of which no cloud filter stands"
        return evolve(cell, aside=aside, mild=True, whole=True)
    if refusal is Refusal.NO_FILTER:
        return evolve(cell, aside="no filter stands in front of this address, or it rejects instead of dropping", whole=True)
    why = "refused in a connect scan, which can't tell the host's refusal from a filter that rejects: run as root for a SYN scan"
    return evolve(cell, fate=Fate.INCOMPLETE, kind=None, why=why)


def _rejected(cell: Ruling, target: Target, protocol: str) -> Iterator[Ruling]:
    """An ICMP error proves a filter on the way only if its sender is known; the kernel keeps that from a connect scan."""
    seen = target.observed
    if seen is None or target.host.managed or target.loopback or (protocol == "udp" and seen.tcp_scan == "connect"):
        yield cell
        return
    unsigned = cell.ports if seen.tcp_scan == "connect" else cell.ports & _unsigned(seen.ports(protocol))
    why = "rejected by an ICMP error whose sender isn't known, so a filter on the way can't be told from the host itself"
    if seen.tcp_scan == "connect":
        why = "rejected in a connect scan, which can't tell a filter on the way from the host itself: run as root for a SYN scan"
    yield evolve(cell, ports=cell.ports - unsigned)
    yield evolve(cell, ports=unsigned, fate=Fate.INCOMPLETE, kind=None, why=why)


def _unsigned(seen: ObservedPorts) -> PortSet:
    """Ports whose rejection doesn't say who sent it."""
    found = NO_PORTS
    for ports, answer in seen.groups:
        if answer.evidence is Evidence.REJECTED_ON_THE_WAY and not answer.reason_ip:
            found |= ports
    return found
