"""For `diff`: the observed surface out of Nmap XML that somebody already has. Sends nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from attrs import frozen

from iacdrift.errors import ScanError
from iacdrift.model.collector import collector_paused
from iacdrift.model.ports import NO_PORTS, PortSet
from iacdrift.scan.belief import PROOF, agreed, believed, within
from iacdrift.scan.evidence import not_learnt
from iacdrift.scan.facts import Groups, XmlHost, XmlRun
from iacdrift.scan.host_blocks import Memory
from iacdrift.scan.nmap_output import read_xml
from iacdrift.scan.ports import asked_ports
from iacdrift.scan.process import find_nmap
from iacdrift.scan.spec import PortSpec
from iacdrift.scan.targets import present_hosts
from iacdrift.surface.expected import Address, ExpectedHost, ExpectedSurface
from iacdrift.surface.observed import READABLE_SCANS, ObservedHost, ObservedPorts, ObservedSurface

_WHEN = "the XML doesn't say when an address answered: silence is believed where the address answered at all"


@collector_paused()
def read_nmap_xml(paths: Iterable[Path | str], expected: ExpectedSurface, ports: str | None = None) -> ObservedSurface:
    """What these files prove about the expected surface; several are merged, oldest first.

    `ports` as `--ports`; without it each file's own `scaninfo` says what was asked. ScanError where a file can't be
    read, isn't whole, isn't Nmap's, or says itself that it ended in an error.
    """
    memory = Memory()
    runs = sorted((_whole(Path(path), memory) for path in paths), key=lambda run: run.started or 0.0)
    if not runs:
        raise ScanError("no Nmap XML was given")
    spec = PortSpec.parse(ports) if ports is not None else None
    top = _frequent(spec)
    seen, learnt = _merge(runs), _Learnt()
    resolved, unresolved = _names(expected, seen)
    hosts: dict[Address, ObservedHost] = {}
    for address, owners in _placed(expected, resolved).items():
        hosts[address] = _host(address, owners, seen.get(address), _asked(owners, seen.get(address), spec, top), learnt)
    extra = (_extra(address, host, learnt) for address, host in seen.items() if address not in hosts)
    return ObservedSurface(
        hosts=hosts,
        resolved=resolved,
        unresolved=unresolved,
        extra=tuple(host for host in extra if host is not None),
        from_files=True,
        nmap=", ".join(dict.fromkeys(run.version for run in runs)) or None,
        scan_types=tuple(dict.fromkeys(kind for run in runs for kind, _ in run.coverage.values())),
        commands=tuple(tuple(run.arguments.split()) for run in runs),
        xml_sha256=tuple(run.sha256 for run in runs),
        started_at=_moment(min((run.started for run in runs if run.started), default=None)),
        finished_at=_moment(max((run.finished for run in runs if run.finished), default=None)),
        notes=(_WHEN, *_foreign_scans(runs)),
    )


def _whole(path: Path, memory: Memory) -> XmlRun:
    run = read_xml(path, memory)
    if run.broken:
        raise ScanError(f"{path} isn't whole: {run.broken}; let Nmap run to its end and give the new file")
    if run.failed:
        raise ScanError(f"{path} is of a run that Nmap ended with an error; run it again")
    return run


def _foreign_scans(runs: Sequence[XmlRun]) -> tuple[str, ...]:
    kinds = dict.fromkeys(kind for run in runs for kind, _ in run.coverage.values() if kind not in READABLE_SCANS)
    return tuple(f"nothing can be learnt from a scan of type {kind}: give a SYN, connect or UDP scan" for kind in kinds)


@frozen(slots=True)
class _Seen:
    """One address over all files: what each said of its TCP and UDP ports and was asked, its names, and why nothing is known if so."""

    tcp: tuple[Groups, ...] = ()
    udp: tuple[Groups, ...] = ()
    asked: tuple[PortSet, PortSet] = (NO_PORTS, NO_PORTS)
    names: frozenset[str] = frozenset()
    failed: str | None = None
    scan: str = "syn"


def _merge(runs: Sequence[XmlRun]) -> Mapping[Address, _Seen]:
    seen: dict[Address, _Seen] = {}
    for run in runs:
        asked = (run.coverage.get("tcp", ("", NO_PORTS))[1], run.coverage.get("udp", ("", NO_PORTS))[1])
        for host in run.hosts:
            seen[host.address] = _joined(seen.get(host.address, _NOBODY), host, asked, run)
    return seen


_NOBODY = _Seen()


def _joined(before: _Seen, host: XmlHost, asked: tuple[PortSet, PortSet], run: XmlRun) -> _Seen:
    """A host that timed out or was held for down in one file may still be known from another."""
    names = before.names | host.names if host.names else before.names
    if before is not _NOBODY:
        asked = (before.asked[0] | asked[0], before.asked[1] | asked[1])
    if host.timed_out or not host.up:
        why = "the host timed out" if host.timed_out else "Nmap held it for down and didn't scan it"
        known = before is not _NOBODY and before.failed is None
        return _Seen(before.tcp, before.udp, asked, names, None if known else why, before.scan)
    tcp = (*before.tcp, host.tcp) if host.tcp else before.tcp
    udp = (*before.udp, host.udp) if host.udp else before.udp
    return _Seen(tcp, udp, asked, names, None, run.coverage.get("tcp", (before.scan, None))[0])


_MOST_ALIKE = 4096
"""Where more answers differ, hardly two hosts are alike."""


class _Learnt:
    """What was learnt of each address. Hosts that answered alike, and of which the same was asked, share it."""

    def __init__(self) -> None:
        self._beliefs: dict[tuple[int, ...], tuple[tuple[Groups, ...], Groups]] = {}
        self._ports: dict[tuple[object, ...], tuple[Groups, ObservedPorts]] = {}

    def belief(self, passes: tuple[Groups, ...]) -> Groups:
        """What all files together say; one file alone needs no weighing."""
        if len(passes) < 2:
            return passes[0] if passes else ()
        key = tuple(map(id, passes))
        known = self._beliefs.get(key)  # kept beside what the ids name, so that these can't be reused
        if known is None:
            first = passes[0]  # of one file alone, in which no port stands twice
            known = passes, agreed(first, len(passes)) if all(one is first for one in passes) else believed(passes)
            if len(self._beliefs) < _MOST_ALIKE:
                self._beliefs[key] = known
        return known[1]

    def ports(self, asked: PortSet, known: Groups, why: str, scan: str) -> ObservedPorts:
        """The answers, and for asked ports without one the reason."""
        key = (id(known), id(asked), why, scan)
        found = self._ports.get(key)
        if found is None:
            found = known, _ports(asked, known, why, scan)
            if len(self._ports) < _MOST_ALIKE:
                self._ports[key] = found
        return found[1]


def _ports(asked: PortSet, known: Groups, why: str, scan: str) -> ObservedPorts:
    groups = within(known, asked)
    missing = asked
    for ports, _ in groups:
        missing -= ports
    if missing:
        groups = (*groups, (missing.shared(), not_learnt(why, scan)))
    return ObservedPorts(asked, groups)


def _placed(expected: ExpectedSurface, resolved: Mapping[str, tuple[Address, ...]]) -> Mapping[Address, list[ExpectedHost]]:
    placed: dict[Address, list[ExpectedHost]] = {}
    for host in present_hosts(expected):
        addresses = (host.address,) if host.address is not None else resolved.get(host.name or "", ())
        for address in addresses:
            placed.setdefault(address, []).append(host)
    return placed


def _names(expected: ExpectedSurface, seen: Mapping[Address, _Seen]) -> tuple[Mapping[str, tuple[Address, ...]], Mapping[str, str]]:
    """Names as Nmap was given them: only those tell which address a name had when it was scanned."""
    by_name: dict[str, list[Address]] = {}
    for address, host in seen.items():
        for name in host.names:
            by_name.setdefault(name.lower().rstrip("."), []).append(address)
    wanted = [host.name or host.owner for host in present_hosts(expected) if host.address is None]
    resolved = {name: tuple(found) for name in wanted if (found := by_name.get(name.lower().rstrip(".")))}
    return resolved, {name: "the XML holds no host that was scanned by this name" for name in wanted if name not in resolved}


def _host(
    address: Address, owners: Sequence[ExpectedHost], seen: _Seen | None, asked: tuple[PortSet, PortSet], learnt: _Learnt
) -> ObservedHost:
    tcp, udp = asked
    if seen is None:
        return ObservedHost(address, ObservedPorts(tcp), ObservedPorts(udp), _name(owners), failed="it isn't in the XML")
    known_tcp, known_udp = learnt.belief(seen.tcp), learnt.belief(seen.udp)
    answered = _answers(known_tcp) or _answers(known_udp)
    why = seen.failed or "the XML says nothing about it"
    return ObservedHost(
        address,
        learnt.ports(tcp, () if seen.failed else known_tcp, why, seen.scan),
        learnt.ports(udp, () if seen.failed else known_udp, why, "udp"),
        _name(owners),
        answered_before=answered,
        answered_after=answered,
        failed=seen.failed,
        tcp_scan=seen.scan,
    )


def _answers(known: Groups) -> bool:
    """Whether the address itself answered anything."""
    return any(answer.evidence in PROOF and ports for ports, answer in known)


def _asked(
    owners: Sequence[ExpectedHost], seen: _Seen | None, spec: PortSpec | None, top: tuple[PortSet, PortSet]
) -> tuple[PortSet, PortSet]:
    tcp, udp = seen.asked if spec is None and seen is not None else (NO_PORTS, NO_PORTS)
    for host in owners:
        asked = asked_ports(host, spec or _NO_SPEC, *top)
        tcp, udp = asked.tcp | tcp, asked.udp | udp
    return tcp.shared(), udp.shared()


_NO_SPEC = PortSpec(None)


def _extra(address: Address, seen: _Seen, learnt: _Learnt) -> ObservedHost | None:
    """A host that nobody expected, if it answered."""
    tcp, udp = learnt.belief(seen.tcp), learnt.belief(seen.udp)
    if not _answers(tcp) and not _answers(udp):
        return None
    return ObservedHost(
        address,
        ObservedPorts(seen.asked[0], tcp),
        ObservedPorts(seen.asked[1], udp),
        min(seen.names, default=None),
        answered_before=True,
        answered_after=True,
        tcp_scan=seen.scan,
    )


def _name(owners: Sequence[ExpectedHost]) -> str | None:
    return next((host.name for host in owners if host.name), None)


def _frequent(spec: PortSpec | None) -> tuple[PortSet, PortSet]:
    """Nmap's most frequent ports, where `--ports common` needs them; the Nmap on this machine knows them."""
    if spec is None or spec.word not in ("common", "all"):
        return NO_PORTS, NO_PORTS
    nmap = find_nmap()
    return nmap.top_tcp, nmap.top_udp


def _moment(seconds: float | None) -> str | None:
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds") if seconds is not None else None
    except (ValueError, OverflowError, OSError):
        return None
