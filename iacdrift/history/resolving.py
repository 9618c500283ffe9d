"""Which findings a report proves to be gone: pure. Not having looked, at a port or at all of the code, says nothing about any finding."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence, Set
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from attrs import frozen

from iacdrift.drift.identity import OF_BASELINES
from iacdrift.drift.in_code import InCode
from iacdrift.drift.report import DriftReport, FindingKind, HostPorts, ReportedHost
from iacdrift.model.ports import NO_PORTS, PortSet
from iacdrift.sources.resource import SourceInfo
from iacdrift.surface.expected import NotInView

ASKED = "asked again from the same place: it isn't there any more"
LEFT = "no longer in the code"
OWNED = "a resource of the code owns the address by now"
VANISHED = "the address answers nothing any more"

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


def resolved(report: DriftReport, past: Iterable[Past]) -> Mapping[str, str]:
    """Id -> why, of findings that aren't there any more: asked again and judged, or of a host that is in the code no more."""
    now, asked, named = seen(report), _Asked.of(report), _Named.of(report)
    gone: dict[str, str] = {}
    for item in past:
        if item.finding in now:
            continue
        if item.kind == FindingKind.UNDECLARED_HOST.value:
            why = _of_nobody(item, report, named)
        else:
            why = ASKED if asked.again(item, report) else LEFT if named.nowhere(item) else None
        if why is not None:
            gone[item.finding] = why
    return gone


@frozen(slots=True)
class _Asked:
    """The hosts of a report, by address and by owner."""

    by_address: Mapping[str, ReportedHost]
    owners: Mapping[str, list[str | None]]

    @classmethod
    def of(cls, report: DriftReport) -> _Asked:
        owners: dict[str, list[str | None]] = {}
        for listed in report.hosts:
            owners.setdefault(listed.owner, []).append(listed.address)
        return cls({host.address: host for host in report.hosts if host.address}, owners)

    def again(self, item: Past, report: DriftReport) -> bool:
        """Whether each of its ports was asked, and judged."""
        if item.kind in _OF_BASELINES and report.baseline is None:
            return False
        address = item.address if item.address in self.by_address else _moved(self.owners.get(item.owner or "", []))
        host = self.by_address.get(address) if address else None
        return host is not None and _judged_all(PortSet.parse(item.ports), host.tcp if item.protocol == "tcp" else host.udp)


@frozen(slots=True)
class _Named:
    """Whom the code of a report names. `whole` False: sources weren't read whole, and others may be in it as well."""

    owners: Set[str]
    addresses: Set[str]
    whole: bool

    @classmethod
    def of(cls, report: DriftReport) -> _Named:
        listed: tuple[ReportedHost | NotInView, ...] = (*report.hosts, *report.not_in_view)
        beside = report.in_code or InCode(frozenset(), frozenset())
        owners = beside.owners | {item.owner for item in listed}
        return cls(owners, beside.addresses | {item.address for item in listed if item.address}, report.in_code is not None)

    def nowhere(self, item: Past) -> bool:
        """Whether neither its owner nor its address is in the code: one that only got another name, or address, is."""
        return self.whole and item.owner is not None and item.owner not in self.owners and item.address not in self.addresses


def _of_nobody(item: Past, report: DriftReport, named: _Named) -> str | None:
    """Why an undeclared host is one no longer: somebody owns it, or it was asked where it had answered, and is silent throughout."""
    if item.address in named.addresses:
        return OWNED
    silent = report.scanner.get("vanished", {}).get(item.address)
    if silent is None or item.protocol != "tcp" or PortSet.parse(item.ports) - PortSet.parse(silent):
        return None
    # Where nothing else answers, it is the scan that is cut off.
    return VANISHED if report.coverage.hosts_answered else None


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
