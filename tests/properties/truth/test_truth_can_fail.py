"""The proof can fail: the product broken in plausible ways, one at a time, and whether the comparison finds it.

Each defect is a patch of one place in the product; what isn't there any more fails loudly. A defect counts as found when
a topology that agrees with the sound product disagrees with the broken one.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from iacdrift.model.addresses import Space
from iacdrift.model.admission import Answer
from iacdrift.model.because import Because
from iacdrift.model.network import TargetKind
from iacdrift.model.ports import ALL_PORTS, NO_PORTS, PortSet
from iacdrift.providers import assemble
from iacdrift.providers.aws import group_rules, network_acl, network_acl_rules, peers, ports, prefix_list, route, route_table, routes
from iacdrift.surface import groups, inside, seen, ways
from iacdrift.surface import routes as lookup
from iacdrift.surface.expected import Expectation, ExpectedPorts
from iacdrift.surface.ruling import Ruling
from tests.needs import needs
from tests.properties.truth.compare import compare
from tests.properties.truth.conftest import Corpus

pytestmark = [pytest.mark.live, needs("namespaces"), needs("nft")]

KINDS = ("tfstate", "plan")
Patch = pytest.MonkeyPatch
DEFECTS: dict[str, Callable[[Patch], None]] = {}


def defect(patch: Callable[[Patch], None]) -> Callable[[Patch], None]:
    """Register one way to be wrong, by its name."""
    DEFECTS[patch.__name__.replace("_", " ")] = patch
    return patch


def _passes(stage: str) -> Ruling:
    return Ruling.everywhere(stage, Answer.ADMITTED, Because("", "broken on purpose"))


def _ports(patch: Patch, change: Callable[[ports.Ports], ports.Ports]) -> None:
    sound = ports.rule_ports
    for module in (group_rules, network_acl_rules):
        patch.setattr(module, "rule_ports", lambda *args: change(sound(*args)))


@defect
def first_match_reversed(patch: Patch) -> None:
    sound = assemble._ordered

    def backwards(*args: Any) -> Any:
        acl = sound(*args)
        return evolve(acl, ingress=acl.ingress[::-1], egress=acl.egress[::-1])

    patch.setattr(assemble, "_ordered", backwards)


@defect
def everybody_of_the_other_family_is_meant_too(patch: Patch) -> None:
    sound_within, sound_meets = Space.within, Space.meets
    patch.setattr(Space, "within", lambda self, network: network.prefixlen == 0 or sound_within(self, network))
    patch.setattr(Space, "meets", lambda self, network: network.prefixlen == 0 or sound_meets(self, network))


@defect
def ipv6_cidrs_ignored(patch: Patch) -> None:
    patch.setattr(peers, "CIDRS", tuple(name for name in peers.CIDRS if "6" not in name))


@defect
def self_ignored(patch: Patch) -> None:
    patch.setattr(peers, "_itself", lambda *_: [])


@defect
def the_last_port_of_a_range_left_out(patch: Patch) -> None:
    patch.setattr(ports, "_span", lambda first, last: PortSet.span(first, max(first, last - 1)))


@defect
def all_protocols_taken_for_tcp(patch: Patch) -> None:
    _ports(patch, lambda found: evolve(found, udp=NO_PORTS) if found.tcp == found.udp == ALL_PORTS else found)


@defect
def port_zero_taken_for_every_port(patch: Patch) -> None:
    def wider(found: ports.Ports) -> ports.Ports:
        zero = PortSet.single(0)
        return evolve(found, tcp=ALL_PORTS if found.tcp == zero else found.tcp, udp=ALL_PORTS if found.udp == zero else found.udp)

    _ports(patch, wider)


@defect
def numbers_of_protocols_not_understood(patch: Patch) -> None:
    patch.setattr(ports, "_NAMES", {name: meaning for name, meaning in ports._NAMES.items() if name not in ("6", "17")})


@defect
def inline_rules_believed_beside_rule_resources(patch: Patch) -> None:
    patch.setattr(group_rules, "managed_elsewhere", lambda *_: False)


@defect
def a_lone_egress_rule_taken_for_the_end_of_inline_ingress(patch: Patch) -> None:
    sound = group_rules.managed_elsewhere
    patch.setattr(group_rules, "managed_elsewhere", lambda key, _, links: any(sound(key, way, links) for way in ("ingress", "egress")))


@defect
def mirrored_routes_believed(patch: Patch) -> None:
    sound = route_table._inline
    patch.setattr(route_table, "_inline", lambda resource, _, links: sound(resource, "nobody's key", links))


@defect
def mirrored_acl_entries_believed(patch: Patch) -> None:
    patch.setattr(network_acl, "_managed", lambda *_: False)


@defect
def mirrored_list_entries_believed(patch: Patch) -> None:
    sound = prefix_list._entries
    patch.setattr(prefix_list, "_entries", lambda resource, _, links: sound(resource, "nobody's key", links))


@defect
def answers_not_asked_of_the_acl(patch: Patch) -> None:
    for module in (ways, inside):
        patch.setattr(module, "answers_out", lambda *_: _passes("answers"))


@defect
def answers_not_asked_of_the_vantages_acl(patch: Patch) -> None:
    patch.setattr(inside, "answers_in", lambda *_: _passes("answers"))


@defect
def acls_not_asked_at_all(patch: Patch) -> None:
    for module in (ways, inside):
        patch.setattr(module, "acl_in", lambda *_: _passes("ACL"))


@defect
def the_shortest_prefix_wins(patch: Patch) -> None:
    def upside_down(found: Iterable[Any], *, key: Callable[[Any], int]) -> list[Any]:
        return builtins.sorted(found, key=key)[::-1]

    patch.setattr(lookup, "sorted", upside_down, raising=False)


@defect
def nat_taken_for_an_internet_gateway(patch: Patch) -> None:
    patch.setitem(routes._TYPES, "aws_nat_gateway", TargetKind.INTERNET)


@defect
def egress_only_taken_for_an_internet_gateway(patch: Patch) -> None:
    patch.setitem(routes._TYPES, "aws_egress_only_internet_gateway", TargetKind.INTERNET)


@defect
def routes_to_gateways_that_are_gone_believed(patch: Patch) -> None:
    sound = route.routes
    patch.setattr(route, "routes", lambda values, *rest: sound({**values, "state": "active"}, *rest))


@defect
def a_public_address_is_enough(patch: Patch) -> None:
    patch.setattr(ways, "internet_route", lambda *_: _passes("route"))


@defect
def the_way_back_over_a_peering_not_asked(patch: Patch) -> None:
    sound = inside._one_way
    patch.setattr(inside, "_one_way", lambda stage, *rest: _passes(stage) if stage == inside.RETURN_ROUTE else sound(stage, *rest))


@defect
def a_group_as_source_admits_everyone(patch: Patch) -> None:
    patch.setattr(seen, "_group_answer", lambda *_: Answer.ADMITTED)


@defect
def a_group_as_source_admits_nobody(patch: Patch) -> None:
    patch.setattr(seen, "_group_answer", lambda *_: Answer.BLOCKED)


@defect
def prefix_lists_ignored(patch: Patch) -> None:
    patch.setattr(seen, "_list_answer", lambda *_: Answer.BLOCKED)


@defect
def a_narrower_source_taken_for_the_internet(patch: Patch) -> None:
    sound = seen.peer_answer

    def wider(*args: Any) -> Answer:
        found = sound(*args)
        return Answer.ADMITTED if found is Answer.UNKNOWN_BY_VANTAGE else found

    patch.setattr(groups, "peer_answer", wider)


@defect
def sources_that_only_together_cover_the_internet_not_added_up(patch: Patch) -> None:
    patch.setattr(groups, "_cover", lambda *_: False)


@defect
def only_one_group_of_an_interface_asked(patch: Patch) -> None:
    sound = groups.ingress_ruling
    patch.setattr(ways, "ingress_ruling", lambda keys, *rest: sound(sorted(keys)[:1], *rest))


@defect
def the_vantages_own_egress_not_asked(patch: Patch) -> None:
    patch.setattr(ways.Ways, "_egress", lambda *_: ())


@defect
def unknown_is_said_to_everything(patch: Patch) -> None:
    patch.setattr(ExpectedPorts, "of", lambda *_: Expectation.UNKNOWN)


def finds(corpus: Corpus, agreeing: Iterable[int], folder: Path) -> int | None:
    """The first topology that tells the broken product from the sound one."""
    for number in agreeing:
        topology, said = corpus[number]
        if compare(topology, said, folder, KINDS).disagreements:
            return number
    return None


@pytest.fixture(scope="module")
def agreeing(corpus: Corpus, tmp_path_factory: pytest.TempPathFactory) -> list[int]:
    """The topologies on which the sound product agrees with the kernel."""
    folder = tmp_path_factory.mktemp("sound")
    return [number for number in range(min(corpus.size, 60)) if not compare(*corpus[number], folder, KINDS).disagreements]


def test_the_sound_product_agrees_on_most(agreeing: list[int], corpus: Corpus) -> None:
    assert len(agreeing) >= 0.9 * min(corpus.size, 60)


@pytest.mark.parametrize("name", DEFECTS)
def test_a_defect_is_found(name: str, corpus: Corpus, agreeing: list[int], tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        DEFECTS[name](patch)
        number = finds(corpus, agreeing, tmp_path)
    assert number is not None, f"{name}: not one of {len(agreeing)} topologies tells"
