"""A network as a plain description: what a user meant, before any tool wrote it down.

Strategies make topologies, the writers turn them into Terraform's files, the compiler turns them into namespaces.
References are keys (`"g0"`), CIDRs and addresses are text: nothing here computes anything that decides.
"""

from __future__ import annotations

from attrs import field, frozen

ANY4, ANY6 = "0.0.0.0/0", "::/0"


@frozen
class PrefixList:
    """A managed prefix list. `style`: `inline` entries or `entry` resources; `drift`: entries added by hand, mirrored."""

    key: str
    family: int
    entries: tuple[str, ...]
    style: str = "inline"
    drift: tuple[str, ...] = ()


@frozen
class Rule:
    """One rule of a security group, in one direction. `protocol` and ports as they are written."""

    protocol: str
    first: int
    last: int
    cidrs: tuple[str, ...] = ()
    cidrs6: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    itself: bool = False
    style: str = "rule"
    """Where the group's direction is standalone: `rule` (aws_security_group_rule) or `vpc_rule` (one source a resource)."""


@frozen
class Direction:
    """A group's rules of one direction.

    `style`: `inline`, `standalone`, or `unset` (the code says nothing). `drift`: rules added by hand, which a refresh
    mirrors into the inline attribute where the code doesn't set it.
    """

    rules: tuple[Rule, ...] = ()
    style: str = "inline"
    drift: tuple[Rule, ...] = ()


@frozen
class Group:
    """A security group."""

    key: str
    vpc: str
    ingress: Direction
    egress: Direction


@frozen
class AclRule:
    """One numbered rule of a network ACL; `cidr` is of either family."""

    egress: bool
    number: int
    allow: bool
    protocol: str
    first: int
    last: int
    cidr: str


@frozen
class Acl:
    """A network ACL. `style`: `inline` or `standalone` per whole list; `attach`: `subnet_ids` or `association`."""

    key: str
    vpc: str
    rules: tuple[AclRule, ...]
    style: str = "inline"
    attach: str = "subnet_ids"
    drift: tuple[AclRule, ...] = ()
    stray_subnets: tuple[str, ...] = ()
    """Subnets that a refresh mirrors into `subnet_ids` though the code attaches by association."""


@frozen
class Route:
    """`target`: `igw`, `eigw`, `nat`, `peer:KEY`, or `gone`: to a gateway that was detached (a recorded blackhole; standalone only)."""

    cidr: str
    target: str


@frozen
class Table:
    """A route table. `style`: `inline`, or `standalone` (aws_route); `main`: `no`, `default` (aws_default_route_table) or `association`."""

    key: str
    vpc: str
    routes: tuple[Route, ...] = ()
    style: str = "inline"
    main: str = "no"
    drift: tuple[Route, ...] = ()


@frozen
class Subnet:
    """A subnet; `table` None: the VPC's main one; `acl` None: the VPC's default one."""

    key: str
    vpc: str
    cidr: str
    cidr6: str | None = None
    table: str | None = None
    acl: str | None = None


@frozen
class Vpc:
    """A VPC. `default_group`, `default_acl`: None where the code doesn't take them over."""

    key: str
    cidr: str
    cidr6: str | None = None
    igw: bool = True
    eigw: bool = False
    nat: bool = False
    default_group: Group | None = None
    default_acl: tuple[AclRule, ...] | None = None


@frozen
class Peering:
    """An active peering connection between two VPCs."""

    key: str
    requester: str
    accepter: str


@frozen
class Interface:
    """A network card. `public`: (private, public) pairs; `how_public`: `own`, `instance`, `interface`, `association`.

    `groups` empty: the VPC's default group. `groups_by`: `own` list, or `attachment` (aws_network_interface_sg_attachment).
    `stray_groups`: added by hand and mirrored where the code doesn't set the groups. `stale_public`: an old address
    that the instance still shows though an elastic IP replaced it.
    """

    key: str
    subnet: str
    private: tuple[str, ...]
    ipv6: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    public: tuple[tuple[str, str], ...] = ()
    how_public: str = "own"
    groups_by: str = "own"
    stray_groups: tuple[str, ...] = ()
    stale_public: str | None = None


@frozen
class Instance:
    """A machine. `how`: `implicit` (its own primary interface) or `block` (network_interface); others are attached."""

    key: str
    interfaces: tuple[Interface, ...]
    how: str = "implicit"


@frozen
class Layout:
    """How the code is arranged: what is counted, keyed, put into modules, and how unused values are spelt.

    `empty`: 0 null, 1 the type's empty value, 2 by turns. `second_file`: standalone rules stand in a stack of their own.
    """

    counted_instances: bool = False
    module_instances: bool = False
    keyed_rules: bool = False
    module_rules: bool = False
    empty: int = 0
    numbers: bool = False
    """Protocols as numbers in the state of an ACL (`6` for tcp), as a plan shows them."""


@frozen
class Topology:
    """The whole network and how it is written."""

    vpcs: tuple[Vpc, ...]
    subnets: tuple[Subnet, ...]
    tables: tuple[Table, ...] = ()
    acls: tuple[Acl, ...] = ()
    groups: tuple[Group, ...] = ()
    lists: tuple[PrefixList, ...] = ()
    peerings: tuple[Peering, ...] = ()
    instances: tuple[Instance, ...] = ()
    layout: Layout = field(factory=Layout)

    def vpc(self, key: str) -> Vpc:
        """By key."""
        return next(v for v in self.vpcs if v.key == key)

    def subnet(self, key: str) -> Subnet:
        """By key."""
        return next(s for s in self.subnets if s.key == key)

    @property
    def interfaces(self) -> tuple[Interface, ...]:
        """Every network card."""
        return tuple(i for instance in self.instances for i in instance.interfaces)

    def vpc_of(self, interface: Interface) -> Vpc:
        """Where a network card is."""
        return self.vpc(self.subnet(interface.subnet).vpc)

    def groups_of(self, interface: Interface) -> tuple[Group, ...]:
        """The groups in front of a network card; AWS's own default group where the code says nothing."""
        if interface.groups:
            return tuple(g for g in self.groups if g.key in interface.groups)
        return (self.default_group(self.vpc_of(interface)),)

    def default_group(self, vpc: Vpc) -> Group:
        """As declared, or as AWS makes it: members reach each other, everything may leave."""
        if vpc.default_group:
            return vpc.default_group
        everything = Rule("-1", 0, 0, cidrs=(ANY4,), cidrs6=(ANY6,))
        return Group(default_key(vpc), vpc.key, Direction((Rule("-1", 0, 0, itself=True),)), Direction((everything,)))


def default_key(vpc: Vpc) -> str:
    """The key of a VPC's default group."""
    return f"default-{vpc.key}"
