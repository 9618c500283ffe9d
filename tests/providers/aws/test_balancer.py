"""Balancers from the internet and from inside: only their listeners answer, behind their own groups and their subnets' ACLs."""

import pytest

from iacdrift.providers.translate import translate
from iacdrift.sources.read import read_sources
from iacdrift.sources.resource import Action
from iacdrift.surface.expect import expect
from iacdrift.surface.explain import explain
from iacdrift.surface.vantage import Vantage
from tests.providers.resources import LATER, code, network, plan, ref, state
from tests.sources.places import EDGE, WEB
from tests.surface.networks import (
    ELSEWHERE,
    IN_OFFICE,
    OFFICE,
    a_public_subnet,
    acl,
    asked,
    entry,
    group,
    hidden,
    host,
    machine,
    model,
    reasons,
    seen_from,
    subnet,
    table,
    tcp,
    two_subnets,
    vpc,
)

ARN = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/front/50dc6c495c0c9188"
NAME = "front-1.eu-west-1.elb.amazonaws.com"
CLIENT = "10.0.2.9"


def balancer(kind="application", *groups, subnets=("subnet-a",), internal=False, **more):
    """A balancer as a state holds it."""
    return state(
        "aws_lb.front",
        **{
            "id": ARN,
            "arn": ARN,
            "dns_name": NAME,
            "load_balancer_type": kind,
            "internal": internal,
            "security_groups": [f"sg-{name}" for name in groups],
            "subnets": list(subnets),
            "subnet_mapping": [{"subnet_id": key, "allocation_id": "", "private_ipv4_address": ""} for key in subnets],
            **more,
        },
    )


def listener(port=443, protocol="HTTPS", name="https", **more):
    """A listener as a state holds it."""
    action = [{"type": "forward", "target_group_arn": "arn:tg", "forward": []}]
    values = {"id": f"arn:listener/{name}", "load_balancer_arn": ARN, "port": port, "protocol": protocol, "default_action": action}
    return state(f"aws_lb_listener.{name}", **{**values, **more})


def front(*rules, **more):
    """An application balancer behind a group with these rules, listening on tcp/443."""
    return [*two_subnets(), group("front", *rules), balancer("application", "front", **more), listener()]


# -- application balancers -------------------------------------------------------------------------------------------


def test_a_listener_must_answer_where_every_filter_admits():
    assert asked(front(tcp(443)), NAME, 443) == "open"


def test_every_other_port_is_blocked_though_the_group_admits_it():
    found = host(front(tcp(443), tcp(8080), tcp(22)), NAME).tcp
    assert (str(found.open), str(found.allowed), str(found.unknown)) == ("443", "", "")
    assert 8080 in found.blocked


def test_a_port_without_a_listener_says_so():
    (reason,) = reasons(front(tcp(8080)), NAME, 8080)
    assert reason == "aws_lb.front: only declared listeners can answer here, and none is declared on this port"


def test_it_is_managed_so_that_a_refusal_on_a_blocked_port_is_in_sync():
    assert host(front(tcp(443)), NAME).managed is True


def test_udp_is_blocked_where_only_tcp_listens():
    assert str(host(front(tcp(443)), NAME).udp.blocked) == "0-65535"


def test_it_is_scanned_by_name_with_the_listeners_protocol():
    found = host(front(tcp(443)), NAME)
    assert (found.status.value, found.address, found.services) == ("by_name", None, {("tcp", 443): "https"})


@pytest.mark.parametrize(("vantage", "answer"), [(IN_OFFICE, "open"), (ELSEWHERE, "blocked"), ("internet", "unknown by vantage")])
def test_the_balancers_group_filters_the_vantage(vantage, answer):
    assert asked(front(tcp(443, OFFICE)), NAME, 443, vantage) == answer


def test_a_listener_that_no_rule_admits_is_blocked_by_the_group():
    assert asked(front(tcp(80)), NAME, 443) == "blocked"
    assert "aws_security_group.front: no rule admits it from here" in reasons(front(tcp(80)), NAME, 443)


