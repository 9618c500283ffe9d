"""Several vantages beside each other: what each host and port should do, and does, seen from each of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from attrs import field, frozen

from iacdrift.drift.report import DriftReport, HostPorts, ReportedHost, Severity, Verdict
from iacdrift.model.ports import ALL_PORTS, NO_PORTS, PortSet
from iacdrift.surface.expected import PROTOCOLS, ExpectedHost, ExpectedSurface

OUT_OF_VIEW = "not in view"
NOT_ASKED = "not asked"
_REACHABLE = ("open", "allowed")
_WORST = (Verdict.DRIFT, Verdict.INCOMPLETE, Verdict.IN_SYNC)
_CODES = (2, 1, 3, 0)
"""Exit codes, worst first: an error, drift, incomplete, in sync."""


@frozen(slots=True)
class Cell:
    """One row from one vantage. `expected`: open, allowed, blocked, unknown or `not in view`.

    `observed`: open, closed, filtered, undetermined, `not asked`; None where nothing was sent. `finding`: the kind of the
    worst finding on it, notes included.
    """

    expected: str
    observed: str | None = None
    finding: str | None = None

    @property
    def declared(self) -> bool:
        """Whether what was seen is what the code says."""
        return self.finding is None and self.observed not in (None, "undetermined", NOT_ASKED)

    @property
    def text(self) -> str:
        """`open, as declared`; `EXPOSED: open`; `blocked` where nothing was sent."""
        if self.observed is None or self.expected == OUT_OF_VIEW:
            return self.expected
        seen = "silent" if self.observed == "filtered" else self.observed
        if self.finding is not None:
            return f"{self.finding}: {seen}, {self.expected} in the code"
        return f"{seen}, as declared" if self.declared and self.expected != "unknown" else f"{seen}, {self.expected} in the code"

    def to_dict(self) -> dict[str, str | None]:
        """expected, observed, finding."""
        return {"expected": self.expected, "observed": self.observed, "finding": self.finding}


@frozen(slots=True)
class Row:
    """Ports of one host that are alike from every vantage; `cells` in the order of the vantages."""

    owner: str
    address: str | None
    name: str | None
    protocol: str
    ports: PortSet
    cells: tuple[Cell, ...]

    def to_dict(self, names: Sequence[str]) -> dict[str, object]:
        """The JSON shape; `cells` by the vantages' names."""
        return {
            "owner": self.owner,
            "address": self.address,
            "name": self.name,
            "protocol": self.protocol,
            "ports": str(self.ports),
            "cells": {name: cell.to_dict() for name, cell in zip(names, self.cells, strict=True)},
            "says": says(self, names),
        }


def says(row: Row, names: Sequence[str]) -> str:
    """The row in words: `reachable from office, not from internet, as declared`."""
    pairs = list(zip(names, row.cells, strict=True))
    told = [cell.observed for cell in row.cells if cell.observed is not None]
    yes = [name for name, cell in pairs if (cell.observed in ("open", "closed") if told else cell.expected in _REACHABLE)]
    no = [name for name, cell in pairs if (cell.observed == "filtered" if told else cell.expected == "blocked")]
    left = [name for name, _ in pairs if name not in yes and name not in no]
    parts = [f"reachable from {_listed(yes)}"] if yes else []
    parts += [f"not from {_listed(no)}" if yes else f"not reachable from {_listed(no)}"] if no else []
    parts += [f"not known from {_listed(left)}"] if left else []
    if not told or not any(cell.declared for cell in row.cells):
        return ", ".join(parts) + (", as the code says" if not told else "")
    wrong = [name for name, cell in pairs if cell.finding is not None]
    as_declared = "as declared, where it could be seen" if left else "as declared"
    return ", ".join([*parts, f"not as declared from {_listed(wrong)}" if wrong else as_declared])


def _listed(names: Sequence[str]) -> str:
    return " and ".join(names) if len(names) < 3 else f"{', '.join(names[:-1])} and {names[-1]}"


@frozen(slots=True)
class DriftMatrix:
    """The reports of several vantages, each unchanged, and the rows made of them. `names` and `reports` in the same order."""

    names: tuple[str, ...]
    reports: tuple[DriftReport, ...]
    rows: tuple[Row, ...] = field(factory=tuple)

    @classmethod
    def of(cls, reports: Mapping[str, DriftReport]) -> DriftMatrix:
        """Out of the reports by their vantages' names."""
        return cls(tuple(reports), tuple(reports.values()), tuple(_rows([_of_report(report) for report in reports.values()])))

    @property
    def verdict(self) -> Verdict:
        """The worst."""
        return min((report.verdict for report in self.reports), key=_WORST.index)

    @property
    def exit_code(self) -> int:
        """The worst: drift wins over incomplete."""
        return min((report.exit_code for report in self.reports), key=_CODES.index)

    def to_dict(self) -> dict[str, object]:
        """The JSON shape `iacdrift/matrix/1`; each entry of `reports` holds one of `iacdrift/report/1`."""
        return {
            "schema": "iacdrift/matrix/1",
            "verdict": self.verdict.value,
            "exit_code": self.exit_code,
            "vantages": list(self.names),
            "matrix": [row.to_dict(self.names) for row in self.rows],
            "reports": [{"name": name, "report": report.to_dict()} for name, report in zip(self.names, self.reports, strict=True)],
        }

    def to_json(self) -> str:
        """`to_dict` as indented JSON text."""
        return json.dumps(self.to_dict(), indent=2)


