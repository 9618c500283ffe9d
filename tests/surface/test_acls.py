"""Network ACLs: per subnet, ordered by rule number, first match, stateless; the sentences of "Network ACLs"."""

import pytest

from tests.providers.resources import LATER, code, state
from tests.surface.networks import (
    ANYWHERE,
    ELSEWHERE,
    IN_OFFICE,
    OFFICE,
    OPEN_ACL,
    OUT,
    WEB,
    WEB6,
    WEB_PRIVATE,
    acl,
    asked,
    entry,
    everything,
    gateway,
    group,
    host,
    machine,
    reasons,
    seen_from,
    subnet,
    table,
    vpc,
    web,
)

PLACE = [vpc(), subnet(), gateway(), *table("public", *OUT, subnets="a"), *web(everything(ANYWHERE, "::/0"))]


def filtered(*ingress, egress=OPEN_ACL):
    return [*PLACE, acl("x", "a", ingress=ingress, egress=egress)]


def replies(*egress):
    return filtered(*OPEN_ACL, egress=egress)


# -- inbound ---------------------------------------------------------------------------------------------------------


def test_the_first_match_in_order_of_numbers_decides():
    net = filtered(entry(100, "allow"), entry(90, "deny", "tcp", 3389, 3389))
    assert (asked(net, WEB, 3389), asked(net, WEB, 22)) == ("blocked", "allowed")
    net = filtered(entry(80, "allow", "tcp", 3389, 3389), entry(90, "deny", "tcp", 3389, 3389))
    assert asked(net, WEB, 3389) == "allowed"


def test_after_the_last_rule_everything_is_denied():
    net = filtered(entry(100, "allow", "tcp", 443, 443))
    assert (asked(net, WEB, 443), asked(net, WEB, 22), asked(net, WEB, 443, protocol="udp")) == ("allowed", "blocked", "blocked")


def test_an_acl_without_entries_admits_nothing():
    assert str(host(filtered(), WEB).tcp.blocked) == "0-65535"


def test_a_known_source_meets_the_entries_that_hold_it():
    net = filtered(entry(10, "deny", cidr=OFFICE), entry(20, "allow"))
    assert (asked(net, WEB, 22, IN_OFFICE), asked(net, WEB, 22, ELSEWHERE)) == ("blocked", "allowed")


def test_a_source_that_may_be_anywhere_is_decided_only_if_every_public_source_is():
    assert asked(filtered(entry(10, "deny", cidr=OFFICE), entry(20, "allow")), WEB, 22) == "unknown by vantage"
    assert asked(filtered(entry(10, "allow", cidr=OFFICE)), WEB, 22) == "unknown by vantage"
    assert asked(filtered(entry(10, "deny", cidr="10.0.0.0/8"), entry(20, "allow")), WEB, 22) == "allowed"
    assert asked(filtered(entry(10, "allow", cidr="10.0.0.0/8")), WEB, 22) == "blocked"


def test_entries_that_together_admit_every_source_admit():
    assert asked(filtered(entry(10, "allow", cidr="0.0.0.0/1"), entry(20, "allow", cidr="128.0.0.0/1")), WEB, 22) == "allowed"


def test_each_family_has_its_own_entries():
    net = filtered(entry(100, "allow"))
    assert (asked(net, WEB, 22), asked(net, WEB6, 22)) == ("allowed", "blocked")


def test_icmp_entries_say_nothing_of_ports():
    assert asked(filtered(entry(10, "deny", "icmp", 0, 0), entry(20, "allow")), WEB, 22) == "allowed"


# -- outbound: stateless ---------------------------------------------------------------------------------------------


def test_the_answer_must_be_admitted_to_the_clients_ephemeral_ports():
    assert asked(replies(entry(10, "allow", "tcp", 1024, 65535)), WEB, 22) == "allowed"


def test_an_acl_that_lets_no_answer_out_blocks():
    assert asked(replies(), WEB, 22) == "blocked"
    assert asked(replies(entry(10, "allow", "tcp", 22, 22)), WEB, 22) == "blocked"
    assert asked(replies(entry(10, "allow", "tcp", 0, 1023)), WEB, 22) == "blocked"


