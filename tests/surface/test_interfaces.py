"""Which addresses are seen from where, and whether there is something at them."""

import pytest

from tests.providers.resources import state
from tests.surface.networks import (
    IN_OFFICE,
    WEB,
    WEB6,
    WEB_PRIVATE,
    a_public_subnet,
    asked,
    group,
    hidden,
    host,
    machine,
    seen_from,
    tcp,
    web,
)

NET = [*a_public_subnet(), *web(tcp(443))]


def shown(surface):
    return {str(h.address) for h in surface.hosts}


def test_from_the_internet_every_public_ipv4_and_every_ipv6_address_is_a_host():
    assert shown(seen_from("internet", NET)) == {WEB, WEB6}


def test_they_are_hosts_even_if_all_is_blocked():
    closed = [*a_public_subnet(), *web()]
    assert shown(seen_from("internet", closed)) == {WEB, WEB6}
    assert str(host(closed, WEB).tcp.blocked) == "0-65535"


def test_a_private_ipv4_is_never_reachable_from_an_internet_vantage_and_is_listed():
    assert hidden(NET, WEB_PRIVATE) == "a private address can't be reached from the internet"


def test_from_inside_every_private_and_ipv6_address_of_the_vpc_is_a_host():
    assert shown(seen_from("10.0.1.99", NET)) == {WEB_PRIVATE, WEB6}


def test_a_public_address_seen_from_inside_is_listed():
    assert "private address is judged" in hidden(NET, WEB, "10.0.1.99")


def test_an_address_is_public_because_the_resource_says_so_not_because_of_its_range():
    emulated = [*a_public_subnet(), group("web", tcp(443)), machine("web", WEB_PRIVATE, "127.28.65.107", "web")]
    assert asked(emulated, "127.28.65.107", 443) == "allowed"


@pytest.mark.parametrize(("families", "found"), [((4,), {WEB}), ((6,), {WEB6}), ((4, 6), {WEB, WEB6})])
def test_a_family_that_is_deselected_is_not_looked_at(families, found):
    assert shown(seen_from("internet", NET, families=families)) == found


def test_a_stopped_machine_is_left_out_and_listed():
    assert host([*a_public_subnet(), *web(tcp(443), instance_state="stopped")], WEB).status.value == "stopped"


def test_an_unattached_elastic_ip_is_left_out_and_listed():
    loose = state("aws_eip.loose", id="eipalloc-1", public_ip="203.0.113.200", instance="", network_interface="")
    assert "attached to nothing" in hidden([*NET, loose], "203.0.113.200")
    assert "203.0.113.200" not in shown(seen_from("internet", [*NET, loose]))


def test_an_elastic_ip_takes_the_place_of_the_auto_assigned_address():
    elastic = state("aws_eip.web", id="eipalloc-1", public_ip="203.0.113.50", instance="i-web", private_ip=WEB_PRIVATE)
    found = shown(seen_from("internet", [*NET, elastic]))
    assert "203.0.113.50" in found
    assert WEB not in found


def test_two_unrelated_states_with_the_same_resource_names_are_two_machines():
    other = state(
        "aws_instance.web",
        source="other.tfstate",
        id="i-2",
        subnet_id="subnet-a",
        private_ip="10.0.1.6",
        public_ip="198.51.100.8",
        vpc_security_group_ids=["sg-other"],
    )
    rules = state("aws_security_group.web", source="other.tfstate", id="sg-other", vpc_id="vpc-main", ingress=[tcp(22)])
    both = [*NET, other, rules]
    assert (asked(both, WEB, 443), asked(both, "198.51.100.8", 443)) == ("allowed", "blocked")
    assert (asked(both, WEB, 22), asked(both, "198.51.100.8", 22)) == ("blocked", "allowed")


def test_the_vantage_itself_is_not_scanned():
    assert "the vantage itself" in hidden(NET, WEB_PRIVATE, WEB_PRIVATE)


def test_no_host_in_view_is_a_gap():
    assert seen_from("internet", [*a_public_subnet(), machine("db", "10.0.1.7", None)]).gaps


def test_no_host_in_the_source_says_what_was_found_instead():
    (gap,) = seen_from("internet", a_public_subnet()).gaps
    assert "1 aws_subnet" in gap


def test_hosts_are_in_the_order_of_their_addresses():
    more = [machine(f"m{n}", f"10.0.1.{n}", f"198.51.100.{n}", "web") for n in (30, 9, 100)]
    found = [str(h.address) for h in seen_from(IN_OFFICE, [*NET, *more], families=(4,)).hosts]
    assert found == [WEB, "198.51.100.9", "198.51.100.30", "198.51.100.100"]
