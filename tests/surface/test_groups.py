"""Security groups: allow only, stateful; the sentences of "Security groups"."""

import pytest

from tests.providers.resources import LATER, code, state
from tests.surface.networks import (
    ALL_OUT,
    ELSEWHERE,
    IN_OFFICE,
    OFFICE,
    WEB,
    WEB6,
    WEB_PRIVATE,
    a_public_subnet,
    allow,
    asked,
    everything,
    group,
    host,
    machine,
    prefix_list,
    reasons,
    seen_from,
    tcp,
    two_subnets,
    web,
)


def behind(*rules):
    """The machine `web` behind these rules, in a public subnet."""
    return [*a_public_subnet(), *web(*rules)]


def test_an_interface_admits_a_packet_when_any_rule_of_any_of_its_groups_does():
    groups = [group("ssh", tcp(22, OFFICE)), group("http", tcp(80), tcp(22, "198.18.0.0/15"))]
    net = [*a_public_subnet(), *groups, machine("web", WEB_PRIVATE, WEB, "ssh", "http")]
    assert [asked(net, WEB, port, IN_OFFICE) for port in (22, 80, 443)] == ["allowed", "allowed", "blocked"]


# -- no group known: the VPC's default group -------------------------------------------------------------------------


def test_without_a_group_the_vpcs_default_group_allows_its_own_members_only():
    net = [
        *two_subnets(),
        machine("web"),
        machine("peer", "10.0.2.5", None, at="b"),
        group("x"),
        machine("x", "10.0.2.6", None, "x", at="b"),
    ]
    assert asked(net, WEB, 443) == "blocked"
    assert asked(net, WEB_PRIVATE, 443, "aws_instance.peer") == "allowed"
    assert asked(net, WEB_PRIVATE, 443, "aws_instance.x") == "blocked"


def test_that_the_default_group_was_taken_is_an_assumption():
    net = [*a_public_subnet(), machine("web")]
    assert any("default" in assumption.text for assumption in seen_from("internet", net).assumptions)


def test_a_declared_default_group_is_as_the_code_declares_it():
    default = state("aws_default_security_group.d", id="sg-d", vpc_id="vpc-main", name="default", ingress=[tcp(443)], egress=[ALL_OUT])
    assert asked([*a_public_subnet(), machine("web"), default], WEB, 443) == "allowed"


def test_a_default_group_that_is_declared_empty_admits_nobody():
    default = state("aws_default_security_group.d", id="sg-d", vpc_id="vpc-main", name="default", ingress=[], egress=[])
    peer = machine("peer", "10.0.1.9", None)
    assert asked([*a_public_subnet(), machine("web"), peer, default], WEB_PRIVATE, 443, "aws_instance.peer") == "blocked"


# -- three styles ----------------------------------------------------------------------------------------------------


def test_the_three_styles_say_the_same():
    rule_one = state("aws_security_group_rule.r", id="r1", type="ingress", security_group_id="sg-web", **tcp(443))
    rule_two = state(
        "aws_vpc_security_group_ingress_rule.r",
        id="r2",
        security_group_id="sg-web",
        ip_protocol="tcp",
        from_port=443,
        to_port=443,
        cidr_ipv4="0.0.0.0/0",
    )
    nets = (behind(tcp(443)), [*behind(), rule_one], [*behind(), rule_two])
    assert [str(host(net, WEB).tcp.allowed) for net in nets] == ["443", "443", "443"]


def test_a_hole_that_a_refresh_copied_into_the_inline_rules_is_not_declared_beside_a_rule_resource():
    rule = state("aws_security_group_rule.r", id="r1", type="ingress", security_group_id="sg-web", **tcp(443))
    assert asked([*behind(tcp(443), tcp(8080)), rule], WEB, 8080) == "blocked"


def test_a_lone_egress_rule_says_nothing_about_ingress():
    rule = state("aws_security_group_rule.r", id="r1", type="egress", security_group_id="sg-web", **everything())
    assert asked([*behind(tcp(443)), rule], WEB, 443) == "allowed"


# -- protocols and ports ---------------------------------------------------------------------------------------------


def test_protocol_minus_one_admits_every_protocol_and_port():
    net = behind(allow("-1", 443, 443, OFFICE))
    assert [asked(net, WEB, port, IN_OFFICE, protocol) for port in (0, 443, 65535) for protocol in ("tcp", "udp")] == ["allowed"] * 6


def test_ports_are_inclusive_on_both_ends():
    net = behind(allow("tcp", 8000, 8010))
    assert [asked(net, WEB, port) for port in (7999, 8000, 8010, 8011)] == ["blocked", "allowed", "allowed", "blocked"]


