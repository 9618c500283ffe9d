"""The picture of the surface: hosts by ports, in each cell what the code expects and what was seen."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from attrs import field, frozen

from iacdrift.drift.declared import DeclaredPorts
from iacdrift.drift.reading import finding_from_dict
from iacdrift.drift.report import DriftReport, Finding, FindingKind, HostPorts, ReportedHost, Severity
from iacdrift.drift.wording import few
from iacdrift.model.ports import PortSet
from iacdrift.surface.expected import PROTOCOLS

MOST_COLUMNS = 36
MOST_ROWS = 300
SINGLES = 4
"""A finding of so few ports has columns of its own; a wider one is counted in the last column."""

Port = tuple[str, int]

_EXPECTED = {
    "open": "must answer",
    "allowed": "may answer",
    "blocked": "must not answer",
    "unknown": "the code doesn't say enough",
    "": "nothing is declared",
}
_SEEN = {"open": "open", "closed": "refuses", "filtered": "no answer", "undetermined": "not determined", "unasked": "not asked"}
_MARKS = {"open": "●", "closed": "\u2013", "filtered": "·", "undetermined": "?", "unasked": ""}
_KINDS = {
    FindingKind.EXPOSED: "!",
    FindingKind.PASSABLE: "△",
    FindingKind.MISSING: "✕",
    FindingKind.UNREACHABLE: "✕",
    FindingKind.SERVICE_MISMATCH: "≠",
}


@frozen(slots=True)
class Cell:
    """One port of one host. `expected`, `seen`: words for the style; `mark`: one character; `finding`: its id, where there is one."""

    expected: str
    seen: str
    mark: str
    text: str
    finding: str | None = None
    severity: str | None = None


@frozen(slots=True)
class Row:
    """One host. `rest`: (count of ports, what they are, its style) of everything asked that has no column."""

    owner: str | None
    address: str | None
    worst: str | None
    cells: tuple[Cell, ...]
    rest: tuple[tuple[int, str, str], ...] = ()


@frozen(slots=True)
class Matrix:
    """All of it. `left_out`: ports that have no column of their own though something is said of them; `hidden`: hosts without a row."""

    columns: tuple[Port, ...]
    rows: tuple[Row, ...]
    left_out: int = 0
    hidden: int = 0


@frozen(slots=True)
class _Host:
    host: ReportedHost
    findings: list[Finding] = field(factory=list)
    ignored: list[Finding] = field(factory=list)

    @property
    def worst(self) -> int:
        order = list(Severity)
        return min((order.index(item.severity) for item in self.findings), default=len(order))


def matrix_of(report: DriftReport) -> Matrix:
    """Hosts with the worst findings first; the ports that most is said of."""
    hosts = sorted(_hosts(report), key=lambda host: host.worst)
    columns, left_out = _columns(hosts)
    rows = tuple(_row(host, columns) for host in hosts[:MOST_ROWS])
    return Matrix(columns, rows, left_out, len(hosts) - len(rows))


def _hosts(report: DriftReport) -> list[_Host]:
    """Every host of the report, and addresses that only a finding names."""
    known: dict[tuple[str, str | None], _Host] = {(host.owner, host.address): _Host(host) for host in report.hosts}
    for finding in report.findings:
        known.setdefault((finding.owner or "", finding.address), _Host(_bare(finding))).findings.append(finding)
    for ignored in _ignored(report):
        known.setdefault((ignored.owner or "", ignored.address), _Host(_bare(ignored))).ignored.append(ignored)
    return list(known.values())


def _bare(finding: Finding) -> ReportedHost:
    """The host of a finding that the report lists none for: an address that nobody owns."""
    return ReportedHost(finding.address, finding.owner or "", HostPorts(), HostPorts(), finding.name)


def _ignored(report: DriftReport) -> Iterator[Finding]:
    """What exceptions took out of the verdict is no less different from the code."""
    for item in report.ignored:
        try:
            yield finding_from_dict(item)
        except (KeyError, TypeError, ValueError):
            continue


def _columns(hosts: Sequence[_Host]) -> tuple[tuple[Port, ...], int]:
    weight: Counter[Port] = Counter()
    for host in hosts:
        for finding in (*host.findings, *host.ignored):
            if len(finding.ports) <= SINGLES:
                # A finding's port keeps its column before any that is merely open somewhere.
                weight.update({(finding.protocol, port): 10_000 * (5 - list(Severity).index(finding.severity)) for port in finding.ports})
        for port in _spoken_of(host.host):
            weight[port] += 1
    chosen = sorted(port for port, _ in weight.most_common(MOST_COLUMNS))
    return tuple(chosen), len(weight) - len(chosen)


def _spoken_of(host: ReportedHost) -> Iterator[Port]:
    for protocol in PROTOCOLS:
        seen, declared = _sides(host, protocol)
        yield from ((protocol, port) for port in seen.open | (declared.open if declared else PortSet()))


def _sides(host: ReportedHost, protocol: str) -> tuple[HostPorts, DeclaredPorts | None]:
    declared = host.expected
    if protocol == "tcp":
        return host.tcp, declared.tcp if declared else None
    return host.udp, declared.udp if declared else None


def _row(host: _Host, columns: Sequence[Port]) -> Row:
    worst = min(host.findings, key=lambda item: list(Severity).index(item.severity), default=None)
    cells = tuple(_cell(host, protocol, port) for protocol, port in columns)
    told = host.host
    return Row(told.owner or None, told.name or told.address, worst.severity.value if worst else None, cells, tuple(_rest(host, columns)))


def _cell(host: _Host, protocol: str, port: int) -> Cell:
    seen_ports, declared = _sides(host.host, protocol)
    expected, seen = _expected(declared, port), _seen(seen_ports, port)
    finding = _told_of(host.findings, protocol, port)
    who = host.host.owner or host.host.address
    text = f"{protocol}/{port} on {who}: {_EXPECTED[expected]}; {_SEEN[seen]}"
    ignored = _told_of(host.ignored, protocol, port)
    if finding is None and ignored is not None:
        return Cell(expected, seen, "⊘", f"{text}; ignored by an exception: {ignored.severity.value}: {ignored.kind.value}")
    if finding is None:
        return Cell(expected, seen, _MARKS[seen], text)
    mark = _KINDS.get(finding.kind, _MARKS[seen] or "!") if finding.severity is not Severity.NOTE else _MARKS[seen] or "·"
    return Cell(expected, seen, mark, f"{text}; {finding.severity.value}: {finding.kind.value}", finding.id, finding.severity.value)


def _told_of(findings: Iterable[Finding], protocol: str, port: int) -> Finding | None:
    return next((item for item in findings if item.protocol == protocol and port in item.ports), None)


def _expected(declared: DeclaredPorts | None, port: int) -> str:
    if declared is None:
        return ""
    return next((name for name in ("open", "allowed", "unknown") if port in getattr(declared, name)), "blocked")


def _seen(ports: HostPorts, port: int) -> str:
    return next((name for name in ("undetermined", "open", "closed", "filtered") if port in getattr(ports, name)), "unasked")


def _rest(host: _Host, columns: Iterable[Port]) -> Iterator[tuple[int, str, str]]:
    """What is said of the ports that have no column: findings, what isn't known, and how many are as the code says."""
    shown: dict[str, list[int]] = defaultdict(list)
    for protocol, port in columns:
        shown[protocol].append(port)
    quiet = unknown = 0
    for protocol in PROTOCOLS:
        here = PortSet.of(shown[protocol])
        rest = _sides(host.host, protocol)[0].asked - here
        for finding in (item for item in (*host.findings, *host.ignored) if item.protocol == protocol and item.ports - here):
            ports = finding.ports - here
            rest -= ports
            ignored = finding in host.ignored
            what = f"{'ignored: ' if ignored else ''}{finding.kind.value} ({protocol}/{few(ports)})"
            yield len(ports), what, "ignored" if ignored else finding.severity.value
        missing = rest & _sides(host.host, protocol)[0].undetermined
        unknown, quiet = unknown + len(missing), quiet + len(rest - missing)
    if unknown:
        yield unknown, "not determined", "undetermined"
    if quiet:
        yield quiet, "as the code says", "quiet"
