"""Hypothesis strategies for rules: whom and what the rules of groups and network ACLs name, in every way of writing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from attrs import evolve, frozen
from hypothesis import strategies as st

from tests.properties.truth.topology import (
    ANY4,
    ANY6,
    AclRule,
    Direction,
    Rule,
)

T = TypeVar("T")
HALVES4, HALVES6 = ("0.0.0.0/1", "128.0.0.0/1"), ("::/1", "8000::/1")
ALL_PUBLIC4 = ("0.0.0.0/5", "8.0.0.0/7", "11.0.0.0/8", "12.0.0.0/6", "16.0.0.0/4", "32.0.0.0/3", "64.0.0.0/2", "128.0.0.0/1")
"""Everything but 10.0.0.0/8."""
NARROW4 = (
    "203.0.113.0/24",
    "203.0.113.128/25",
    "198.51.100.7/32",
    "192.0.2.0/25",
    "192.0.2.128/26",
    "8.8.8.0/24",
    "64.0.0.0/2",
    "52.95.0.0/16",
    "128.0.0.0/1",
)
NARROW6 = ("2001:db8::/32", "2001:db8:1::/48", "2a00::/12", "2001:db8::7/128", "2400::/6")
PRIVATE4 = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "127.0.0.0/8")
_PRIVATE6 = ("fd00::/8", "fe80::/10")
_RANGES = (
    (22, 22),
    (443, 443),
    (0, 65535),
    (0, 0),
    (22, 25),
    (24, 30),
    (8000, 8010),
    (8005, 8020),
    (1024, 65535),
    (65535, 65535),
    (1, 1),
    (0, 22),
    (32768, 60999),
    (53, 53),
    (30, 443),
)
EVERYWHERE = Rule("-1", 0, 0, cidrs=(ANY4,), cidrs6=(ANY6,))


@frozen
class Plan:
    """What is decided first, so that rules can name it: how many of everything, and who is a peer of whom."""

    vpcs: int
    subnets: tuple[int, ...]
    groups: tuple[int, ...]
    peerings: tuple[tuple[int, int], ...]
    six: tuple[bool, ...]

    def cidr(self, vpc: int) -> str:
        return f"10.{vpc + 1}.0.0/16"

    def cidr6(self, vpc: int) -> str | None:
        return f"2600:1f00:{vpc + 1}::/56" if self.six[vpc] else None

    def subnet_cidr(self, vpc: int, subnet: int) -> str:
        return f"10.{vpc + 1}.{subnet + 1}.0/24"

    def subnet_cidr6(self, vpc: int, subnet: int) -> str | None:
        return f"2600:1f00:{vpc + 1}:{subnet + 1}::/64" if self.six[vpc] else None

    def neighbours(self, vpc: int) -> tuple[int, ...]:
        return tuple(b if a == vpc else a for a, b in self.peerings if vpc in (a, b))


def chance(one_in: int) -> st.SearchStrategy[bool]:
    """True once in so many; shrinks to False."""
    return st.integers(0, one_in - 1).map(lambda n: n == one_in - 1)


@st.composite
def plans(draw: Callable[[st.SearchStrategy[T]], T]) -> Plan:
    vpcs = draw(st.sampled_from([1, 1, 2, 2, 3]))
    subnets = tuple(draw(st.integers(1, 3 if vpcs < 3 else 2)) for _ in range(vpcs))
    groups = tuple(draw(st.integers(1, 3)) for _ in range(vpcs))
    pairs = [(a, b) for a in range(vpcs) for b in range(a + 1, vpcs)]
    peerings = tuple(pair for pair in pairs if draw(st.sampled_from([True, True, False])))
    return Plan(vpcs, subnets, groups, peerings, tuple(draw(st.sampled_from([True, True, True, False])) for _ in range(vpcs)))


def cidrs4(plan: Plan, vpc: int) -> st.SearchStrategy[tuple[str, ...]]:
    inside = (
        [plan.cidr(v) for v in range(plan.vpcs)] + [plan.subnet_cidr(vpc, s) for s in range(plan.subnets[vpc])] + [f"10.{vpc + 1}.1.10/32"]
    )
    inside += [plan.subnet_cidr(n, 0) for n in plan.neighbours(vpc)]
    some = st.lists(st.sampled_from((*NARROW4, *PRIVATE4, *inside)), min_size=1, max_size=3, unique=True).map(tuple)
    return st.one_of(
        st.just((ANY4,)),
        some,
        st.just((ANY4,)),
        some,
        st.just(HALVES4),
        st.just(ALL_PUBLIC4),
        st.sampled_from(HALVES4).map(lambda c: (c,)),
    )


def cidrs6(plan: Plan, vpc: int) -> st.SearchStrategy[tuple[str, ...]]:
    inside = [c for v in range(plan.vpcs) if (c := plan.cidr6(v))] + [
        c for s in range(plan.subnets[vpc]) if (c := plan.subnet_cidr6(vpc, s))
    ]
    some = st.lists(st.sampled_from((*NARROW6, *_PRIVATE6, *inside)), min_size=1, max_size=2, unique=True).map(tuple)
    return st.one_of(st.just((ANY6,)), some, st.just((ANY6,)), st.just(HALVES6), st.just(("2000::/3",)))


@st.composite
def _ports(draw: Callable[[st.SearchStrategy[T]], T]) -> tuple[int, int]:
    if draw(chance(5)):
        first = draw(st.integers(0, 65535))
        return first, draw(st.integers(first, min(65535, first + 300)))
    return draw(st.sampled_from(_RANGES))


@st.composite
def _headers(draw: Callable[[st.SearchStrategy[T]], T], inline: bool) -> tuple[str, int, int]:
    protocol = draw(st.sampled_from(["tcp", "tcp", "tcp", "6", "udp", "udp", "17", "-1", "-1", "icmp", "50", "all"]))
    if protocol in ("-1", "all"):
        return protocol, *draw(st.sampled_from([(0, 0), (0, 0), (0, 65535), (22, 22)] if inline else [(0, 0), (0, 0), (-1, -1)]))
    if protocol in ("icmp", "50"):
        return protocol, *((-1, -1) if protocol == "icmp" else (0, 0))
    return protocol, *draw(_ports())


@st.composite
def some_rules(draw: Callable[[st.SearchStrategy[T]], T], plan: Plan, vpc: int, lists: Sequence[str]) -> Rule:
    protocol, first, last = draw(_headers(inline=True))
    neighbours = [f"g{v}{n}" for v in (vpc, *plan.neighbours(vpc)) for n in range(plan.groups[v])]
    kinds = draw(
        st.lists(
            st.sampled_from(["4", "4", "6", "6", "group", "self", *(["list"] if lists else [])]),
            min_size=1,
            max_size=3,
            unique=True,
        )
    )
    return Rule(
        protocol,
        first,
        last,
        cidrs=draw(cidrs4(plan, vpc)) if "4" in kinds else (),
        cidrs6=draw(cidrs6(plan, vpc)) if "6" in kinds else (),
        lists=tuple(draw(st.lists(st.sampled_from(lists), min_size=1, max_size=2, unique=True))) if "list" in kinds else (),
        groups=tuple(draw(st.lists(st.sampled_from(neighbours), min_size=1, max_size=2, unique=True))) if "group" in kinds else (),
        itself="self" in kinds,
        style=draw(st.sampled_from(["rule", "vpc_rule"])),
    )


@st.composite
def ingress(draw: Callable[[st.SearchStrategy[T]], T], plan: Plan, vpc: int, lists: Sequence[str]) -> Direction:
    style = draw(st.sampled_from(["inline", "standalone", "inline", "standalone", "inline", "standalone", "unset"]))
    if style == "unset":
        return Direction((), style, drift=(_hole(draw),) if draw(st.booleans()) else ())
    rules = draw(st.lists(some_rules(plan, vpc, lists), min_size=0, max_size=4))
    drift = (_hole(draw),) if style == "standalone" and draw(st.booleans()) else ()
    return Direction(tuple(rules), style, drift)


def _hole(draw: Callable[[st.SearchStrategy[T]], T]) -> Rule:
    """A rule added by hand."""
    protocol = draw(st.sampled_from(["tcp", "-1", "udp"]))
    first, last = (0, 0) if protocol == "-1" else draw(st.sampled_from([(22, 22), (8080, 8080), (0, 65535)]))
    return Rule(protocol, first, last, cidrs=(ANY4,), cidrs6=(ANY6,))


@st.composite
def egress(draw: Callable[[st.SearchStrategy[T]], T], plan: Plan, vpc: int, lists: Sequence[str]) -> Direction:
    kind = draw(st.sampled_from(["all", "all", "all", "alone", "some", "unset", "none"]))
    if kind == "all":
        return Direction((EVERYWHERE,))
    if kind == "alone":
        return Direction((evolve(EVERYWHERE, style=draw(st.sampled_from(["rule", "vpc_rule"]))),), "standalone")
    if kind in ("unset", "none"):
        return Direction((), "unset" if kind == "unset" else "inline")
    style = draw(st.sampled_from(["inline", "standalone"]))
    rules = draw(st.lists(some_rules(plan, vpc, lists), min_size=1, max_size=3))
    return Direction(tuple(rules), style, (_hole(draw),) if style == "standalone" and draw(st.booleans()) else ())


@st.composite
def acl_rules(draw: Callable[[st.SearchStrategy[T]], T], plan: Plan, vpc: int, egress: bool) -> tuple[AclRule, ...]:
    """Some rules in random order of numbers, and often everything at the end."""
    found: dict[int, AclRule] = {}
    for number in draw(st.lists(st.integers(1, 140), max_size=3, unique=True)):
        protocol, first, last = draw(_headers(inline=False))
        if egress and protocol in ("tcp", "6", "udp", "17") and draw(st.booleans()):
            first, last = draw(st.sampled_from([(1024, 65535), (32768, 60999), (1024, 40000), (0, 1023), (1024, 1024), (0, 65535)]))
        cidr = draw(st.one_of(cidrs4(plan, vpc), cidrs6(plan, vpc)))[0]
        protocol = {"all": "-1", "50": "50"}.get(protocol, protocol)
        found[number] = AclRule(egress, number, draw(st.booleans()), protocol, first, last, cidr)
    end = draw(st.sampled_from(["all", "all", "ephemeral", "all", "ephemeral", "four", "none"]))
    if end in ("all", "four"):
        found[150] = AclRule(egress, 150, True, "-1", 0, 0, ANY4)
    if end == "all":
        found[151] = AclRule(egress, 151, True, "-1", 0, 0, ANY6)
    if end == "ephemeral":
        first, last = draw(st.sampled_from([(1024, 65535), (32768, 60999), (32768, 65535)]))
        found |= {
            150 + n: AclRule(egress, 150 + n, True, p, first, last, c)
            for n, (p, c) in enumerate((p, c) for p in ("tcp", "17") for c in (ANY4, ANY6))
        }
    return tuple(found.values())
