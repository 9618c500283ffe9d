"""`aws_network_acl_association`: which ACL filters a subnet."""

from iacdrift.providers.parts import Note, SubnetAcl
from iacdrift.sources.resource import Action, Unknown
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


def test_one_whose_acl_is_not_known_leaves_its_subnet_in_doubt():
    subnet = state("aws_subnet.a", id="subnet-a", cidr_block="10.0.1.0/24")
    other = state("aws_network_acl.other", id="acl-2", subnet_ids=["subnet-a"])
    found = network(subnet, other, code(KIND, {**LINK, "network_acl_id": LATER})).subnets["subnet-a"]
    assert "aws_network_acl_association.a" in found.acl_doubt


def test_one_whose_subnet_is_not_known_may_mean_any_that_it_refers_to():
    subnets = [state(f'aws_subnet.{name}["x"]', id=f"subnet-{name}", cidr_block="10.0.1.0/24") for name in ("a", "b")]
    later = Unknown("known after apply", ("aws_subnet.a",))
    found = network(*subnets, code(KIND, {**LINK, "subnet_id": later})).subnets
    assert found["subnet-a"].acl_doubt
    assert found["subnet-b"].acl_doubt is None
