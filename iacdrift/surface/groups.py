"""Security groups: an interface admits a packet when any rule of any of its groups does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from iacdrift.model.addresses import AnyNetwork
from iacdrift.model.admission import Admission, Answer
from iacdrift.model.because import Assumption, Because
from iacdrift.model.filters import GroupPeer, ListPeer, Rule, Rules, SecurityGroup, UnknownPeer
from iacdrift.model.network import Network
from iacdrift.model.ports import ALL_PORTS, PortSet
from iacdrift.surface.ruling import Clause, Ruling
from iacdrift.surface.seen import Seen, peer_answer

STAGE = "security groups"
EGRESS_STAGE = "the vantage's own security groups"


def ingress_ruling(keys: Iterable[str], seen: Seen, network: Network) -> Ruling:
    """What these groups together let in from this source."""
    found = [(key, network.groups.get(key)) for key in sorted(keys)]
    parts = [(group.ingress, group.because) if group else _foreign(key) for key, group in found]
    return _ruling(STAGE, parts, seen, network)


def egress_ruling(keys: Iterable[str], seen: Seen, network: Network) -> Ruling:
    """What these groups of the sender let out to a target; `seen` describes the target as their rules see it."""
    found = [(key, network.groups.get(key)) for key in sorted(keys)]
    parts = [(group.egress, group.because) if group else _foreign(key) for key, group in found]
    return _ruling(EGRESS_STAGE, parts, seen, network)


def rules_ruling(stage: str, rules: Rules, because: Because, seen: Seen, network: Network) -> Ruling:
    """What an allow-list that is no group admits (a managed endpoint's)."""
    return _ruling(stage, [(rules, because)], seen, network)


def _foreign(key: str) -> tuple[Rules, Because]:
    return Rules(doubt=f"{key} is in no source, so its rules aren't known"), Because(key, "a security group that is in no source")


def _ruling(stage: str, parts: Sequence[tuple[Rules, Because]], seen: Seen, network: Network) -> Ruling:
    clauses = [_clause(rule, seen, network) for rules, _ in parts for rule in rules.rules]
    for rules, because in parts:
        if rules.doubt:
            clauses.append(Clause(ALL_PORTS, ALL_PORTS, Answer.UNKNOWN_BY_CODE, Because(because.resource, rules.doubt, because.at)))
    all_rules = [rule for rules, _ in parts for rule in rules.rules]
    return Ruling(
        stage,
        _admission("tcp", clauses, all_rules, seen, network),
        _admission("udp", clauses, all_rules, seen, network),
        tuple(clauses),
        _nobody_admits(parts),
        tuple(Assumption(because.resource, rules.assumed) for rules, because in parts if rules.assumed),
    )


def _nobody_admits(parts: Sequence[tuple[Rules, Because]]) -> Because:
    if not parts:
        return Because("", "no security group is known, and none admits it")
    names = ", ".join(because.resource for _, because in parts)
    return Because(names, "no rule admits it from here", parts[0][1].at)


def _clause(rule: Rule, seen: Seen, network: Network) -> Clause:
    answer = _any(peer_answer(peer, seen, network) for peer in rule.peers)
    if answer is Answer.UNKNOWN_BY_VANTAGE and _cover(_networks((rule,), network), seen):
        answer = Answer.ADMITTED
    if rule.doubt and answer is not Answer.BLOCKED:
        answer = Answer.UNKNOWN_BY_CODE
    return Clause(rule.tcp, rule.udp, answer, rule.because)


def _any(answers: Iterable[Answer]) -> Answer:
    found = set(answers)
    for answer in (Answer.ADMITTED, Answer.UNKNOWN_BY_CODE, Answer.UNKNOWN_BY_VANTAGE):
        if answer in found:
            return answer
    return Answer.BLOCKED


def _admission(protocol: str, clauses: Sequence[Clause], rules: Sequence[Rule], seen: Seen, network: Network) -> Admission:
    bits = dict.fromkeys(Answer, 0)
    for clause in clauses:
        bits[clause.answer] |= clause.ports(protocol).bits
    admitted = PortSet(bits[Answer.ADMITTED])
    partly = PortSet(bits[Answer.UNKNOWN_BY_VANTAGE]) - admitted
    admitted |= _covered_together(protocol, partly, rules, seen, network)
    by_code = PortSet(bits[Answer.UNKNOWN_BY_CODE]) - admitted
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
    return not seen.space.without_all(networks)


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
