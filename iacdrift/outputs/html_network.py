"""The network as the model sees it: from the vantage through route, ACLs and groups to the hosts, laid out for a picture."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from attrs import frozen

from iacdrift.drift.report import DriftReport, Finding, ReportedHost
from iacdrift.outputs.safe import safe
from iacdrift.outputs.text_surface import place

WIDE, HIGH, ACROSS, DOWN, HEAD, EDGE = 172, 40, 26, 12, 34, 6
"""Pixels: a box's size, the space between boxes in a row and in a column, the headings, the margin."""
MOST_HOSTS = 80
LETTERS = 24

_RESOURCE = re.compile(r"(?:^|\.)(?P<kind>[a-z][a-z0-9]*_[a-z0-9_]+)\.(?P<name>[^.\[\s]+(?:\[[^\s]*\])?)$")
_INDEX = re.compile(r"\[[^\]]*\]")
_SHORT = {"network ACL, inbound": "ACL, inbound", "network ACL, outbound (answers)": "ACL, answers", "security groups": "groups"}

Key = tuple[str, str]
"""A stage and what stands there."""


@frozen(slots=True)
class Node:
    """One box. `lines`: what is written in it; `whole`: everything it stands for; `worst`: the severity of its worst finding."""

    id: str
    x: int
    y: int
    lines: tuple[str, ...]
    whole: str
    worst: str | None = None


@frozen(slots=True)
class Edge:
    """A line between two boxes, as an SVG path."""

    id: str
    path: str


@frozen(slots=True)
class Picture:
    """Everything to draw. `ways`: finding id -> `node:answer node:answer …`; `hidden`: groups of hosts that have no box."""

    wide: int
    high: int
    heads: tuple[tuple[int, str], ...]
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    ways: Mapping[str, str]
    hidden: int = 0


def picture_of(report: DriftReport) -> Picture | None:
    """The network of a report; None where no host's way is known (an older report, explicit expectations alone)."""
    groups = _alike(report)
    if not groups:
        return None
    found = _worst(report)
    # Hosts with findings keep their boxes; the order of the ways keeps lines from crossing.
    first = sorted(groups, key=lambda key: key not in found)[:MOST_HOSTS]
    shown = {key: groups[key] for key in sorted(first, key=lambda key: ([p.through for p in groups[key][0].way], key))}
    return _Layout(report, shown, found).picture(len(groups) - len(shown))


def host_key(host: ReportedHost) -> Key:
    """The box of a host: hosts of one count or for_each that stand behind the same filters share it."""
    return "host", f"{_INDEX.sub('', host.owner)}|{'|'.join(passage.through for passage in host.way)}"


def _alike(report: DriftReport) -> dict[Key, list[ReportedHost]]:
    groups: dict[Key, list[ReportedHost]] = defaultdict(list)
    for host in report.hosts:
        if host.way:
            groups[host_key(host)].append(host)
    return groups


def _worst(report: DriftReport) -> dict[Key, str]:
    """Box -> severity of its worst finding; findings come worst first."""
    keys = {(host.owner, host.address): host_key(host) for host in report.hosts if host.way}
    found: dict[Key, str] = {}
    for finding in report.findings:
        key = keys.get((finding.owner or "", finding.address))
        if key is not None:
            found.setdefault(key, finding.severity.value)
    return found


