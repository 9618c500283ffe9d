"""`aws_vpc_security_group_ingress_rule` and its egress twin: one rule, one peer, a resource."""

import pytest

from iacdrift.model.filters import GroupPeer, ListPeer, UnknownPeer
from iacdrift.model.ports import ALL_PORTS, PortSet
from iacdrift.providers.parts import GroupRuleDoubt
from iacdrift.sources.resource import Action, Sensitive
from tests.providers.resources import LATER, code, nets, network, part, parts, plan, ref, state

HTTPS = {"security_group_id": "sg-1", "ip_protocol": "tcp", "from_port": 443, "to_port": 443}
KIND = "aws_vpc_security_group_ingress_rule.https"


def rule(**attributes):
    return part(state(KIND, id="sgr-1", **{**HTTPS, **attributes}))


def test_an_ipv4_range():
    assert rule(cidr_ipv4="203.0.113.0/24").rule.peers == nets("203.0.113.0/24")


def test_an_ipv6_range():
    assert rule(cidr_ipv6="::/0").rule.peers == nets("::/0")


def test_a_prefix_list():
    assert rule(prefix_list_id="pl-1").rule.peers == (ListPeer("pl-1"),)


def test_a_referenced_group():
    assert rule(referenced_security_group_id="sg-2").rule.peers == (GroupPeer("sg-2"),)


def test_a_referenced_group_of_another_account_by_its_account_prefixed_id():
    assert rule(referenced_security_group_id="123456789012/sg-2").rule.peers == (GroupPeer("sg-2"),)


def test_the_type_tells_the_direction():
    assert rule(cidr_ipv4="10.0.0.0/8").direction == "ingress"
    assert part(state("aws_vpc_security_group_egress_rule.out", id="sgr-2", **HTTPS)).direction == "egress"


def test_protocol_minus_one_without_ports_is_everything():
    found = rule(ip_protocol="-1", from_port=None, to_port=None, cidr_ipv4="10.0.0.0/8").rule
    assert (found.tcp, found.udp) == (ALL_PORTS, ALL_PORTS)


def test_rules_come_from_what_is_declared_not_from_what_a_refresh_recorded():
    found = part(code(KIND, {**HTTPS, "cidr_ipv4": "203.0.113.0/24"}, {**HTTPS, "from_port": 0, "cidr_ipv4": "0.0.0.0/0"})).rule
    assert (found.tcp, found.peers) == (PortSet.single(443), nets("203.0.113.0/24"))


@pytest.mark.parametrize("name", ["cidr_ipv4", "cidr_ipv6", "prefix_list_id"])
def test_what_is_not_known_may_be_anybody(name):
    (peer,) = rule(**{name: LATER}).rule.peers
    assert isinstance(peer, UnknownPeer)
    assert not peer.is_group


def test_a_group_that_is_not_known_is_never_the_internet():
    (peer,) = rule(referenced_security_group_id=LATER).rule.peers
    assert peer.is_group


def test_a_reference_to_a_group_without_an_id_yet():
    edge = plan("aws_security_group.edge", {"name": "edge"})
    found = part(plan(KIND, {**HTTPS, "referenced_security_group_id": ref("aws_security_group.edge.id")}), edge)
    assert found.rule.peers == (GroupPeer("aws_security_group.edge@code"),)


def test_a_rule_that_the_plan_deletes_is_gone():
    assert parts(plan(KIND, HTTPS, action=Action.DELETE)) == []


def test_without_a_group_it_puts_every_group_in_doubt():
    assert isinstance(part(code(KIND, {**HTTPS, "security_group_id": LATER})), GroupRuleDoubt)


def test_it_joins_its_group():
    group = state("aws_security_group.web", id="sg-1")
    found = network(group, state(KIND, id="sgr-1", cidr_ipv4="0.0.0.0/0", **HTTPS)).groups["sg-1"]
    assert [one.tcp for one in found.ingress.rules] == [PortSet.single(443)]


@pytest.mark.parametrize("name", ["cidr_ipv4", "prefix_list_id", "referenced_security_group_id"])
def test_a_sensitive_peer_is_never_printed(name):
    assert rule(**{name: Sensitive("203.0.113.66/32")}).rule.because.detail == "tcp/443 from (sensitive)"
