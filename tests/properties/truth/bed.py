"""The bed: a topology laid out in namespaces, one for the world, and for each VPC a gateway, a router, subnets and hosts.

    world --- gateway --- router --- subnet --- host
                            |
                          peering --- router of the other VPC

The router asks the route table of the subnet that a packet comes from, longest prefix first. A NAT gateway is a dead end:
it lets in nothing, and what leaves through one has an address that isn't asked about here.
"""

from __future__ import annotations

from collections.abc import Iterable

from attrs import field, frozen

from tests.properties.truth.filters import acl_filter, gateway_filter, host_filter, router_filter, world_filter
from tests.properties.truth.namespaces import Namespace, join
from tests.properties.truth.topology import Interface, Subnet, Table, Topology, Vpc

_NOT_PUBLIC = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
_LOCAL = 50
_OUTSIDE = 100


@frozen
class Laid:
    """A topology that stands: where each address lives, and which namespace a vantage sends from."""

    topology: Topology
    world: Namespace
    hosts: dict[str, Namespace]
    """interface key -> host"""
    strangers: dict[str, Namespace]
    """subnet key -> a machine that no code owns"""
    home: dict[str, Namespace]
    """every address that something answers on -> its host"""
    stateful: tuple[Namespace, ...] = ()
    """everything else that remembers connections"""