def test_tcp_and_udp_are_apart():
    net = behind(allow("udp", 53, 53))
    assert (asked(net, WEB, 53), asked(net, WEB, 53, protocol="udp")) == ("blocked", "allowed")


def test_zero_to_zero_with_tcp_is_port_zero_only():
    net = behind(allow("tcp", 0, 0))
    assert (asked(net, WEB, 0), asked(net, WEB, 1)) == ("allowed", "blocked")


def test_minus_one_to_minus_one_is_all_ports():
    assert str(host(behind(allow("tcp", -1, -1)), WEB).tcp.allowed) == "0-65535"


def test_icmp_admits_no_port():
    assert str(host(behind(allow("icmp", -1, -1)), WEB).tcp.blocked) == "0-65535"


def test_ports_that_cannot_be_told_are_unknown_by_code_and_never_blocked():
    net = behind(allow("tcp", LATER, LATER, OFFICE))
    assert asked(net, WEB, 22, IN_OFFICE) == "unknown by code"
    assert asked(net, WEB, 22, ELSEWHERE) == "blocked"  # whatever the ports are, the rule doesn't speak of this source


# -- an internet vantage with a known address ------------------------------------------------------------------------


def test_a_known_address_is_admitted_where_a_range_holds_it_and_blocked_where_none_does():
    net = behind(tcp(22, OFFICE))
    assert (asked(net, WEB, 22, IN_OFFICE), asked(net, WEB, 22, ELSEWHERE)) == ("allowed", "blocked")


def test_each_family_has_its_own_ranges():
    net = behind(tcp(443))
    assert (asked(net, WEB, 443), asked(net, WEB6, 443)) == ("allowed", "blocked")
    net = behind(tcp(443, "::/0"))
    assert (asked(net, WEB, 443), asked(net, WEB6, 443)) == ("blocked", "allowed")


def test_a_family_without_an_address_is_the_internet():
    net = behind(tcp(22, OFFICE, "2001:db8:f::/48"))
    assert asked(net, WEB, 22, IN_OFFICE) == "allowed"
    assert asked(net, WEB6, 22, IN_OFFICE) == "unknown by vantage"
    assert asked(net, WEB6, 22, (IN_OFFICE, "2001:db8:f::9")) == "allowed"


# -- an internet vantage with an unknown source ----------------------------------------------------------------------


def test_only_a_rule_for_the_whole_family_admits_somebody_on_the_internet():
    assert asked(behind(tcp(443)), WEB, 443) == "allowed"


def test_no_rule_for_the_port_at_all_blocks():
    assert asked(behind(tcp(443)), WEB, 22) == "blocked"


@pytest.mark.parametrize("cidr", [OFFICE, "198.51.100.7/32", "192.0.2.0/24", "8.0.0.0/8", "0.0.0.0/1"])
def test_a_narrower_public_range_is_unknown_by_vantage(cidr):
    assert asked(behind(tcp(22, cidr)), WEB, 22) == "unknown by vantage"


@pytest.mark.parametrize(
    "cidr",
    ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16", "100.64.0.0/10", "fd00::/8", "fe80::/10", "::1/128"],
)
def test_a_purely_private_range_does_not_concern_the_internet(cidr):
    net = behind(tcp(22, cidr))
    assert (asked(net, WEB, 22), asked(net, WEB6, 22)) == ("blocked", "blocked")


def test_ranges_that_together_cover_the_family_admit():
    assert asked(behind(tcp(443, "0.0.0.0/1", "128.0.0.0/1")), WEB, 443) == "allowed"
    assert asked(behind(tcp(443, "::/1", "8000::/1")), WEB6, 443) == "allowed"


def test_ranges_of_several_rules_and_groups_cover_it_together_where_they_share_ports():
    net = behind(allow("tcp", 80, 443, "0.0.0.0/1"), allow("tcp", 443, 500, "128.0.0.0/1"))
    assert [asked(net, WEB, port) for port in (80, 443, 500)] == ["unknown by vantage", "allowed", "unknown by vantage"]


def test_what_covers_all_public_space_admits_even_if_not_the_whole_family():
    public = [
        "1.0.0.0/8",
        "2.0.0.0/7",
        "4.0.0.0/6",
        "8.0.0.0/7",
        "11.0.0.0/8",
        "12.0.0.0/6",
        "16.0.0.0/4",
        "32.0.0.0/3",
        "64.0.0.0/2",
        "128.0.0.0/1",
    ]
    assert asked(behind(tcp(443, *public)), WEB, 443) == "allowed"
    assert asked(behind(tcp(443, "2000::/3")), WEB6, 443) == "allowed"


