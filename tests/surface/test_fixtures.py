"""What Terraform and CDKTF really wrote: edge-and-bastion, web-tier, two-stacks."""

import json

import pytest

from iacdrift.providers.translate import translate
from iacdrift.sources.read import read_sources
from iacdrift.surface.expect import expect
from iacdrift.surface.vantage import Vantage
from tests.sources.places import EDGE, SYNTH, WEB

BASTION, EDGE_ONE, EDGE_TWO = "127.28.65.107", "10.20.1.50", "10.20.1.51"
INSIDE = ["10.20.0.99", "10.20.1.99", "10.20.10.99", "aws_instance.bastion", 'module.service["api"].aws_instance.node[0]']


def surface(source, vantage="internet", **options):
    return expect(translate(read_sources([source], **options)), Vantage.parse(vantage))


def host(found, address):
    (one,) = [h for h in found.hosts if str(h.address) == address]
    return one


@pytest.fixture
def prior_state(tmp_path):
    """The state that a refresh of the drifted cloud wrote, as `show -json` gives it."""
    plan = json.loads((EDGE / "refresh-only-plan-after-drift.json").read_text())
    path = tmp_path / "prior-state.json"
    path.write_text(json.dumps(plan["prior_state"]))
    return path


# -- edge-and-bastion: tcp/8080 was opened by hand on the edge group -------------------------------------------------


@pytest.mark.parametrize("vantage", INSIDE)
def test_in_the_plan_after_drift_the_hand_opened_port_is_blocked(vantage):
    found = surface(EDGE / "plan-after-drift.json", vantage)
    for address in (EDGE_ONE, EDGE_TWO):
        ports = host(found, address).tcp
        assert 8080 in ports.blocked
        assert str(ports.allowed | ports.unknown) == "80,443"  # tcp/80, taken away by hand, is declared all the same
    assert found.declared_from == "configuration"


@pytest.mark.parametrize("vantage", INSIDE)
def test_in_the_refreshed_state_the_hand_opened_port_is_blocked_too(prior_state, vantage):
    found = surface(prior_state, vantage)
    assert [8080 in host(found, address).tcp.blocked for address in (EDGE_ONE, EDGE_TWO)] == [True, True]
    assert found.declared_from == "state"


def test_with_the_code_beside_a_rule_carries_its_line():
    found = surface(EDGE / "plan-after-drift.json", "10.20.1.99")
    (because,) = host(found, EDGE_ONE).explains.because("tcp", 443)
    assert because.resource == 'aws_security_group_rule.edge_http["443"]'
    assert because.at.startswith("main.tf:")
    assert 'resource "aws_security_group_rule" "edge_http"' in (EDGE / "main.tf").read_text().splitlines()[int(because.at[8:]) - 1]


def test_ssh_on_the_bastion_is_for_the_offices_whatever_was_opened_by_hand():
    plan = EDGE / "plan-after-drift.json"
    assert [22 in host(surface(plan, v), BASTION).tcp.allowed for v in ("203.0.113.9", "198.51.100.7", "192.0.2.1")] == [True, True, False]
    assert 22 in host(surface(plan, "192.0.2.1"), BASTION).tcp.blocked
    assert 22 in host(surface(plan), BASTION).tcp.unknown_by_vantage


def test_the_state_alone_believes_what_was_refreshed_into_inline_rules_and_says_so(prior_state):
    found = surface(prior_state, "192.0.2.1")
    assert 22 in host(found, BASTION).tcp.allowed
    assert found.declared_from == "state"


@pytest.mark.parametrize(("vantage", "sure"), [("10.20.1.99", True), ("10.20.10.99", True), ("10.20.0.99", False)])
def test_the_acl_that_denies_3389_also_denies_answers_to_a_client_that_sends_from_there(vantage, sure):
    ports = host(surface(EDGE / "plan-after-drift.json", vantage), EDGE_ONE).tcp
    assert (str(ports.allowed), str(ports.unknown_by_code)) == (("80,443", "") if sure else ("", "80,443"))


