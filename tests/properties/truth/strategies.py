"""Hypothesis strategies for topologies: bounded, shrinking towards one VPC with one machine, every feature drawn often."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from attrs import evolve, frozen
from hypothesis import strategies as st

from tests.properties.truth.topology import (
    ANY4,
    ANY6,
    Acl,
    AclRule,
    Direction,
    Group,
    Instance,
    Interface,
    Layout,
    Peering,
    PrefixList,
    Route,
    Rule,
    Subnet,
    Table,
    Topology,
    Vpc,
    default_key,
)  # fmt: skip

T = TypeVar("T")
_HALVES4, _HALVES6 = ("0.0.0.0/1", "128.0.0.0/1"), ("::/1", "8000::/1")
_ALL_PUBLIC4 = ("0.0.0.0/5", "8.0.0.0/7", "11.0.0.0/8", "12.0.0.0/6", "16.0.0.0/4", "32.0.0.0/3", "64.0.0.0/2", "128.0.0.0/1")
"""Everything but 10.0.0.0/8."""
_NARROW4 = (
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
_NARROW6 = ("2001:db8::/32", "2001:db8:1::/48", "2a00::/12", "2001:db8::7/128", "2400::/6")
_PRIVATE4 = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "127.0.0.0/8")
_PRIVATE6 = ("fd00::/8", "fe80::/10")
_RANGES = (
    (22, 22), (443, 443), (0, 65535), (0, 0), (22, 25), (24, 30), (8000, 8010), (8005, 8020), (1024, 65535), (65535, 65535), (1, 1), (0, 22), (32768, 60999), (53, 53), (30, 443),
)  # fmt: skip
_EVERYWHERE = Rule("-1", 0, 0, cidrs=(ANY4,), cidrs6=(ANY6,))


@frozen
class _Plan:
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


def _chance(one_in: int) -> st.SearchStrategy[bool]:
    """True once in so many; shrinks to False."""
    return st.integers(0, one_in - 1).map(lambda n: n == one_in - 1)


@st.composite
def _plans(draw: Callable[[st.SearchStrategy[T]], T]) -> _Plan:
    vpcs = draw(st.sampled_from([1, 1, 2, 2, 3]))
    subnets = tuple(draw(st.integers(1, 3 if vpcs < 3 else 2)) for _ in range(vpcs))
    groups = tuple(draw(st.integers(1, 3)) for _ in range(vpcs))
    pairs = [(a, b) for a in range(vpcs) for b in range(a + 1, vpcs)]
    peerings = tuple(pair for pair in pairs if draw(st.sampled_from([True, True, False])))
    return _Plan(vpcs, subnets, groups, peerings, tuple(draw(st.sampled_from([True, True, True, False])) for _ in range(vpcs)))


def _cidrs4(plan: _Plan, vpc: int) -> st.SearchStrategy[tuple[str, ...]]:
    inside = (
        [plan.cidr(v) for v in range(plan.vpcs)] + [plan.subnet_cidr(vpc, s) for s in range(plan.subnets[vpc])] + [f"10.{vpc + 1}.1.10/32"]
    )
    inside += [plan.subnet_cidr(n, 0) for n in plan.neighbours(vpc)]
    some = st.lists(st.sampled_from((*_NARROW4, *_PRIVATE4, *inside)), min_size=1, max_size=3, unique=True).map(tuple)
    return st.one_of(
        st.just((ANY4,)),
        some,
        st.just((ANY4,)),
        some,
        st.just(_HALVES4),
        st.just(_ALL_PUBLIC4),
        st.sampled_from(_HALVES4).map(lambda c: (c,)),
    )


def _cidrs6(plan: _Plan, vpc: int) -> st.SearchStrategy[tuple[str, ...]]:
    inside = [c for v in range(plan.vpcs) if (c := plan.cidr6(v))] + [
        c for s in range(plan.subnets[vpc]) if (c := plan.subnet_cidr6(vpc, s))
    ]
    some = st.lists(st.sampled_from((*_NARROW6, *_PRIVATE6, *inside)), min_size=1, max_size=2, unique=True).map(tuple)
    return st.one_of(st.just((ANY6,)), some, st.just((ANY6,)), st.just(_HALVES6), st.just(("2000::/3",)))


@st.composite
def _ports(draw: Callable[[st.SearchStrategy[T]], T]) -> tuple[int, int]:
    if draw(_chance(5)):
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
def _rules(draw: Callable[[st.SearchStrategy[T]], T], plan: _Plan, vpc: int, lists: Sequence[str]) -> Rule:
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
        protocol, first, last,
        cidrs=draw(_cidrs4(plan, vpc)) if "4" in kinds else (),
        cidrs6=draw(_cidrs6(plan, vpc)) if "6" in kinds else (),
        lists=tuple(draw(st.lists(st.sampled_from(lists), min_size=1, max_size=2, unique=True))) if "list" in kinds else (),
        groups=tuple(draw(st.lists(st.sampled_from(neighbours), min_size=1, max_size=2, unique=True))) if "group" in kinds else (),
        itself="self" in kinds,
        style=draw(st.sampled_from(["rule", "vpc_rule"])),
    )  # fmt: skip


@st.composite
def _ingress(draw: Callable[[st.SearchStrategy[T]], T], plan: _Plan, vpc: int, lists: Sequence[str]) -> Direction:
    style = draw(st.sampled_from(["inline", "standalone", "inline", "standalone", "inline", "standalone", "unset"]))
    if style == "unset":
        return Direction((), style, drift=(_hole(draw),) if draw(st.booleans()) else ())
    rules = draw(st.lists(_rules(plan, vpc, lists), min_size=0, max_size=4))
    drift = (_hole(draw),) if style == "standalone" and draw(st.booleans()) else ()
    return Direction(tuple(rules), style, drift)


def _hole(draw: Callable[[st.SearchStrategy[T]], T]) -> Rule:
    """A rule added by hand."""
    protocol = draw(st.sampled_from(["tcp", "-1", "udp"]))
    first, last = (0, 0) if protocol == "-1" else draw(st.sampled_from([(22, 22), (8080, 8080), (0, 65535)]))
    return Rule(protocol, first, last, cidrs=(ANY4,), cidrs6=(ANY6,))


@st.composite
def _egress(draw: Callable[[st.SearchStrategy[T]], T], plan: _Plan, vpc: int, lists: Sequence[str]) -> Direction:
    kind = draw(st.sampled_from(["all", "all", "all", "alone", "some", "unset", "none"]))
    if kind == "all":
        return Direction((_EVERYWHERE,))
    if kind == "alone":
        return Direction((evolve(_EVERYWHERE, style=draw(st.sampled_from(["rule", "vpc_rule"]))),), "standalone")
    if kind in ("unset", "none"):
        return Direction((), "unset" if kind == "unset" else "inline")
    style = draw(st.sampled_from(["inline", "standalone"]))
    rules = draw(st.lists(_rules(plan, vpc, lists), min_size=1, max_size=3))
    return Direction(tuple(rules), style, (_hole(draw),) if style == "standalone" and draw(st.booleans()) else ())


@st.composite
def _acl_rules(draw: Callable[[st.SearchStrategy[T]], T], plan: _Plan, vpc: int, egress: bool) -> tuple[AclRule, ...]:
    """Some rules in random order of numbers, and often everything at the end."""
    found: dict[int, AclRule] = {}
    for number in draw(st.lists(st.integers(1, 140), max_size=3, unique=True)):
        protocol, first, last = draw(_headers(inline=False))
        if egress and protocol in ("tcp", "6", "udp", "17") and draw(st.booleans()):
            first, last = draw(st.sampled_from([(1024, 65535), (32768, 60999), (1024, 40000), (0, 1023), (1024, 1024), (0, 65535)]))
        cidr = draw(st.one_of(_cidrs4(plan, vpc), _cidrs6(plan, vpc)))[0]
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


@st.composite
def _acls(draw: Callable[[st.SearchStrategy[T]], T], plan: _Plan, vpc: int, key: str) -> Acl:
    rules = draw(_acl_rules(plan, vpc, egress=False)) + draw(_acl_rules(plan, vpc, egress=True))
    style, attach = draw(st.sampled_from(["inline", "standalone"])), draw(st.sampled_from(["subnet_ids", "association"]))
    drift = tuple(AclRule(e, 149, True, "-1", 0, 0, ANY4) for e in (False, True)) if style == "standalone" and draw(st.booleans()) else ()
    return Acl(key, f"v{vpc}", rules, style, attach, drift)


@st.composite
def _tables(draw: Callable[[st.SearchStrategy[T]], T], plan: _Plan, vpc: Vpc, number: int, key: str) -> Table:
    routes: dict[str, str] = {}
    out = [*(["igw"] * 4 if vpc.igw else []), *(["nat"] if vpc.nat else []), "none"]
    out6 = [*(["igw"] * 3 if vpc.igw else []), *(["eigw"] if vpc.eigw else []), "none"]
    way = draw(st.sampled_from(out))
    if way != "none":
        routes |= dict.fromkeys(draw(st.sampled_from([(ANY4,), (ANY4,), (ANY4,), _HALVES4, ("128.0.0.0/1",), ("203.0.113.0/24",)])), way)
    if vpc.cidr6 and (way6 := draw(st.sampled_from(out6))) != "none":
        routes |= dict.fromkeys(draw(st.sampled_from([(ANY6,), (ANY6,), ("2000::/3",), _HALVES6, ("2001:db8::/32",)])), way6)
    if draw(_chance(4)):
        routes["203.0.113.0/24"] = draw(st.sampled_from(([] if not vpc.igw else ["igw"]) + (["nat"] if vpc.nat else []) or ["none"]))
    if vpc.nat and draw(_chance(4)):
        routes["10.0.0.0/8"] = "nat"
    for index, peering in enumerate(plan.peerings):
        if number in peering:
            far = peering[1] if peering[0] == number else peering[0]
            way_far = draw(
                st.sampled_from(
                    [(plan.cidr(far), plan.cidr6(far)), (plan.cidr(far), plan.cidr6(far)), (plan.subnet_cidr(far, 0), None), (plan.cidr(far),), ()]
                )
            )
            routes |= {cidr: f"peer:p{index}" for cidr in way_far if cidr}
    drift = (Route(ANY4, "igw"),) if vpc.igw and ANY4 not in routes else ()
    kept = tuple(Route(c, t) for c, t in routes.items() if t != "none")
    return Table(key, vpc.key, kept, draw(st.sampled_from(["inline", "standalone"])), drift=drift if draw(st.booleans()) else ())


@st.composite
def _vpcs(draw: Callable[[st.SearchStrategy[T]], T], plan: _Plan, number: int) -> Vpc:
    six = plan.cidr6(number)
    vpc = Vpc(f"v{number}", plan.cidr(number), six, igw=not draw(_chance(6)), eigw=bool(six) and draw(st.booleans()), nat=draw(_chance(3)))
    if draw(_chance(3)):
        rule = draw(st.lists(_rules(plan, number, ()), max_size=2))
        body = Group(
            default_key(vpc),
            vpc.key,
            Direction(tuple(evolve(r, groups=(), cidrs=r.cidrs or (ANY4,)) for r in rule)),
            Direction((_EVERYWHERE,)),
        )
        vpc = evolve(vpc, default_group=body)
    if draw(_chance(4)):
        default = draw(st.sampled_from([(), None])) if draw(_chance(2)) else None
        rules = draw(_acl_rules(plan, number, egress=False)) + draw(_acl_rules(plan, number, egress=True))
        vpc = evolve(vpc, default_acl=rules if default is None else default)
    return vpc


@st.composite
def _cards(draw: Callable[[st.SearchStrategy[T]], T], plan: _Plan, vpc: Vpc, number: int, place: int, primary: bool, how: str) -> Interface:
    subnet = draw(st.integers(0, plan.subnets[number] - 1))
    private = tuple(f"10.{number + 1}.{subnet + 1}.{10 + 2 * place + n}" for n in range(draw(st.sampled_from([1, 1, 2]))))
    six = plan.subnet_cidr6(number, subnet)
    ipv6 = (f"{six[: -len('/64')]}{10 + place:x}",) if six and draw(st.sampled_from([True, True, False])) else ()
    groups = tuple(
        draw(st.lists(st.sampled_from([f"g{number}{n}" for n in range(plan.groups[number])]), min_size=0, max_size=3, unique=True))
    )
    if not groups and draw(st.sampled_from([True, True, False])):
        groups = (f"g{number}0",)
    public = (
        tuple((p, f"52.95.{110 + number}.{10 + 2 * place + n}") for n, p in enumerate(private))
        if vpc.igw and draw(st.sampled_from([True, True, False]))
        else ()
    )
    public = public[: draw(st.integers(1, 2))]
    ways = (
        ["own", "instance", "interface", "association"]
        if how == "implicit" and primary
        else ["interface", "association"] + (["instance"] if primary else [])
    )
    how_public = draw(st.sampled_from(ways))
    stale = (
        f"52.95.{150 + number}.{10 + place}"
        if public and primary and how == "implicit" and how_public != "own" and draw(_chance(3))
        else None
    )
    return Interface(
        f"n{place}", f"s{number}{subnet}", private, ipv6, groups, public, how_public,
        groups_by="attachment" if len(groups) > 1 and draw(st.booleans()) else "own",
        stray_groups=(f"g{number}0",) if not groups and draw(st.booleans()) else (),
        stale_public=stale,
    )  # fmt: skip


@st.composite
def _instances(draw: Callable[[st.SearchStrategy[T]], T], plan: _Plan, vpcs: Sequence[Vpc]) -> tuple[Instance, ...]:
    found, place = [], 0
    for index in range(draw(st.integers(1, 4))):
        number = draw(st.integers(0, plan.vpcs - 1)) if index else index
        how = draw(st.sampled_from(["implicit", "implicit", "block"]))
        cards = []
        for nth in range(2 if draw(_chance(4)) else 1):
            cards.append(draw(_cards(plan, vpcs[number], number, place, nth == 0, how)))
            place += 1
        found.append(Instance(f"i{index}", tuple(cards), how))
    return tuple(found)


@st.composite
def _subnets(
    draw: Callable[[st.SearchStrategy[T]], T], plan: _Plan, tables: Sequence[Table], acls: Sequence[Acl], number: int, place: int
) -> Subnet:
    own = [t.key for t in tables if t.vpc == f"v{number}"]
    table = draw(st.sampled_from([*own, *own, *own, *own, None]))
    acl = draw(st.sampled_from([None, *(a.key for a in acls if a.vpc == f"v{number}")]))
    return Subnet(f"s{number}{place}", f"v{number}", plan.subnet_cidr(number, place), plan.subnet_cidr6(number, place), table, acl)


@st.composite
def _lists(draw: Callable[[st.SearchStrategy[T]], T], key: str) -> PrefixList:
    family = draw(st.sampled_from([4, 4, 6]))
    entries = draw(st.one_of(
        st.lists(st.sampled_from((*_NARROW4, *_PRIVATE4) if family == 4 else _NARROW6), max_size=3, unique=True).map(tuple),
        st.sampled_from([_HALVES4, (ANY4,), _ALL_PUBLIC4] if family == 4 else [_HALVES6, (ANY6,)]),
    ))  # fmt: skip
    style = draw(st.sampled_from(["inline", "entry"]))
    drift = (ANY4 if family == 4 else ANY6,) if style == "entry" and entries and draw(st.booleans()) else ()
    return PrefixList(key, family, tuple(entries), style, drift)


@st.composite
def topologies(draw: Callable[[st.SearchStrategy[T]], T]) -> Topology:
    """A whole network."""
    plan = draw(_plans())
    vpcs = tuple(draw(_vpcs(plan, number)) for number in range(plan.vpcs))
    lists = tuple(draw(_lists(f"l{n}")) for n in range(draw(st.integers(0, 2))))
    keys = tuple(entry.key for entry in lists)
    groups = tuple(
        Group(f"g{v}{n}", f"v{v}", draw(_ingress(plan, v, keys)), draw(_egress(plan, v, keys))) for v in range(plan.vpcs) for n in range(plan.groups[v])
    )  # fmt: skip
    tables: list[Table] = []
    for number, vpc in enumerate(vpcs):
        here = [draw(_tables(plan, vpc, number, f"t{number}{n}")) for n in range(draw(st.sampled_from([1, 1, 1, 2, 2, 0])))]
        main = draw(st.sampled_from(["no", "default", "association"]))
        tables += [evolve(t, main=main if n == 0 else "no") for n, t in enumerate(here)]
    acls = [draw(_acls(plan, v, f"a{v}{n}")) for v in range(plan.vpcs) for n in range(draw(st.sampled_from([0, 1, 1])))]
    subnets = tuple(draw(_subnets(plan, tables, acls, v, n)) for v in range(plan.vpcs) for n in range(plan.subnets[v]))
    acls = [
        evolve(a, stray_subnets=tuple(s.key for s in subnets if s.vpc == a.vpc and s.acl is None) if draw(st.booleans()) else ())
        for a in acls
    ]
    peerings = tuple(Peering(f"p{n}", f"v{a}", f"v{b}") for n, (a, b) in enumerate(plan.peerings))
    instances = draw(_instances(plan, vpcs))
    layout = draw(st.builds(
        Layout, counted_instances=st.booleans(), module_instances=_chance(3), keyed_rules=_chance(3), module_rules=_chance(3), empty=st.integers(0, 2), numbers=st.booleans(),
    ))  # fmt: skip
    return Topology(vpcs, subnets, tuple(tables), tuple(acls), groups, lists, peerings, instances, layout)