def test_the_acl_of_its_subnets_filters_too():
    closed = acl("closed", "a", ingress=[entry(90, "deny", "6", 443, 443), entry(100, "allow")])
    net = [r for r in front(tcp(443)) if r.type != "aws_network_acl"]
    assert asked([*net, closed], NAME, 443) == "blocked"


def test_subnets_that_do_not_agree_leave_it_unknown():
    closed = acl("closed", "b", ingress=[entry(100, "deny")])
    net = [r for r in front(tcp(443), subnets=("subnet-a", "subnet-b")) if r.type != "aws_network_acl"]
    assert asked([*net, acl("open", "a"), closed], NAME, 443) == "unknown by code"


def test_without_a_route_to_the_internet_it_is_blocked():
    net = [vpc(), subnet(), *table("private", subnets="a"), group("front", tcp(443)), balancer("application", "front"), listener()]
    assert asked(net, NAME, 443) == "blocked"


def test_without_groups_its_vpcs_default_group_filters():
    assert asked([*two_subnets(), balancer(), listener()], NAME, 443) == "blocked"


def test_groups_come_from_the_code_not_from_what_a_refresh_recorded():
    opened = group("opened", tcp(443))
    recorded = dict(balancer("application", "front", "opened").recorded)
    said = code("aws_lb.front", {"security_groups": ["sg-front"], "subnets": ["subnet-a"], "internal": False}, recorded)
    assert asked([*two_subnets(), group("front", tcp(80)), opened, said, listener()], NAME, 443) == "blocked"


def test_two_listeners_and_one_that_the_plan_deletes():
    gone = plan("aws_lb_listener.old", {}, {"load_balancer_arn": ARN, "port": 8443, "protocol": "HTTPS"}, action=Action.DELETE)
    net = [*front(tcp(443), tcp(80), tcp(8443)), listener(80, "HTTP", "http"), gone]
    assert str(host(net, NAME).tcp.open) == "80,443"
    assert host(net, NAME).services[("tcp", 80)] == "http"


@pytest.mark.parametrize("kind", ["aws_alb", "aws_lb"])
def test_listeners_of_the_old_name_belong_to_it_too(kind):
    values = balancer("application", "front").recorded
    old = state("aws_alb_listener.web", id="arn:listener/web", load_balancer_arn=ARN, port=443, protocol="HTTPS")
    assert asked([*two_subnets(), group("front", tcp(443)), state(f"{kind}.front", **values), old], NAME, 443) == "open"


# -- plans -----------------------------------------------------------------------------------------------------------


def planned(**more):
    """A balancer that a plan creates, with a listener by reference."""
    declared = {"load_balancer_type": "application", "security_groups": ["sg-front"], "subnets": ["subnet-a"], "internal": False}
    made = plan("aws_lb.front", {**declared, **more}, action=Action.CREATE)
    where = {"load_balancer_arn": ref("aws_lb.front.arn"), "port": 443, "protocol": "HTTPS"}
    return [*two_subnets(), group("front", tcp(443)), made, plan("aws_lb_listener.https", where, action=Action.CREATE)]


def test_in_a_create_plan_it_is_pending_and_its_surface_is_known():
    found = host(planned(), "aws_lb.front")
    assert (found.status.value, found.name, str(found.tcp.open)) == ("pending", None, "443")


def test_a_balancer_that_the_plan_destroys_is_leaving():
    gone = plan("aws_lb.front", {}, dict(balancer("application", "front").recorded), action=Action.DELETE)
    assert host([*two_subnets(), gone], NAME).status.value == "leaving"


def test_whether_it_is_internal_is_not_known():
    assert asked(planned(internal=LATER), "aws_lb.front", 443) == "unknown by code"


