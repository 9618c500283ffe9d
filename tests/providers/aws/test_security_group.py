"""Inline rules of groups: the mirror rule in each origin, values as they are found in real files."""

import pytest

from iacdrift.model.filters import GroupPeer, ListPeer, SecurityGroup, UnknownPeer
from iacdrift.model.ports import ALL_PORTS, NO_PORTS, PortSet
from iacdrift.providers.parts import VpcFact
from iacdrift.sources.resource import Action, Sensitive, Unknown
from tests.providers.resources import ANYWHERE, EVERYBODY, LATER, code, nets, network, part, plan, ref, state
from tests.surface.networks import a_public_subnet, asked, machine

SSH = {"protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": ["203.0.113.0/24"]}
WEB = {"protocol": "tcp", "from_port": 80, "to_port": 80, "cidr_blocks": [ANYWHERE]}
HOLE = {"protocol": "tcp", "from_port": 8080, "to_port": 8080, "cidr_blocks": [ANYWHERE]}


def group(*others, **attributes):
    return part(state("aws_security_group.web", id="sg-web", vpc_id="vpc-1", name="web", **attributes), *others, kind=SecurityGroup)


def only_rule(**attributes):
    (rule,) = group(ingress=[{**WEB, **attributes}]).ingress.rules
    return rule


def rule_for(group_id="sg-web", direction="ingress", **attributes):
    return state(f"aws_security_group_rule.{direction}", id="sgrule-1", type=direction, security_group_id=group_id, **{**WEB, **attributes})


# -- the mirror rule ---------------------------------------------------------------------------------------------


def test_in_code_the_inline_rules_are_the_declared_ones_and_what_a_refresh_recorded_changes_nothing():
    found = part(code("aws_security_group.web", {"ingress": [SSH]}, {"id": "sg-1", "ingress": [SSH, HOLE]}))
    assert [rule.tcp for rule in found.ingress.rules] == [PortSet.single(22)]
    assert found.ingress.doubt is None


@pytest.mark.parametrize("unset", [{}, {"ingress": None}, {"ingress": []}])
def test_in_code_an_ingress_that_is_not_set_declares_nothing(unset):
    found = part(code("aws_security_group.web", unset, {"id": "sg-1", "ingress": [HOLE]}))
    assert found.ingress.rules == ()
    assert found.ingress.doubt is None


def test_in_a_plan_an_ingress_that_is_not_set_but_recorded_may_come_from_dynamic_blocks():
    found = part(plan("aws_security_group.web", {}, {"id": "sg-1", "ingress": [HOLE]}))
    assert found.ingress.rules == ()
    assert "give --code DIR" in found.ingress.doubt


def test_in_a_plan_an_ingress_that_rule_resources_manage_is_a_mirror():
    rule = plan("aws_security_group_rule.http", {"type": "ingress", **WEB}, {"id": "r", "security_group_id": "sg-1"})
    found = part(plan("aws_security_group.web", {}, {"id": "sg-1", "ingress": [WEB, HOLE]}), rule)
    assert found.ingress.rules == ()
    assert found.ingress.doubt is None


def test_in_a_plan_an_empty_ingress_that_is_set_declares_that_nothing_comes_in():
    found = part(plan("aws_security_group.web", {"ingress": []}, {"id": "sg-1", "ingress": [HOLE]}))
    assert (found.ingress.rules, found.ingress.doubt) == ((), None)


def test_in_a_state_the_inline_rules_are_all_there_is():
    assert [rule.tcp for rule in group(ingress=[SSH, WEB]).ingress.rules] == [PortSet.single(22), PortSet.single(80)]


def test_in_a_state_a_standalone_ingress_rule_alone_declares_the_ingress():
    found = group(rule_for(), ingress=[WEB, HOLE])
    assert (found.ingress.rules, found.ingress.doubt) == ((), None)


def test_in_a_state_a_vpc_ingress_rule_alone_declares_the_ingress():
    single = state("aws_vpc_security_group_ingress_rule.http", id="sgr-1", security_group_id="sg-web", ip_protocol="tcp", from_port=80)
    assert group(single, ingress=[WEB, HOLE]).ingress.rules == ()


def test_a_lone_egress_rule_says_nothing_about_ingress():
    found = group(rule_for(direction="egress"), ingress=[WEB])
    assert [rule.tcp for rule in found.ingress.rules] == [PortSet.single(80)]
    assert found.egress.rules == ()


def test_a_rule_of_another_group_says_nothing_about_this_one():
    assert len(group(rule_for(group_id="sg-other"), ingress=[WEB]).ingress.rules) == 1


def test_in_a_state_null_and_empty_and_absent_ingress_are_the_same():
    assert group(ingress=None).ingress == group(ingress=[]).ingress == group().ingress


