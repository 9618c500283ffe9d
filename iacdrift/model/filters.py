"""Filters: security groups that allow, network ACLs that decide in order; and whom their rules name."""

from __future__ import annotations

from attrs import field, frozen

from iacdrift.model.addresses import AnyNetwork
from iacdrift.model.because import Because
from iacdrift.model.ports import PortSet


@frozen(slots=True)
class GroupPeer:
    """A rule's source or destination: whoever carries this group, by private (or IPv6) address."""

    group: str


@frozen(slots=True)
class ListPeer:
    """A rule's source or destination: the entries of a prefix list."""

    list: str


@frozen(slots=True)
class UnknownPeer:
    """A rule's source or destination that can't be told. `is_group`: it is some group, so it never admits the internet."""

    why: str
    is_group: bool = False


Peer = AnyNetwork | GroupPeer | ListPeer | UnknownPeer


@frozen(slots=True)
class Rule:
    """One allow rule of a security group. `doubt`: why its ports aren't known (the sets then hold all it may mean)."""

    tcp: PortSet
    udp: PortSet
    peers: tuple[Peer, ...]
    because: Because
    doubt: str | None = None

    def ports(self, protocol: str) -> PortSet:
        """The ports that it speaks of."""
        return self.tcp if protocol == "tcp" else self.udp


@frozen(slots=True)
class Rules:
    """The declared rules of one direction. `doubt`: why there may be more of them; `assumed`: taken for granted, said so."""

    rules: tuple[Rule, ...] = ()
    doubt: str | None = None
    assumed: str | None = None


@frozen(slots=True)
class SecurityGroup:
    """Allow rules, stateful; an interface admits what any rule of any of its groups admits."""

    key: str
    because: Because
    ingress: Rules = field(factory=Rules)
    egress: Rules = field(factory=Rules)
    name: str | None = None
    vpc: str | None = None


@frozen(slots=True)
class AclEntry:
    """One numbered rule of a network ACL; lowest number first, first match decides."""

    number: int
    allow: bool
    tcp: PortSet
    udp: PortSet
    network: AnyNetwork | UnknownPeer
    because: Because
    doubt: str | None = None

    def ports(self, protocol: str) -> PortSet:
        """The ports that it speaks of."""
        return self.tcp if protocol == "tcp" else self.udp


@frozen(slots=True)
class NetworkAcl:
    """Ordered, stateless, per subnet; after the last entry: deny. `doubt_*`: why that direction can't be told."""

    key: str
    because: Because
    ingress: tuple[AclEntry, ...] = ()
    egress: tuple[AclEntry, ...] = ()
    doubt_ingress: str | None = None
    doubt_egress: str | None = None
