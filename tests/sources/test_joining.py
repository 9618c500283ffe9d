import json

import pytest

from iacdrift.errors import SourceError
from iacdrift.providers.translate import translate
from iacdrift.sources.read import read_sources
from iacdrift.sources.resource import Action, Origin, Reference
from iacdrift.surface.expect import expect
from iacdrift.surface.vantage import Vantage
from tests.sources.places import EDGE, SOURCES, WEB, by_address, read


def test_a_plan_and_a_state_of_one_stack_are_joined():
    found = by_address(read(EDGE / "terraform.tfstate", EDGE / "plan-after-drift.json"))
    assert len(found) == 38
    edge = found["aws_security_group.edge"]
    assert edge.origin is Origin.CODE
    assert "ingress" not in edge.declared, "configuration beats state"
    assert edge.recorded["id"]


def test_two_states_that_share_addresses_are_two_stacks():
    found = by_address(read("states/web-a.tfstate", "states/web-b.tfstate"))
    assert {address: resource.recorded["public_ip"] for address, resource in found.items()} == {
        "web-a.tfstate/aws_instance.web": "198.51.100.1",
        "web-b.tfstate/aws_instance.web": "198.51.100.2",
    }


def test_addresses_that_do_not_collide_stay_as_they_are():
    found = by_address(read(EDGE / "terraform.tfstate", WEB / "terraform.tfstate"))
    assert "aws_security_group.edge" in found
    assert "aws_instance.web[0]" in found
    assert len(found) == 53


@pytest.mark.parametrize("order", [0, 1])
def test_the_later_serial_of_a_lineage_replaces_the_earlier(order):
    names = ["states/web-a.tfstate", "states/web-a-later.tfstate"]
    inventory = read(*(names if order else names[::-1]))
    (web,) = inventory.resources
    assert web.recorded["public_ip"] == "198.51.100.11"
    assert any("replaced by the later state" in note for note in inventory.notes)


def test_one_id_in_two_stacks_is_one_resource():
    inventory = read("states/web-a.tfstate", "states/imported-elsewhere.tfstate")
    assert [resource.address for resource in inventory.resources] == ["aws_instance.web"]


def test_ids_that_may_repeat_elsewhere_do_not_join(tmp_path):
    state = json.loads((SOURCES / "states/same-id-elsewhere.tfstate").read_text())
    (tmp_path / "other.tfstate").write_text(json.dumps({**state, "lineage": "e"}))
    assert len(read("states/same-id-elsewhere.tfstate", "states/web-b.tfstate").resources) == 2
    state["resources"][0]["name"] = "api"
    (tmp_path / "third.tfstate").write_text(json.dumps({**state, "lineage": "f"}))
    assert len(read("states/same-id-elsewhere.tfstate", tmp_path / "third.tfstate").resources) == 2


def test_one_id_in_two_regions_is_two_resources(tmp_path):
    def state(region, name):
        arn = f"arn:aws:ec2:{region}:1:instance/i-0123456789"
        instance = {"attributes": {"id": "i-0123456789", "arn": arn}}
        return {
            "version": 4,
            "lineage": region,
            "resources": [{"mode": "managed", "type": "aws_instance", "name": name, "instances": [instance]}],
        }

    for region, name in (("eu-west-1", "a"), ("us-east-1", "b"), ("eu-west-1", "c")):
        (tmp_path / f"{name}.tfstate").write_text(json.dumps({**state(region, name), "lineage": name}))
    assert len(read(tmp_path / "a.tfstate", tmp_path / "b.tfstate").resources) == 2
    assert len(read(tmp_path / "a.tfstate", tmp_path / "c.tfstate").resources) == 1


def test_two_configurations_that_disagree_are_an_error():
    with pytest.raises(SourceError, match=r"one-says-443.json and .*other-says-80.json disagree on ingress of aws_security_group.web"):
        read("plans/one-says-443.json", "plans/other-says-80.json")


def test_two_configurations_not_yet_applied_that_disagree_are_an_error(tmp_path):
    plan = json.loads((EDGE / "create-plan.json").read_text())
    for resource in plan["planned_values"]["root_module"]["resources"]:
        if resource["address"] == "aws_security_group_rule.edge_quic":
            resource["values"]["to_port"] = 444
    (tmp_path / "other.json").write_text(json.dumps(plan))
    with pytest.raises(SourceError, match=r"disagree on to_port of aws_security_group_rule.edge_quic"):
        read(EDGE / "create-plan.json", tmp_path / "other.json")


def test_two_configurations_that_agree_are_one():
    assert len(read("plans/one-says-443.json", "plans/one-says-443.json").resources) == 1


def test_a_state_written_after_a_create_plan_beside_it_tells_the_addresses(tmp_path):
    for name in ("create-plan.json", "terraform.tfstate"):
        (tmp_path / name).write_bytes((EDGE / name).read_bytes())
    found = by_address(read(tmp_path / "create-plan.json", tmp_path / "terraform.tfstate"))
    assert len(found) == 38
    eip = found["aws_eip.bastion"]
    assert eip.declared["instance"] == Reference("aws_instance.bastion", "id")
    assert eip.recorded["public_ip"]
    assert eip.action is Action.KEEP


def test_an_expectation_joins_anything():
    found = by_address(read(EDGE / "terraform.tfstate", "expectations/several.yaml"))
    assert len(found) == 40


def test_a_negative_serial_is_only_strange():
    state = json.loads((SOURCES / "states/web-a.tfstate").read_text())
    assert len(read_sources([{**state, "serial": -1}, "expectation:" + str(SOURCES / "expectations/one.json")]).resources) == 2


INSIDE = ("10.20.1.9", "10.20.10.9")


def ports_from(vantage, *paths):
    """What is expected of every host with an address."""
    surface = expect(translate(read(*paths)), Vantage.parse(vantage))
    return {host.owner: (host.tcp, host.udp) for host in surface.hosts if host.address}


@pytest.mark.parametrize("vantage", ["internet", *INSIDE])
def test_a_plan_without_changes_and_its_state_expect_what_the_plan_expects(vantage):
    alone = ports_from(vantage, EDGE / "noop-plan.json")
    assert alone
    assert ports_from(vantage, EDGE / "noop-plan.json", EDGE / "state.json") == alone


@pytest.mark.parametrize("vantage", INSIDE)
def test_a_plan_made_before_the_apply_and_the_state_lose_no_filter(vantage):
    """The subnets of the network ACL were unknown when the plan was made: all instances of a subnet that it is made from are filtered."""
    joined = ports_from(vantage, EDGE / "create-plan.json", EDGE / "state.json")
    truth = ports_from(vantage, EDGE / "noop-plan.json")
    assert truth
    assert joined == truth
    inventory = read(EDGE / "create-plan.json", EDGE / "state.json")
    acls, truly = (
        {key: subnet.acl for key, subnet in translate(found).subnets.items()} for found in (inventory, read(EDGE / "noop-plan.json"))
    )
    assert acls == truly
    said = [item.text for item in expect(translate(inventory), Vantage.parse(vantage)).assumptions]
    assert any("aws_network_acl.public is made from all instances" in text for text in said)
    strict = expect(translate(inventory), Vantage.parse(vantage), strict=True)
    edge = next(host for host in strict.hosts if host.owner == "aws_network_interface.edge")
    assert (443 in edge.tcp.unknown_by_code) is (vantage == "10.20.10.9")