def test_ingress_that_is_not_known_is_a_doubt_and_never_nothing():
    found = part(code("aws_security_group.web", {"ingress": Unknown("known after apply")}))
    assert "known after apply" in found.ingress.doubt


def test_one_block_that_is_not_known_puts_the_direction_in_doubt():
    found = part(code("aws_security_group.web", {"ingress": [SSH, LATER]}))
    assert [rule.tcp for rule in found.ingress.rules] == [PortSet.single(22)]
    assert found.ingress.doubt


def test_a_data_source_does_not_say_its_rules():
    found = part(state("data.aws_security_group.web", id="sg-9", name="web", vpc_id="vpc-1"))
    assert "doesn't say its rules" in found.ingress.doubt


# -- egress ------------------------------------------------------------------------------------------------------


def test_egress_undeclared_is_awss_allow_all_as_an_assumption():
    found = part(code("aws_security_group.web", {"ingress": [WEB]}))
    assert found.egress.assumed
    assert found.egress.rules[0].peers == EVERYBODY
    assert (found.egress.rules[0].tcp, found.egress.rules[0].udp) == (ALL_PORTS, ALL_PORTS)


def test_with_a_recorded_empty_egress_an_undeclared_one_is_unknown():
    found = part(code("aws_security_group.web", {}, {"id": "sg-1", "egress": []}))
    assert found.egress.doubt
    assert found.egress.rules == ()


def test_an_empty_egress_in_the_code_lets_nothing_out():
    found = part(code("aws_security_group.web", {"egress": []}, {"id": "sg-1", "egress": [{**WEB}]}))
    assert (found.egress.rules, found.egress.doubt, found.egress.assumed) == ((), None, None)


def test_declared_egress_is_read_like_ingress():
    found = part(code("aws_security_group.web", {"egress": [SSH]}))
    assert found.egress.rules[0].tcp == PortSet.single(22)
    assert found.egress.rules[0].because.detail == "tcp/22 to 203.0.113.0/24"


def test_awss_own_egress_mirrored_in_a_plan_is_no_dynamic_block():
    everything = {"protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": [ANYWHERE]}
    assert part(plan("aws_security_group.web", {}, {"id": "sg-1", "egress": [everything]})).egress.doubt is None
    assert part(plan("aws_security_group.web", {}, {"id": "sg-1", "egress": [SSH]})).egress.doubt


# -- ports and protocols as real files write them ------------------------------------------------------------------


@pytest.mark.parametrize("protocol", ["tcp", "TCP", "Tcp", "6", 6, " tcp "])
def test_tcp_in_every_spelling(protocol):
    rule = only_rule(protocol=protocol)
    assert (rule.tcp, rule.udp, rule.doubt) == (PortSet.single(80), NO_PORTS, None)


@pytest.mark.parametrize("protocol", ["udp", "UDP", "17", 17])
def test_udp_in_every_spelling(protocol):
    rule = only_rule(protocol=protocol)
    assert (rule.tcp, rule.udp, rule.doubt) == (NO_PORTS, PortSet.single(80), None)


@pytest.mark.parametrize("protocol", ["-1", -1, "all", "ALL", "*"])
@pytest.mark.parametrize(("first", "last"), [(0, 0), (22, 22), (None, None), (-1, -1)])
def test_protocol_minus_one_is_every_protocol_and_port_whatever_the_ports_say(protocol, first, last):
    rule = only_rule(protocol=protocol, from_port=first, to_port=last)
    assert (rule.tcp, rule.udp, rule.doubt) == (ALL_PORTS, ALL_PORTS, None)


@pytest.mark.parametrize("protocol", ["icmp", "icmpv6", "1", 58, "5", "50", "esp", "255"])
def test_icmp_and_other_protocols_have_no_port(protocol):
    rule = only_rule(protocol=protocol, from_port=-1, to_port=-1)
    assert (rule.tcp, rule.udp, rule.doubt) == (NO_PORTS, NO_PORTS, None)


def test_tcp_zero_to_zero_is_port_zero_only():
    assert only_rule(from_port=0, to_port=0).tcp == PortSet.single(0)


def test_tcp_minus_one_to_minus_one_is_all_ports():
    assert only_rule(from_port=-1, to_port=-1).tcp == ALL_PORTS


@pytest.mark.parametrize(("first", "last"), [(8000, 8010), ("8000", "8010"), (8000.0, 8010.0), ("8000-8010", None)])
def test_ports_are_inclusive_as_integers_text_or_a_range_in_one_value(first, last):
    assert only_rule(from_port=first, to_port=last).tcp == PortSet.span(8000, 8010)


