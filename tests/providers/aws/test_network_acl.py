"""Network ACLs with inline entries: mirror rule, order, subnets, the default ACL."""

import pytest

from iacdrift.model.filters import NetworkAcl, UnknownPeer
from iacdrift.model.ports import ALL_PORTS, PortSet
from iacdrift.providers.parts import SubnetAcl, VpcFact
from iacdrift.sources.resource import Action, Sensitive, Unknown
from tests.providers.resources import LATER, code, nets, network, part, parts, plan, ref, state
from tests.surface.networks import WEB, a_public_subnet, asked, tcp, web

DENY = {"rule_no": 90, "action": "deny", "protocol": "tcp", "from_port": 3389, "to_port": 3389, "cidr_block": "0.0.0.0/0"}
ALLOW = {"rule_no": 100, "action": "allow", "protocol": "-1", "from_port": 0, "to_port": 0, "cidr_block": "0.0.0.0/0"}
KIND = "aws_network_acl.public"
DEFAULT = "aws_default_network_acl.main"
RULE = {"network_acl_id": "acl-1", "rule_number": 1, "rule_action": "deny", "protocol": "-1", "cidr_block": "0.0.0.0/0"}


def acl(*others, **attributes):
    return part(state(KIND, id="acl-1", vpc_id="vpc-1", **attributes), *others, kind=NetworkAcl)


def test_entries_with_number_action_ports_and_network():
    deny, allow = acl(ingress=[DENY, ALLOW]).ingress
    assert (deny.number, deny.allow, deny.tcp, deny.network) == (90, False, PortSet.single(3389), nets("0.0.0.0/0")[0])
    assert (allow.number, allow.allow, allow.tcp, allow.udp) == (100, True, ALL_PORTS, ALL_PORTS)


def test_rules_are_not_sorted_in_the_state_but_asked_in_order():
    found = network(state(KIND, id="acl-1", ingress=[ALLOW, DENY])).acls["acl-1"]
    assert [entry.number for entry in found.ingress] == [90, 100]


def test_an_entry_for_ipv6():
    (entry,) = acl(ingress=[{**ALLOW, "cidr_block": "", "ipv6_cidr_block": "::/0"}]).ingress
    assert entry.network == nets("::/0")[0]


def test_the_reason_says_the_entry():
    assert acl(ingress=[DENY]).ingress[0].because.detail == "rule 90: deny tcp/3389 0.0.0.0/0"


def test_both_directions_are_apart():
    found = acl(ingress=[DENY], egress=[ALLOW])
    assert (len(found.ingress), len(found.egress)) == (1, 1)


def test_entries_come_from_what_is_declared_not_from_what_a_refresh_recorded():
    found = part(code(KIND, {"ingress": [DENY]}, {"id": "acl-1", "ingress": [ALLOW]}), kind=NetworkAcl)
    assert [entry.number for entry in found.ingress] == [90]


def test_in_code_inline_entries_that_are_not_set_mirror_the_cloud():
    found = part(code(KIND, {}, {"id": "acl-1", "ingress": [ALLOW]}), kind=NetworkAcl)
    assert (found.ingress, found.doubt_ingress) == ((), None)


def test_in_a_plan_inline_entries_that_are_not_set_but_recorded_may_come_from_dynamic_blocks():
    found = part(plan(KIND, {}, {"id": "acl-1", "ingress": [ALLOW]}), kind=NetworkAcl)
    assert "give --code DIR" in found.doubt_ingress
    assert found.doubt_egress is None


def test_in_a_state_a_rule_resource_alone_declares_its_direction():
    rule = state("aws_network_acl_rule.deny", id="nacl-1", egress=False, **RULE)
    found = acl(rule, ingress=[DENY, ALLOW], egress=[ALLOW])
    assert found.ingress == ()
    assert len(found.egress) == 1


def test_the_default_acl_is_not_computed_so_unset_means_no_rule():
    found = part(plan(DEFAULT, {"default_network_acl_id": "acl-d"}, {"id": "acl-d", "vpc_id": "vpc-1"}), kind=NetworkAcl)
    assert (found.ingress, found.doubt_ingress) == ((), None)


def test_a_default_acl_that_the_plan_forgets_keeps_entries_that_nobody_declares():
    """Destroying aws_default_network_acl takes it out of the state and leaves the ACL as it is (provider documentation)."""
    recorded = {"id": "acl-d", "vpc_id": "vpc-1", "ingress": [DENY], "egress": [ALLOW]}
    found = part(plan(DEFAULT, {}, recorded, action=Action.DELETE), kind=NetworkAcl)
    assert (found.ingress, found.egress) == ((), ())
    assert "as they are" in found.doubt_ingress
    assert "as they are" in found.doubt_egress


def test_behind_a_default_acl_that_the_plan_forgets_nothing_is_certain():
    net = [item for item in [*a_public_subnet(), *web(tcp(443))] if item.type != "aws_network_acl"]
    forgotten = plan(DEFAULT, {}, {"id": "acl-d", "vpc_id": "vpc-main"}, action=Action.DELETE)
    assert asked([*net, forgotten], WEB, 443) == "unknown by code"
    assert asked([*net, forgotten], WEB, 22) == "blocked"


