from __future__ import annotations

from attrs import evolve

from iacdrift.model.ports import ALL_PORTS, PortSet
from iacdrift.scan.ports import ADMINISTRATIVE, asked_ports
from iacdrift.scan.spec import PortSpec
from tests.scan.conftest import P, host

TOP, TOP_UDP = P("22,80,443"), P("53,123")
RULED = frozenset({("tcp", 8000, 8010), ("tcp", 9000, 9100), ("tcp", 0, 0), ("udp", 500, 500), ("udp", 0, 65535)})
HOST = evolve(host("198.51.100.7", "443", "53"), ruled=RULED)


def asked(spec: str) -> tuple[PortSet, PortSet, PortSet]:
    found = asked_ports(HOST, PortSpec.parse(spec), TOP, TOP_UDP)
    return found.tcp, found.udp, found.udp_implied


def test_declared_is_what_must_be_open_and_narrow_rules() -> None:
    assert asked("declared") == (P("0,443,8000-8010"), P("53"), P("500"))


def test_common_adds_neighbours_the_frequent_and_the_administrative() -> None:
    tcp, udp, implied = asked("common")
    assert tcp == P("0-1,443,7999-8011,8999-9000,9100-9101") | TOP | ADMINISTRATIVE
    assert (udp, implied) == (P("53"), P("123,500"))


def test_the_ports_of_past_incidents_are_there() -> None:
    assert P("22,2375,2379,3389,5432,5984,6379,9200,10250,11211,27017") - ADMINISTRATIVE == PortSet()


def test_all_is_all_of_tcp() -> None:
    assert asked("all") == (ALL_PORTS, P("53"), P("123,500"))


def test_listed_ports_are_asked_with_every_expected_open() -> None:
    assert asked("22,U:161") == (P("22,443"), P("53,161"), PortSet())


def test_an_allowed_range_is_asked_where_it_is_narrow() -> None:
    narrow = host("198.51.100.7", allowed="22,1000-1015,2000-2016")
    assert asked_ports(narrow, PortSpec.parse("declared"), TOP, TOP_UDP).tcp == P("22,1000-1015")
