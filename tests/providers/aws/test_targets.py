"""Targets behind a network balancer: where they see the client's own address, they filter it too."""

import pytest

from iacdrift.sources.resource import Action
from iacdrift.surface.explain import explain
from iacdrift.surface.vantage import Vantage
from tests.providers.resources import LATER, code, plan, ref, state
from tests.surface.networks import ELSEWHERE, IN_OFFICE, OFFICE, acl, asked, entry, group, hidden, machine, model, reasons, tcp, two_subnets

ARN = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/net/front/1"
NAME = "front-1.elb.eu-west-1.amazonaws.com"
TG = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/1"


def target_group(**more):
    """A target group as a state holds it; the state says nothing of client addresses unless told."""
    values = {"id": TG, "arn": TG, "port": 8080, "protocol": "TCP", "target_type": "instance", "preserve_client_ip": ""}
    return state("aws_lb_target_group.web", **{**values, **more})


def registered(target="i-web", port=8080, name="web", **more):
    """A target's registration."""
    values = {"id": f"{TG}-{name}", "target_group_arn": TG, "target_id": target, "port": port}
    return state(f"aws_lb_target_group_attachment.{name}", **{**values, **more})


def front(protocol="TCP", action=None, **more):
    """A network balancer without groups, and its listener on 443."""
    values = {"id": ARN, "arn": ARN, "dns_name": NAME, "load_balancer_type": "network", "internal": False, "subnets": ["subnet-b"]}
    made = state("aws_lb.front", **{**values, **more})
    action = [{"type": "forward", "target_group_arn": TG, "forward": []}] if action is None else action
    listener = state("aws_lb_listener.tcp", id="arn:listener", load_balancer_arn=ARN, port=443, protocol=protocol, default_action=action)
    return [*two_subnets(), made, listener]


def net(*rules, tg=None, held=None, **more):
    """The balancer, its target group, and the machine `web` behind these rules registered with it."""
    web = [group("web", *rules), machine("web", "10.0.1.5", None, "web")]
    return [*front(**more), tg or target_group(), *([registered()] if held is None else held), *web]


# -- both must admit -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("vantage", "answer"), [(IN_OFFICE, "open"), (ELSEWHERE, "blocked"), ("internet", "unknown by vantage")])
def test_the_targets_group_filters_the_clients_address_on_its_own_port(vantage, answer):
    assert asked(net(tcp(8080, OFFICE)), NAME, 443, vantage) == answer


def test_the_listeners_port_on_the_target_is_not_asked():
    assert asked(net(tcp(443)), NAME, 443) == "blocked"


def test_the_balancers_own_groups_filter_as_well():
    grouped = net(tcp(8080), security_groups=["sg-front"])
    assert asked([*grouped, group("front", tcp(443, OFFICE))], NAME, 443, ELSEWHERE) == "blocked"
    assert asked([*grouped, group("front", tcp(443, OFFICE))], NAME, 443, IN_OFFICE) == "open"


@pytest.mark.parametrize("way", ["ingress", "egress"])
def test_the_acl_of_the_targets_subnet_filters_the_client_too(way):
    closed = acl("closed", "a", **{way: [entry(90, "deny", cidr=OFFICE), entry(100, "allow")]})
    found = [*(r for r in net(tcp(8080)) if r.type != "aws_network_acl"), closed, acl("open", "b")]
    assert asked(found, NAME, 443, IN_OFFICE) == "blocked"
    assert asked(found, NAME, 443, ELSEWHERE) == "open"


def test_what_blocks_is_the_targets_group_and_the_report_says_so():
    found = reasons(net(tcp(8080, OFFICE)), NAME, 443, ELSEWHERE)
    assert found == ["aws_lb_listener.tcp: listens on tcp/443", "aws_security_group.web: tcp/8080 from 203.0.113.0/24"]


def test_the_explanation_has_the_targets_as_a_stage():
    said = explain(model(net(tcp(8080, OFFICE))), Vantage.parse(ELSEWHERE), NAME, "tcp", 443)
    assert [(s.stage, s.answer) for s in said.steps if "targets" in s.stage] == [("the targets' own filters", "blocked")]


def test_the_targets_own_address_is_decided_by_its_own_filters():
    assert asked(net(tcp(8080, "10.0.2.0/24")), "10.0.1.5", 8080, "10.0.2.9") == "allowed"
    assert asked(net(tcp(8080, "10.0.2.0/24")), "10.0.1.5", 443, "10.0.2.9") == "blocked"


def test_from_inside_an_internal_balancers_targets_see_the_vantages_private_address():
    inside = {"internal": True}
    assert asked(net(tcp(8080, "10.0.2.9/32"), **inside), NAME, 443, "10.0.2.9") == "open"
    assert asked(net(tcp(8080, "10.0.2.9/32"), **inside), NAME, 443, "10.0.2.10") == "blocked"
    assert "private" in hidden(net(tcp(8080), **inside), NAME)