def test_a_listener_whose_port_is_not_known_may_be_on_any():
    net = [*front(tcp(443)), plan("aws_lb_listener.later", {"load_balancer_arn": ARN, "port": LATER, "protocol": "HTTP"})]
    assert asked(net, NAME, 8080) == "unknown by code"
    assert reasons(net, NAME, 8080) == ["aws_lb.front: the port of aws_lb_listener.later isn't known"]


def test_a_listener_whose_balancer_is_not_known_may_be_anybodys():
    net = [*front(tcp(443)), plan("aws_lb_listener.later", {"load_balancer_arn": LATER, "port": 8080, "protocol": "HTTP"})]
    assert asked(net, NAME, 8080) == "unknown by code"


def test_a_listener_of_a_balancer_that_is_in_no_source_is_nobodys_here():
    other = plan("aws_lb_listener.other", {"load_balancer_arn": ref("aws_lb.elsewhere.arn"), "port": 8080, "protocol": "HTTP"})
    assert asked([*front(tcp(443)), other], NAME, 8080) == "blocked"


def test_a_data_source_says_nothing_of_its_listeners():
    found = state("data.aws_lb.front", **balancer("application", "front").recorded)
    assert asked([*two_subnets(), group("front", tcp(443)), found], NAME, 8080) == "unknown by code"


def test_a_data_source_that_repeats_a_declared_balancer_adds_nothing():
    net = [state("data.aws_lb.front", **balancer("application", "front").recorded), *front(tcp(443))]
    assert [h.owner for h in seen_from("internet", net).hosts] == ["aws_lb.front"]


# -- internal --------------------------------------------------------------------------------------------------------


def test_an_internal_balancer_is_not_in_view_from_the_internet():
    assert "resolves to private addresses" in hidden(front(tcp(443), internal=True), NAME)


def test_an_internal_balancer_answers_inside_whom_its_group_admits():
    net = front(tcp(443, "10.0.2.0/24"), internal=True)
    assert asked(net, NAME, 443, CLIENT) == "open"
    assert asked(net, NAME, 443, "10.0.1.9") == "blocked"
    assert asked(net, NAME, 22, CLIENT) == "blocked"


def test_an_internal_balancer_of_another_network_is_not_in_view():
    other = [vpc("other", "10.9.0.0/16", ""), subnet("o", "10.9.1.0/24", "", of="other")]
    assert "isn't connected" in hidden([*front(tcp(443), internal=True), *other], NAME, "10.9.1.4")


def test_a_group_as_source_admits_the_vantage_that_carries_it():
    client = machine("client", CLIENT, None, "client", at="b")
    net = [*front(tcp(443, "sg-client"), internal=True), group("client"), client]
    assert asked(net, NAME, 443, "aws_instance.client") == "open"
    assert asked(net, NAME, 443, "10.0.2.77") == "unknown by vantage"


def test_an_internal_balancer_whose_subnets_are_in_no_source_is_unknown_from_inside():
    assert asked(front(tcp(443), internal=True, subnets=("subnet-far",)), NAME, 443, CLIENT) == "unknown by code"


def test_a_public_balancer_from_inside_sees_the_vantages_public_address():
    client = machine("client", CLIENT, "203.0.113.50", "client", at="b")
    net = [group("client"), client]
    assert asked([*front(tcp(443, "203.0.113.50/32")), *net], NAME, 443, "aws_instance.client") == "open"
    assert asked([*front(tcp(443, "10.0.2.0/24")), *net], NAME, 443, "aws_instance.client") == "blocked"


# -- network balancers -----------------------------------------------------------------------------------------------


def nlb(*groups, **more):
    """A network balancer whose targets see the balancer."""
    target = state("aws_lb_target_group.tg", id="arn:tg", port=8080, protocol="TCP", target_type="ip", preserve_client_ip="false")
    return [*two_subnets(), balancer("network", *groups, **more), listener(protocol="TCP", name="tcp"), target]


