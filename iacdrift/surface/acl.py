"""Network ACLs: ordered by number, first match, stateless, both ways (AWS VPC user guide, network ACLs)."""

from __future__ import annotations

from collections.abc import Sequence

from iacdrift.model.addresses import Space
from iacdrift.model.admission import Admission, Answer
from iacdrift.model.because import Because
from iacdrift.model.filters import AclEntry, NetworkAcl, UnknownPeer
from iacdrift.model.ports import ALL_PORTS, NO_PORTS, PortSet
from iacdrift.surface.groups import atoms
from iacdrift.surface.ruling import Clause, Ruling

EPHEMERAL = PortSet.span(1024, 65535)
"""The client's ports, to which answers go."""


def inbound_ruling(acl: NetworkAcl, space: Space, stage: str = "network ACL, inbound") -> Ruling:
    """What the ACL lets in from these addresses."""
    return _ruling(stage, acl, acl.ingress, acl.doubt_ingress, space)


def outbound_ruling(acl: NetworkAcl, space: Space, stage: str = "network ACL, outbound") -> Ruling:
    """What the ACL lets out to these addresses."""
    return _ruling(stage, acl, acl.egress, acl.doubt_egress, space)


def answers_ruling(ruling: Ruling) -> Ruling:
    """Whether answers pass: they go to the client's ephemeral ports, so all target ports share one answer a protocol.

    All of 1024-65535 admitted: yes; none: blocked; a part: unknown, because the client's port isn't known.
    """
    tcp, udp = (_answers(ruling.admission(protocol)) for protocol in ("tcp", "udp"))
    clauses = tuple(
        Clause(
            ALL_PORTS if clause.tcp & EPHEMERAL else NO_PORTS,
            ALL_PORTS if clause.udp & EPHEMERAL else NO_PORTS,
            clause.answer,
            Because(
                clause.because.resource, f"for the answer to the client's ports 1024-65535: {clause.because.detail}", clause.because.at
            ),
        )
        for clause in ruling.clauses
    )
    extra = tuple(
        Clause(ALL_PORTS if protocol == "tcp" else NO_PORTS, ALL_PORTS if protocol == "udp" else NO_PORTS, answer, _partly(ruling))
        for protocol, answer in (("tcp", tcp), ("udp", udp))
        if answer is Answer.UNKNOWN_BY_CODE
    )
    otherwise = Because(ruling.otherwise.resource, f"the answer doesn't pass: {ruling.otherwise.detail}", ruling.otherwise.at)
    return Ruling(f"{ruling.stage} (answers)", Admission.all(tcp), Admission.all(udp), clauses + extra, otherwise, ruling.assumptions)


def _partly(ruling: Ruling) -> Because:
    text = "answers pass to a part of the client's ports 1024-65535 only, and which one it uses isn't known"
    return Because(ruling.otherwise.resource, text, ruling.otherwise.at)


def _answers(admission: Admission) -> Answer:
    if not EPHEMERAL - admission.admitted:
        return Answer.ADMITTED
    if not EPHEMERAL & admission.possible:
        return Answer.BLOCKED
    if not EPHEMERAL - admission.admitted - admission.by_vantage:
        return Answer.UNKNOWN_BY_VANTAGE
    return Answer.UNKNOWN_BY_CODE


def _ruling(stage: str, acl: NetworkAcl, entries: Sequence[AclEntry], doubt: str | None, space: Space) -> Ruling:
    if doubt:
        return Ruling.everywhere(stage, Answer.UNKNOWN_BY_CODE, Because(acl.because.resource, doubt, acl.because.at))
    covered = [(entry, how) for entry in entries if (how := _coverage(entry, space)) != "none"]
    clauses = tuple(Clause(entry.tcp, entry.udp, Answer.ADMITTED if entry.allow else Answer.BLOCKED, entry.because) for entry, _ in covered)
    tcp, udp = (_admission(protocol, covered, space) for protocol in ("tcp", "udp"))
    return Ruling(stage, tcp, udp, clauses, Because(acl.because.resource, "no entry matches, so the last one denies", acl.because.at))


def _coverage(entry: AclEntry, space: Space) -> str:
    if isinstance(entry.network, UnknownPeer):
        return "unknown"
    if not space.meets(entry.network):
        return "none"
    if entry.doubt:
        return "unknown"
    return "all" if space.within(entry.network) else "part"


def _admission(protocol: str, covered: Sequence[tuple[AclEntry, str]], space: Space) -> Admission:
    relevant = [entry for entry, _ in covered if entry.ports(protocol)]
    if all(how == "all" for entry, how in covered if entry.ports(protocol)):
        return _first_match(protocol, relevant)
    total = Admission()
    for atom in atoms(ALL_PORTS, [entry.ports(protocol) for entry in relevant]):
        port = next(iter(atom))
        total = total.or_(Admission.where(atom, _split([e for e in relevant if port in e.ports(protocol)], space)))
    return total


def _first_match(protocol: str, entries: Sequence[AclEntry]) -> Admission:
    admitted, undecided = NO_PORTS, ALL_PORTS
    for entry in entries:
        hit = entry.ports(protocol) & undecided
        if entry.allow:
            admitted |= hit
        undecided -= hit
    return Admission(admitted)


def _split(entries: Sequence[AclEntry], space: Space) -> Answer:
    """The answer for one port where entries match a part of the addresses only, or may match."""
    rest, certain, possible = space, set[bool](), set[bool]()
    for entry in entries:
        if _coverage(entry, rest) == "unknown" or isinstance(entry.network, UnknownPeer):
            possible.add(entry.allow)
        elif rest.meets(entry.network):
            certain.add(entry.allow)
            rest = rest.without(entry.network)
        if not rest:
            break
    if rest:
        certain.add(False)
    if possible - certain or (possible and len(certain) > 1):
        return Answer.UNKNOWN_BY_CODE
    if len(certain) > 1:
        return Answer.UNKNOWN_BY_VANTAGE
    return Answer.ADMITTED if certain == {True} else Answer.BLOCKED