@pytest.mark.parametrize(("first", "last"), [(None, None), (22, None), ("http", "http"), (90, 80), (0, 70000), (LATER, 80), (80, LATER)])
def test_ports_that_cannot_be_told_may_be_all_and_are_in_doubt(first, last):
    rule = only_rule(from_port=first, to_port=last)
    assert rule.tcp == ALL_PORTS
    assert rule.doubt


@pytest.mark.parametrize("protocol", [LATER, None, "", "vrrp", "${var.protocol}", "256"])
def test_a_protocol_that_cannot_be_told_may_be_any_and_is_in_doubt(protocol):
    rule = only_rule(protocol=protocol)
    assert (rule.tcp, rule.udp) == (ALL_PORTS, ALL_PORTS)
    assert rule.doubt


# -- whom rules name -----------------------------------------------------------------------------------------------


def test_both_families_and_several_cidrs_of_one_rule():
    rule = only_rule(cidr_blocks=["203.0.113.0/24", "198.51.100.7/32"], ipv6_cidr_blocks=["::/0"])
    assert rule.peers == nets("203.0.113.0/24", "198.51.100.7/32", "::/0")


def test_bare_addresses_and_host_bits_are_cidrs():
    assert only_rule(cidr_blocks=["195.0.2.65/24", "203.0.113.9"]).peers == nets("195.0.2.0/24", "203.0.113.9/32")


@pytest.mark.parametrize("empty", [None, [], ""])
def test_null_empty_list_and_empty_text_name_nobody(empty):
    rule = only_rule(cidr_blocks=empty, ipv6_cidr_blocks=empty, prefix_list_ids=empty, security_groups=empty, self=False)
    assert rule.peers == ()
    assert rule.because.detail == "tcp/80 from nobody"


@pytest.mark.parametrize("cidrs", [LATER, [LATER], ["203.0.113.0/24", LATER], ["*"], ["Any"]])
def test_a_cidr_that_is_not_known_is_an_unknown_peer_that_may_be_anybody(cidrs):
    unknown = [peer for peer in only_rule(cidr_blocks=cidrs).peers if isinstance(peer, UnknownPeer)]
    assert len(unknown) == 1
    assert not unknown[0].is_group


def test_groups_are_named_by_id():
    assert only_rule(cidr_blocks=[], security_groups=["sg-a", "sg-b"]).peers == (GroupPeer("sg-a"), GroupPeer("sg-b"))


def test_a_group_id_with_an_account_in_front_is_the_groups_id():
    assert only_rule(cidr_blocks=[], security_groups=["123456789012/sg-a"]).peers == (GroupPeer("sg-a"),)


def test_self_is_the_group_itself():
    assert only_rule(cidr_blocks=[], self=True).peers == (GroupPeer("sg-web"),)
    assert only_rule(cidr_blocks=[], self="true").peers == (GroupPeer("sg-web"),)


def test_the_group_itself_by_id_beside_self_is_still_the_group_itself():
    assert set(only_rule(cidr_blocks=[], self=True, security_groups=["sg-web"]).peers) == {GroupPeer("sg-web")}


def test_whether_it_names_itself_may_be_unknown():
    (peer,) = only_rule(cidr_blocks=[], self=LATER).peers
    assert isinstance(peer, UnknownPeer)
    assert peer.is_group


def test_a_group_that_is_not_known_is_some_group_and_never_the_internet():
    (peer,) = only_rule(cidr_blocks=[], security_groups=[LATER]).peers
    assert isinstance(peer, UnknownPeer)
    assert peer.is_group


def test_a_group_in_no_source_keeps_its_id():
    assert only_rule(cidr_blocks=[], security_groups=["sg-elsewhere"]).peers == (GroupPeer("sg-elsewhere"),)


def test_a_reference_to_a_group_without_an_id_yet_is_that_group():
    edge = code("aws_security_group.edge", {"name": "edge"})
    web = code(
        "aws_security_group.web", {"ingress": [{**SSH, "cidr_blocks": None, "security_groups": [ref("aws_security_group.edge.id")]}]}
    )
    found = network(edge, web)
    (named,) = found.groups["aws_security_group.web@code"].ingress.rules[0].peers
    assert named == GroupPeer("aws_security_group.edge@code")


def test_a_group_may_be_named_in_classic_style():
    edge = state("aws_security_group.edge", id="sg-edge", name="edge", vpc_id="vpc-1")
    found = group(edge, ingress=[{**WEB, "cidr_blocks": [], "security_groups": ["edge"]}])
    assert found.ingress.rules[0].peers == (GroupPeer("sg-edge"),)


def test_a_classic_name_in_another_vpc_is_another_group():
    elsewhere = state("aws_security_group.edge", id="sg-edge", name="edge", vpc_id="vpc-2")
    found = group(elsewhere, ingress=[{**WEB, "cidr_blocks": [], "security_groups": ["edge"]}])
    assert found.ingress.rules[0].peers == (GroupPeer("edge"),)