class _Layout:
    """Places boxes: columns by stage, rows so that a box stands beside the middle of what it leads to."""

    def __init__(self, report: DriftReport, groups: Mapping[Key, Sequence[ReportedHost]], worst: Mapping[Key, str]) -> None:
        self.report, self.groups, self.worst = report, groups, worst
        self.start: Key = ("vantage", place(report.vantage))
        self.paths = {key: self._path(key, hosts[0]) for key, hosts in groups.items()}
        self.stages = _stages(self.paths.values())
        self.ids = {key: f"n{number}" for number, key in enumerate(dict.fromkeys(key for path in self.paths.values() for key in path))}
        self.y = self._rows()

    def picture(self, hidden: int) -> Picture:
        """All of it, in pixels."""
        nodes = tuple(self._node(key) for key in self.ids)
        pairs = dict.fromkeys(pair for path in self.paths.values() for pair in pairwise(path))
        heads = tuple((self._x(stage), _SHORT.get(stage, stage)) for stage in self.stages)
        wide = 2 * EDGE + len(self.stages) * (WIDE + ACROSS) - ACROSS
        high = max(node.y for node in nodes) + HIGH + EDGE
        return Picture(wide, high, heads, nodes, tuple(self._edge(*pair) for pair in pairs), dict(self._ways()), hidden)

    def _path(self, key: Key, host: ReportedHost) -> tuple[Key, ...]:
        return (self.start, *((passage.stage, passage.through) for passage in host.way), key)

    def _x(self, stage: str) -> int:
        return EDGE + self.stages.index(stage) * (WIDE + ACROSS)

    def _rows(self) -> dict[Key, int]:
        """From the right to the left: each box beside the middle of those it leads to, none on another."""
        rows = {key: HEAD + number * (HIGH + DOWN) for number, key in enumerate(self.groups)}
        leads: dict[Key, set[Key]] = defaultdict(set)
        for path in self.paths.values():
            for before, after in pairwise(path):
                leads[before].add(after)
        for stage in reversed(self.stages[:-1]):
            here = [key for key in self.ids if key[0] == stage]
            wanted = {key: sum(rows[after] for after in leads[key]) // len(leads[key]) for key in here}
            free = HEAD
            for key in sorted(here, key=lambda key: wanted[key]):
                rows[key] = max(free, wanted[key])
                free = rows[key] + HIGH + DOWN
        return rows

    def _node(self, key: Key) -> Node:
        stage, name = key
        x, y = self._x(stage), self.y[key]
        if stage != "host":
            return Node(self.ids[key], x, y, _written(name), f"{stage}: {name}")
        hosts = self.groups[key]
        addresses = ", ".join(str(host.name or host.address) for host in hosts[:20]) + (" …" if len(hosts) > 20 else "")
        title = hosts[0].owner if len(hosts) == 1 else _INDEX.sub("", hosts[0].owner)
        below = str(hosts[0].name or hosts[0].address) if len(hosts) == 1 else f"{len(hosts)} hosts"
        return Node(
            self.ids[key], x, y, (_cut(".".join(filter(None, _ended(title)))), _cut(below)), f"{title}: {addresses}", self.worst.get(key)
        )

    def _edge(self, before: Key, after: Key) -> Edge:
        x1, y1 = self._x(before[0]) + WIDE, self.y[before] + HIGH // 2
        x2, y2 = self._x(after[0]), self.y[after] + HIGH // 2
        middle = (x1 + x2) // 2
        return Edge(f"{self.ids[before]}-{self.ids[after]}", f"M{x1} {y1}C{middle} {y1} {middle} {y2} {x2} {y2}")

    def _ways(self) -> Iterator[tuple[str, str]]:
        hosts = {(host.owner, host.address): host for host in self.report.hosts}
        for finding in self.report.findings:
            host = hosts.get((finding.owner or "", finding.address))
            path = self.paths.get(host_key(host)) if host else None
            if path and finding.way:
                yield finding.id, " ".join(f"{self.ids[key]}:{answer}" for key, answer in zip(path, _answers(finding, path), strict=True))


def _answers(finding: Finding, path: Sequence[Key]) -> list[str]:
    """What each box on the path says of the finding's port; behind the first that blocks the packet shouldn't have come."""
    said = {step.stage: step.answer for step in finding.way}
    return [said.get(stage, "admitted") for stage, _ in path]


def _stages(paths: Iterable[tuple[Key, ...]]) -> list[str]:
    """The columns: each stage behind the one that stands before it on a way; hosts last."""
    found: list[str] = ["vantage"]
    for path in paths:
        at = 0
        for stage, _ in path[1:-1]:
            if stage in found:
                at = found.index(stage)
            else:
                at += 1
                found.insert(at, stage)
    return [*found, "host"]


def _written(name: str) -> tuple[str, ...]:
    """`module.a.aws_security_group.web` on two lines: the type small, the name below it; of several names the first and their number."""
    first, *others = name.split(", ")
    kind, rest = _ended(first)
    if kind:
        more = f" +{len(others)}" if others else ""
        return _cut(kind), safe(rest, LETTERS - len(more)) + more
    if len(name) > LETTERS and " " in name[:LETTERS]:
        before = name[:LETTERS].rpartition(" ")[0]
        return _cut(before), _cut(name[len(before) + 1 :])
    return (_cut(name),)


def _ended(name: str) -> tuple[str, str]:
    """Type and name of a resource without its modules; an empty type where it is no resource."""
    found = _RESOURCE.search(name)
    return (found["kind"], found["name"]) if found else ("", name)


def _cut(text: str) -> str:
    return safe(text, LETTERS)