@pytest.mark.parametrize(("first", "last"), [(32768, 65535), (1024, 65534), (1025, 65535), (49152, 49152)])
def test_a_part_of_the_ephemeral_ports_is_unknown(first, last):
    assert asked(replies(entry(10, "allow", "tcp", first, last)), WEB, 22).startswith("unknown")


def test_answers_of_tcp_and_udp_are_apart():
    net = replies(entry(10, "allow", "tcp", 1024, 65535))
    assert (asked(net, WEB, 53), asked(net, WEB, 53, protocol="udp")) == ("allowed", "blocked")


def test_the_answer_goes_to_the_vantage():
    net = replies(entry(10, "allow", cidr=OFFICE))
    assert (asked(net, WEB, 22, IN_OFFICE), asked(net, WEB, 22, ELSEWHERE)) == ("allowed", "blocked")
    assert asked(net, WEB, 22) == "unknown by vantage"


# -- whose ACL -------------------------------------------------------------------------------------------------------


def test_without_a_word_awss_default_which_admits_everything_is_assumed_and_reported():
    assert asked(PLACE, WEB, 22) == "allowed"
    assert "no network ACL is declared" in " ".join(a.text for a in seen_from("internet", PLACE).assumptions)


def test_under_strict_that_assumption_is_unknown():
    assert asked(PLACE, WEB, 22, strict=True) == "unknown by code"


def test_the_default_acl_serves_as_it_is_declared():
    default = state(
        "aws_default_network_acl.d", id="acl-d", vpc_id="vpc-main", ingress=[entry(1, "allow", "tcp", 443, 443)], egress=[entry(1, "allow")]
    )
    net = [*PLACE, default]
    assert (asked(net, WEB, 443), asked(net, WEB, 22)) == ("allowed", "blocked")


def test_an_acl_of_its_own_wins_over_the_default_one():
    default = state("aws_default_network_acl.d", id="acl-d", vpc_id="vpc-main", ingress=[], egress=[])
    assert asked([*filtered(*OPEN_ACL), default], WEB, 22) == "allowed"


def test_an_association_names_the_acl_too():
    closed = state("aws_network_acl.closed", id="acl-closed", vpc_id="vpc-main", subnet_ids=[], ingress=[], egress=[])
    link = state("aws_network_acl_association.a", id="x", network_acl_id="acl-closed", subnet_id="subnet-a")
    assert asked([*PLACE, closed, link], WEB, 22) == "blocked"


def test_an_acl_that_is_in_no_source_is_unknown():
    link = state("aws_network_acl_association.a", id="x", network_acl_id="acl-gone", subnet_id="subnet-a")
    assert asked([*PLACE, link], WEB, 22) == "unknown by code"


def test_rule_resources_alone_declare_their_direction():
    rule = state(
        "aws_network_acl_rule.r",
        id="r",
        network_acl_id="acl-x",
        egress=False,
        rule_number=1,
        rule_action="allow",
        protocol="tcp",
        from_port=443,
        to_port=443,
        cidr_block=ANYWHERE,
    )
    net = [*filtered(*OPEN_ACL), rule]
    assert (asked(net, WEB, 443), asked(net, WEB, 22)) == ("allowed", "blocked")


# -- unknown ---------------------------------------------------------------------------------------------------------


def test_an_entry_that_can_not_be_read_makes_unknown_what_it_may_decide():
    net = filtered(entry(10, "deny", "tcp", LATER, LATER), entry(20, "allow"))
    assert asked(net, WEB, 22) == "unknown by code"
    assert asked(net, WEB, 53, protocol="udp") == "allowed"


def test_a_network_that_is_not_known_decides_or_not():
    unknown = {**entry(10, "deny", "tcp", 22, 22), "cidr_block": LATER}
    net = filtered(unknown, entry(20, "allow"))
    assert (asked(net, WEB, 22, IN_OFFICE), asked(net, WEB, 80, IN_OFFICE)) == ("unknown by code", "allowed")


