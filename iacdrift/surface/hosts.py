"""From an interface and a place to expected hosts, or to why they aren't in view."""

from __future__ import annotations

from attrs import evolve, field, frozen

from iacdrift.model.addresses import Address
from iacdrift.model.admission import Answer
from iacdrift.model.because import Because
from iacdrift.model.network import Endpoint, Fleet, Interface, Listener, Network, Presence
from iacdrift.surface.behind import TargetsSay, targets_say
from iacdrift.surface.expected import ExpectedHost, ExpectedPorts, HostStatus, NotInView
from iacdrift.surface.inside import connected
from iacdrift.surface.outward import way_out
from iacdrift.surface.partition import HostExplains, managed, unmanaged
from iacdrift.surface.place import Place, vpc_of
from iacdrift.surface.ruling import Ruling
from iacdrift.surface.seen import Seen
from iacdrift.surface.stages import Side
from iacdrift.surface.ways import Way, Ways, seen_from

PRIVATE = "a private address can't be reached from the internet"
_STATUS = {
    Presence.PRESENT: HostStatus.PRESENT,
    Presence.PENDING: HostStatus.PENDING,
    Presence.STOPPED: HostStatus.STOPPED,
    Presence.LEAVING: HostStatus.LEAVING,
}


@frozen(slots=True)
class View:
    """What is seen of a network from one place a version; equal sights are worked out once."""

    ways: Ways
    places: tuple[Place, ...]
    _ports: dict[int, tuple[Way, ExpectedPorts, ExpectedPorts]] = field(factory=dict, repr=False, eq=False)

    @property
    def network(self) -> Network:
        """The network looked at."""
        return self.ways.network

    def look(self, interface: Interface) -> list[ExpectedHost | NotInView]:
        """Every address or name of an interface, in view or not."""
        if interface.name is not None and not interface.endpoints:
            return [self._by_name(self.places[0], interface)]
        found = [self._endpoint(place, interface, e) for e in interface.endpoints for place in self.places if _version(e) == place.version]
        return [item for item in found if item is not None]

    def _endpoint(self, place: Place, interface: Interface, endpoint: Endpoint) -> ExpectedHost | NotInView | None:
        owner = endpoint.owner or interface.owner
        shown = str(endpoint.address) if endpoint.address else "known after apply"
        if place.absent:
            return NotInView(owner, shown, place.absent)
        if not place.inside:
            if place.version == 4 and not endpoint.public:
                return NotInView(owner, shown, PRIVATE)
            return self._host(self.ways.from_internet(interface, place.version, place.address), interface, endpoint, place)
        if place.version == 4 and endpoint.public:
            return NotInView(owner, shown, "a public address seen from inside leaves the network: its private address is judged")
        if not self._joins(place, vpc_of(self.network, interface), endpoint.address):
            return NotInView(owner, shown, "it lies in a network that isn't connected to the vantage's")
        if endpoint.address == place.address and endpoint.address is not None:
            return NotInView(owner, shown, "it is the vantage itself: nothing stands between")
        return self._host(self.ways.from_inside(place, interface, endpoint.address), interface, endpoint, place)

    def _joins(self, place: Place, vpc: str | None, address: Address | None) -> bool:
        """Whether a VPC is connected to the vantage's; where it is in no source, whether the address may lie in one that is."""
        joined = connected(self.network, place.vpc or "")
        if vpc is not None or address is None:
            return vpc in joined
        return any(address in net for key in joined if key in self.network.vpcs for net in self.network.vpcs[key].networks)

    def _by_name(self, place: Place, interface: Interface) -> ExpectedHost | NotInView:
        name = interface.name or ""
        if place.absent:
            return NotInView(interface.owner, name, place.absent)
        vpc = vpc_of(self.network, interface)
        near = place.inside and (vpc is None or vpc in connected(self.network, place.vpc or ""))
        public = False if near and interface.split_horizon else interface.name_is_public
        if public is False and not near:
            why = PRIVATE if not place.inside else "it lies in a network that isn't connected to the vantage's"
            return NotInView(interface.owner, name, f"{why} (the name resolves to private addresses)")
        if public is False:
            interface = _from_within(interface)
            way = self.ways.from_inside(place, interface, None)
        else:
            way = (
                self.ways.from_inside_out(place, interface, None)
                if place.inside
                else self.ways.from_internet(interface, place.version, place.address)
            )
        if public is None:
            text = "whether its name resolves to public addresses isn't known"
            doubt = Because(interface.owner, text, interface.because.at)
            way = Way.through(*way.stages, Ruling.everywhere("name", Answer.UNKNOWN_BY_CODE, doubt))
        presence = Presence.PENDING if not name else interface.presence
        status = HostStatus.BY_NAME if presence is Presence.PRESENT else _STATUS[presence]
        return self._build(way, interface, place, owner=interface.owner, status=status)

    def _host(self, way: Way, interface: Interface, endpoint: Endpoint, place: Place) -> ExpectedHost:
        presence = endpoint.presence if endpoint.presence is not Presence.PRESENT else interface.presence
        if endpoint.address is None and presence is Presence.PRESENT:
            presence = Presence.PENDING
        owner = endpoint.owner or interface.owner
        return self._build(way, interface, place, owner=owner, status=_STATUS[presence], address=endpoint.address)

    def _build(
        self, way: Way, interface: Interface, place: Place, *, owner: str, status: HostStatus, address: Address | None = None
    ) -> ExpectedHost:
        behind = self._behind(interface, place)
        tcp, udp = self._partition(way, interface, behind)
        return ExpectedHost(
            owner=owner,
            source=interface.source,
            address=address,
            name=interface.name or None,
            status=status,
            tcp=tcp,
            udp=udp,
            explains=HostExplains(way, interface, tcp, udp, behind=behind),
            services={(li.protocol, li.port): li.service for li in interface.listeners if li.service},
            managed=interface.managed,
            ruled=self._rules_of(interface),
            at=interface.because.at,
            within=self._within(interface),
            admits=self._admits_of(interface),
        )

    def _behind(self, interface: Interface, place: Place) -> dict[Listener, TargetsSay]:
        """What the targets behind each listener say of this client, who comes to a public name by his way out."""
        if not any(listener.behind for listener in interface.listeners):
            return {}
        if not place.inside:
            seen = Seen.internet(place.version, place.address)
        elif interface.name_is_public and not interface.endpoints:
            _, seen = way_out(self.network, place, None, self.ways.strict)
        else:
            seen = seen_from(place, self.network)
        return {li: targets_say(self.ways, seen, li, li.behind) for li in interface.listeners if li.behind}

    def _partition(self, way: Way, interface: Interface, behind: dict[Listener, TargetsSay]) -> tuple[ExpectedPorts, ExpectedPorts]:
        if interface.managed:
            return managed(way, interface, "tcp", behind), managed(way, interface, "udp", behind)
        if id(way) not in self._ports:  # the way is kept beside its id, so the id can't be reused
            self._ports[id(way)] = (way, unmanaged(way, "tcp"), unmanaged(way, "udp"))
        return self._ports[id(way)][1:]

    def _rules_of(self, interface: Interface) -> frozenset[tuple[str, int, int]]:
        keys, kept = self.ways.group_keys(interface), self.network.kept["ruled"]
        if keys not in kept:
            kept[keys] = frozenset().union(*(self._ruled_by(key) for key in keys))
        found: frozenset[tuple[str, int, int]] = kept[keys]
        return found

    def _ruled_by(self, key: str) -> frozenset[tuple[str, int, int]]:
        """The ranges that one group's rules name; few interfaces share all of their groups, many share one."""
        kept = self.network.kept["ruled by one"]
        if key not in kept:
            rules = self.network.groups[key].ingress.rules if key in self.network.groups else ()
            kept[key] = frozenset((p, a, b) for rule in rules for p in ("tcp", "udp") for a, b in rule.ports(p).ranges())
        found: frozenset[tuple[str, int, int]] = kept[key]
        return found

    def _within(self, interface: Interface) -> tuple[str, ...]:
        """The names of its VPC and subnets, as far as the code has them."""
        vpc = self.network.vpcs.get(vpc_of(self.network, interface) or "")
        subnets = sorted(Side(self.network, key).resource for key in interface.subnets)
        return (vpc.because.resource if vpc else "", " and ".join(subnets))

    def _admits_of(self, interface: Interface) -> tuple[str, ...]:
        """Every rule in front of the host, in words."""
        keys, kept = self.ways.group_keys(interface), self.network.kept["admits"]
        if keys not in kept:
            rules = [rule for key in sorted(keys) if key in self.network.groups for rule in self.network.groups[key].ingress.rules]
            kept[keys] = tuple(dict.fromkeys(rule.because.detail for rule in rules))
        found: tuple[str, ...] = kept[keys]
        return found

    def fleet(self, fleet: Fleet) -> ExpectedHost:
        """The surface that machines of a fleet have, without an address."""
        place = self.places[0]
        machine = Interface(
            fleet.key, fleet.owner, fleet.source, fleet.because, subnets=fleet.subnets, groups=fleet.groups, doubt=fleet.doubt
        )
        way = (
            self.ways.from_inside(place, machine, None) if place.inside else self.ways.from_internet(machine, place.version, place.address)
        )
        return self._build(way, machine, place, owner=fleet.owner, status=HostStatus.UNADDRESSED)


def _from_within(interface: Interface) -> Interface:
    """A name that leads to private addresses from here: an allow-list before its public ones says nothing of this way."""
    if interface.admits is None:
        return interface
    doubt = "from inside its name leads to private addresses, whose filters the provider manages and no source holds"
    return evolve(interface, admits=None, doubt=doubt)


def _version(endpoint: Endpoint) -> int:
    return endpoint.address.version if endpoint.address else 4
