"""Explicit expectations join the derived model: for what it doesn't know they speak, where both speak the stricter wins."""

from __future__ import annotations

from attrs import evolve, frozen

from iacdrift.model.admission import Answer
from iacdrift.model.because import Because
from iacdrift.model.network import ExplicitExpectation, Network
from iacdrift.model.ports import NO_PORTS, PortSet
from iacdrift.surface.expected import PROTOCOLS, Expectation, ExpectedHost, ExpectedPorts, Explains, HostStatus, Reason, StoredReasons
from iacdrift.surface.partition import HostExplains, Override
from iacdrift.surface.place import Place
from iacdrift.surface.seen import Seen, peer_answer


@frozen(slots=True)
class Joined:
    """The hosts with what was said outright, and where the two disagreed."""

    hosts: tuple[ExpectedHost, ...]
    notes: tuple[str, ...]


def join(hosts: tuple[ExpectedHost, ...], network: Network, places: tuple[Place, ...]) -> Joined:
    """Apply every explicit expectation; one for an unknown address becomes a host of its own."""
    found, notes = list(hosts), list[str]()
    known: dict[object, list[int]] = {}
    for index, host in enumerate(hosts if network.expectations else ()):
        _index(known, host, index)
    for said in network.expectations:
        matches = list(known.get(_spoken_of(said), ()))
        for index in matches:
            found[index], told = _merge(found[index], said, places, network)
            notes.extend(told)
        if not matches and said.owner is not None:
            notes.append(f"{said.because.resource}: no host of {said.owner} is in view, so it says nothing here")
        elif not matches:
            found.append(_host(said, places, network))
            _index(known, found[-1], len(found) - 1)
    return Joined(tuple(found), tuple(notes))


def _index(known: dict[object, list[int]], host: ExpectedHost, index: int) -> None:
    """By everything that an expectation may call it."""
    for key in (("owner", host.owner), ("address", host.address), ("name", host.name)):
        if key[1] is not None:
            known.setdefault(key, []).append(index)


def _spoken_of(said: ExplicitExpectation) -> tuple[str, object]:
    """The owner, else the address, else the name tells which hosts it means."""
    if said.owner is not None:
        return "owner", said.owner
    return ("address", said.address) if said.address is not None else ("name", said.name)


def _answer(said: ExplicitExpectation, place: Place | None, network: Network) -> Answer:
    """Whether the expectation admits this vantage."""
    if not said.admitted_from or place is None:
        return Answer.ADMITTED
    seen = Seen(place.space, frozenset(), private=place.inside)
    answers = {peer_answer(net, seen, network) for net in said.admitted_from}
    if Answer.ADMITTED in answers or not seen.space.without_all(said.admitted_from):
        return Answer.ADMITTED
    return Answer.UNKNOWN_BY_VANTAGE if Answer.UNKNOWN_BY_VANTAGE in answers else Answer.BLOCKED


def _place(host_version: int | None, places: tuple[Place, ...]) -> Place | None:
    return next((place for place in places if host_version in (None, place.version)), None)


def _host(said: ExplicitExpectation, places: tuple[Place, ...], network: Network) -> ExpectedHost:
    answer = _answer(said, _place(said.address.version if said.address else None, places), network)
    kept, key = network.kept["said outright"], (id(said.open), id(said.allowed), answer)
    if key not in kept:  # hosts that are said alike share one mapping, which the network holds
        kept[key] = {protocol: _outright(said, protocol, answer) for protocol in PROTOCOLS}
    sides: dict[str, ExpectedPorts] = kept[key]
    return ExpectedHost(
        owner=said.because.resource,
        source=said.source,
        address=said.address,
        name=said.name,
        status=HostStatus.PRESENT if said.address else HostStatus.BY_NAME,
        tcp=sides["tcp"],
        udp=sides["udp"],
        explains=_Said(said, answer, sides["tcp"], sides["udp"]),
        services=said.services,
        at=said.because.at,
    )


@frozen(slots=True)
class _Said(Explains):
    """What an expectation says of its own host, put into words when somebody asks."""

    said: ExplicitExpectation
    answer: Answer
    tcp: ExpectedPorts
    udp: ExpectedPorts

    def because(self, protocol: str, port: int) -> tuple[Because, ...]:
        """What the first reason that holds the port says."""
        return StoredReasons(self.reasons()).because(protocol, port)

    def reasons(self) -> tuple[Reason, ...]:
        """What it declares open and allowed; and that it declares neither of the rest."""
        return (*_reasons(self.said, self.answer), *_rest(self.said, {"tcp": self.tcp, "udp": self.udp}))


def _outright(said: ExplicitExpectation, protocol: str, answer: Answer) -> ExpectedPorts:
    opened, allowed = said.open.get(protocol, NO_PORTS), said.allowed.get(protocol, NO_PORTS)
    if answer is Answer.ADMITTED:
        return ExpectedPorts(open=opened, allowed=allowed - opened)
    return ExpectedPorts(unknown_by_vantage=opened | allowed) if answer is Answer.UNKNOWN_BY_VANTAGE else ExpectedPorts()


