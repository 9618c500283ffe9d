"""The expected surface: what each port of each address must, may or must not do, seen from one vantage."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import Enum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Protocol

from attrs import field, frozen

from iacdrift.model.because import Assumption, Because, Unmodelled
from iacdrift.model.ports import ALL_PORTS, NO_PORTS, PortSet
from iacdrift.surface.vantage import Vantage

Address = IPv4Address | IPv6Address
AnyNetwork = IPv4Network | IPv6Network
PROTOCOLS = ("tcp", "udp")


class Expectation(Enum):
    """What the code says of one port."""

    OPEN = "open"
    ALLOWED = "allowed"
    BLOCKED = "blocked"
    UNKNOWN = "unknown"


class HostStatus(Enum):
    """Whether there is something to scan: only PRESENT and BY_NAME are."""

    PRESENT = "present"
    PENDING = "pending"
    BY_NAME = "by_name"
    STOPPED = "stopped"
    LEAVING = "leaving"
    UNADDRESSED = "unaddressed"


@frozen(slots=True)
class ExpectedPorts:
    """All 65,536 ports of one protocol, partitioned; what isn't in the other four sets is blocked."""

    open: PortSet = NO_PORTS
    allowed: PortSet = NO_PORTS
    unknown_by_vantage: PortSet = NO_PORTS
    unknown_by_code: PortSet = NO_PORTS

    @property
    def unknown(self) -> PortSet:
        """Unknown for either cause."""
        return self.unknown_by_vantage | self.unknown_by_code

    @property
    def blocked(self) -> PortSet:
        """Must not answer."""
        return (ALL_PORTS - self.open - self.allowed - self.unknown).shared()

    def of(self, port: int) -> Expectation:
        """What the code says of this port."""
        if port in self.open:
            return Expectation.OPEN
        if port in self.allowed:
            return Expectation.ALLOWED
        return Expectation.UNKNOWN if port in self.unknown else Expectation.BLOCKED

    def to_dict(self) -> dict[str, str]:
        """The JSON shape of interfaces: four port sets as text."""
        return {name: str(getattr(self, name)) for name in ("open", "allowed", "blocked", "unknown")}


@frozen(slots=True)
class Reason:
    """Why a range of ports of one protocol is expected as it is."""

    protocol: str
    ports: PortSet
    expectation: Expectation
    because: tuple[Because, ...]

    def to_dict(self) -> dict[str, object]:
        """The JSON shape of interfaces."""
        return {
            "protocol": self.protocol,
            "ports": str(self.ports),
            "expectation": self.expectation.value,
            "because": [because.to_dict() for because in self.because],
        }


class Explains(Protocol):
    """Tells why a host's ports are expected as they are."""

    def because(self, protocol: str, port: int) -> tuple[Because, ...]:
        """What decides on this port: the rule that admits, the filter that blocks, or why it can't be told."""

    def reasons(self) -> tuple[Reason, ...]:
        """Every range whose reason is worth a line: all that is open, allowed or unknown, and what explicit filters block."""


@frozen(slots=True)
class StoredReasons:
    """Reasons that were written down before (a spec, a report read back)."""

    stored: tuple[Reason, ...] = ()

    def because(self, protocol: str, port: int) -> tuple[Because, ...]:
        """The first stored reason that holds the port."""
        return next((r.because for r in self.stored if r.protocol == protocol and port in r.ports), ())

    def reasons(self) -> tuple[Reason, ...]:
        """All of them."""
        return self.stored


@frozen(slots=True)
class ExpectedHost:
    """One address (or name, or fleet) and what each of its ports should do.

    `services`: (protocol, port) -> the listener's application protocol where it is known: `http`, `tls`, `https`,
    `ssh`, `postgresql`, `mysql`, … (IANA / Nmap service names). `managed`: only declared listeners can answer, and a
    refusal elsewhere is in sync. `ruled`: (protocol, first, last) of every rule in front of the host, whoever it admits.
    `within`: the names of its VPC and subnets; `admits`: every rule in front of it, in words.
    """

    owner: str
    source: str
    address: Address | None = None
    name: str | None = None
    status: HostStatus = HostStatus.PRESENT
    tcp: ExpectedPorts = field(factory=ExpectedPorts)
    udp: ExpectedPorts = field(factory=ExpectedPorts)
    explains: Explains = field(factory=StoredReasons)
    services: Mapping[tuple[str, int], str] = field(factory=dict)
    managed: bool = False
    ruled: frozenset[tuple[str, int, int]] = frozenset()
    at: str | None = None
    within: tuple[str, ...] = ()
    admits: tuple[str, ...] = ()

    def ports(self, protocol: str) -> ExpectedPorts:
        """The partition for `tcp` or `udp`."""
        return self.tcp if protocol == "tcp" else self.udp

    def to_dict(self) -> dict[str, object]:
        """The JSON shape of interfaces."""
        return {
            "address": str(self.address) if self.address else None,
            "name": self.name,
            "status": self.status.value,
            "owner": self.owner,
            "source": self.source,
            "tcp": self.tcp.to_dict(),
            "udp": self.udp.to_dict(),
            "reasons": [reason.to_dict() for reason in self.explains.reasons()],
        }


@frozen(slots=True)
class NotInView:
    """An address of the model that this vantage can't see, and why."""

    owner: str
    address: str
    why: str

    def to_dict(self) -> dict[str, str]:
        """The JSON shape of interfaces: owner, address, why."""
        return {"owner": self.owner, "address": self.address, "why": self.why}


@frozen(slots=True)
class ExpectedSurface:
    """The whole expectation from one vantage.

    `declared_from`: `configuration`, or `state` if any rule was read from a state. `subnets`: declared networks, for
    `--sweep`. `known_addresses`: addresses that something in the model owns though it isn't a host in view. `described`: whose
    an undeclared address is, in the cloud API's words.
    `gaps`: what makes any verdict incomplete (a plan that errored). `notes`: worth saying, changes nothing. `owned`: all addresses of
    the account, where it was asked: a name may resolve to these only.
    """

    vantage: Vantage
    hosts: tuple[ExpectedHost, ...] = ()
    not_in_view: tuple[NotInView, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    unmodelled: tuple[Unmodelled, ...] = ()
    declared_from: str = "configuration"
    subnets: tuple[AnyNetwork, ...] = ()
    known_addresses: frozenset[Address] = frozenset()
    described: Mapping[Address, str] = field(factory=dict)
    gaps: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    owned: frozenset[Address] | None = None

    def host(self, address: Address) -> ExpectedHost | None:
        """The host with this address, if it is in view."""
        return next((host for host in self.hosts if host.address == address), None)

    def to_dict(self) -> dict[str, object]:
        """The JSON shape `iacdrift/expected-surface/1` of interfaces."""
        return {
            "schema": "iacdrift/expected-surface/1",
            "vantage": self.vantage.to_dict(),
            "hosts": [host.to_dict() for host in self.hosts],
            "not_in_view": [item.to_dict() for item in self.not_in_view],
            "assumptions": [item.to_dict() for item in self.assumptions],
            "unmodelled": [item.to_dict() for item in self.unmodelled],
            "declared_from": self.declared_from,
            "gaps": list(self.gaps),
            "notes": list(self.notes),
        }

    def to_json(self) -> str:
        """`to_dict` as indented JSON text."""
        return json.dumps(self.to_dict(), indent=2)
