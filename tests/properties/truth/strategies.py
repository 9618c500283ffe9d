"""Hypothesis strategies for topologies: bounded, shrinking towards one VPC with one machine, every feature drawn often."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from attrs import evolve
from hypothesis import strategies as st

from tests.properties.truth.rule_strategies import (
    ALL_PUBLIC4,
    EVERYWHERE,
    HALVES4,
    HALVES6,
    NARROW4,
    NARROW6,
    PRIVATE4,
    Plan,
    acl_rules,
    chance,
    egress,
    ingress,
    plans,
    some_rules,
)
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
    Subnet,
    Table,
    Topology,
    Vpc,
    default_key,
)

T = TypeVar("T")


@st.composite
def _acls(draw: Callable[[st.SearchStrategy[T]], T], plan: Plan, vpc: int, key: str) -> Acl:
    rules = draw(acl_rules(plan, vpc, egress=False)) + draw(acl_rules(plan, vpc, egress=True))
    style, attach = draw(st.sampled_from(["inline", "standalone"])), draw(st.sampled_from(["subnet_ids", "association"]))
    drift = tuple(AclRule(e, 149, True, "-1", 0, 0, ANY4) for e in (False, True)) if style == "standalone" and draw(st.booleans()) else ()
    return Acl(key, f"v{vpc}", rules, style, attach, drift)


@st.composite
def _tables(draw: Callable[[st.SearchStrategy[T]], T], plan: Plan, vpc: Vpc, number: int, key: str) -> Table:
    routes: dict[str, str] = {}
    out = [*(["igw"] * 4 if vpc.igw else []), *(["nat"] if vpc.nat else []), "none"]
    out6 = [*(["igw"] * 3 if vpc.igw else []), *(["eigw"] if vpc.eigw else []), "none"]
    way = draw(st.sampled_from(out))
    if way != "none":
        routes |= dict.fromkeys(draw(st.sampled_from([(ANY4,), (ANY4,), (ANY4,), HALVES4, ("128.0.0.0/1",), ("203.0.113.0/24",)])), way)
    if vpc.cidr6 and (way6 := draw(st.sampled_from(out6))) != "none":
        routes |= dict.fromkeys(draw(st.sampled_from([(ANY6,), (ANY6,), ("2000::/3",), HALVES6, ("2001:db8::/32",)])), way6)
    if draw(chance(4)):
        routes["203.0.113.0/24"] = draw(st.sampled_from(([] if not vpc.igw else ["igw"]) + (["nat"] if vpc.nat else []) or ["none"]))
    if vpc.nat and draw(chance(4)):
        routes["10.0.0.0/8"] = "nat"
    for index, peering in enumerate(plan.peerings):
        if number in peering:
            far = peering[1] if peering[0] == number else peering[0]
            way_far = draw(
                st.sampled_from(
                    [
                        (plan.cidr(far), plan.cidr6(far)),
                        (plan.cidr(far), plan.cidr6(far)),
                        (plan.subnet_cidr(far, 0), None),
                        (plan.cidr(far),),
                        (),
                    ]
                )
            )
            routes |= {cidr: f"peer:p{index}" for cidr in way_far if cidr}
    drift = (Route(ANY4, "igw"),) if vpc.igw and ANY4 not in routes else ()
    style = draw(st.sampled_from(["inline", "standalone"]))
    if style == "standalone" and draw(chance(5)):
        routes = {cidr: "gone" if target == "igw" else target for cidr, target in routes.items()}
    kept = tuple(Route(c, t) for c, t in routes.items() if t != "none")
    return Table(key, vpc.key, kept, style, drift=drift if draw(st.booleans()) else ())


@st.composite
def _vpcs(draw: Callable[[st.SearchStrategy[T]], T], plan: Plan, number: int) -> Vpc:
    six = plan.cidr6(number)
    vpc = Vpc(f"v{number}", plan.cidr(number), six, igw=not draw(chance(6)), eigw=bool(six) and draw(st.booleans()), nat=draw(chance(3)))
    if draw(chance(3)):
        rule = draw(st.lists(some_rules(plan, number, ()), max_size=2))
        body = Group(
            default_key(vpc),
            vpc.key,
            Direction(tuple(evolve(r, groups=(), cidrs=r.cidrs or (ANY4,)) for r in rule)),
            Direction((EVERYWHERE,)),
        )
        vpc = evolve(vpc, default_group=body)
    if draw(chance(4)):
        default = draw(st.sampled_from([(), None])) if draw(chance(2)) else None
        rules = draw(acl_rules(plan, number, egress=False)) + draw(acl_rules(plan, number, egress=True))
        vpc = evolve(vpc, default_acl=rules if default is None else default)
    return vpc


@st.composite
def _cards(draw: Callable[[st.SearchStrategy[T]], T], plan: Plan, vpc: Vpc, number: int, place: int, primary: bool, how: str) -> Interface:
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
        if public and primary and how == "implicit" and how_public != "own" and draw(chance(3))
        else None
    )
    return Interface(
        f"n{place}",
        f"s{number}{subnet}",
        private,
        ipv6,
        groups,
        public,
        how_public,
        groups_by="attachment" if len(groups) > 1 and draw(st.booleans()) else "own",
        stray_groups=(f"g{number}0",) if not groups and draw(st.booleans()) else (),
        stale_public=stale,
    )


@st.composite
def _instances(draw: Callable[[st.SearchStrategy[T]], T], plan: Plan, vpcs: Sequence[Vpc]) -> tuple[Instance, ...]:
    found, place = [], 0
    for index in range(draw(st.integers(1, 4))):
        number = draw(st.integers(0, plan.vpcs - 1)) if index else index
        how = draw(st.sampled_from(["implicit", "implicit", "block"]))
        cards = []
        for nth in range(2 if draw(chance(4)) else 1):
            cards.append(draw(_cards(plan, vpcs[number], number, place, nth == 0, how)))
            place += 1
        found.append(Instance(f"i{index}", tuple(cards), how))
    return tuple(found)


@st.composite
def _subnets(
    draw: Callable[[st.SearchStrategy[T]], T], plan: Plan, tables: Sequence[Table], acls: Sequence[Acl], number: int, place: int
) -> Subnet:
    own = [t.key for t in tables if t.vpc == f"v{number}"]
    table = draw(st.sampled_from([*own, *own, *own, *own, None]))
    acl = draw(st.sampled_from([None, *(a.key for a in acls if a.vpc == f"v{number}")]))
    return Subnet(f"s{number}{place}", f"v{number}", plan.subnet_cidr(number, place), plan.subnet_cidr6(number, place), table, acl)


@st.composite
def _lists(draw: Callable[[st.SearchStrategy[T]], T], key: str) -> PrefixList:
    family = draw(st.sampled_from([4, 4, 6]))
    entries = draw(
        st.one_of(
            st.lists(st.sampled_from((*NARROW4, *PRIVATE4) if family == 4 else NARROW6), max_size=3, unique=True).map(tuple),
            st.sampled_from([HALVES4, (ANY4,), ALL_PUBLIC4] if family == 4 else [HALVES6, (ANY6,)]),
        )
    )
    style = draw(st.sampled_from(["inline", "entry"]))
    drift = (ANY4 if family == 4 else ANY6,) if style == "entry" and entries and draw(st.booleans()) else ()
    return PrefixList(key, family, tuple(entries), style, drift)


@st.composite
def topologies(draw: Callable[[st.SearchStrategy[T]], T]) -> Topology:
    """A whole network."""
    plan = draw(plans())
    vpcs = tuple(draw(_vpcs(plan, number)) for number in range(plan.vpcs))
    lists = tuple(draw(_lists(f"l{n}")) for n in range(draw(st.integers(0, 2))))
    keys = tuple(entry.key for entry in lists)
    groups = tuple(
        Group(f"g{v}{n}", f"v{v}", draw(ingress(plan, v, keys)), draw(egress(plan, v, keys)))
        for v in range(plan.vpcs)
        for n in range(plan.groups[v])
    )
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
    layout = draw(
        st.builds(
            Layout,
            counted_instances=st.booleans(),
            module_instances=chance(3),
            keyed_rules=chance(3),
            module_rules=chance(3),
            empty=st.integers(0, 2),
            numbers=st.booleans(),
        )
    )
    return Topology(vpcs, subnets, tuple(tables), tuple(acls), groups, lists, peerings, instances, layout)
