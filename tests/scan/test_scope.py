from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest

from iacdrift.errors import ScopeError
from iacdrift.scan.scope import forbidden, guard, sweep_targets
from tests.scan.conftest import host, surface


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "169.254.1.1",
        "fd00:ec2::254",
        "fd00:ec2::23",
        "fe80::1",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "2002:a9fe:a9fe::1",
        "168.63.129.16",
        "100.100.100.200",
        "224.0.0.1",
        "ff02::1",
        "0.0.0.0",
        "::",
        "255.255.255.255",
        "2001:db8::1%eth0",
        "2001:db8::1%--script=x",
    ],
)
def test_never_scanned(address: str) -> None:
    assert forbidden(ip_address(address))
    with pytest.raises(ScopeError, match="never scanned"):
        guard(ip_address(address), (), "aws_instance.web")


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "10.0.0.1", "198.51.100.7", "2001:db8::1", "8.8.8.8", "::ffff:10.0.0.1"])
def test_may_be_scanned_when_the_model_owns_it(address: str) -> None:
    assert guard(ip_address(address), (), "x") == ip_address(address)


def test_the_allow_list_is_one() -> None:
    scope = (ip_network("198.51.100.0/24"),)
    assert guard(ip_address("198.51.100.7"), scope, "x") == ip_address("198.51.100.7")
    with pytest.raises(ScopeError, match=r"8\.8\.8\.8 \(aws_instance\.web\) is outside --scope 198\.51\.100\.0/24"):
        guard(ip_address("8.8.8.8"), scope, "aws_instance.web")
    with pytest.raises(ScopeError):
        guard(ip_address("2001:db8::1"), scope, "x")


def test_a_wide_scope_doesnt_open_metadata() -> None:
    with pytest.raises(ScopeError):
        guard(ip_address("169.254.169.254"), (ip_network("0.0.0.0/0"),), "x")


def test_a_sweep_leaves_out_what_somebody_owns() -> None:
    expected = surface(host("10.0.1.5"), subnets=(ip_network("10.0.1.0/28"),), known_addresses=frozenset({ip_address("10.0.1.6")}))
    found = sweep_targets(expected, (ip_network("10.0.1.0/28"),), ())
    # .0 to .3 and .15 are the provider's, .5 is a host, .6 is known
    assert [str(a) for a in found] == [f"10.0.1.{n}" for n in (4, 7, 8, 9, 10, 11, 12, 13, 14)]


def test_a_part_of_a_subnet_keeps_the_subnets_reserved_addresses() -> None:
    expected = surface(subnets=(ip_network("10.0.1.0/24"),))
    assert [str(a) for a in sweep_targets(expected, (ip_network("10.0.1.0/30"),), ())] == []
    assert len(sweep_targets(expected, (ip_network("10.0.1.8/29"),), ())) == 8


@pytest.mark.parametrize("network", ["10.0.0.0/16", "10.0.2.0/24", "0.0.0.0/0", "2001:db8::/64"])
def test_only_declared_subnets_are_swept(network: str) -> None:
    with pytest.raises(ScopeError, match="isn't inside a subnet"):
        sweep_targets(surface(subnets=(ip_network("10.0.1.0/24"),)), (ip_network(network),), ())


def test_a_huge_subnet_isnt_swept_whole() -> None:
    with pytest.raises(ScopeError, match="65,536"):
        sweep_targets(surface(subnets=(ip_network("2001:db8::/64"),)), (ip_network("2001:db8::/64"),), ())


def test_a_sweep_stays_in_scope() -> None:
    with pytest.raises(ScopeError, match="outside --scope"):
        sweep_targets(surface(subnets=(ip_network("10.0.1.0/24"),)), (ip_network("10.0.1.0/24"),), (ip_network("10.0.1.0/25"),))