# -- groups and the group itself as sources --------------------------------------------------------------------------


def shop():
    """`web` admits members of `lb` on 8080 and itself on 7000; `lb` and `web` have machines in the other subnet."""
    machines = [
        machine("web", WEB_PRIVATE, WEB, "web", ipv6=[WEB6]),
        machine("lb", "10.0.2.5", "198.51.100.9", "lb", at="b", ipv6=["2001:db8:0:2::5"]),
        machine("other", "10.0.2.6", None, "web", at="b"),
    ]
    return [*two_subnets(), group("web", tcp(8080, "sg-lb"), tcp(7000, "self")), group("lb"), *machines]


def test_a_group_as_source_admits_a_vantage_on_an_interface_that_carries_it():
    assert asked(shop(), WEB_PRIVATE, 8080, "aws_instance.lb") == "allowed"
    assert asked(shop(), WEB_PRIVATE, 8080, "aws_instance.other") == "blocked"


def test_the_group_itself_admits_its_own_members():
    assert asked(shop(), WEB_PRIVATE, 7000, "aws_instance.other") == "allowed"
    assert asked(shop(), WEB_PRIVATE, 7000, "aws_instance.lb") == "blocked"


def test_the_vantage_may_be_named_by_its_address():
    assert asked(shop(), WEB_PRIVATE, 8080, "10.0.2.5") == "allowed"


def test_inside_the_vpc_a_group_admits_by_ipv6_likewise():
    assert asked(shop(), WEB6, 8080, ("10.0.2.5", "2001:db8:0:2::5")) == "allowed"


def test_from_an_internet_vantage_a_group_as_source_blocks():
    assert asked(shop(), WEB, 8080) == "blocked"


def test_even_from_the_public_address_of_a_member():
    assert asked(shop(), WEB, 8080, "198.51.100.9") == "blocked"


def test_from_an_address_inside_that_no_resource_owns_a_group_is_unknown():
    assert asked(shop(), WEB_PRIVATE, 8080, "10.0.2.77") == "unknown by vantage"
    assert asked(shop(), WEB_PRIVATE, 22, "10.0.2.77") == "blocked"


def test_a_group_of_another_account_as_source_blocks_the_internet():
    net = behind(tcp(22, "sg-0badc0de"))
    assert asked(net, WEB, 22) == "blocked"


def test_self_beside_the_own_id_is_the_same():
    net = [
        *two_subnets(),
        group("web", tcp(7000, "self", "sg-web")),
        machine("web", WEB_PRIVATE, WEB, "web"),
        machine("o", "10.0.2.6", None, "web", at="b"),
    ]
    assert asked(net, WEB_PRIVATE, 7000, "aws_instance.o") == "allowed"


# -- the vantage's own groups must let the packet out ----------------------------------------------------------------


def sending(*, egress):
    """From `client` in subnet b to `web` in subnet a."""
    pair = [machine("web", WEB_PRIVATE, None, "web"), machine("client", "10.0.2.5", None, "client", at="b")]
    return [*two_subnets(), group("web", tcp(443)), group("client", egress=egress), *pair]


def from_client(net, port=443):
    return asked(net, WEB_PRIVATE, port, "aws_instance.client")


def test_the_vantages_own_groups_must_let_the_packet_out():
    assert from_client(sending(egress=[ALL_OUT])) == "allowed"
    assert from_client(sending(egress=[tcp(443, "10.0.0.0/16")])) == "allowed"
    assert from_client(sending(egress=[tcp(80)])) == "blocked"
    assert from_client(sending(egress=[tcp(443, "10.9.0.0/16")])) == "blocked"
    assert from_client(sending(egress=[tcp(443, "sg-web")])) == "allowed"


def test_an_empty_egress_in_the_code_lets_nothing_out():
    net = [r for r in sending(egress=[]) if r.address != "aws_security_group.client"]
    quiet = code("aws_security_group.client", {"egress": [], "name": "client"}, {"id": "sg-client", "vpc_id": "vpc-main", "egress": []})
    assert from_client([*net, quiet]) == "blocked"


def test_undeclared_egress_is_awss_allow_all_and_reported():
    net = [r for r in sending(egress=[]) if r.address != "aws_security_group.client"]
    silent = [*net, code("aws_security_group.client", {"name": "client"}, {"id": "sg-client", "vpc_id": "vpc-main"})]
    assert from_client(silent) == "allowed"
    found = [a for a in seen_from("aws_instance.client", silent).assumptions if a.resource == "aws_security_group.client"]
    assert "egress" in found[0].text