def test_from_inside_a_public_balancers_targets_see_the_vantages_public_address():
    client = [machine("client", "10.0.1.9", "203.0.113.50", "client"), group("client")]
    assert asked([*net(tcp(8080, "203.0.113.50/32")), *client], NAME, 443, "aws_instance.client") == "open"
    assert asked([*net(tcp(8080, "10.0.0.0/16")), *client], NAME, 443, "aws_instance.client") == "blocked"


# -- who keeps the client's address ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "protocol", "said", "kept"),
    [
        ("instance", "TCP", "", True),
        ("instance", "TLS", None, True),
        ("instance", "TCP", "false", False),
        ("instance", "TCP", "true", True),
        ("ip", "TCP", "", False),
        ("ip", "TLS", "", False),
        ("ip", "TCP", "true", True),
        ("ip", "TCP_UDP", "", True),
        ("alb", "TCP", "", True),
        ("instance", "TCP_UDP", "false", True),  # can't be switched off
    ],
)
def test_which_target_groups_keep_the_clients_address(kind, protocol, said, kept):
    found = net(tcp(8080, OFFICE), tg=target_group(target_type=kind, protocol=protocol, preserve_client_ip=said))
    assert asked(found, NAME, 443, ELSEWHERE) == ("blocked" if kept else "open")


def test_udp_always_keeps_it():
    rule = {**tcp(8080, OFFICE), "protocol": "udp"}
    found = net(rule, tg=target_group(target_type="ip", protocol="UDP", preserve_client_ip="false"), protocol="UDP")
    assert asked(found, NAME, 443, ELSEWHERE, "udp") == "blocked"
    assert asked(found, NAME, 443, IN_OFFICE, "udp") == "open"


def test_whether_it_is_kept_comes_from_the_code_not_from_what_a_refresh_recorded():
    recorded = dict(target_group(preserve_client_ip="false").recorded)
    said = code("aws_lb_target_group.web", {"port": 8080, "protocol": "TCP", "preserve_client_ip": True}, recorded)
    assert asked(net(tcp(8080, OFFICE), tg=said), NAME, 443, ELSEWHERE) == "blocked"


def test_whether_it_is_kept_is_not_known():
    said = plan("aws_lb_target_group.web", {"port": 8080, "protocol": "TCP", "preserve_client_ip": LATER}, {"id": TG})
    assert asked(net(tcp(8080), tg=said), NAME, 443) == "unknown by code"


def test_where_targets_see_the_balancer_their_groups_have_no_say():
    found = net(tcp(8080, "10.0.0.0/16"), tg=target_group(preserve_client_ip="false"))
    assert asked(found, NAME, 443, ELSEWHERE) == "open"


# -- which targets ---------------------------------------------------------------------------------------------------


def test_without_a_registered_target_it_is_unknown():
    found = net(tcp(8080), held=[])
    assert asked(found, NAME, 443) == "unknown by code"
    assert any("no target is registered" in reason for reason in reasons(found, NAME, 443))


def test_without_a_registered_target_a_port_without_listener_is_blocked_still():
    assert asked(net(tcp(8080), held=[]), NAME, 8080) == "blocked"


def test_without_a_registered_target_what_the_balancers_acl_blocks_is_blocked_still():
    closed = acl("closed", "b", ingress=[entry(100, "deny")])
    found = [*(r for r in net(tcp(8080), held=[]) if r.type != "aws_network_acl"), closed]
    assert asked(found, NAME, 443) == "blocked"


def test_a_registration_that_the_plan_deletes_is_none():
    gone = plan("aws_lb_target_group_attachment.web", {}, dict(registered().recorded), action=Action.DELETE)
    assert asked(net(tcp(8080), held=[gone]), NAME, 443) == "unknown by code"


@pytest.mark.parametrize("target", ["i-elsewhere", "10.0.1.99", LATER, ref("aws_instance.gone.id")])
def test_a_target_that_no_source_holds_is_unknown(target):
    held = plan("aws_lb_target_group_attachment.web", {"target_group_arn": TG, "target_id": target, "port": 8080})
    assert asked(net(tcp(8080), held=[held]), NAME, 443) == "unknown by code"


def test_one_known_target_does_not_speak_for_one_that_is_not():
    held = [registered(), registered("i-elsewhere", name="other")]
    assert asked(net(tcp(8080), held=held), NAME, 443) == "unknown by code"
    assert asked(net(tcp(443), held=held), NAME, 443) == "unknown by code"


