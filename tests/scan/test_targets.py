from __future__ import annotations

import socket
import threading
from collections.abc import Sequence
from ipaddress import ip_address

import pytest
from attrs import evolve

from iacdrift.errors import ScopeError
from iacdrift.scan.settings import ScanSettings
from iacdrift.scan.targets import find_targets
from iacdrift.surface.expected import Address, ExpectedHost, HostStatus
from tests.scan.conftest import host, surface

DB = ExpectedHost("aws_db_instance.db", "s", name="db.example.com", status=HostStatus.BY_NAME)


class Resolver:
    """Gives what it was told, and counts how often it was asked."""

    def __init__(self, **answers: Sequence[str]) -> None:
        self.answers, self.asked = answers, 0

    def __call__(self, name: str) -> Sequence[Address]:
        self.asked += 1
        return [ip_address(text) for text in self.answers[name.partition(".")[0]]]


def test_a_name_is_resolved_once_and_pinned() -> None:
    resolver = Resolver(db=["198.51.100.9", "2001:db8::9"])
    targets = find_targets(surface(DB, evolve(DB, owner="aws_route53_record.db"), vantage="internet"), ScanSettings(), resolver)
    assert resolver.asked == 1
    assert targets.resolved == {"db.example.com": (ip_address("198.51.100.9"), ip_address("2001:db8::9"))}
    assert set(targets.hosts) == {ip_address("198.51.100.9"), ip_address("2001:db8::9")}
    assert targets.name(ip_address("198.51.100.9")) == "db.example.com"


@pytest.mark.parametrize(
    ("addresses", "why"),
    [
        (["169.254.169.254"], "metadata"),
        (["198.51.100.9", "169.254.169.254"], "metadata"),
        (["10.0.0.5"], "private address, not reachable"),
        (["127.0.0.1"], "this machine itself"),
        (["fd00::5"], "private address"),
        ([], "no address"),
    ],
)
def test_an_endpoint_that_resolves_to_something_else_isnt_scanned(addresses: list[str], why: str) -> None:
    targets = find_targets(surface(DB, vantage="internet"), ScanSettings(), Resolver(db=addresses))
    assert not targets.hosts
    assert why in targets.unresolved["db.example.com"]


def test_inside_its_network_a_private_address_is_meant() -> None:
    expected = surface(DB, vantage="10.0.0.9")
    inside = evolve(expected, vantage=expected.vantage.standing_in("vpc-1"))
    assert set(find_targets(inside, ScanSettings(), Resolver(db=["10.0.0.5"])).hosts) == {ip_address("10.0.0.5")}


def test_a_name_outside_the_allow_list_is_refused() -> None:
    with pytest.raises(ScopeError, match=r"db\.example\.com"):
        find_targets(surface(DB, vantage="internet"), ScanSettings(scope="192.0.2.0/24"), Resolver(db=["198.51.100.9"]))


def test_a_name_that_doesnt_resolve_is_told() -> None:
    def resolver(name: str) -> Sequence[Address]:
        raise socket.gaierror(-2, "Name or service not known")

    targets = find_targets(surface(DB, host("198.51.100.1")), ScanSettings(), resolver)
    assert targets.unresolved == {"db.example.com": "it doesn't resolve (Name or service not known)"}
    assert list(targets.hosts) == [ip_address("198.51.100.1")]


def test_a_name_server_that_hangs_holds_nothing_up() -> None:
    release = threading.Event()

    def resolver(name: str) -> Sequence[Address]:
        release.wait(30)
        return [ip_address("198.51.100.9")]

    targets = find_targets(surface(DB), ScanSettings(name_timeout=0.05), resolver)
    release.set()
    assert "didn't answer" in targets.unresolved["db.example.com"]


@pytest.mark.parametrize("name", ["-oX/tmp/x", "a b", "$(id)", "a;b", "--script=vuln", "a/24", "x" * 300, "é.example"])
def test_what_is_no_name_is_never_asked(name: str) -> None:
    resolver = Resolver()
    targets = find_targets(surface(evolve(DB, name=name)), ScanSettings(), resolver)
    assert resolver.asked == 0
    assert targets.unresolved == {name: "it is no DNS name"}


@pytest.mark.parametrize("status", [HostStatus.PENDING, HostStatus.STOPPED, HostStatus.LEAVING, HostStatus.UNADDRESSED])
def test_only_present_hosts_are_scanned(status: HostStatus) -> None:
    assert not find_targets(surface(host("198.51.100.1", status=status)), ScanSettings(), Resolver()).hosts


def test_a_family_that_isnt_asked_for_is_left_out() -> None:
    expected = surface(host("198.51.100.1"), host("2001:db8::1"))
    assert list(find_targets(expected, ScanSettings(families=(6,)), Resolver()).hosts) == [ip_address("2001:db8::1")]


def test_metadata_in_the_model_is_refused() -> None:
    with pytest.raises(ScopeError, match=r"169\.254\.169\.254 \(aws_instance\.web\)"):
        find_targets(surface(host("169.254.169.254")), ScanSettings(), Resolver())