def test_the_default_acl_is_a_fact_of_its_vpc():
    found = part(state(DEFAULT, id="acl-d", vpc_id="vpc-1"), kind=VpcFact)
    assert found == VpcFact("vpc-1", default_acl="acl-d")


def test_the_default_acl_of_a_vpc_without_an_id_yet():
    vpc = plan("aws_vpc.main", {"cidr_block": "10.0.0.0/16"})
    found = part(plan(DEFAULT, {"default_network_acl_id": ref("aws_vpc.main.default_network_acl_id")}), vpc, kind=VpcFact)
    assert found.vpc == "aws_vpc.main@code"


def test_it_names_its_subnets():
    claims = [item for item in parts(state(KIND, id="acl-1", subnet_ids=["subnet-a", "subnet-b"])) if isinstance(item, SubnetAcl)]
    assert claims == [SubnetAcl("subnet-a", "acl-1"), SubnetAcl("subnet-b", "acl-1")]


def test_in_code_subnets_that_are_not_set_mirror_the_cloud():
    found = parts(code(KIND, {"ingress": [ALLOW]}, {"id": "acl-1", "subnet_ids": ["subnet-a"]}))
    assert not [item for item in found if isinstance(item, SubnetAcl)]


def test_in_a_state_an_association_alone_says_which_subnets():
    association = state("aws_network_acl_association.b", id="aclassoc-1", network_acl_id="acl-1", subnet_id="subnet-b")
    found = network(state(KIND, id="acl-1", subnet_ids=["subnet-a"]), association, *(subnet("a"), subnet("b"))).subnets
    assert (found["subnet-a"].acl, found["subnet-b"].acl) == (None, "acl-1")


def subnet(name):
    return state(f"aws_subnet.{name}", id=f"subnet-{name}", vpc_id="vpc-1", cidr_block="10.0.1.0/24")


def test_two_acls_that_name_one_subnet_are_a_doubt():
    two = (state(KIND, id="acl-1", subnet_ids=["subnet-a"]), state("aws_network_acl.other", id="acl-2", subnet_ids=["subnet-a"]))
    assert network(subnet("a"), *two).subnets["subnet-a"].acl_doubt


@pytest.mark.parametrize("change", [{"rule_no": LATER}, {"action": LATER}, {"action": ""}, {"protocol": LATER}, {"from_port": LATER}])
def test_an_entry_that_cannot_be_read_is_in_doubt(change):
    assert acl(ingress=[{**DENY, **change}]).ingress[0].doubt


def test_an_entry_whose_network_is_not_known():
    assert isinstance(acl(ingress=[{**DENY, "cidr_block": LATER}]).ingress[0].network, UnknownPeer)


@pytest.mark.parametrize("ingress", [LATER, [DENY, LATER]])
def test_entries_that_are_not_known_put_the_direction_in_doubt(ingress):
    found = part(code(KIND, {"ingress": ingress}), kind=NetworkAcl)
    assert found.doubt_ingress
    assert found.doubt_egress is None


@pytest.mark.parametrize(
    "ingress", [[{**DENY, "cidr_block": Sensitive("203.0.113.66/32")}], Sensitive([{**DENY, "cidr_block": "203.0.113.66/32"}])]
)
def test_a_sensitive_network_counts_but_is_never_printed(ingress):
    (entry,) = part(code(KIND, {"ingress": ingress}), kind=NetworkAcl).ingress
    assert entry.network == nets("203.0.113.66/32")[0]
    assert "203.0.113" not in entry.because.detail


@pytest.mark.parametrize(
    ("references", "doubted"),
    [
        (("aws_subnet.a", "aws_subnet.b"), {"subnet-b"}),  # all instances of both, but one isn't in the record
        (("aws_subnet.a",), set()),
        (("aws_subnet.a.id",), {"subnet-a"}),
        (("aws_subnet.a", "local.some"), {"subnet-a", "subnet-b"}),
        ((), {"subnet-a", "subnet-b"}),
    ],
)
def test_subnets_that_are_not_known_are_in_doubt_as_far_as_it_may_name_them(references, doubted):
    """What a later state recorded may be drift: it doesn't settle which subnets the code names."""
    subnets = [state(f"aws_subnet.{name}", id=f"subnet-{name}", vpc_id="vpc-1", cidr_block="10.0.1.0/24") for name in ("a", "b")]
    elsewhere = state("aws_subnet.c", id="subnet-c", vpc_id="vpc-2", cidr_block="10.0.1.0/24")
    later = Unknown("known after apply", references)
    one = code(KIND, {"vpc_id": "vpc-1", "subnet_ids": later}, {"id": "acl-1", "subnet_ids": ["subnet-a"]})
    found = network(*subnets, elsewhere, one).subnets
    assert {key for key, subnet in found.items() if subnet.acl_doubt} == doubted
    assert bool(found["subnet-a"].acl_assumed) is ("subnet-a" not in doubted)
    assert found["subnet-c"].acl is None
