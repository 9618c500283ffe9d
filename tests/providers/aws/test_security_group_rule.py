"""`aws_security_group_rule`: one rule of a group, in either direction."""

import pytest

from iacdrift.model.filters import GroupPeer, ListPeer, UnknownPeer
from iacdrift.model.ports import PortSet
from iacdrift.providers.parts import GroupRule, GroupRuleDoubt
from iacdrift.sources.resource import Action, Sensitive
from tests.providers.resources import LATER, code, nets, network, part, parts, plan, ref, state

SSH = {"type": "ingress", "security_group_id": "sg-1", "protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": ["203.0.113.0/24"]}


def rule(**attributes):
    return state("aws_security_group_rule.ssh", id="sgrule-1", **{**SSH, **attributes})


def test_an_ingress_rule():
    found = part(rule())
    assert (found.group, found.direction) == ("sg-1", "ingress")
    assert (found.rule.tcp, found.rule.peers) == (PortSet.single(22), nets("203.0.113.0/24"))


def test_an_egress_rule():
    assert part(rule(type="egress")).direction == "egress"


def test_a_source_group():
    assert part(rule(cidr_blocks=None, source_security_group_id="sg-2")).rule.peers == (GroupPeer("sg-2"),)


def test_a_source_group_of_another_account():
    assert part(rule(cidr_blocks=None, source_security_group_id="123456789012/sg-2")).rule.peers == (GroupPeer("sg-2"),)


def test_self_is_the_group_that_it_belongs_to():
    assert part(rule(cidr_blocks=None, self=True)).rule.peers == (GroupPeer("sg-1"),)


def test_self_false_names_nobody():
    assert part(rule(cidr_blocks=None, self=False)).rule.peers == ()


def test_prefix_lists():
    assert part(rule(cidr_blocks=[], prefix_list_ids=["pl-1"])).rule.peers == (ListPeer("pl-1"),)


def test_ports_come_from_what_is_declared_not_from_what_a_refresh_recorded():
    found = part(code("aws_security_group_rule.ssh", SSH, {**SSH, "from_port": 0, "to_port": 65535, "cidr_blocks": ["0.0.0.0/0"]}))
    assert (found.rule.tcp, found.rule.peers) == (PortSet.single(22), nets("203.0.113.0/24"))


def test_its_group_cannot_change_without_replacing_it_so_the_recorded_one_serves_an_unknown_one():
    assert part(plan("aws_security_group_rule.ssh", {**SSH, "security_group_id": LATER}, {"security_group_id": "sg-9"})).group == "sg-9"


def test_in_a_create_plan_it_belongs_to_the_group_that_it_refers_to():
    group = plan("aws_security_group.web", {"name": "web"})
    found = part(plan("aws_security_group_rule.ssh", {**SSH, "security_group_id": ref("aws_security_group.web.id")}), group)
    assert found.group == "aws_security_group.web@code"


def test_in_a_create_plan_a_source_group_that_the_configuration_does_not_set_is_none():
    # the sources leave an attribute out that the configuration doesn't set, whatever `after_unknown` says of it
    assert part(plan("aws_security_group_rule.ssh", {**SSH})).rule.peers == nets("203.0.113.0/24")


def test_in_a_create_plan_a_source_group_that_is_not_known_is_some_group():
    (peer,) = part(plan("aws_security_group_rule.ssh", {**SSH, "cidr_blocks": None, "source_security_group_id": LATER})).rule.peers
    assert isinstance(peer, UnknownPeer)
    assert peer.is_group


def test_a_rule_whose_group_is_not_known_puts_every_group_in_doubt():
    stray = code("aws_security_group_rule.ssh", {**SSH, "security_group_id": LATER})
    assert isinstance(part(stray), GroupRuleDoubt)
    groups = network(stray, state("aws_security_group.web", id="sg-1")).groups
    assert "belongs to a group that isn't known" in groups["sg-1"].ingress.doubt
    assert groups["sg-1"].egress.doubt is None


def test_a_rule_that_the_plan_deletes_is_gone():
    assert parts(plan("aws_security_group_rule.ssh", SSH, action=Action.DELETE)) == []


@pytest.mark.parametrize("action", [Action.CREATE, Action.UPDATE, Action.REPLACE, Action.KEEP])
def test_a_rule_that_the_plan_makes_changes_or_keeps_is_declared(action):
    assert isinstance(part(plan("aws_security_group_rule.ssh", SSH, action=action)), GroupRule)


def test_several_rules_of_one_group_add_up():
    http = state("aws_security_group_rule.http", id="sgrule-2", **{**SSH, "from_port": 80, "to_port": 80})
    group = state("aws_security_group.web", id="sg-1", ingress=[{**SSH, "from_port": 8080, "to_port": 8080}])
    rules = network(rule(), http, group).groups["sg-1"].ingress.rules
    assert {str(one.tcp) for one in rules} == {"22", "80"}


def test_the_reason_is_the_rules_own_resource():
    because = part(rule()).rule.because
    assert (because.resource, because.detail) == ("aws_security_group_rule.ssh", "tcp/22 from 203.0.113.0/24")


def test_a_sensitive_cidr_is_never_printed():
    found = part(rule(cidr_blocks=Sensitive(["203.0.113.66/32"]))).rule
    assert found.peers == nets("203.0.113.66/32")
    assert found.because.detail == "tcp/22 from (sensitive)"
