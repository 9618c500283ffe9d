"""`aws_network_acl_association`: which ACL filters a subnet."""

from iacdrift.providers.parts import Note, SubnetAcl
from iacdrift.sources.resource import Action
from tests.providers.resources import LATER, code, network, part, parts, plan, state

KIND = "aws_network_acl_association.a"
LINK = {"network_acl_id": "acl-1", "subnet_id": "subnet-a"}


def test_an_association():
    assert part(state(KIND, id="aclassoc-1", **LINK)) == SubnetAcl("subnet-a", "acl-1", firm=True)


def test_it_wins_over_an_acl_that_names_the_subnet():
    subnet = state("aws_subnet.a", id="subnet-a", cidr_block="10.0.1.0/24")
    other = state("aws_network_acl.other", id="acl-2", subnet_ids=["subnet-a"])
    assert network(subnet, other, state(KIND, id="aclassoc-1", **LINK)).subnets["subnet-a"].acl == "acl-1"


def test_one_that_the_plan_deletes_is_gone():
    assert parts(plan(KIND, LINK, action=Action.DELETE)) == []


def test_one_whose_ends_are_not_known_is_said():
    assert isinstance(part(code(KIND, {**LINK, "subnet_id": LATER})), Note)
