"""The network that the code declares: interfaces with addresses, and the filters and routes in front of them.

Keys are provider ids where they are known and resource addresses otherwise; they link parts and mean nothing else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from enum import Enum
from typing import Any

from attrs import field, frozen

from iacdrift.model.addresses import Address, AnyNetwork
from iacdrift.model.because import Assumption, Because, Unmodelled
from iacdrift.model.filters import ListPeer, NetworkAcl, Rules, SecurityGroup, UnknownPeer
from iacdrift.model.ports import PortSet


class TargetKind(Enum):
    """Where a route leads."""

    INTERNET = "internet gateway"
    LOCAL = "local"
    NAT = "NAT gateway"
    EGRESS_ONLY = "egress-only gateway"
    PEERING = "peering connection"
    BLACKHOLE = "blackhole"
    UNKNOWN = "not understood"


@frozen(slots=True)
class Route:
    """One route. `target` is the key of what it leads to, where that matters (peering, NAT)."""

    destination: AnyNetwork | ListPeer | UnknownPeer
    kind: TargetKind
    because: Because
    target: str | None = None


@frozen(slots=True)
class RouteTable:
    """Longest prefix wins; the VPC's own ranges are always local. `doubt`: why there may be more routes."""

    key: str
    because: Because
    routes: tuple[Route, ...] = ()
    vpc: str | None = None
    doubt: str | None = None


@frozen(slots=True)
class Subnet:
    """A range of a VPC. `table` and `acl` are None where the VPC's main table and default ACL serve it.

    `table_doubt`, `acl_doubt`: why they can't be told. `acl_assumed`: what is taken for granted about the ACL.
    """

    key: str
    because: Because
    vpc: str | None = None
    networks: tuple[AnyNetwork, ...] = ()
    table: str | None = None
    acl: str | None = None
    public_by_default: bool | None = None
    table_doubt: str | None = None
    acl_doubt: str | None = None
    acl_assumed: str | None = None


@frozen(slots=True)
class Vpc:
    """A virtual network. `main_table`/`default_acl`/`default_group` are None where the code doesn't declare them."""

    key: str
    because: Because
    networks: tuple[AnyNetwork, ...] = ()
    is_default: bool = False
    main_table: str | None = None
    default_acl: str | None = None
    default_group: str | None = None
    edge_doubt: str | None = None


@frozen(slots=True)
class Peering:
    """A connection of two VPCs. `doubt`: why it may not carry traffic (not accepted as far as the code says)."""

    key: str
    because: Because
    vpcs: tuple[str, str]
    doubt: str | None = None


@frozen(slots=True)
class PrefixList:
    """A named set of networks. `doubt`: why there may be more entries than these."""

    key: str
    because: Because
    networks: tuple[AnyNetwork, ...] = ()
    doubt: str | None = None


class Presence(Enum):
    """Whether there is something at the address now."""

    PRESENT = "present"
    PENDING = "pending"
    STOPPED = "stopped"
    LEAVING = "leaving"


@frozen(slots=True)
class Listener:
    """A declared port that must answer. `service`: its application protocol where known. `behind`: who filters too."""

    protocol: str
    port: int
    because: Because
    service: str | None = None
    behind: Behind | None = None
    doubt: str | None = None


@frozen(slots=True)
class Behind:
    """Targets behind a listener that see the client's own address, and the port on which they are asked.

    `targets` are keys of interfaces; `doubt` says why they can't be told.
    """

    targets: tuple[str, ...]
    port: int | None
    doubt: str | None = None


@frozen(slots=True)
class Endpoint:
    """One address of an interface. `private` is the private IPv4 that a public one is mapped to.

    `address` is None while it is pending; `public` says from where it is meant to be reached.
    """

    address: Address | None
    public: bool = False
    private: Address | None = None
    presence: Presence = Presence.PRESENT
    owner: str | None = None


@frozen(slots=True)
class Interface:
    """Something with addresses, a place in a subnet, and groups.

    `aliases`: resource addresses and ids under which a user or another part may name it. `groups` is None where the
    VPC's default group serves it. `managed`: only `listeners` can answer. `name`: DNS name, for endpoints known by name,
    `name_is_public` what it resolves to, `split_horizon` whether it resolves to private addresses inside its VPC all
    the same. `admits`: an allow-list that filters instead of groups (a managed endpoint's). `ungrouped`: no group
    filters it at all. `doubt`: why its filters can't be told.
    """

    key: str
    owner: str
    source: str
    because: Because
    endpoints: tuple[Endpoint, ...] = ()
    subnets: tuple[str, ...] = ()
    groups: frozenset[str] | None = None
    aliases: frozenset[str] = frozenset()
    vpc: str | None = None
    listeners: tuple[Listener, ...] = ()
    managed: bool = False
    name: str | None = None
    name_is_public: bool | None = None
    split_horizon: bool = False
    admits: Rules | None = None
    ungrouped: bool = False
    presence: Presence = Presence.PRESENT
    doubt: str | None = None


@frozen(slots=True)
class Fleet:
    """Machines that a controller starts and stops: a surface without addresses in any state."""

    key: str
    owner: str
    source: str
    because: Because
    subnets: tuple[str, ...] = ()
    groups: frozenset[str] | None = None
    doubt: str | None = None


@frozen(slots=True)
class ExplicitExpectation:
    """What somebody said outright of one address, name or resource. `admitted_from` empty: from anywhere."""

    because: Because
    source: str
    address: Address | None = None
    name: str | None = None
    owner: str | None = None
    open: Mapping[str, PortSet] = field(factory=dict)
    allowed: Mapping[str, PortSet] = field(factory=dict)
    admitted_from: tuple[AnyNetwork, ...] = ()
    services: Mapping[tuple[str, int], str] = field(factory=dict)


@frozen(slots=True)
class AddressMapping:
    """A public address that is mapped to a private one of an interface or instance, and replaces its auto-assigned one."""

    because: Because
    address: Address | None
    target: str | None
    private: Address | None = None
    presence: Presence = Presence.PRESENT


@frozen(slots=True)
class Network:
    """Everything, ready to be asked from any vantage. Mappings are by key; `described`: who owns what no resource does.

    `strays`: what rules let into groups that no source holds; they decide on no interface that is known.
    """

    vpcs: Mapping[str, Vpc] = field(factory=dict)
    subnets: Mapping[str, Subnet] = field(factory=dict)
    tables: Mapping[str, RouteTable] = field(factory=dict)
    acls: Mapping[str, NetworkAcl] = field(factory=dict)
    groups: Mapping[str, SecurityGroup] = field(factory=dict)
    strays: Mapping[str, Rules] = field(factory=dict)
    lists: Mapping[str, PrefixList] = field(factory=dict)
    peerings: Mapping[str, Peering] = field(factory=dict)
    nat_addresses: Mapping[str, tuple[Address, ...]] = field(factory=dict)
    interfaces: tuple[Interface, ...] = ()
    fleets: tuple[Fleet, ...] = ()
    expectations: tuple[ExplicitExpectation, ...] = ()
    unattached: tuple[AddressMapping, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    unmodelled: tuple[Unmodelled, ...] = ()
    clouded: str | None = None
    declared_from: str = "configuration"
    known_addresses: frozenset[Address] = frozenset()
    described: Mapping[Address, str] = field(factory=dict)
    gaps: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    empty_because: str | None = None
    kept: dict[str, dict[object, Any]] = field(factory=lambda: defaultdict(dict), init=False, repr=False, eq=False)
    """What was worked out once and holds from every vantage, by what it is."""
