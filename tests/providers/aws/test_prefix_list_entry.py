"""`aws_ec2_managed_prefix_list_entry`: one network of a list."""

from iacdrift.providers.parts import ListEntry, Note
from iacdrift.sources.resource import Action, Sensitive
from tests.providers.resources import LATER, code, nets, network, part, parts, plan, ref, state

KIND = "aws_ec2_managed_prefix_list_entry.office"


def test_an_entry():
    assert part(state(KIND, id="x", prefix_list_id="pl-1", cidr="203.0.113.0/24")) == ListEntry("pl-1", nets("203.0.113.0/24")[0])


def test_an_entry_that_the_plan_deletes_is_gone():
    assert parts(plan(KIND, {"prefix_list_id": "pl-1", "cidr": "203.0.113.0/24"}, action=Action.DELETE)) == []


def test_an_entry_whose_network_is_not_known_puts_the_list_in_doubt():
    entry = code(KIND, {"prefix_list_id": "pl-1", "cidr": LATER})
    found = network(state("aws_ec2_managed_prefix_list.all", id="pl-1"), entry).lists["pl-1"]
    assert found.networks == ()
    assert "aws_ec2_managed_prefix_list_entry.office" in found.doubt


def test_an_entry_of_a_list_without_an_id_yet():
    made = plan("aws_ec2_managed_prefix_list.all", {"name": "all"})
    entry = plan(KIND, {"prefix_list_id": ref("aws_ec2_managed_prefix_list.all.id"), "cidr": "203.0.113.0/24"})
    assert network(made, entry).lists["aws_ec2_managed_prefix_list.all@code"].networks == nets("203.0.113.0/24")


def test_an_entry_of_no_known_list_is_said():
    found = part(code(KIND, {"prefix_list_id": LATER, "cidr": "203.0.113.0/24"}))
    assert isinstance(found, Note)
    assert KIND in found.text


def test_a_sensitive_entry_counts():
    assert part(code(KIND, {"prefix_list_id": "pl-1", "cidr": Sensitive("203.0.113.0/24")})).network == nets("203.0.113.0/24")[0]
