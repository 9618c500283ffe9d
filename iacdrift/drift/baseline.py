"""A baseline: the surface as it was seen once and found right, with who answered; its JSON, and one finding accepted into it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import evolve, frozen

from iacdrift.drift.identity import OF_BASELINES
from iacdrift.drift.reading import certificate_from_dict
from iacdrift.drift.report import Finding, FindingKind
from iacdrift.drift.target import Target, find_targets
from iacdrift.errors import SourceError
from iacdrift.model.ports import NO_PORTS, PortSet
from iacdrift.surface.expected import PROTOCOLS, ExpectedSurface
from iacdrift.surface.observed import Answer, Certificate, Evidence, ObservedHost, ObservedSurface

SCHEMA = "iacdrift/baseline/1"
KINDS = frozenset(OF_BASELINES)
_WORDS = ("service", "product", "version", "tunnel", "confirmed")


@frozen(slots=True)
class Listener:
    """What answered on one port; texts come from the network and are hostile."""

    protocol: str
    port: int
    service: str | None = None
    product: str | None = None
    version: str | None = None
    tunnel: str | None = None
    confirmed: bool = False
    certificate: Certificate | None = None

    @classmethod
    def of(cls, protocol: str, port: int, answer: Answer) -> Listener:
        """From what was observed."""
        return cls(protocol, port, **{name: getattr(answer, name) for name in _WORDS}, certificate=answer.certificate)

    def to_dict(self) -> dict[str, object]:
        """The JSON shape, as attributes."""
        shown = {"certificate": self.certificate.to_dict()} if self.certificate else {}
        return {name: getattr(self, name) for name in ("protocol", "port", *_WORDS)} | shown


@frozen(slots=True)
class BaselineHost:
    """One address. `mark` tells the addresses of one owner apart. `tcp`, `udp`: the ports about which something was learnt."""

    owner: str
    mark: str
    address: str | None
    tcp: PortSet
    udp: PortSet
    listeners: tuple[Listener, ...]

    def learnt(self, protocol: str) -> PortSet:
        """The ports of a protocol about which something was learnt."""
        return self.tcp if protocol == "tcp" else self.udp

    def listener(self, protocol: str, port: int) -> Listener | None:
        """What answered on this port, if anything did."""
        return next((item for item in self.listeners if (item.protocol, item.port) == (protocol, port)), None)

    def to_dict(self) -> dict[str, object]:
        """The JSON shape, as attributes; port sets as text."""
        plain = {"owner": self.owner, "mark": self.mark, "address": self.address, "tcp": str(self.tcp), "udp": str(self.udp)}
        return {**plain, "listeners": [item.to_dict() for item in self.listeners]}


@frozen(slots=True)
class Baseline:
    """`vantage`: JSON of the place from which it was seen; from elsewhere another surface is seen."""

    name: str
    saved_at: str
    vantage: Mapping[str, Any]
    hosts: tuple[BaselineHost, ...]

    @classmethod
    def of(cls, name: str, saved_at: str, expected: ExpectedSurface, observed: ObservedSurface) -> Baseline:
        """What was observed, host by host of the expected surface."""
        hosts = [_host(target, target.observed) for target in find_targets(expected, observed) if target.observed is not None]
        return cls(name, saved_at, expected.vantage.to_dict(), tuple(hosts))

    @classmethod
    def from_dict(cls, document: Any) -> Baseline:
        """The inverse of `to_dict`. SourceError where it is no baseline of this schema."""
        try:
            if document["schema"] != SCHEMA:
                raise SourceError(f"this is no baseline: its schema is {document['schema']!r}, not {SCHEMA!r}")
            hosts = tuple(
                BaselineHost(
                    item["owner"],
                    item["mark"],
                    item["address"],
                    PortSet.parse(item["tcp"]),
                    PortSet.parse(item["udp"]),
                    tuple(
                        Listener(**{**listener, "certificate": certificate_from_dict(listener.get("certificate"))})
                        for listener in item["listeners"]
                    ),
                )
                for item in document["hosts"]
            )
            return cls(document["name"], document["saved_at"], document["vantage"], hosts)
        except (KeyError, TypeError, ValueError) as error:
            raise SourceError(f"this baseline can't be read: {type(error).__name__}: {error}") from error

    def to_dict(self) -> dict[str, object]:
        """The JSON shape `iacdrift/baseline/1`."""
        told = {"schema": SCHEMA, "name": self.name, "saved_at": self.saved_at, "vantage": dict(self.vantage)}
        return {**told, "hosts": [host.to_dict() for host in self.hosts]}

    def host(self, owner: str, mark: str, address: str | None) -> BaselineHost | None:
        """The host that this was: the same owner's with the same address, else its only one in that place, else the address."""
        for same in (
            lambda host: (host.owner, host.address) == (owner, address),
            lambda host: (host.owner, host.mark) == (owner, mark),
            lambda host: address is not None and host.address == address,
        ):
            found = next((host for host in self.hosts if same(host)), None)
            if found is not None:
                return found
        return None

    def accepting(self, finding: Finding) -> Baseline:
        """The baseline in which this deviation is right."""
        owner, address = finding.owner or finding.address or "", finding.address
        same = [host for host in self.hosts if (host.owner, host.address) == (owner, address)]
        same = same or [host for host in self.hosts if host.owner == owner]
        host = same[0] if len(same) == 1 else None
        changed = host or BaselineHost(owner, "", address, NO_PORTS, NO_PORTS, ())
        kept = tuple(item for item in changed.listeners if item.protocol != finding.protocol or item.port not in finding.ports)
        if finding.kind is not FindingKind.GONE_LISTENER:
            kept += tuple(Listener.of(finding.protocol, port, finding.observed) for port in finding.ports)
        tcp, udp = (changed.learnt(name) | (finding.ports if name == finding.protocol else NO_PORTS) for name in PROTOCOLS)
        ordered = tuple(sorted(kept, key=lambda item: (item.protocol, item.port)))
        changed = evolve(changed, tcp=tcp, udp=udp, listeners=ordered)
        hosts = tuple(changed if item is host else item for item in self.hosts)
        return evolve(self, hosts=hosts if host else (*hosts, changed))


def learnt_of(seen: ObservedHost, protocol: str) -> PortSet:
    """Ports about which something was learnt: silence counts where the address is known to speak."""
    ports = seen.ports(protocol)
    found = ports.of(Evidence.OPEN, Evidence.CLOSED, Evidence.REJECTED)
    return (found | ports.of(Evidence.SILENT, Evidence.REJECTED_ON_THE_WAY)) if seen.believable_silence else found


def _host(target: Target, seen: ObservedHost) -> BaselineHost:
    listeners = [
        Listener.of(protocol, port, answer)
        for protocol in PROTOCOLS
        for ports, answer in seen.ports(protocol).groups
        if answer.evidence is Evidence.OPEN
        for port in ports
    ]
    tcp, udp = (learnt_of(seen, protocol) for protocol in PROTOCOLS)
    address = str(target.address) if target.address else None
    return BaselineHost(target.host.owner, target.mark, address, tcp, udp, tuple(sorted(listeners, key=lambda it: (it.protocol, it.port))))