def _detail(said: ExplicitExpectation, ports: PortSet, protocol: str, word: str) -> Because:
    nets = ", ".join(str(net) for net in said.admitted_from)
    return Because(said.because.resource, f"{protocol}/{ports} is declared {word}" + (f" from {nets}" if nets else ""), said.because.at)


def _reasons(said: ExplicitExpectation, answer: Answer) -> list[Reason]:
    shown = {Answer.UNKNOWN_BY_VANTAGE: Expectation.UNKNOWN, Answer.BLOCKED: Expectation.BLOCKED}
    return [
        Reason(protocol, ports, shown.get(answer, word), (_detail(said, ports, protocol, word.value),))
        for word, sets in ((Expectation.OPEN, said.open), (Expectation.ALLOWED, said.allowed))
        for protocol, ports in sets.items()
        if ports
    ]


def _rest(said: ExplicitExpectation, sides: dict[str, ExpectedPorts]) -> list[Reason]:
    because = (Because(said.because.resource, "it declares neither open nor allowed here", said.because.at),)
    return [Reason(protocol, ports.blocked, Expectation.BLOCKED, because) for protocol, ports in sides.items()]


def _merge(host: ExpectedHost, said: ExplicitExpectation, places: tuple[Place, ...], network: Network) -> tuple[ExpectedHost, list[str]]:
    answer = _answer(said, _place(host.address.version if host.address else None, places), network)
    merged = {
        protocol: _stricter(_limited(host.ports(protocol), said, protocol, answer), _outright(said, protocol, answer))
        for protocol in PROTOCOLS
    }
    notes = [note for protocol in PROTOCOLS for note in _disagreements(host, said, protocol, answer)]
    explains = host.explains
    if isinstance(explains, HostExplains):
        overrides = tuple(_overrides(said, merged, answer))
        explains = evolve(explains, tcp=merged["tcp"], udp=merged["udp"], overrides=explains.overrides + overrides)
    services = {**host.services, **said.services}
    return evolve(host, tcp=merged["tcp"], udp=merged["udp"], explains=explains, services=services), notes


def _limited(derived: ExpectedPorts, said: ExplicitExpectation, protocol: str, answer: Answer) -> ExpectedPorts:
    """The derived ports, less what an expectation for other sources keeps from this vantage; what is unknown stays so."""
    wanted = said.open.get(protocol, NO_PORTS) | said.allowed.get(protocol, NO_PORTS)
    if answer is Answer.ADMITTED or not wanted:
        return derived
    opened, allowed = derived.open - wanted, derived.allowed - wanted
    if answer is Answer.UNKNOWN_BY_VANTAGE:
        doubtful = (derived.open | derived.allowed) & wanted
        return ExpectedPorts(opened, allowed, derived.unknown_by_vantage | doubtful, derived.unknown_by_code)
    return ExpectedPorts(opened, allowed, derived.unknown_by_vantage - wanted, derived.unknown_by_code - wanted)


def _stricter(derived: ExpectedPorts, said: ExpectedPorts) -> ExpectedPorts:
    """Blocked before everything; open (it must answer) before allowed; a word outright before unknown."""
    opened = (said.open - derived.blocked) | derived.open
    allowed = (derived.allowed | (said.allowed & derived.unknown)) - opened
    rest = opened | allowed
    return ExpectedPorts(opened, allowed, derived.unknown_by_vantage - rest, derived.unknown_by_code - rest)


def _overrides(said: ExplicitExpectation, merged: dict[str, ExpectedPorts], answer: Answer) -> list[Override]:
    if answer is not Answer.ADMITTED:
        wanted = {p: said.open.get(p, NO_PORTS) | said.allowed.get(p, NO_PORTS) for p in PROTOCOLS}
        word = Expectation.BLOCKED if answer is Answer.BLOCKED else Expectation.UNKNOWN
        return [Override(p, ports, word, (_detail(said, ports, p, "for other sources only,"),)) for p, ports in wanted.items() if ports]
    found = []
    for word, sets in ((Expectation.OPEN, said.open), (Expectation.ALLOWED, said.allowed)):
        for protocol, ports in sets.items():
            held = ports & (merged[protocol].open if word is Expectation.OPEN else merged[protocol].allowed)
            if held:
                found.append(Override(protocol, held, word, (_detail(said, held, protocol, word.value),)))
    return found


def _disagreements(host: ExpectedHost, said: ExplicitExpectation, protocol: str, answer: Answer) -> list[str]:
    shown = str(host.address or host.name or host.owner)
    wanted = said.open.get(protocol, NO_PORTS) | said.allowed.get(protocol, NO_PORTS)
    derived = host.ports(protocol)
    notes = []
    if answer is Answer.ADMITTED and wanted & derived.blocked:
        ports = wanted & derived.blocked
        notes.append(
            f"{said.because.resource} says that {protocol}/{ports} of {shown} may answer, the code's filters block it: blocked wins"
        )
    if answer is Answer.BLOCKED and wanted & (derived.allowed | derived.open):
        ports = wanted & (derived.allowed | derived.open)
        notes.append(
            f"{said.because.resource} doesn't admit this vantage to {protocol}/{ports} of {shown}, the code's filters do: the stricter wins"
        )
    return notes
