"""Small networks by hand, for what must be pinned down one thing at a time."""

from __future__ import annotations

from typing import Any

from tests.properties.truth.topology import (
    ANY4,
    ANY6,
    AclRule,
    Direction,
    Group,
    Instance,
    Interface,
    Route,
    Rule,
    Subnet,
    Table,
    Topology,
    Vpc,
)

PUBLIC, PUBLIC6 = "52.95.110.10", "2600:1f00:1:1::a"
OUTSIDE, OUTSIDE6 = "203.0.113.9", "2001:db8::9"
LEAVE = Direction((Rule("-1", 0, 0, cidrs=(ANY4,), cidrs6=(ANY6,)),))
SSH = Rule("tcp", 22, 22, cidrs=(ANY4,), cidrs6=(ANY6,))
TO_WORLD = (Route(ANY4, "igw"), Route(ANY6, "igw"))


def group(
    *rules: Rule, key: str = "g00", vpc: str = "v0", egress: Direction = LEAVE, style: str = "inline", drift: tuple[Rule, ...] = ()
) -> Group:
    """A group with these ingress rules."""
    return Group(key, vpc, Direction(rules, style, drift), egress)


def card(key: str = "n0", subnet: str = "s00", last: int = 10, **rest: Any) -> Interface:
    """A card at 10.x.y.last of its subnet, in group g00 or its VPC's own."""
    number, place = int(subnet[1]) + 1, int(subnet[2]) + 1
    given = {"groups": (f"g{number - 1}0",), **rest}
    return Interface(key, subnet, (f"10.{number}.{place}.{last}",), **given)


def network(*rules: Rule, routes: tuple[Route, ...] = TO_WORLD, acl: tuple[AclRule, ...] | None = None, **rest: Any) -> Topology:
    """One VPC, one subnet with these routes and this default ACL, one machine with a public IPv4 and an IPv6 address."""
    vpc = Vpc("v0", "10.1.0.0/16", "2600:1f00:1::/56", nat=True, eigw=True, default_acl=acl)
    machine = Instance("i0", (card(ipv6=(PUBLIC6,), public=(("10.1.1.10", PUBLIC),)),))
    given: dict[str, Any] = {
        "vpcs": (vpc,),
        "subnets": (Subnet("s00", "v0", "10.1.1.0/24", "2600:1f00:1:1::/64", "t00"),),
        "tables": (Table("t00", "v0", routes),),
        "groups": (group(*rules),),
        "instances": (machine,),
    }
    return Topology(**given | rest)


def entry(
    number: int, allow: bool, cidr: str = ANY4, *, egress: bool = False, protocol: str = "-1", first: int = 0, last: int = 0
) -> AclRule:
    """An entry of a network ACL."""
    return AclRule(egress, number, allow, protocol, first, last, cidr)


OUT_FREELY = (entry(1, True, egress=True), entry(2, True, ANY6, egress=True))
