"""For `diff`: the observed surface out of Nmap XML that somebody already has. Sends nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from attrs import field, frozen

from iacdrift.errors import ScanError
from iacdrift.model.collector import collector_paused
from iacdrift.model.ports import NO_PORTS, PortSet
from iacdrift.scan.belief import believed, within
from iacdrift.scan.evidence import READABLE_SCANS, not_learnt
from iacdrift.scan.facts import Groups, XmlHost, XmlRun
from iacdrift.scan.nmap_output import read_xml
from iacdrift.scan.ports import asked_ports
from iacdrift.scan.process import find_nmap
from iacdrift.scan.spec import PortSpec
from iacdrift.scan.suspicion import answering
from iacdrift.scan.targets import present_hosts
from iacdrift.surface.expected import PROTOCOLS, Address, ExpectedHost, ExpectedSurface
from iacdrift.surface.observed import ObservedHost, ObservedPorts, ObservedSurface

_WHEN = "the XML doesn't say when an address answered: silence is believed where the address answered at all"


@collector_paused()
def read_nmap_xml(paths: Iterable[Path | str], expected: ExpectedSurface, ports: str | None = None) -> ObservedSurface:
    """What these files prove about the expected surface; several are merged, oldest first.

    `ports` as `--ports`; without it each file's own `scaninfo` says what was asked. ScanError where a file can't be
    read, isn't whole, isn't Nmap's, or says itself that it ended in an error.
    """
    runs = sorted((_whole(Path(path)) for path in paths), key=lambda run: run.started or 0.0)
    if not runs:
        raise ScanError("no Nmap XML was given")
    spec = PortSpec.parse(ports) if ports is not None else None
    top = _frequent(spec)
    seen = _merge(runs)
    resolved, unresolved = _names(expected, seen)
    hosts: dict[Address, ObservedHost] = {}
    for address, owners in _placed(expected, resolved).items():
        hosts[address] = _host(address, owners, seen.get(address), spec, top)
    return ObservedSurface(
        hosts=hosts,
        resolved=resolved,
        unresolved=unresolved,
        extra=tuple(_extra(address, host) for address, host in seen.items() if address not in hosts and host.answers),
        from_files=True,
        nmap=", ".join(dict.fromkeys(run.version for run in runs)) or None,
        scan_types=tuple(dict.fromkeys(kind for run in runs for kind, _ in run.coverage.values())),
        commands=tuple(tuple(run.arguments.split()) for run in runs),
        xml_sha256=tuple(run.sha256 for run in runs),
        started_at=_moment(min((run.started for run in runs if run.started), default=None)),
        finished_at=_moment(max((run.finished for run in runs if run.finished), default=None)),
        notes=(_WHEN, *_foreign_scans(runs)),
    )


def _whole(path: Path) -> XmlRun:
    run = read_xml(path)
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
    """One address over all files: its passes and coverage by protocol, its names, and why nothing is known if so."""

    passes: Mapping[str, Sequence[Groups]] = field(factory=dict)
    coverage: Mapping[str, PortSet] = field(factory=dict)
    names: frozenset[str] = frozenset()
    failed: str | None = None
    scan: str = "syn"
    _beliefs: dict[str, Groups] = field(factory=dict, init=False, repr=False, eq=False)

    def belief(self, protocol: str) -> Groups:
        """What all files together say; one file alone needs no weighing."""
        if protocol not in self._beliefs:
            passes = self.passes.get(protocol, ())
            self._beliefs[protocol] = passes[0] if len(passes) == 1 else believed(passes)
        return self._beliefs[protocol]

    @property
    def answers(self) -> bool:
        """Whether the address itself answered anything."""
        return any(bool(answering(self.belief(protocol))) for protocol in PROTOCOLS)


def _merge(runs: Sequence[XmlRun]) -> Mapping[Address, _Seen]:
    seen: dict[Address, _Seen] = {}
    for run in runs:
        for host in run.hosts:
            seen[host.address] = _joined(seen.get(host.address, _Seen()), host, run)
    return seen


def _joined(before: _Seen, host: XmlHost, run: XmlRun) -> _Seen:
    """A host that timed out or was held for down in one file may still be known from another."""
    names = before.names | host.names
    coverage = {name: before.coverage.get(name, NO_PORTS) for name in PROTOCOLS}
    for name, (_, ports) in run.coverage.items():
        coverage[name] |= ports
    why = "the host timed out" if host.timed_out else None if host.up else "Nmap held it for down and didn't scan it"
    if why:
        return _Seen(before.passes, coverage, names, None if before.passes else why, before.scan)
    passes = {name: [*before.passes.get(name, ()), *([groups] if groups else [])] for name, groups in _groups(host)}
    return _Seen(passes, coverage, names, None, run.coverage.get("tcp", (before.scan, None))[0])


def _groups(host: XmlHost) -> tuple[tuple[str, Groups], ...]:
    return (("tcp", host.tcp), ("udp", host.udp))


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
    address: Address, owners: Sequence[ExpectedHost], seen: _Seen | None, spec: PortSpec | None, top: tuple[PortSet, PortSet]
) -> ObservedHost:
    tcp, udp = _asked(owners, seen, spec, top)
    if seen is None:
        return ObservedHost(address, ObservedPorts(tcp), ObservedPorts(udp), _name(owners), failed="it isn't in the XML")
    answered = seen.answers
    return ObservedHost(
        address,
        _ports(tcp, seen, "tcp"),
        _ports(udp, seen, "udp"),
        _name(owners),
        answered_before=answered,
        answered_after=answered,
        failed=seen.failed,
        tcp_scan=seen.scan,
    )


def _asked(
    owners: Sequence[ExpectedHost], seen: _Seen | None, spec: PortSpec | None, top: tuple[PortSet, PortSet]
) -> tuple[PortSet, PortSet]:
    tcp, udp = NO_PORTS, NO_PORTS
    for host in owners:
        asked = asked_ports(host, spec or PortSpec(None), *top)
        tcp, udp = tcp | asked.tcp, udp | asked.udp
    if spec is None and seen is not None:
        tcp, udp = tcp | seen.coverage.get("tcp", NO_PORTS), udp | seen.coverage.get("udp", NO_PORTS)
    return tcp.shared(), udp.shared()


def _ports(asked: PortSet, seen: _Seen, protocol: str) -> ObservedPorts:
    """The answers, and for asked ports without one the reason."""
    known = seen.belief(protocol) if seen.failed is None else ()
    return _learnt(asked, known, seen.failed or "the XML says nothing about it", seen.scan if protocol == "tcp" else "udp")


@lru_cache(maxsize=4096)  # hosts that answered alike share what was learnt of them
def _learnt(asked: PortSet, known: Groups, why: str, scan: str) -> ObservedPorts:
    groups = within(known, asked)
    missing = asked
    for ports, _ in groups:
        missing -= ports
    if missing:
        groups = (*groups, (missing, not_learnt(why, scan)))
    return ObservedPorts(asked, groups)


def _extra(address: Address, seen: _Seen) -> ObservedHost:
    tcp, udp = seen.coverage.get("tcp", NO_PORTS), seen.coverage.get("udp", NO_PORTS)
    return ObservedHost(
        address,
        ObservedPorts(tcp, seen.belief("tcp")),
        ObservedPorts(udp, seen.belief("udp")),
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
