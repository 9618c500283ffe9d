"""Space against brute force on a small part of the address space, and what counts as public."""

import itertools
from ipaddress import IPv4Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iacdrift.model.addresses import PUBLIC, Space, is_public, parse_network

BASE = int(IPv4Address("198.51.100.0"))
WHOLE = Space(4, ((BASE, BASE + 255),))


@st.composite
def networks(draw):
    """A network of 198.51.100.0/24, or one that holds it all, or one beside it."""
    if draw(st.integers(0, 9)) == 0:
        return ip_network(draw(st.sampled_from(["0.0.0.0/0", "198.51.0.0/16", "10.0.0.0/8", "2001:db8::/32", "::/0"])))
    length = draw(st.integers(24, 32))
    address = BASE + draw(st.integers(0, 255))
    return ip_network(f"{IPv4Address(address)}/{length}", strict=False)


SPACES = st.lists(networks(), max_size=4).map(WHOLE.without_all)


def members(space):
    """All addresses of a space, one by one."""
    return {value for first, last in space.spans for value in range(first, last + 1)}


def addresses(network):
    """The network's addresses within the small space, one by one."""
    if network.version != 4:
        return set()
    return {value for value in range(BASE, BASE + 256) if IPv4Address(value) in network}


@given(SPACES, networks())
def test_without_takes_the_network_away(space, network):
    assert members(space.without(network)) == members(space) - addresses(network)


@given(SPACES, networks())
def test_meets_when_one_address_lies_in_it(space, network):
    assert space.meets(network) == bool(members(space) & addresses(network))


@given(SPACES, networks())
def test_within_when_every_address_lies_in_it(space, network):
    assert space.within(network) == (bool(members(space)) and members(space) <= addresses(network))


@given(SPACES, st.lists(networks(), max_size=5))
def test_the_order_of_networks_makes_no_difference(space, some):
    assert members(space.without_all(some)) == members(space.without_all(reversed(some)))


@given(SPACES, networks())
def test_spans_stay_ascending_disjoint_and_whole(space, network):
    spans = space.without(network).spans
    assert all(first <= last for first, last in spans)
    assert all(before[1] < after[0] for before, after in itertools.pairwise(spans))


@given(SPACES)
def test_a_space_is_true_when_it_holds_an_address(space):
    assert bool(space) == bool(members(space))


def test_one_address():
    space = Space.of(ip_address("2001:db8::7"))
    assert space.within(ip_network("2001:db8::/32"))
    assert not space.meets(ip_network("0.0.0.0/0"))
    assert not space.without(ip_network("2001:db8::7/128"))


def test_two_halves_cover_a_family():
    halves = [ip_network("0.0.0.0/1"), ip_network("128.0.0.0/1")]
    assert not PUBLIC[4].without_all(halves)
    assert PUBLIC[4].without_all(halves[:1])


@pytest.mark.parametrize(
    "text", ["10.0.0.1", "172.31.0.1", "192.168.1.1", "100.64.0.1", "127.0.0.1", "169.254.169.254", "224.0.0.1", "0.1.2.3"]
)
def test_private_loopback_link_local_and_shared_addresses_are_not_public(text):
    assert not is_public(ip_address(text))


@pytest.mark.parametrize("text", ["fd00::1", "fe80::1", "::1", "ff02::1"])
def test_unique_local_link_local_loopback_and_multicast_are_not_public_in_ipv6(text):
    assert not is_public(ip_address(text))


@pytest.mark.parametrize("text", ["192.0.2.1", "198.51.100.7", "203.0.113.9", "2001:db8::1", "8.8.8.8", "100.63.255.255", "172.32.0.1"])
def test_documentation_prefixes_count_as_public(text):
    assert is_public(ip_address(text))


@pytest.mark.parametrize(
    ("text", "network"),
    [
        ("195.0.2.65/24", "195.0.2.0/24"),
        ("10.0.0.7", "10.0.0.7/32"),
        (" 10.0.0.0/8 ", "10.0.0.0/8"),
        ("2001:db8::7", "2001:db8::7/128"),
        ("2001:db8::7/64", "2001:db8::/64"),
    ],
)
def test_bare_addresses_and_host_bits_are_networks(text, network):
    assert parse_network(text) == ip_network(network)


@pytest.mark.parametrize("text", ["*", "Any", "Internet", "", "10.0.0.0/33", "10.0.0", "pl-1"])
def test_what_is_no_network_is_refused(text):
    with pytest.raises(ValueError, match="does not appear"):
        parse_network(text)
