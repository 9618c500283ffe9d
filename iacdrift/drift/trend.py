"""How many findings earlier runs had, for pictures of a history."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from attrs import frozen

from iacdrift.drift.report import DriftReport


@frozen(slots=True)
class EarlierRun:
    """One run: when it ended, its verdict, and its findings counted by kind and by host (owner, else address)."""

    finished_at: str
    verdict: str
    kinds: Mapping[str, int]
    hosts: Mapping[str, int]

    @classmethod
    def of(cls, report: DriftReport) -> EarlierRun:
        """A report, counted."""
        told = ((finding.kind.value, finding.owner, finding.address) for finding in report.findings)
        return cls(report.finished_at, report.verdict.value, *_counted(told))

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> EarlierRun:
        """A stored report, counted without reading all of it. KeyError where it is none."""
        told = ((item["kind"], item["owner"], item["address"]) for item in document["findings"])
        return cls(str(document["finished_at"]), str(document["verdict"]), *_counted(told))


def _counted(told: Iterable[tuple[str, str | None, str | None]]) -> tuple[Mapping[str, int], Mapping[str, int]]:
    kinds: Counter[str] = Counter()
    hosts: Counter[str] = Counter()
    for kind, owner, address in told:
        kinds[kind] += 1
        hosts[owner or address or "nobody's"] += 1
    return kinds, hosts
