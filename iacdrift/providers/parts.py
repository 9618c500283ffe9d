"""What one resource adds to the network, beside the model's own values: memberships, associations, single rules."""

from __future__ import annotations

from attrs import frozen

from iacdrift.model.addresses import Address, AnyNetwork
from iacdrift.model.because import Because
from iacdrift.model.filters import AclEntry, Rule
from iacdrift.model.network import Endpoint, Presence, Route


@frozen(slots=True)
class GroupRule:
    """A rule resource's rule for a group; the direction is `ingress` or `egress`."""

    group: str
    direction: str
    rule: Rule


@frozen(slots=True)
class GroupRuleDoubt:
    """A rule resource that can't be read, or whose group isn't known: every group it may belong to is in doubt."""

    group: str | None
    direction: str
    why: str


@frozen(slots=True)
class GroupMembership:
    """A group attached to an interface by a resource of its own."""

    interface: str
    group: str


@frozen(slots=True)
class AclRule:
    """A rule resource's entry for a network ACL."""

    acl: str
    direction: str
    entry: AclEntry


@frozen(slots=True)
class AclRuleDoubt:
    """An entry of an ACL that can't be told apart from others: this one may hold it."""

    acl: str
    direction: str
    why: str


@frozen(slots=True)
class SubnetAcl:
    """An ACL's claim on a subnet; an association resource's claim is `firm`.

    `doubt`: why it may be another ACL, or none. `assumed`: what is taken for granted with it.
    """

    subnet: str
    acl: str | None
    firm: bool = False
    doubt: str | None = None
    assumed: str | None = None


@frozen(slots=True)
class SubnetTable:
    """A route table's association with a subnet; `doubt` where the table can't be told.

    `perhaps`: it may be this subnet's, if no other association is.
    """

    subnet: str
    table: str | None
    doubt: str | None = None
    perhaps: bool = False


@frozen(slots=True)
class MainTableDoubt:
    """Why a VPC's main route table (None: that of any VPC), or what is in it, can't be told."""

    vpc: str | None
    why: str


@frozen(slots=True)
class EdgeTable:
    """A route table associated with a gateway: it decides on what comes in, and isn't modelled."""

    vpc: str | None
    because: Because


@frozen(slots=True)
class TableRoute:
    """A route resource's route for a table."""

    table: str
    route: Route


@frozen(slots=True)
class ListEntry:
    """An entry resource's network for a prefix list."""

    list: str
    network: AnyNetwork | None
    doubt: str | None = None


@frozen(slots=True)
class VpcFact:
    """Something that another resource says of a VPC; an association's word on the main table is `firm`."""

    vpc: str
    network: AnyNetwork | None = None
    main_table: str | None = None
    default_acl: str | None = None
    default_group: str | None = None
    firm: bool = False


@frozen(slots=True)
class Attachment:
    """A network interface on a machine: the machine's state is its own, and its name another name for it."""

    interface: str
    machine: str


@frozen(slots=True)
class Machine:
    """What a machine says of its interfaces: its aliases, whether it runs, the public address of its primary one."""

    key: str
    aliases: frozenset[str]
    primary: str | None
    presence: Presence
    public: Address | None = None
    primary_private: Address | None = None
    public_pending: bool = False


@frozen(slots=True)
class NatAddress:
    """The public address that a NAT gateway sends with."""

    gateway: str
    address: Address | None


@frozen(slots=True)
class PeeringAccepted:
    """Somebody accepts a peering connection."""

    peering: str


@frozen(slots=True)
class Known:
    """An address that something owns which isn't a host of the surface (NAT, gateway endpoints)."""

    address: Address


@frozen(slots=True)
class Clouded:
    """Something that no room models decides on every way from the internet."""

    why: str


@frozen(slots=True)
class Note:
    """Worth saying in the report."""

    text: str


@frozen(slots=True)
class Described:
    """An interface as the cloud's API describes it: addresses and place, no rules."""

    key: str
    endpoints: tuple[Endpoint, ...]
    subnet: str | None
    groups: frozenset[str]
    machine: str | None
    words: str
    tags: frozenset[str] = frozenset()
    managed: bool = False