def test_a_network_balancer_without_groups_is_filtered_by_acls_only():
    assert asked(nlb(), NAME, 443) == "open"
    closed = acl("closed", "a", ingress=[entry(100, "deny")])
    assert asked([*(r for r in nlb() if r.type != "aws_network_acl"), closed], NAME, 443) == "blocked"


def test_every_other_port_of_it_is_blocked_all_the_same():
    assert str(host(nlb(), NAME).tcp.open) == "443"
    assert 8080 in host(nlb(), NAME).tcp.blocked


def test_a_network_balancer_with_groups_is_filtered_by_them():
    assert asked([*nlb("front"), group("front", tcp(443, OFFICE))], NAME, 443, ELSEWHERE) == "blocked"
    assert asked([*nlb("front"), group("front", tcp(443, OFFICE))], NAME, 443, IN_OFFICE) == "open"


def test_groups_of_a_network_balancer_that_are_not_known_are_no_absence_of_groups():
    made = plan(
        "aws_lb.front", {"load_balancer_type": "network", "subnets": ["subnet-a"], "security_groups": LATER}, {"id": ARN, "dns_name": NAME}
    )
    assert asked([*(r for r in nlb() if r.type != "aws_lb"), made], NAME, 443) == "unknown by code"


@pytest.mark.parametrize(
    ("protocol", "tcp_open", "udp_open"), [("TCP", "53", ""), ("UDP", "", "53"), ("TCP_UDP", "53", "53"), ("TLS", "53", "")]
)
def test_a_listeners_protocol_says_which_ports_answer(protocol, tcp_open, udp_open):
    target = state("aws_lb_target_group.tg", id="arn:tg", port=53, protocol=protocol, target_type="instance")
    held = state("aws_lb_target_group_attachment.web", id="x", target_group_arn="arn:tg", target_id="i-web", port=53)
    web = [machine("web", "10.0.1.5", None, "web"), group("web", tcp(53), {**tcp(53), "protocol": "udp"})]
    found = host([*two_subnets(), balancer("network"), listener(53, protocol, "dns"), target, held, *web], NAME)
    assert (str(found.tcp.open), str(found.udp.open)) == (tcp_open, udp_open)


def test_elastic_addresses_stand_for_its_name():
    eip = state("aws_eip.front", id="eipalloc-1", allocation_id="eipalloc-1", public_ip="198.51.100.80")
    mapping = [{"subnet_id": "subnet-a", "allocation_id": "eipalloc-1", "private_ipv4_address": ""}]
    net = [*nlb(subnet_mapping=mapping), eip]
    assert asked(net, "198.51.100.80", 443) == "open"
    assert [str(h.address) for h in seen_from("internet", net).hosts] == ["198.51.100.80"]


def test_with_one_elastic_address_unknown_it_keeps_its_name():
    eip = state("aws_eip.front", id="eipalloc-1", allocation_id="eipalloc-1", public_ip="198.51.100.80")
    rows = [{"subnet_id": f"subnet-{s}", "allocation_id": f"eipalloc-{n}"} for s, n in (("a", 1), ("b", 2))]
    assert [(h.address, h.name) for h in seen_from("internet", [*nlb(subnet_mapping=rows), eip]).hosts] == [(None, NAME)]


def test_its_private_addresses_of_its_own_choice_are_asked_from_inside():
    mapping = [{"subnet_id": "subnet-a", "allocation_id": "", "private_ipv4_address": "10.0.1.80"}]
    net = nlb(internal=True, subnet_mapping=mapping)
    assert asked(net, "10.0.1.80", 443, CLIENT) == "open"
    assert asked(net, "10.0.1.80", 8080, CLIENT) == "blocked"
    assert "from the internet" in hidden(net, "10.0.1.80")


def test_a_gateway_balancer_is_not_modelled():
    assert asked([*two_subnets(), balancer("gateway")], NAME, 443) == "unknown by code"


# -- classic balancers -----------------------------------------------------------------------------------------------