def test_undeclared_egress_with_a_recorded_empty_one_is_unknown():
    assert from_client(sending(egress=[])) == "unknown by code"


def test_separate_egress_rules_are_the_whole_egress():
    rule = state(
        "aws_vpc_security_group_egress_rule.r",
        id="r",
        security_group_id="sg-client",
        ip_protocol="tcp",
        from_port=80,
        to_port=80,
        cidr_ipv4="0.0.0.0/0",
    )
    assert from_client([*sending(egress=[ALL_OUT]), rule]) == "blocked"


# -- prefix lists ----------------------------------------------------------------------------------------------------


def test_a_prefix_list_in_the_code_is_its_entries():
    net = [*behind(tcp(22, "pl-partners")), prefix_list("partners", OFFICE, "198.18.0.0/15")]
    assert (asked(net, WEB, 22, IN_OFFICE), asked(net, WEB, 22, ELSEWHERE)) == ("allowed", "blocked")
    assert asked(net, WEB, 22) == "unknown by vantage"


def test_a_prefix_list_in_no_source_is_unknown_for_that_rule():
    net = behind(tcp(22, "pl-gone"), tcp(443))
    assert (asked(net, WEB, 22, IN_OFFICE), asked(net, WEB, 443, IN_OFFICE)) == ("unknown by code", "allowed")


def test_an_empty_prefix_list_admits_nobody():
    assert asked([*behind(tcp(22, "pl-none")), prefix_list("none")], WEB, 22) == "blocked"


def test_a_prefix_list_that_covers_the_family_together_with_a_rule_admits():
    net = [*behind(tcp(443, "pl-half", "128.0.0.0/1")), prefix_list("half", "0.0.0.0/1")]
    assert asked(net, WEB, 443) == "allowed"


# -- unknown never vanishes ------------------------------------------------------------------------------------------


def test_a_cidr_that_is_not_known_is_unknown_by_code():
    net = behind(tcp(22, cidr_blocks=LATER))
    assert asked(net, WEB, 22, IN_OFFICE) == "unknown by code"
    assert asked(net, WEB, 443, IN_OFFICE) == "blocked"


def test_another_rule_that_admits_makes_an_unknown_one_beside_it_harmless():
    assert asked(behind(tcp(22, cidr_blocks=LATER), tcp(22)), WEB, 22) == "allowed"


def test_a_group_in_no_source_makes_everything_unknown_that_the_others_do_not_admit():
    net = [*a_public_subnet(), group("web", tcp(443)), machine("web", WEB_PRIVATE, WEB, "web", "gone")]
    assert (asked(net, WEB, 443), asked(net, WEB, 22)) == ("allowed", "unknown by code")


def test_a_filter_that_blocks_blocks_whatever_else_is_unknown():
    lonely = [r for r in a_public_subnet() if not r.type.startswith("aws_route")]
    net = [*lonely, group("web", tcp(443)), machine("web", WEB_PRIVATE, WEB, "web", "gone")]
    assert str(host(net, WEB).tcp.blocked) == "0-65535"


# -- reasons ---------------------------------------------------------------------------------------------------------


def test_an_admitted_port_names_the_rule_that_admits():
    rule = state(
        "aws_vpc_security_group_ingress_rule.ssh",
        id="r2",
        security_group_id="sg-web",
        ip_protocol="tcp",
        from_port=22,
        to_port=22,
        cidr_ipv4=OFFICE,
    )
    assert reasons([*behind(), rule], WEB, 22, IN_OFFICE) == [f"aws_vpc_security_group_ingress_rule.ssh: tcp/22 from {OFFICE}"]


def test_a_blocked_port_names_the_groups_none_of_whose_rules_admits_it():
    assert reasons(behind(tcp(443)), WEB, 22) == ["aws_security_group.web: no rule admits it from here"]


def test_an_unknown_port_names_the_rule_that_can_not_be_told():
    (reason,) = reasons(behind(tcp(22, cidr_blocks=LATER)), WEB, 22, IN_OFFICE)
    assert "a CIDR that isn't known" in reason


def test_the_rules_in_front_of_a_host_are_told_whoever_they_admit():
    found = host(behind(tcp(22, OFFICE), allow("udp", 53, 60)), WEB, ELSEWHERE).ruled
    assert found == {("tcp", 22, 22), ("udp", 53, 60)}


def test_the_default_group_of_a_vpc_that_is_in_no_source_is_unknown():
    assert asked([*a_public_subnet(), machine("web", at="gone")], WEB, 443) == "unknown by code"