def test_an_unknown_entry_that_would_say_the_same_as_the_next_is_harmless():
    unknown = {**entry(10, "allow", "tcp", 22, 22), "cidr_block": LATER}
    assert asked(filtered(unknown, entry(20, "allow")), WEB, 22) == "allowed"


@pytest.mark.parametrize("number", [LATER, None])
def test_an_entry_whose_number_is_not_known_may_come_first_or_last(number):
    net = filtered({**entry(10, "deny", "tcp", 22, 22), "rule_no": number}, entry(20, "allow"))
    assert asked(net, WEB, 22) == "unknown by code"


def test_an_allowing_entry_whose_number_is_not_known_may_come_before_a_denial():
    net = filtered({**entry(10, "allow", "tcp", 22, 22), "rule_no": LATER}, entry(20, "deny"))
    assert asked(net, WEB, 22) == "unknown by code"


def test_entries_that_are_not_known_at_all():
    dynamic = code("aws_network_acl.x", {"subnet_ids": ["subnet-a"], "ingress": LATER, "egress": list(OPEN_ACL)}, {"id": "acl-x"})
    assert asked([*PLACE, dynamic], WEB, 22) == "unknown by code"


# -- inside ----------------------------------------------------------------------------------------------------------

INSIDE = [
    vpc(),
    subnet(),
    subnet("b", "10.0.2.0/24", "2001:db8:0:2::/64"),
    group("all", everything(ANYWHERE, "::/0")),
    machine("web", WEB_PRIVATE, WEB, "all", ipv6=[WEB6]),
    machine("beside", "10.0.1.6", None, "all"),
    machine("client", "10.0.2.5", None, "all", at="b"),
]
CLOSED = acl("closed", "a", ingress=(), egress=())


def test_traffic_within_one_subnet_passes_no_acl():
    assert asked([*INSIDE, CLOSED], WEB_PRIVATE, 22, "aws_instance.beside") == "allowed"


def test_traffic_from_another_subnet_passes_the_targets_acl():
    assert asked([*INSIDE, CLOSED, acl("b", "b")], WEB_PRIVATE, 22, "aws_instance.client") == "blocked"


@pytest.mark.parametrize(
    ("ingress", "egress", "expected"),
    [
        (OPEN_ACL, OPEN_ACL, "allowed"),
        (OPEN_ACL, (entry(1, "allow", "tcp", 22, 22),), "allowed"),
        (OPEN_ACL, (entry(1, "allow", "tcp", 80, 80),), "blocked"),
        (OPEN_ACL, (), "blocked"),
        ((entry(1, "allow", "tcp", 1024, 65535, "10.0.1.0/24"),), OPEN_ACL, "allowed"),
        ((entry(1, "allow", "tcp", 1024, 65535, "10.0.9.0/24"),), OPEN_ACL, "blocked"),
        ((entry(1, "allow", "tcp", 22, 22),), OPEN_ACL, "blocked"),
        ((entry(1, "allow", "tcp", 40000, 50000),), OPEN_ACL, "unknown"),
    ],
)
def test_the_vantages_own_acl_counts_too_out_to_the_port_and_in_to_the_ephemeral_ports(ingress, egress, expected):
    net = [*INSIDE, acl("open", "a"), acl("own", "b", ingress=ingress, egress=egress)]
    assert asked(net, WEB_PRIVATE, 22, "aws_instance.client").startswith(expected)


# -- reasons ---------------------------------------------------------------------------------------------------------


def test_a_blocked_port_names_the_entry_that_denies():
    assert reasons(filtered(entry(90, "deny", "tcp", 3389, 3389), *OPEN_ACL), WEB, 3389) == [
        "aws_network_acl.x: rule 90: deny tcp/3389 0.0.0.0/0"
    ]


def test_a_port_that_no_entry_matches_says_so():
    assert reasons(filtered(entry(90, "allow", "tcp", 443, 443)), WEB, 22) == [
        "aws_network_acl.x: no entry matches, so the last one denies"
    ]


def test_an_answer_that_does_not_pass_says_so():
    (reason,) = reasons(replies(), WEB, 22)
    assert "answer doesn't pass" in reason