@frozen(slots=True)
class ExpectedMatrix:
    """The expected surfaces of several vantages, each unchanged, and the rows made of them."""

    names: tuple[str, ...]
    surfaces: tuple[ExpectedSurface, ...]
    rows: tuple[Row, ...] = field(factory=tuple)

    @classmethod
    def of(cls, surfaces: Mapping[str, ExpectedSurface]) -> ExpectedMatrix:
        """Out of the surfaces by their vantages' names."""
        return cls(tuple(surfaces), tuple(surfaces.values()), tuple(_rows([_of_surface(surface) for surface in surfaces.values()])))

    def to_dict(self) -> dict[str, object]:
        """The JSON shape `iacdrift/matrix/1`; each entry of `surfaces` holds one of `iacdrift/expected-surface/1`."""
        return {
            "schema": "iacdrift/matrix/1",
            "vantages": list(self.names),
            "matrix": [row.to_dict(self.names) for row in self.rows],
            "surfaces": [{"name": name, "surface": surface.to_dict()} for name, surface in zip(self.names, self.surfaces, strict=True)],
        }

    def to_json(self) -> str:
        """`to_dict` as indented JSON text."""
        return json.dumps(self.to_dict(), indent=2)


Key = tuple[str, str | None, str | None, str]
"""Owner, address, name, protocol."""
Held = Mapping[Key, Sequence[tuple[PortSet, Cell]]]
"""What one vantage says: disjoint ports that together are all 65,536."""


def _rows(vantages: Sequence[Held]) -> Iterator[Row]:
    unseen = ((ALL_PORTS, Cell(OUT_OF_VIEW)),)
    for key in dict.fromkeys(key for held in vantages for key in held):
        parts: list[tuple[PortSet, tuple[Cell, ...]]] = [(ALL_PORTS, ())]
        for held in vantages:
            split = ((ports & more, (*cells, cell)) for ports, cells in parts for more, cell in held.get(key, unseen))
            parts = [(ports, cells) for ports, cells in split if ports]
        found = [Row(*key, ports, cells) for ports, cells in _merged(parts) if _telling(cells)]
        yield from sorted(found, key=lambda row: next(iter(row.ports)))


def _merged(parts: Iterable[tuple[PortSet, tuple[Cell, ...]]]) -> Iterator[tuple[PortSet, tuple[Cell, ...]]]:
    alike: dict[tuple[Cell, ...], PortSet] = {}
    for ports, cells in parts:
        alike[cells] = alike.get(cells, NO_PORTS) | ports
    return ((ports, cells) for cells, ports in alike.items())


def _telling(cells: Sequence[Cell]) -> bool:
    """Whether a row is worth its line: not what is blocked or out of view everywhere and silent, nor what nobody asked."""
    asked = [cell for cell in cells if cell.observed != NOT_ASKED and cell.expected != OUT_OF_VIEW]
    return any(cell.finding or cell.expected != "blocked" or cell.observed == "undetermined" for cell in asked)


def _of_surface(surface: ExpectedSurface) -> Held:
    return {
        (host.owner, _text(host), host.name, protocol): [
            (ports, Cell(name)) for name in ("open", "allowed", "blocked", "unknown") if (ports := getattr(host.ports(protocol), name))
        ]
        for host in surface.hosts
        for protocol in PROTOCOLS
    }


def _text(host: ExpectedHost) -> str | None:
    return str(host.address) if host.address else None


def _of_report(report: DriftReport) -> Held:
    found: dict[tuple[str | None, str | None, str], list[tuple[PortSet, str]]] = {}
    for finding in sorted(report.findings, key=lambda item: list(Severity).index(item.severity)):
        found.setdefault((finding.owner, finding.address, finding.protocol), []).append((finding.ports, finding.kind.value))
    return {
        (host.owner, host.address, host.name, protocol): _cells(host, protocol, found.get((host.owner, host.address, protocol), ()))
        for host in report.hosts
        for protocol in PROTOCOLS
    }


def _cells(host: ReportedHost, protocol: str, findings: Sequence[tuple[PortSet, str]]) -> Sequence[tuple[PortSet, Cell]]:
    seen: HostPorts = getattr(host, protocol)
    parts: list[tuple[PortSet, Cell]] = [(ports, Cell(name)) for name, ports in _expected(host, protocol) if ports]
    for name in ("undetermined", "open", "closed", "filtered"):
        parts = list(_over(parts, getattr(seen, name), observed=name))
    parts = list(_over(parts, ALL_PORTS, observed=NOT_ASKED))
    for ports, kind in findings:
        parts = list(_over(parts, ports, finding=kind))
    return parts


def _expected(host: ReportedHost, protocol: str) -> Iterator[tuple[str, PortSet]]:
    if host.expected is None:
        yield "unknown", ALL_PORTS
        return
    said: Any = getattr(host.expected, protocol)
    yield from (("open", said.open), ("allowed", said.allowed), ("unknown", said.unknown))
    yield "blocked", ALL_PORTS - said.open - said.allowed - said.unknown


def _over(
    parts: Iterable[tuple[PortSet, Cell]], ports: PortSet, *, observed: str | None = None, finding: str | None = None
) -> Iterator[tuple[PortSet, Cell]]:
    """The parts, with these ports told further where nothing was said before: whatever was first stays."""
    for held, cell in parts:
        told = cell.observed if observed else cell.finding
        if told is not None:
            yield held, cell
            continue
        if within := held & ports:
            yield within, Cell(cell.expected, cell.observed or observed, cell.finding or finding)
        if beside := held - ports:
            yield beside, cell