def test_the_services_admit_the_edge_the_bastion_and_the_partners():
    found = surface(EDGE / "plan-after-drift.json", "aws_instance.bastion")
    assert str(host(found, "10.20.10.5").tcp.unknown) == "22"  # its answers pass the ACL that denies 3389
    assert set(host(found, "10.20.10.5").tcp.blocked) >= {21, 23, 8000, 9443}
    found = surface(EDGE / "plan-after-drift.json", "aws_network_interface.edge")
    assert str(host(found, "10.20.10.5").tcp.unknown) == "8000-8099"


def test_members_of_the_mesh_admit_each_other_but_whether_their_own_egress_does_is_not_declared():
    ports = host(surface(EDGE / "plan-after-drift.json", 'module.service["worker"].aws_instance.node[0]'), "10.20.10.5")
    assert (str(ports.tcp.unknown_by_code), str(ports.udp.blocked)) == ("0-65535", "0-65535")


def test_rdp_is_denied_by_the_acl_of_the_public_subnets():
    found = surface(EDGE / "plan-after-drift.json", "203.0.113.9")
    assert 3389 in host(found, BASTION).tcp.blocked


def test_in_the_create_plan_hosts_are_pending_and_the_verdict_has_a_gap():
    found = surface(EDGE / "create-plan.json")
    assert {h.status.value for h in found.hosts} == {"pending"}
    assert {h.address for h in found.hosts} == {None}
    assert any("pending" in gap for gap in found.gaps)
    assert "aws_instance.bastion" in {h.owner for h in found.hosts}


def test_in_the_create_plan_rules_are_known_already():
    (bastion,) = [h for h in surface(EDGE / "create-plan.json", "203.0.113.9").hosts if h.owner == "aws_instance.bastion"]
    assert str(bastion.tcp.allowed) == "22"
    assert str(bastion.tcp.unknown) == ""


@pytest.mark.parametrize("name", ["terraform.tfstate", "state.json", "noop-plan.json", "plan-after-drift.json"])
def test_every_source_of_one_stack_says_the_same_of_the_bastion_from_the_office(name):
    assert str(host(surface(EDGE / name, "203.0.113.9"), BASTION).tcp.allowed) == "22"


def test_no_secret_is_in_the_json(prior_state):
    for source in (EDGE / "plan-after-drift.json", EDGE / "terraform.tfstate", prior_state):
        assert "correct-horse-battery" not in surface(source).to_json()


# -- web-tier --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["terraform.tfstate", "state.json"])
def test_web_tier_from_the_internet(name):
    found = surface(WEB / name)
    machines = {h.owner: (str(h.address), str(h.tcp.allowed)) for h in found.hosts if h.address}
    assert machines == {"aws_instance.web[0]": ("127.110.0.134", "443"), "aws_instance.web[1]": ("54.214.63.82", "443")}
    assert "10.0.1.5" in {item.address for item in found.not_in_view}


def test_web_tier_assumes_awss_default_acl_and_says_so():
    assert {a.resource for a in surface(WEB / "terraform.tfstate").assumptions} >= {"aws_subnet.a"}


# -- CDKTF: two stacks -----------------------------------------------------------------------------------------------


def test_two_stacks_without_states_are_pending():
    found = surface(SYNTH)
    assert {h.status.value for h in found.hosts} == {"pending"}
    assert found.declared_from == "configuration"


def test_two_stacks_joined_with_their_states():
    states = {name: SYNTH / "stacks" / name / "state.json" for name in ("network", "web")}
    found = surface(SYNTH, "203.0.113.9", states=states)
    present = [h for h in found.hosts if h.status.value == "present"]
    assert sorted(h.owner for h in present) == ["aws_instance.web-0", "aws_instance.web-1"]
    assert all(str(h.tcp.blocked) == "0-65535" for h in present)  # no stack declares a route to the internet
    assert all("local route only" in h.explains.because("tcp", 443)[0].detail for h in present)
    assert found.declared_from == "configuration"


def test_two_stacks_from_inside():
    states = {name: SYNTH / "stacks" / name / "state.json" for name in ("network", "web")}
    found = surface(SYNTH, "10.40.1.200", states=states)
    assert {str(h.tcp.allowed) for h in found.hosts if h.status.value == "present"} == {"80,443"}
