"""The product's expected surface against what the kernel says: the only place here that calls the product.

`open` or `allowed` must be answered, `blocked` must not. `unknown` is right where the answer depends on what the vantage
doesn't say, and let pass only where aws-reachability.md says that it can't be told (`excuse`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from attrs import frozen

from iacdrift.providers.translate import translate
from iacdrift.sources.read import read_sources
from iacdrift.surface import expect as product
from iacdrift.surface.expected import Expectation, ExpectedHost, ExpectedSurface
from iacdrift.surface.vantage import Vantage
from tests.properties.truth.code import write_code
from tests.properties.truth.excuses import excuse
from tests.properties.truth.files import show_plan, show_state, tfstate, write
from tests.properties.truth.topology import Interface, Topology
from tests.properties.truth.truth import Answers, Outcome, Question, Standpoint
from tests.properties.truth.written_network import nat_address

SOURCES = ("tfstate", "show", "plan", "two_states", "plan_with_code")
"""`plan_with_code` has the `.tf` files beside it: no value can hide in a dynamic block there."""


@frozen
class Disagreement:
    """One port on which the product and the kernel differ, or a host that one of them doesn't know."""

    source: str
    vantage: str
    target: str
    protocol: str
    port: int
    kernel: str
    product: str
    question: Question | None = None

    def __str__(self) -> str:
        asked = f"{self.target} {self.protocol}/{self.port}"
        return f"{self.source}: from {self.vantage} to {asked}: the kernel says {self.kernel}, the product {self.product}"


@frozen
class Compared:
    """What one topology gave."""

    disagreements: tuple[Disagreement, ...]
    agreed: int
    excused: int


def sources(topology: Topology, folder: Path) -> tuple[dict[str, list[Path]], Mapping[str, str]]:
    """The topology's files by kind of source, and the address of each instance in them."""
    state, plan = write(topology, provable_from_state=True), write(topology, provable_from_state=False)
    main = [r for r in state.resources if r.stack == "main"]
    rules = [r for r in state.resources if r.stack == "rules"]
    written = {
        "terraform.tfstate": tfstate(state.resources),
        "state.json": show_state(state.resources),
        "plan.json": show_plan(plan.resources),
        "main.tfstate": tfstate(main),
        "rules.tfstate": tfstate(rules, "9d1f0a52-0f5e-4b7e-8a55-5f3c6a1b2c3d"),
    }
    for name, document in written.items():
        (folder / name).write_text(json.dumps(document), encoding="utf-8")
    write_code(written["plan.json"]["configuration"], folder / "code")
    two = ["main.tfstate", *(["rules.tfstate"] if rules else [])]
    kinds = {
        "tfstate": ["terraform.tfstate"],
        "show": ["state.json"],
        "plan": ["plan.json"],
        "two_states": two,
        "plan_with_code": ["plan.json"],
    }
    return {kind: [folder / name for name in names] for kind, names in kinds.items()}, state.addresses


def _vantages(topology: Topology, standpoint: Standpoint, addresses: Mapping[str, str]) -> Iterator[tuple[str, ...]]:
    """How a user names this place: by its addresses, and by the resource where it has one card."""
    yield standpoint.addresses or ("internet",)
    if standpoint.kind == "interface":
        for instance in topology.instances:
            if [card.key for card in instance.interfaces] == [standpoint.where]:
                yield (addresses[instance.key],)


def compare(topology: Topology, answers: Answers, folder: Path, kinds: Iterable[str] = SOURCES) -> Compared:
    """Every answer of the kernel against every source's expected surface."""
    files, addresses = sources(topology, folder)
    asked: dict[Standpoint, list[Question]] = {}
    for question in answers:
        asked.setdefault(question.standpoint, []).append(question)
    found: list[Disagreement] = []
    counts = [0, 0]
    for kind in kinds:
        network = translate(read_sources(files[kind], code=folder / "code" if kind == "plan_with_code" else None))
        for standpoint, questions in asked.items():
            for texts in _vantages(topology, standpoint, addresses):
                surface = product.expect(network, Vantage.parse(*texts))
                found += _strays(topology, kind, texts, surface)
                found += _differences(topology, kind, texts, surface, questions, answers, counts)
    return Compared(tuple(found), *counts)


def _strays(topology: Topology, kind: str, texts: tuple[str, ...], surface: ExpectedSurface) -> Iterator[Disagreement]:
    """Hosts at addresses that nothing in the topology has."""
    known = {a for i in topology.interfaces for a in (*i.private, *i.ipv6, *(p for _, p in i.public))}
    known |= {nat_address(n) for n in range(len(topology.vpcs))}
    for host in surface.hosts:
        if str(host.address) not in known:
            yield Disagreement(kind, " ".join(texts), str(host.address), "any", 0, "nothing there", f"a host of {host.owner}")


def _differences(
    topology: Topology,
    kind: str,
    texts: tuple[str, ...],
    surface: ExpectedSurface,
    questions: Iterable[Question],
    answers: Answers,
    counts: list[int],
) -> Iterator[Disagreement]:
    hosts = {str(host.address): host for host in surface.hosts}
    owners = {a: i for i in topology.interfaces for a in (*i.private, *i.ipv6, *(p for _, p in i.public))}
    for question in questions:
        kernel, host = answers[question], hosts.get(question.target)
        said = _said(host, question)
        if _fits(said, kernel) or (said is None and may_be_absent(topology, question, owners[question.target], kernel)):
            counts[0] += 1
        elif said is Expectation.UNKNOWN and excuse(topology, kind, question, owners[question.target]):
            counts[1] += 1
        else:
            words = said.value if said else "nothing of this host"
            yield Disagreement(kind, " ".join(texts), question.target, question.protocol, question.port, kernel.value, words, question)


def _said(host: ExpectedHost | None, question: Question) -> Expectation | None:
    return host.ports(question.protocol).of(question.port) if host else None


def _fits(said: Expectation | None, kernel: Outcome) -> bool:
    if said is Expectation.UNKNOWN:
        return kernel is Outcome.DEPENDS
    if said in (Expectation.OPEN, Expectation.ALLOWED):
        return kernel is Outcome.YES
    return said is Expectation.BLOCKED and kernel is Outcome.NO


def may_be_absent(topology: Topology, question: Question, target: Interface, kernel: Outcome) -> bool:
    """From outside every public address is in view; from inside the private ones of the own VPC, and of peers that answer."""
    if question.standpoint.kind in ("internet", "outside"):
        return False
    if question.target in {public for _, public in target.public}:
        return True
    here = _vpc_of(topology, question.standpoint)
    own = topology.vpc_of(target).key
    peered = any({here, own} == {p.requester, p.accepter} for p in topology.peerings)
    if here == own:
        return False
    return kernel is Outcome.NO or (":" in question.target and not peered)


def _vpc_of(topology: Topology, standpoint: Standpoint) -> str:
    cards = {i.key: topology.vpc_of(i).key for i in topology.interfaces}
    return cards[standpoint.where] if standpoint.kind == "interface" else topology.subnet(standpoint.where).vpc


def describe(found: Iterable[Disagreement], most: int = 12) -> str:
    """The first few in words."""
    kept = list(found)
    lines = [str(one) for one in kept[:most]]
    return "\n".join([*lines, *([f"and {len(kept) - most} more"] if len(kept) > most else [])])
