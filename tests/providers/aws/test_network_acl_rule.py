"""`aws_network_acl_rule`: one entry of an ACL."""

import pytest

from iacdrift.model.ports import PortSet
from iacdrift.providers.parts import Note
from iacdrift.sources.resource import Action
from tests.providers.resources import LATER, code, nets, network, part, parts, plan, state

KIND = "aws_network_acl_rule.ssh"
SSH = {"network_acl_id": "acl-1", "rule_number": 10, "rule_action": "allow", "protocol": "6", "from_port": 22, "to_port": 22}
FROM = {**SSH, "cidr_block": "203.0.113.0/24"}


def test_an_entry():
    found = part(state(KIND, id="nacl-1", egress=False, **FROM))
    assert (found.acl, found.direction) == ("acl-1", "ingress")
    entry = found.entry
    assert (entry.number, entry.allow, entry.tcp, entry.network) == (10, True, PortSet.single(22), nets("203.0.113.0/24")[0])


@pytest.mark.parametrize(("egress", "direction"), [(True, "egress"), ("true", "egress"), (False, "ingress"), (None, "ingress")])
def test_its_direction(egress, direction):
    assert part(state(KIND, id="nacl-1", egress=egress, **FROM)).direction == direction


def test_what_is_declared_counts_not_what_a_refresh_recorded():
    assert part(code(KIND, FROM, {**FROM, "rule_action": "deny"})).entry.allow


def test_both_families_are_two_entries():
    found = parts(state(KIND, id="nacl-1", **FROM, ipv6_cidr_block="::/0"))
    assert [item.entry.network for item in found] == list(nets("203.0.113.0/24", "::/0"))


def test_a_rule_that_the_plan_deletes_is_gone():
    assert parts(plan(KIND, FROM, action=Action.DELETE)) == []


def test_a_rule_of_no_known_acl_is_said():
    assert isinstance(part(code(KIND, {**FROM, "network_acl_id": LATER})), Note)


def test_it_joins_its_acl_in_order():
    later = state("aws_network_acl_rule.http", id="nacl-2", **{**FROM, "rule_number": 5})
    found = network(state("aws_network_acl.main", id="acl-1"), state(KIND, id="nacl-1", **FROM), later).acls["acl-1"]
    assert [entry.number for entry in found.ingress] == [5, 10]


def test_a_rule_of_no_known_acl_leaves_those_that_it_may_belong_to_in_doubt():
    found = network(state("aws_network_acl.main", id="acl-1"), code(KIND, {**FROM, "network_acl_id": LATER})).acls["acl-1"]
    assert "aws_network_acl_rule.ssh" in found.doubt_ingress
    assert found.doubt_egress is None