def test_prefix_lists_are_named_by_id():
    assert only_rule(cidr_blocks=[], prefix_list_ids=["pl-1"]).peers == (ListPeer("pl-1"),)


# -- texts ---------------------------------------------------------------------------------------------------------


def test_the_reason_names_port_and_peers_and_the_line():
    found = part(code("aws_security_group.web", {"ingress": [SSH]}))
    because = found.ingress.rules[0].because
    assert (because.resource, because.detail, because.at) == ("aws_security_group.web", "tcp/22 from 203.0.113.0/24", "main.tf:7")


def test_groups_and_lists_are_called_by_their_resource_addresses():
    edge = state("aws_security_group.edge", id="sg-edge", name="edge", vpc_id="vpc-1")
    partners = state("aws_ec2_managed_prefix_list.partners", id="pl-1")
    found = group(edge, partners, ingress=[{**WEB, "cidr_blocks": [], "security_groups": ["sg-edge"], "prefix_list_ids": ["pl-1"]}])
    assert found.ingress.rules[0].because.detail == "tcp/80 from aws_security_group.edge, aws_ec2_managed_prefix_list.partners"


SECRET = "203.0.113.66/32"


@pytest.mark.parametrize(
    "ingress",
    [
        [{**SSH, "cidr_blocks": Sensitive([SECRET])}],
        [{**SSH, "cidr_blocks": [Sensitive(SECRET)]}],
        [Sensitive({**SSH, "cidr_blocks": [SECRET]})],
        Sensitive([{**SSH, "cidr_blocks": [SECRET]}]),
    ],
    ids=["list", "item", "block", "set"],
)
def test_a_sensitive_cidr_counts_but_is_never_printed(ingress):
    found = part(code("aws_security_group.web", {"ingress": ingress}))
    (rule,) = found.ingress.rules
    assert rule.peers == nets(SECRET)
    assert "203.0.113.66" not in rule.because.detail


# -- the group itself ----------------------------------------------------------------------------------------------


def test_a_default_group_that_the_plan_forgets_keeps_rules_that_nobody_declares():
    """Destroying aws_default_security_group takes it out of the state and leaves the group as it is (provider documentation)."""
    recorded = {"id": "sg-d", "name": "default", "vpc_id": "vpc-main", "ingress": [HOLE], "egress": []}
    forgotten = plan("aws_default_security_group.default", {}, recorded, action=Action.DELETE)
    found = part(forgotten, kind=SecurityGroup)
    assert [found.ingress.rules, found.egress.rules] == [(), ()]
    assert "as they are" in found.ingress.doubt
    assert "as they are" in found.egress.doubt
    assert asked([*a_public_subnet(), machine(), forgotten], "198.51.100.7", 22) == "unknown by code"


def test_the_default_group_is_a_fact_of_its_vpc():
    resource = state("aws_default_security_group.default", id="sg-d", name="default", vpc_id="vpc-1", ingress=[], egress=[])
    assert part(resource, kind=VpcFact) == VpcFact("vpc-1", default_group="sg-d")


def test_an_ordinary_group_is_no_fact_of_its_vpc():
    assert group().vpc == "vpc-1"


def test_two_unrelated_states_with_the_same_resource_names_stay_apart():
    one = state("aws_security_group.web", source="a.tfstate", id="sg-a", ingress=[SSH])
    two = state("aws_security_group.web", source="b.tfstate", id="sg-b", ingress=[WEB])
    groups = network(one, two).groups
    assert groups["sg-a"].ingress.rules[0].tcp == PortSet.single(22)
    assert groups["sg-b"].ingress.rules[0].tcp == PortSet.single(80)


def test_references_of_two_stacks_with_the_same_resource_names_stay_apart():
    def stack(name, block):
        group_ = code("aws_security_group.web", {"name": "web"}, stack=name)
        rule = code(
            "aws_security_group_rule.in", {"type": "ingress", "security_group_id": ref("aws_security_group.web.id"), **block}, stack=name
        )
        return group_, rule

    groups = network(*stack("a", SSH), *stack("b", WEB)).groups
    assert [rule.tcp for rule in groups["aws_security_group.web@a"].ingress.rules] == [PortSet.single(22)]
    assert [rule.tcp for rule in groups["aws_security_group.web@b"].ingress.rules] == [PortSet.single(80)]


def test_a_data_source_beside_its_resource_takes_nothing_away():
    resource = state("aws_security_group.web", id="sg-1", ingress=[SSH])
    lookup = state("data.aws_security_group.web", id="sg-1")
    for order in ((resource, lookup), (lookup, resource)):
        assert network(*order).groups["sg-1"].ingress.doubt is None