@frozen
class Bed:
    """Namespaces made once and laid out anew for every topology."""

    made: dict[str, Namespace] = field(factory=dict)
    joined: set[tuple[str, str]] = field(factory=set)
    current: set[str] = field(factory=set)

    def close(self) -> None:
        """Give everything back."""
        for namespace in self.made.values():
            namespace.close()
        self.made.clear()

    def _get(self, name: str) -> Namespace:
        if name not in self.made:
            self.made[name] = Namespace(name)
        return self.made[name]

    def _join(self, one: str, one_device: str, other: str, other_device: str) -> None:
        if (one, one_device) not in self.joined:
            join(self._get(one), one_device, self._get(other), other_device)
            self.joined.add((one, one_device))

    def lay(self, topology: Topology, strangers: dict[str, str]) -> Laid:
        """Lay the topology out; `strangers`: subnet key -> address of a machine there that no code owns."""
        self._lay_world(topology)
        for number, vpc in enumerate(topology.vpcs):
            self._lay_gateway(topology, vpc, number)
            self._lay_router(topology, vpc, number)
        home: dict[str, Namespace] = {}
        hosts: dict[str, Namespace] = {}
        odd: dict[str, Namespace] = {}
        for number, vpc in enumerate(topology.vpcs):
            for place, subnet in enumerate(s for s in topology.subnets if s.vpc == vpc.key):
                cards: list[tuple[Interface | None, tuple[str, ...], str]] = [
                    (i, (*i.private, *i.ipv6), f"h{n}") for n, i in enumerate(i for i in topology.interfaces if i.subnet == subnet.key)
                ]
                if subnet.key in strangers:
                    cards.append((None, (strangers[subnet.key],), "hx"))
                self._lay_subnet(topology, subnet, f"{number}{place}", cards)
                for interface, addresses, device in cards:
                    host = self._lay_host(topology, interface, addresses, f"{number}{place}", device)
                    home |= dict.fromkeys(addresses, host)
                    (hosts if interface else odd)[interface.key if interface else subnet.key] = host
                    home |= {public: host for _, public in interface.public} if interface else {}
        for namespace in self.made.values():
            namespace.settled()
        gateways = tuple(self._get(f"gateway{n}") for n, v in enumerate(topology.vpcs) if not v.igw)
        return Laid(topology, self._get("world"), hosts, odd, home, gateways)

    def _lay_world(self, topology: Topology) -> None:
        routes = [f"route add blackhole {cidr}" for cidr in _NOT_PUBLIC if ":" not in cidr]
        routes += [f"-6 route add blackhole {cidr}" for cidr in _NOT_PUBLIC if ":" in cidr]
        for number, vpc in enumerate(topology.vpcs):
            self._join("world", f"v{number}", f"gateway{number}", "world")
            way = f"dev v{number}" if vpc.igw else None
            for public in _public(topology, vpc):
                routes.append(f"route add {public} {way}" if way else f"route add blackhole {public}")
            if vpc.cidr6:
                way = f"dev v{number}" if vpc.igw or vpc.eigw else None
                routes.append(f"-6 route add {vpc.cidr6} {way}" if way else f"-6 route add blackhole {vpc.cidr6}")
        world = self._get("world")
        everywhere = [f"{lead}route add local default dev lo table {_OUTSIDE}" for lead in ("", "-6 ")]
        rules = _rules((40000, f"lookup {_OUTSIDE}"), (32766, "lookup main"))
        world.lay(clear=_flush(254, _OUTSIDE), commands=[*rules, *everywhere, *routes], ruleset=world_filter())

    def _lay_gateway(self, topology: Topology, vpc: Vpc, number: int) -> None:
        name = f"gateway{number}"
        self._join(name, "router", f"router{number}", "gateway")
        self._join(name, "eigw", f"router{number}", "eigw")
        gateway = self._get(name)
        routes = [f"route add {vpc.cidr} dev router", "route add default dev world"]
        routes += [f"-6 route add {vpc.cidr6} dev router"] if vpc.cidr6 else []
        routes.append("-6 route add default dev world")
        gateway.lay(clear=_flush(254), commands=routes, ruleset=gateway_filter(_public(topology, vpc), igw=vpc.igw))

    def _lay_router(self, topology: Topology, vpc: Vpc, number: int) -> None:
        subnets = [s for s in topology.subnets if s.vpc == vpc.key]
        rules = [(300, f"lookup {_LOCAL}")]
        routes = [f"route add blackhole {vpc.cidr} table {_LOCAL}"]
        routes += [f"-6 route add blackhole {vpc.cidr6} table {_LOCAL}"] if vpc.cidr6 else []
        tables = [_LOCAL]
        for place, subnet in enumerate(subnets):
            self._join(f"router{number}", f"s{place}", f"subnet{number}{place}", "up")
            routes += [f"route add {subnet.cidr} dev s{place} table {_LOCAL}"]
            routes += [f"-6 route add {subnet.cidr6} dev s{place} table {_LOCAL}"] if subnet.cidr6 else []
            rules.append((200 + place, f"iif s{place} lookup {60 + place}"))
            tables.append(60 + place)
            routes += self._table_routes(topology, vpc, number, subnet, 60 + place)
        router = self._get(f"router{number}")
        router.lay(clear=_flush(*tables), commands=[*_rules(*rules), *routes], ruleset=router_filter())

    def _table_routes(self, topology: Topology, vpc: Vpc, number: int, subnet: Subnet, table: int) -> Iterable[str]:
        yield f"route add throw {vpc.cidr} table {table}"
        if vpc.cidr6:
            yield f"-6 route add throw {vpc.cidr6} table {table}"
        found = table_of(topology, subnet)
        for route in found.routes if found else ():
            lead = "-6 " if ":" in route.cidr else ""
            if route.target in ("igw", "eigw"):
                yield f"{lead}route add {route.cidr} dev {'gateway' if route.target == 'igw' else 'eigw'} table {table}"
            elif route.target.startswith("peer:"):
                yield f"{lead}route add {route.cidr} dev {self._peer(topology, vpc, number, route.target[5:])} table {table}"
            else:
                yield f"{lead}route add blackhole {route.cidr} table {table}"

    def _peer(self, topology: Topology, vpc: Vpc, number: int, key: str) -> str:
        peering = next(p for p in topology.peerings if p.key == key)
        other = peering.accepter if peering.requester == vpc.key else peering.requester
        far = next(n for n, v in enumerate(topology.vpcs) if v.key == other)
        low, high = sorted((number, far))
        self._join(f"router{low}", f"p{high}", f"router{high}", f"p{low}")
        return f"p{far}"

    def _lay_subnet(
        self, topology: Topology, subnet: Subnet, place: str, cards: Iterable[tuple[Interface | None, tuple[str, ...], str]]
    ) -> None:
        routes = [f"route add blackhole {subnet.cidr}", "route add default dev up", "-6 route add default dev up"]
        routes += [f"-6 route add blackhole {subnet.cidr6}"] if subnet.cidr6 else []
        for _, addresses, device in cards:
            self._join(f"subnet{place}", device, f"host{place}{device}", "up")
            routes += [f"{'-6 ' if ':' in a else ''}route add {a} dev {device}" for a in addresses]
        namespace = self._get(f"subnet{place}")
        namespace.lay(clear=_flush(254), commands=routes, ruleset=acl_filter(acl_rules(topology, subnet)))

    def _lay_host(self, topology: Topology, interface: Interface | None, addresses: tuple[str, ...], place: str, device: str) -> Namespace:
        host = self._get(f"host{place}{device}")
        own = [f"-6 addr add {a}/128 dev up nodad" if ":" in a else f"addr add {a}/32 dev up" for a in addresses]
        own += ["route add default dev up", "-6 route add default dev up"]
        clear = ["addr flush dev up", "-6 addr flush dev up", *_flush(254)]
        host.lay(clear=clear, commands=own, ruleset=host_filter(topology, interface))
        return host


def _flush(*tables: int) -> list[str]:
    return [f"{lead}route flush table {table}" for table in tables for lead in ("", "-6 ")]


def _rules(*rules: tuple[int, str]) -> list[str]:
    """Every policy rule anew; a flush leaves the first one, the kernel's own table of local addresses."""
    return [f"{lead}rule {what}" for lead in ("", "-6 ") for what in ("flush", *(f"add pref {n} {what}" for n, what in rules))]


def _public(topology: Topology, vpc: Vpc) -> dict[str, str]:
    mine = (i for i in topology.interfaces if topology.vpc_of(i).key == vpc.key)
    return {public: private for i in mine for private, public in i.public}


def table_of(topology: Topology, subnet: Subnet) -> Table | None:
    """The route table that a subnet asks: its own, else the VPC's main one, else AWS's (None), which knows only the VPC."""
    own = next((t for t in topology.tables if t.key == subnet.table), None)
    return own or next((t for t in topology.tables if t.vpc == subnet.vpc and t.main != "no"), None)


def acl_rules(topology: Topology, subnet: Subnet):
    """The rules at a subnet's edge; None where AWS's own default admits everything."""
    own = next((a for a in topology.acls if a.key == subnet.acl), None)
    return own.rules if own else topology.vpc(subnet.vpc).default_acl