def classic(*rows, **more):
    """A classic balancer as a state holds it."""
    values = {
        "id": "classic",
        "name": "classic",
        "dns_name": NAME,
        "internal": False,
        "subnets": ["subnet-a"],
        "security_groups": ["sg-front"],
    }
    return state("aws_elb.classic", **{**values, "listener": list(rows), **more})


def row(port, protocol="http"):
    return {"lb_port": port, "lb_protocol": protocol, "instance_port": 8000, "instance_protocol": "http", "ssl_certificate_id": ""}


def test_a_classic_balancer_with_its_inline_listeners():
    net = [*a_public_subnet(), group("front", tcp(80), tcp(443), tcp(8000)), classic(row(80), row(443, "HTTPS"))]
    found = host(net, NAME)
    assert (str(found.tcp.open), found.services) == ("80,443", {("tcp", 80): "http", ("tcp", 443): "https"})
    assert 8000 in found.tcp.blocked


def test_a_classic_balancers_groups_filter():
    assert asked([*a_public_subnet(), group("front", tcp(80, OFFICE)), classic(row(80))], NAME, 80, ELSEWHERE) == "blocked"


def test_an_internal_classic_balancer():
    assert "private" in hidden([*a_public_subnet(), group("front", tcp(80)), classic(row(80), internal=True)], NAME)


@pytest.mark.parametrize("rows", [LATER, [row(80), row(LATER)], [row(80), LATER]])
def test_classic_listeners_that_are_not_known_are_a_doubt(rows):
    known = dict(classic(row(80)).recorded)
    said = plan("aws_elb.classic", {"security_groups": ["sg-front"], "listener": rows}, known)
    assert asked([*a_public_subnet(), group("front", tcp(80)), said], NAME, 8080) == "unknown by code"


def test_classic_listeners_of_dynamic_blocks_are_left_out_of_a_plan():
    said = plan("aws_elb.classic", {"security_groups": ["sg-front"]}, dict(classic(row(80)).recorded))
    net = [*a_public_subnet(), group("front", tcp(80)), said]
    assert asked(net, NAME, 80) == "unknown by code"
    assert "give --code DIR" in reasons(net, NAME, 80)[0]


# -- what Terraform really wrote -------------------------------------------------------------------------------------


def test_the_application_balancer_of_web_tier():
    found = expect(translate(read_sources([WEB / "terraform.tfstate"])), Vantage.parse("internet"))
    (alb,) = [h for h in found.hosts if h.owner == "aws_lb.alb"]
    assert (alb.name, alb.managed, alb.services) == ("alb-1.us-east-1.elb.amazonaws.com", True, {("tcp", 443): "http"})
    assert str(alb.tcp.unknown) == "443"  # one of its two subnets has no route to the internet
    assert alb.tcp.of(8080).value == "blocked"


def test_the_network_balancer_of_edge_and_bastion():
    found = expect(translate(read_sources([EDGE / "plan-after-drift.json"])), Vantage.parse("internet"))
    (balanced,) = [h for h in found.hosts if h.owner == "aws_lb.nlb"]
    assert (balanced.name, balanced.managed) == ("edge-1.us-east-1.elb.amazonaws.com", True)
    assert str(balanced.tcp.unknown_by_code) == "443"  # no target is registered with its group
    assert balanced.tcp.of(8080).value == "blocked"  # opened by hand on its group, but nothing listens there


def test_an_explanation_names_every_stage():
    said = explain(model(front(tcp(443, OFFICE))), Vantage.parse(ELSEWHERE), NAME, "tcp", 443)
    assert (said.expectation.value, said.owner) == ("blocked", "aws_lb.front")
    assert [(step.stage, step.answer) for step in said.steps if step.stage == "security groups"] == [("security groups", "blocked")]


def test_the_model_marks_it_as_managed():
    (found,) = network(balancer("application"), listener()).interfaces
    assert (found.managed, found.name, found.subnets) == (True, NAME, ("subnet-a",))
