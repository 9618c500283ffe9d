"""Which findings a report proves to be gone: pure. A port that this run didn't ask and judge says nothing about any finding."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from iacdrift.drift.identity import OF_BASELINES
from iacdrift.drift.report import DriftReport, HostPorts
from iacdrift.model.ports import NO_PORTS, PortSet
from iacdrift.sources.resource import SourceInfo

_OF_BASELINES = frozenset(kind.value for kind in OF_BASELINES)
"""Only a run that was compared with a baseline can say that these are gone."""


class Past(Protocol):
    """What is known of a finding that was open before."""

    @property
    def finding(self) -> str:
        """Its id."""

    @property
    def kind(self) -> str:
        """Its kind, as in the JSON."""

    @property
    def owner(self) -> str | None:
        """Whose address it is about."""

    @property
    def address(self) -> str | None:
        """The address when it was last seen."""

    @property
    def protocol(self) -> str:
        """`tcp` or `udp`."""

    @property
    def ports(self) -> str:
        """Its ports as text."""


def seen(report: DriftReport) -> Mapping[str, Mapping[str, object]]:
    """Every finding of a report as JSON by id, those that an exception took out of the verdict too: they are still there."""
    ignored = [item for item in report.ignored if isinstance(item.get("id"), str)]
    return {str(item["id"]): item for item in (*ignored, *(finding.to_dict() for finding in report.findings))}


def resolved(report: DriftReport, past: Iterable[Past]) -> frozenset[str]:
    """The ids of the findings that aren't there any more: each of their ports was asked again, and judged."""
    now = seen(report)
    by_address = {host.address: host for host in report.hosts if host.address}
    owners: dict[str, list[str | None]] = {}
    for listed in report.hosts:
        owners.setdefault(listed.owner, []).append(listed.address)
    gone = set()
    for item in past:
        if item.finding in now or (item.kind in _OF_BASELINES and report.baseline is None):
            continue
        address = item.address if item.address in by_address else _moved(owners.get(item.owner or "", []))
        host = by_address.get(address) if address else None
        if host is not None and _judged_all(PortSet.parse(item.ports), host.tcp if item.protocol == "tcp" else host.udp):
            gone.add(item.finding)
    return frozenset(gone)


def _moved(addresses: list[str | None]) -> str | None:
    """The one address that an owner has now; of several, it can't be told which took the old one's place."""
    return addresses[0] if len(addresses) == 1 else None


def _judged_all(ports: PortSet, learnt: HostPorts) -> bool:
    return ports != NO_PORTS and not ports - (learnt.asked - learnt.undetermined)


def sight(report: DriftReport) -> str:
    """From where a report looked, as text that is equal for equal places: what is shut to one place may be open to another."""
    return json.dumps({name: value for name, value in report.vantage.to_dict().items() if value}, sort_keys=True)


def target_of(sources: Sequence[SourceInfo], name: str | None = None) -> tuple[str, str]:
    """The key and the name of what a run is about: the name that the user gave, else its sources.

    A state is known by its lineage, so that it stays itself in another checkout; other sources by kind and whole path.
    """
    if name:
        return _key(["name", name]), name
    identities, shown = set(), []
    for source in sources:
        path = Path.cwd() if source.path == "-" else Path(source.path).absolute()
        identities.add(f"lineage:{source.lineage}" if source.lineage else f"{source.kind}:{path}")
        shown.append(source.path)
    return _key(sorted(identities)), ", ".join(dict.fromkeys(shown)) or "(no source)"


def _key(parts: list[str]) -> str:
    return sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
