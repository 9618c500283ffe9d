"""PortSet against Python's own sets."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iacdrift.model.ports import ALL_PORTS, HIGHEST, NO_PORTS, PortSet

PORTS = st.integers(0, HIGHEST)
SPANS = st.tuples(PORTS, PORTS).map(sorted)
EDGES = st.sampled_from([0, 1, 22, 1023, 1024, 65534, 65535])


@st.composite
def pairs(draw):
    """A PortSet and the Python set that it must equal, of spans and of single ports, edges among them."""
    spans = draw(st.lists(st.tuples(st.integers(0, HIGHEST), st.integers(0, 300)), max_size=4))
    singles = draw(st.lists(st.one_of(PORTS, EDGES), max_size=6))
    plain = set(singles) | {port for first, length in spans for port in range(first, min(first + length, HIGHEST) + 1)}
    built = PortSet.of(singles)
    for first, length in spans:
        built |= PortSet.span(first, min(first + length, HIGHEST))
    return built, plain


@given(pairs(), pairs())
def test_the_operators_are_those_of_sets(one, other):
    (a, x), (b, y) = one, other
    assert set(a | b) == x | y
    assert set(a & b) == x & y
    assert set(a - b) == x - y
    assert set(a ^ b) == x ^ y
    assert a.isdisjoint(b) == x.isdisjoint(y)
    assert (a == b) == (x == y)


@given(pairs())
def test_length_truth_membership_and_order_are_those_of_sets(pair):
    ports, plain = pair
    assert len(ports) == len(plain)
    assert bool(ports) == bool(plain)
    assert list(ports) == sorted(plain)
    assert all((port in ports) == (port in plain) for port in (0, 1, 22, 1023, 1024, 65534, 65535))


@given(pairs())
def test_equal_sets_have_equal_hashes(pair):
    ports, plain = pair
    assert hash(ports) == hash(PortSet.of(sorted(plain)))


@given(pairs())
def test_the_complement_partitions_the_space(pair):
    ports, _ = pair
    assert ports | ~ports == ALL_PORTS
    assert ports & ~ports == NO_PORTS
    assert ~~ports == ports


@given(pairs())
def test_ranges_are_maximal_ascending_and_apart(pair):
    ports, plain = pair
    ranges = list(ports.ranges())
    assert {port for first, last in ranges for port in range(first, last + 1)} == plain
    assert all(second[0] - first[1] >= 2 for first, second in itertools.pairwise(ranges))


@given(pairs())
def test_text_reads_back(pair):
    ports, _ = pair
    assert PortSet.parse(str(ports)) == ports
    assert repr(ports) == f"PortSet.parse({str(ports)!r})"


@given(SPANS)
def test_a_span_holds_both_ends(span):
    first, last = span
    ports = PortSet.span(first, last)
    assert first in ports
    assert last in ports
    assert len(ports) == last - first + 1
    assert first - 1 not in ports
    assert last + 1 not in ports


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("0-65535", "0-65535"),
        ("22", "22"),
        ("443,22,80", "22,80,443"),
        ("8000-8010,22,23", "22-23,8000-8010"),
        ("1-5,3-9,10", "1-10"),
        (" 22 , 80 ", "22,80"),
        ("65535,0", "0,65535"),
    ],
)
def test_text_is_ascending_merged_and_without_spaces(text, shown):
    assert str(PortSet.parse(text)) == shown


@pytest.mark.parametrize("text", ["x", "22-", "-22", "1-2-3", "65536", "10-9", "22/tcp", "2 2", "1.5"])
def test_what_is_no_port_is_refused(text):
    with pytest.raises(ValueError, match="port"):
        PortSet.parse(text)


@pytest.mark.parametrize(("first", "last"), [(-1, 5), (0, 65536), (9, 8)])
def test_a_span_outside_the_space_is_refused(first, last):
    with pytest.raises(ValueError, match="port range"):
        PortSet.span(first, last)


@pytest.mark.parametrize("bits", [-1, 1 << 65536], ids=["negative", "too high"])
def test_bits_outside_the_space_are_refused(bits):
    with pytest.raises(ValueError, match="0 to 65535"):
        PortSet(bits)


@pytest.mark.parametrize("port", [-1, 65536])
def test_a_port_outside_the_space_is_refused(port):
    with pytest.raises(ValueError, match="port"):
        PortSet.of([port])


def test_only_integers_are_members():
    assert "22" not in ALL_PORTS
    assert None not in ALL_PORTS
    assert 65536 not in ALL_PORTS
    assert -1 not in ALL_PORTS
