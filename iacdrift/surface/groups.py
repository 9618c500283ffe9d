"""Security groups: an interface admits a packet when any rule of any of its groups does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from attrs import field, frozen

from iacdrift.model.addresses import AnyNetwork
from iacdrift.model.admission import Admission, Answer
from iacdrift.model.because import Assumption, Because
from iacdrift.model.filters import GroupPeer, ListPeer, Peer, Rule, Rules, SecurityGroup, UnknownPeer
from iacdrift.model.network import Network
from iacdrift.model.ports import ALL_PORTS, NO_PORTS, PortSet
from iacdrift.surface.ruling import Clause, Ruling
from iacdrift.surface.seen import Seen, peer_answer

STAGE = "security groups"
EGRESS_STAGE = "the vantage's own security groups"
Asked = dict[object, Answer]
"""What peers answered to one source: lists by their key, others by identity."""


@frozen(slots=True, eq=False)
class Part:
    """What one group (or allow-list) says of one source: its clauses, and the ports by answer."""

    rules: Rules
    because: Because
    clauses: tuple[Clause, ...]
    doubt: Clause | None
    tcp: Admission
    udp: Admission

    @classmethod
    def of(cls, rules: Rules, because: Because, seen: Seen, network: Network) -> Part:
        """Ask every rule."""
        return cls.made(rules, because, tuple(_clause(rule, _rule_answer(rule, seen, network, {})) for rule in rules.rules))

    @classmethod
    def made(cls, rules: Rules, because: Because, clauses: tuple[Clause, ...]) -> Part:
        """Of what each rule said, in their order."""
        unsure = Because(because.resource, rules.doubt, because.at) if rules.doubt else None
        doubt = Clause(ALL_PORTS, ALL_PORTS, Answer.UNKNOWN_BY_CODE, unsure) if unsure else None
        everything = [clause for clause in (*clauses, doubt) if clause is not None and clause.answer is not Answer.BLOCKED]
        return cls(rules, because, clauses, doubt, _union("tcp", everything), _union("udp", everything))

    def admission(self, protocol: str) -> Admission:
        """The ports by answer; where rules differ on a port, the answer that lets more through."""
        return self.tcp if protocol == "tcp" else self.udp


@frozen(slots=True, eq=False)
class Parts:
    """What was asked before: many interfaces share a group, though few share all of theirs, and many rules name the same peer."""

    parts: dict[tuple[str, str, Seen], Part] = field(factory=dict)
    peers: dict[Seen, Asked] = field(factory=dict)


def ingress_ruling(keys: Iterable[str], seen: Seen, network: Network, kept: Parts | None = None) -> Ruling:
    """What these groups together let in from this source."""
    return _ruling(STAGE, [_part(key, "ingress", seen, network, kept) for key in sorted(keys)], seen, network)


def egress_ruling(keys: Iterable[str], seen: Seen, network: Network, kept: Parts | None = None) -> Ruling:
    """What these groups of the sender let out to a target; `seen` describes the target as their rules see it."""
    return _ruling(EGRESS_STAGE, [_part(key, "egress", seen, network, kept) for key in sorted(keys)], seen, network)


def port_answer(keys: Iterable[str], asked: tuple[str, int], seen: Seen, network: Network, kept: Parts) -> Answer | None:
    """What `ingress_ruling` says of one (protocol, port); None where only all its rules together could tell."""
    known = kept.peers.setdefault(seen, {})
    found = {answer for key in keys for answer in _port_answers(key, asked, seen, network, known)}
    if Answer.ADMITTED in found:
        return Answer.ADMITTED
    if Answer.UNKNOWN_BY_VANTAGE in found:
        return None
    return Answer.UNKNOWN_BY_CODE if Answer.UNKNOWN_BY_CODE in found else Answer.BLOCKED


def _port_answers(key: str, asked: tuple[str, int], seen: Seen, network: Network, known: Asked) -> Iterator[Answer]:
    """The answer of each rule of a group that speaks of the port; which these are, no vantage changes."""
    group = network.groups.get(key)
    if group is None:
        yield Answer.UNKNOWN_BY_CODE
        return
    if group.ingress.doubt:
        yield Answer.UNKNOWN_BY_CODE
    at, (protocol, port) = network.kept["rules at"], asked
    if (key, asked) not in at:
        at[key, asked] = tuple(rule for rule in group.ingress.rules if port in rule.ports(protocol))
    yield from (_rule_answer(rule, seen, network, known) for rule in at[key, asked])


def rules_ruling(stage: str, rules: Rules, because: Because, seen: Seen, network: Network) -> Ruling:
    """What an allow-list that is no group admits (a managed endpoint's)."""
    return _ruling(stage, [Part.of(rules, because, seen, network)], seen, network)


def _part(key: str, direction: str, seen: Seen, network: Network, kept: Parts | None) -> Part:
    kept = kept or Parts()
    found = kept.parts.get((key, direction, seen))
    if found is None:
        group = network.groups.get(key)
        rules, because = (group.ingress if direction == "ingress" else group.egress, group.because) if group else _foreign(key)
        clauses = _clauses((key, direction), rules, seen, network, kept.peers.setdefault(seen, {}))
        found = kept.parts[key, direction, seen] = Part.made(rules, because, clauses)
    return found


_Row = tuple[Rule, Peer | None, Clause]
"""A rule, the one peer that alone decides what it says (None where more counts), and its clause where it doesn't admit."""


def _clauses(group: tuple[str, str], rules: Rules, seen: Seen, network: Network, asked: Asked) -> tuple[Clause, ...]:
    """What each rule of a group says. Most of them say no to any source, in a clause that all sources share."""
    rows = network.kept["rules of"]
    if group not in rows:
        rows[group] = tuple(_row(rule) for rule in rules.rules)
    found: list[Clause] = []
    for rule, peer, blocked in rows[group]:
        if peer is None:
            answer = _rule_answer(rule, seen, network, asked)
        else:
            answer = asked.get(peer.list if isinstance(peer, ListPeer) else id(peer)) or _once(peer, seen, network, asked)
        found.append(blocked if answer is Answer.BLOCKED else _clause(rule, answer))
    return tuple(found)


def _row(rule: Rule) -> _Row:
    return rule, rule.peers[0] if len(rule.peers) == 1 and not rule.doubt else None, _clause(rule, Answer.BLOCKED)


def _foreign(key: str) -> tuple[Rules, Because]:
    return Rules(doubt=f"{key} is in no source, so its rules aren't known"), Because(key, "a security group that is in no source")


def _ruling(stage: str, parts: Sequence[Part], seen: Seen, network: Network) -> Ruling:
    return Ruling(
        stage,
        _admission("tcp", parts, seen, network),
        _admission("udp", parts, seen, network),
        (*(clause for part in parts for clause in part.clauses), *(part.doubt for part in parts if part.doubt)),
        _nobody_admits(parts),
        tuple(Assumption(part.because.resource, part.rules.assumed) for part in parts if part.rules.assumed),
    )


def _nobody_admits(parts: Sequence[Part]) -> Because:
    if not parts:
        return Because("", "no security group is known, and none admits it")
    names = ", ".join(part.because.resource for part in parts)
    return Because(names, "no rule admits it from here", parts[0].because.at)


def _clause(rule: Rule, answer: Answer) -> Clause:
    return Clause(rule.tcp, rule.udp, answer, rule.because)


def _rule_answer(rule: Rule, seen: Seen, network: Network, asked: Asked) -> Answer:
    answer = _any(_once(peer, seen, network, asked) for peer in rule.peers)
    # a lone network or list that covered the whole source would have admitted it by itself
    if answer is Answer.UNKNOWN_BY_VANTAGE and len(rule.peers) > 1 and _cover(_networks((rule,), network), seen):
        answer = Answer.ADMITTED
    return Answer.UNKNOWN_BY_CODE if rule.doubt and answer is not Answer.BLOCKED else answer


def _once(peer: Peer, seen: Seen, network: Network, asked: Asked) -> Answer:
    # by identity: the network holds its peers for as long as it is asked, and hashing an address costs more than asking it
    key: object = peer.list if isinstance(peer, ListPeer) else id(peer)
    answer = asked.get(key)
    if answer is None:
        answer = asked[key] = peer_answer(peer, seen, network)
    return answer


def _any(answers: Iterable[Answer]) -> Answer:
    """The answer that lets most through: rules and peers only ever add."""
    best = Answer.BLOCKED
    for answer in answers:
        if answer is Answer.ADMITTED:
            return answer
        if answer is Answer.UNKNOWN_BY_CODE or best is Answer.BLOCKED:
            best = answer
    return best


def _union(protocol: str, clauses: Iterable[Clause]) -> Admission:
    admitted = by_vantage = by_code = NO_PORTS
    for clause in clauses:
        if clause.answer is Answer.ADMITTED:
            admitted |= clause.ports(protocol)
        elif clause.answer is Answer.UNKNOWN_BY_VANTAGE:
            by_vantage |= clause.ports(protocol)
        elif clause.answer is Answer.UNKNOWN_BY_CODE:
            by_code |= clause.ports(protocol)
    by_code -= admitted
    # what rules together cover is looked for among all ports on which none alone decides, so these stay in both sets
    return Admission(admitted, by_vantage - admitted, by_code)


def _admission(protocol: str, parts: Sequence[Part], seen: Seen, network: Network) -> Admission:
    admitted = by_vantage = by_code = NO_PORTS
    for part in parts:
        said = part.admission(protocol)
        admitted, by_vantage, by_code = admitted | said.admitted, by_vantage | said.by_vantage, by_code | said.by_code
    partly = by_vantage - admitted
    if partly:
        rules = [rule for part in parts for rule in part.rules.rules]
        admitted |= _covered_together(protocol, partly, rules, seen, network)
    by_code -= admitted
    return Admission(admitted, partly - admitted - by_code, by_code)


def _covered_together(protocol: str, partly: PortSet, rules: Sequence[Rule], seen: Seen, network: Network) -> PortSet:
    """The ports on which several rules, none of which admits the whole source, do so together (0.0.0.0/1 and 128.0.0.0/1)."""
    found = PortSet()
    usable = [rule for rule in rules if not rule.doubt and rule.ports(protocol) & partly]
    if len(usable) < 2 or not _cover(_networks(usable, network), seen):
        return found
    for atom in atoms(partly, [rule.ports(protocol) for rule in usable]):
        port = next(iter(atom))
        if _cover(_networks([rule for rule in usable if port in rule.ports(protocol)], network), seen):
            found |= atom
    return found


def _networks(rules: Iterable[Rule], network: Network) -> list[AnyNetwork]:
    found: list[AnyNetwork] = []
    for rule in rules:
        for peer in rule.peers:
            if isinstance(peer, ListPeer):
                found.extend(network.lists[peer.list].networks if peer.list in network.lists else ())
            elif not isinstance(peer, (GroupPeer, UnknownPeer)):
                found.append(peer)
    return found


def _cover(networks: Sequence[AnyNetwork], seen: Seen) -> bool:
    return not seen.space.larger_than(networks) and not seen.space.without_all(networks)


def atoms(ports: PortSet, sets: Iterable[PortSet]) -> list[PortSet]:
    """`ports` cut at every edge of the sets: within one piece no set distinguishes two ports."""
    cuts = sorted({edge for one in sets for first, last in one.ranges() for edge in (first, last + 1)})
    pieces: list[PortSet] = []
    for first, last in ports.ranges():
        start = first
        for cut in cuts:
            if first < cut <= last:
                pieces.append(PortSet.span(start, cut - 1))
                start = cut
        pieces.append(PortSet.span(start, last))
    return pieces


def group_names(keys: Iterable[str], network: Network) -> list[str]:
    """The groups' resource addresses, for texts."""
    groups: list[SecurityGroup | None] = [network.groups.get(key) for key in sorted(keys)]
    return [group.because.resource for group in groups if group]
