"""The way from a vantage to one interface: every filter that stands on it, each asked once and kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, TypeVar

from attrs import field, frozen

from iacdrift.model.addresses import PUBLIC, Address, Space
from iacdrift.model.admission import Admission, Answer, weakest
from iacdrift.model.because import Assumption, Because
from iacdrift.model.network import Interface, Network
from iacdrift.surface.groups import STAGE, Parts, egress_ruling, ingress_ruling, port_answer, rules_ruling
from iacdrift.surface.inside import Crossing, inside_stages, space_of, treats_alike
from iacdrift.surface.outward import leaves_by_gateway, way_out
from iacdrift.surface.place import Place, vpc_of
from iacdrift.surface.ruling import Ruling, agree
from iacdrift.surface.seen import Seen
from iacdrift.surface.stages import Side, acl_in, acl_of, answers_out, internet_route

T = TypeVar("T")
DEFAULT_GROUP = "default group of "


@frozen(slots=True)
class Way:
    """All stages in order, and what they admit together."""

    stages: tuple[Ruling, ...]
    tcp: Admission
    udp: Admission
    _told: dict[object, Any] = field(factory=dict, init=False, repr=False, eq=False)

    @classmethod
    def through(cls, *stages: Ruling) -> Way:
        """Every stage must admit."""
        everything = Admission.all(Answer.ADMITTED)
        return cls((), everything, everything).then(*stages)

    def then(self, *stages: Ruling) -> Way:
        """The same way with more stages behind it."""
        tcp, udp = self.tcp, self.udp
        for stage in stages:
            tcp, udp = tcp.and_(stage.tcp), udp.and_(stage.udp)
        return Way((*self.stages, *stages), tcp, udp)

    def admission(self, protocol: str) -> Admission:
        """What all stages admit of `tcp` or `udp`."""
        return self.tcp if protocol == "tcp" else self.udp

    def assumptions(self) -> tuple[Assumption, ...]:
        """All that was taken for granted on the way."""
        return tuple(dict.fromkeys(item for stage in self.stages for item in stage.assumptions))

    def because(self, protocol: str, port: int) -> tuple[Because, ...]:
        """What decides: the first stage that blocks, else the ones that can't tell, else the groups' rules."""
        return self.once((protocol, port), lambda: self._deciding(protocol, port))

    def once(self, key: object, make: Callable[[], T]) -> T:
        """What was told of this way is told again: many hosts share a way, and each finding asks more than once."""
        if key not in self._told:
            self._told[key] = make()
        found: T = self._told[key]
        return found

    def _deciding(self, protocol: str, port: int) -> tuple[Because, ...]:
        answer = self.admission(protocol).of(port)
        saying = [stage for stage in self.stages if stage.admission(protocol).of(port) is answer]
        if answer is Answer.BLOCKED:
            return saying[0].because(protocol, port)
        if answer is Answer.ADMITTED:
            saying = [stage for stage in saying if stage.stage == STAGE] or saying
        return tuple(dict.fromkeys(because for stage in saying for because in stage.because(protocol, port)))


@frozen(slots=True)
class Ways:
    """Finds ways through one network; equal ways are found once."""

    network: Network
    strict: bool = False
    _kept: dict[object, Way] = field(factory=dict, repr=False, eq=False)
    _rulings: dict[object, Ruling] = field(factory=dict, repr=False, eq=False)
    _parts: Parts = field(factory=Parts, repr=False, eq=False)
    _names: dict[str, list[Interface]] = field(factory=dict, repr=False, eq=False)
    _subnets: dict[object, Way] = field(factory=dict, repr=False, eq=False)
    _alike: dict[object, bool] = field(factory=dict, repr=False, eq=False)
    _answers: dict[object, Answer] = field(factory=dict, repr=False, eq=False)

    def from_internet(self, interface: Interface, version: int, address: Address | None) -> Way:
        """From somebody on the internet to a public address of the interface."""
        return self._outside(interface, Seen.internet(version, address))

    def from_inside(self, place: Place, interface: Interface, target: Address | None) -> Way:
        """From a place inside a VPC to a private or IPv6 address in the same or a peered VPC."""
        if leaves_by_gateway(self.network, place, interface, target):
            return self.from_inside_out(place, interface, target)
        seen = seen_from(place, self.network)
        shared = None if self._whole_subnet(place, interface, target) else target
        goal = shared if place.interface is None else target
        key = (place.version, place.address, place.subnet, place.vpc, seen, *self._shape(interface), vpc_of(self.network, interface), goal)
        if key not in self._kept:
            own = self._egress(place, self._goals(place, interface, target)) if place.interface else ()
            self._kept[key] = self._crossing(place, interface, shared).then(*own, self.group_ruling(interface, seen))
        return self._kept[key]

    def _crossing(self, place: Place, interface: Interface, goal: Address | None) -> Way:
        """Routes and ACLs from a place inside, which all that stands in the same subnets shares."""
        named = None if interface.subnets else interface.owner
        key = (place.version, place.address, place.subnet, place.vpc, interface.subnets, named, vpc_of(self.network, interface), goal)
        if key not in self._subnets:
            self._subnets[key] = Way.through(*inside_stages(Crossing(self.network, place, interface, goal, self.strict)))
        return self._subnets[key]

    def _whole_subnet(self, place: Place, interface: Interface, target: Address | None) -> bool:
        """Whether the vantage's routes and ACL treat every address of the target's subnet alike."""
        if target is None or len(interface.subnets) != 1 or place.subnet is None:
            return False
        here, there = Side(self.network, place.subnet, self.strict), Side(self.network, interface.subnets[0], self.strict)
        if not there.subnet or not Space.of(target).meets_any(there.subnet.networks[:1]):
            return False
        key = (place.version, here.key, there.key)
        if key not in self._alike:
            self._alike[key] = treats_alike(here, space_of(there, place.version))
        return self._alike[key]

    def _shape(self, interface: Interface) -> tuple[object, ...]:
        """All of an interface that decides on ways to it; those whose reasons name it share them with no other."""
        named = interface.doubt or interface.ungrouped or interface.admits is not None or not interface.subnets
        return interface.subnets, self.group_keys(interface), interface.owner if named else None, interface.doubt, interface.admits

    def from_inside_out(self, place: Place, interface: Interface, target: Address | None) -> Way:
        """From a place inside to a public address, out through its own gateway and back in."""
        own, seen = way_out(self.network, place, target, self.strict)
        goal = Seen(Space.of(target) if target else PUBLIC[place.version])
        return Way.through(*own, *self._egress(place, (goal,)), *self._from_outside(interface, seen))

    def target_way(self, target: Interface, seen: Seen) -> Way:
        """The filters right in front of a target: its subnets' ACLs and its groups, without any route."""
        key = ("target", *self._shape(target), seen)
        if key not in self._kept:
            acls = [agree(tuple(same)) for same in self._target_acls(target, seen)]
            self._kept[key] = Way.through(*acls, self.group_ruling(target, seen))
        return self._kept[key]

    def target_answer(self, target: Interface, seen: Seen, protocol: str, port: int) -> Answer:
        """What `target_way` says of one port: only the rules that speak of it are asked."""
        key = (protocol, port, *self._shape(target), seen)
        if key not in self._answers:
            acls = self._acl_answer(target, seen, protocol, port)
            groups = acls if acls is Answer.BLOCKED else self._group_answer(target, seen, protocol, port)
            self._answers[key] = weakest((acls, groups))
        return self._answers[key]

    def _acl_answer(self, target: Interface, seen: Seen, protocol: str, port: int) -> Answer:
        """What the ACLs of its subnets say, which all that stands in them share."""
        key = ("acls", target.subnets, seen.space, protocol, port)
        if key not in self._answers:
            said = (agree(tuple(same)).admission(protocol).of(port) for same in self._target_acls(target, seen))
            self._answers[key] = weakest(said)
        return self._answers[key]

    def _group_answer(self, target: Interface, seen: Seen, protocol: str, port: int) -> Answer:
        own = target.doubt or target.admits is not None or target.ungrouped
        quick = None if own else port_answer(self.group_keys(target), (protocol, port), seen, self.network, self._parts)
        return quick or self.group_ruling(target, seen).admission(protocol).of(port)

    def _target_acls(self, target: Interface, seen: Seen) -> list[list[Ruling]]:
        """Its subnets' ACLs, one direction after the other; none where its subnets are in no source."""
        sides = [Side(self.network, key, self.strict) for key in target.subnets]
        return [[self._acl(maker, side, seen.space) for side in sides] for maker in (acl_in, answers_out) if sides]

    def _outside(self, interface: Interface, seen: Seen) -> Way:
        key = (*self._shape(interface), seen)
        if key not in self._kept:
            if not interface.subnets:
                self._kept[key] = Way.through(*self._from_outside(interface, seen))
            else:
                self._kept[key] = self._to_subnets(interface.subnets, seen.space).then(self.group_ruling(interface, seen))
        return self._kept[key]

    def _from_outside(self, interface: Interface, seen: Seen) -> tuple[Ruling, ...]:
        if not interface.subnets:
            return (*self._no_subnet(interface), self.group_ruling(interface, seen))
        return (*self._to_subnets(interface.subnets, seen.space).stages, self.group_ruling(interface, seen))

    def _to_subnets(self, keys: tuple[str, ...], space: Space) -> Way:
        """The way to subnets, which all that stands in them share."""
        if (keys, space) not in self._subnets:
            parts = [self._subnet_stages(key, space) for key in keys]
            self._subnets[keys, space] = Way.through(*(agree(tuple(same)) for same in zip(*parts, strict=True)))
        return self._subnets[keys, space]

    def _no_subnet(self, interface: Interface) -> tuple[Ruling, ...]:
        if interface.admits is not None:
            return ()
        if self.network.clouded:
            because = Because(interface.owner, self.network.clouded, interface.because.at)
            return (Ruling.everywhere("route", Answer.UNKNOWN_BY_CODE, because),)
        text = "its subnet isn't in the code: AWS's defaults (a route to the internet, an ACL that admits everything) are taken for granted"
        answer = Answer.UNKNOWN_BY_CODE if self.strict else Answer.ADMITTED
        return (Ruling.everywhere("route", answer, Because(interface.owner, text), (Assumption(interface.owner, text),)),)

    def _subnet_stages(self, key: str, space: Space) -> tuple[Ruling, ...]:
        side = Side(self.network, key, self.strict)
        route = self._once((internet_route, key, space), partial(internet_route, side, space))
        return (route, *(self._acl(maker, side, space) for maker in (acl_in, answers_out)))

    def _acl(self, maker: Callable[[Side, Space], Ruling], side: Side, space: Space) -> Ruling:
        """Subnets that share a declared ACL share what it says."""
        return self._once((maker, acl_of(side) or side.key, space), partial(maker, side, space))

    def _once(self, key: object, make: Callable[[], Ruling]) -> Ruling:
        if key not in self._rulings:
            self._rulings[key] = make()
        return self._rulings[key]

    def named(self, names: Iterable[str]) -> list[Interface]:
        """The interfaces that have one of these keys or aliases."""
        if not self._names:
            for interface in self.network.interfaces:
                for name in {interface.key, *interface.aliases}:
                    self._names.setdefault(name, []).append(interface)
        return [interface for name in names for interface in self._names.get(name, ())]

    def group_keys(self, interface: Interface) -> frozenset[str]:
        """The groups that filter the interface; its VPC's default group where it has none of its own."""
        if interface.groups is not None:
            return interface.groups
        vpc = self.network.vpcs.get(vpc_of(self.network, interface) or "")
        return frozenset({vpc.default_group} if vpc and vpc.default_group else {f"{DEFAULT_GROUP}{interface.vpc or 'its VPC'}"})

    def group_ruling(self, interface: Interface, seen: Seen) -> Ruling:
        """What the interface's own filters say of this source."""
        if interface.doubt:
            return Ruling.everywhere(STAGE, Answer.UNKNOWN_BY_CODE, Because(interface.owner, interface.doubt, interface.because.at))
        if interface.admits is not None:
            return rules_ruling("allow-list", interface.admits, interface.because, seen, self.network)
        if interface.ungrouped:
            return Ruling.everywhere(
                STAGE, Answer.ADMITTED, Because(interface.owner, "it has no security group, so none filters", interface.because.at)
            )
        keys = self.group_keys(interface)
        return self._once(("in", keys, seen), partial(ingress_ruling, keys, seen, self.network, self._parts))

    def _goals(self, place: Place, interface: Interface, target: Address | None) -> tuple[Seen, ...]:
        """A target inside as the vantage's own groups see it; where only its name is known, anywhere in each of its subnets."""
        sides = [Side(self.network, key, self.strict) for key in interface.subnets or ("",)]
        spaces = [Space.of(target)] if target else [space_of(side, place.version) for side in sides]
        return tuple(Seen(space, self.group_keys(interface), private=True) for space in spaces)

    def _egress(self, place: Place, goals: tuple[Seen, ...]) -> tuple[Ruling, ...]:
        """What the vantage's own groups let out to these goals, of which one is taken."""
        if place.interface is None:
            return ()
        own = self.group_keys(place.interface)
        return (agree(tuple(self._once(("out", own, seen), partial(egress_ruling, own, seen, self.network)) for seen in goals)),)


def seen_from(place: Place, network: Network) -> Seen:
    """How targets inside see a place inside: by its own address and groups, which nobody knows where no resource owns it."""
    groups = Ways(network).group_keys(place.interface) if place.interface else None
    return Seen(place.space, groups, private=True)