@pytest.mark.parametrize(
    ("first", "second", "answer"),
    [(OFFICE, OFFICE, "open"), (OFFICE, "192.0.2.0/24", "unknown by code"), ("192.0.2.0/24", "192.0.2.0/24", "blocked")],
)
def test_several_targets_must_agree(first, second, answer):
    other = [group("other", tcp(8080, second)), machine("other", "10.0.2.5", None, "other", at="b")]
    held = [registered(), registered("i-other", name="other")]
    found = [*net(tcp(8080, first), held=held), *other]
    assert asked(found, NAME, 443, IN_OFFICE) == answer
    if answer.startswith("unknown"):
        assert any("don't agree" in reason for reason in reasons(found, NAME, 443, IN_OFFICE))


def test_targets_on_different_ports_are_unknown():
    other = machine("other", "10.0.1.6", None, "web")
    held = [registered(), registered("i-other", 9090, "other")]
    assert asked([*net(tcp(8080), held=held), other], NAME, 443) == "unknown by code"


@pytest.mark.parametrize(("port", "answer"), [(None, "open"), (LATER, "unknown by code")])
def test_without_a_port_of_its_own_a_target_is_asked_on_the_groups(port, answer):
    held = plan("aws_lb_target_group_attachment.web", {"target_group_arn": TG, "target_id": "i-web", "port": port})
    assert asked(net(tcp(8080), held=[held]), NAME, 443) == answer


def test_a_balancer_as_target_filters_with_its_own_group():
    alb = state(
        "aws_lb.alb", id="arn:alb", dns_name="alb", load_balancer_type="application", security_groups=["sg-web"], subnets=["subnet-a"]
    )
    held = [registered("arn:alb", 8080)]
    found = [*net(tcp(8080, OFFICE), tg=target_group(target_type="alb"), held=held), alb]
    assert asked(found, NAME, 443, ELSEWHERE) == "blocked"
    assert asked(found, NAME, 443, IN_OFFICE) == "open"


@pytest.mark.parametrize(
    "more",
    [
        state("aws_autoscaling_group.web", id="web", target_group_arns=[TG], vpc_zone_identifier=["subnet-a"]),
        state("aws_autoscaling_attachment.web", id="web", autoscaling_group_name="web", lb_target_group_arn=TG),
        state("aws_ecs_service.web", id="web", load_balancer=[{"target_group_arn": TG, "container_name": "web", "container_port": 8080}]),
        plan("aws_lb_target_group_attachment.later", {"target_group_arn": LATER, "target_id": "i-x"}),
    ],
)
def test_who_registers_targets_that_no_source_lists_leaves_it_unknown(more):
    assert asked([*net(tcp(8080)), more], NAME, 443) == "unknown by code"


# -- which target group ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "action",
    [
        [{"type": "forward", "target_group_arn": TG, "forward": [{"target_group": [{"arn": TG, "weight": 1}]}]}],
        [{"type": "forward", "target_group_arn": "", "forward": [{"target_group": [{"arn": TG, "weight": 1}]}]}],
    ],
)
def test_a_forward_block_names_it_too(action):
    assert asked(net(tcp(8080, OFFICE), action=action), NAME, 443, ELSEWHERE) == "blocked"


@pytest.mark.parametrize(
    "action",
    [
        [{"type": "forward", "forward": [{"target_group": [{"arn": TG, "weight": 1}, {"arn": "arn:other", "weight": 1}]}]}],
        [{"type": "forward", "target_group_arn": "arn:in-no-source"}],
        [{"type": "forward", "target_group_arn": LATER}],
        [LATER],
        [],
    ],
)
def test_several_or_unknown_target_groups_are_unknown(action):
    assert asked(net(tcp(8080), action=action), NAME, 443) == "unknown by code"


def test_by_reference_before_anything_has_an_id():
    made = [
        plan("aws_lb.front", {"load_balancer_type": "network", "internal": False, "subnets": ["subnet-b"]}, action=Action.CREATE),
        plan(
            "aws_lb_listener.tcp",
            {
                "load_balancer_arn": ref("aws_lb.front.arn"),
                "port": 443,
                "protocol": "TCP",
                "default_action": [{"type": "forward", "target_group_arn": ref("aws_lb_target_group.web.arn")}],
            },
            action=Action.CREATE,
        ),
        plan("aws_lb_target_group.web", {"port": 8080, "protocol": "TCP"}, action=Action.CREATE),
        plan(
            "aws_lb_target_group_attachment.web",
            {"target_group_arn": ref("aws_lb_target_group.web.arn"), "target_id": ref("aws_instance.web.id"), "port": 8080},
            action=Action.CREATE,
        ),
        plan("aws_instance.web", {"subnet_id": "subnet-a", "vpc_security_group_ids": ["sg-web"]}, action=Action.CREATE),
    ]
    found = [*two_subnets(), *made, group("web", tcp(8080, OFFICE))]
    assert asked(found, "aws_lb.front", 443, IN_OFFICE) == "open"
    assert asked(found, "aws_lb.front", 443, ELSEWHERE) == "blocked"
