"""A program's surface in a unit test: mocks, no engine, no packets."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest

from iacdrift.pulumi import assert_no_network_drift, collect, expect, observe
from iacdrift.surface.expected import ExpectedHost, HostStatus
from tests.pulumi.shop import infrastructure


class Addresses(pulumi.runtime.Mocks):
    """Somebody's own mocks: outputs are the inputs, and instances get an address."""

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[Any, Any]]:
        extra = {"publicIp": "198.51.100.7", "privateIp": "10.0.1.9"} if args.typ.endswith(":Instance") else {}
        return f"{args.name}-id", {**args.inputs, **extra}

    def call(self, args: pulumi.runtime.MockCallArgs) -> dict[Any, Any]:
        return {}


def only_host(surface: Any) -> ExpectedHost:
    (host,) = surface.hosts
    return host


def test_my_program_admits_exactly_443_from_the_internet() -> None:
    surface = collect(lambda: infrastructure([443]) and None, mocks=Addresses())
    host = only_host(surface)
    assert str(host.address) == "198.51.100.7"
    assert str(host.tcp.allowed) == "443"
    assert not host.tcp.unknown
    assert surface.declared_from == "configuration"


def test_without_addresses_the_ports_are_told_all_the_same() -> None:
    host = only_host(collect(lambda: infrastructure([22, 443]) and None))
    assert host.status is HostStatus.PENDING
    assert str(host.tcp.allowed) == "22,443"


def test_who_is_admitted_counts() -> None:
    host = only_host(collect(lambda: infrastructure([443], source="203.0.113.0/24") and None, vantage="198.51.100.200"))
    assert not host.tcp.allowed


def test_resources_inside_components_count() -> None:
    class Site(pulumi.ComponentResource):
        def __init__(self) -> None:
            super().__init__("shop:index:Site", "site")
            infrastructure([443], parent=self)

    host = only_host(collect(lambda: Site() and None))
    assert str(host.tcp.allowed) == "443"
    assert "Site" not in host.owner


def test_a_program_that_asserts_scans_nothing_under_mocks() -> None:
    reports: list[Any] = []

    def program() -> None:
        watch = observe()
        infrastructure([443])
        assert_no_network_drift(watch).apply(reports.append)

    assert len(collect(program).hosts) == 1
    assert reports in ([], [None])


def test_expectations_among_the_outputs_join_the_model() -> None:
    def program() -> None:
        host = infrastructure([443])
        pulumi.export("network", expect(host.public_ip, open=["443/tcp"], allowed=["22/tcp"], admitted_from=["203.0.113.0/24"]))

    hosts = collect(program, mocks=Addresses(), vantage="203.0.113.9").hosts
    assert any(str(host.address) == "198.51.100.7" and 443 in host.tcp.open for host in hosts)


@pytest.mark.parametrize(
    ("parts", "said"),
    [({"open": ["443"]}, "443/tcp"), ({"open": ["443/tcp"], "admitted_from": ["here"]}, "here"), ({}, "at least one port")],
)
def test_an_expectation_that_makes_no_sense_fails_the_program(parts: dict[str, Any], said: str) -> None:
    with pytest.raises(pulumi.RunError, match=said):
        collect(lambda: pulumi.export("network", expect("192.0.2.1", **parts)))


def test_a_secret_in_an_expectation_fails_the_program_and_is_not_shown() -> None:
    def program() -> None:
        pulumi.export("network", expect(pulumi.Output.secret("192.0.2.77"), open=["443/tcp"]))

    with pytest.raises(pulumi.RunError, match="a part of it is a secret") as caught:
        collect(program)
    assert "192.0.2.77" not in str(caught.value)


def test_observe_after_resources_exist_raises_and_names_one() -> None:
    def program() -> None:
        host = infrastructure([443])
        observe()
        pulumi.export("host", host.id)

    with pytest.raises(pulumi.RunError, match=r"observe\(\) must be the first line of the program: .* exists already"):
        collect(program)


def test_a_programs_file_can_be_given(tmp_path: Any) -> None:
    file = tmp_path / "__main__.py"
    file.write_text("from tests.pulumi.shop import infrastructure\ninfrastructure([443])\n")
    assert str(only_host(collect(file)).tcp.allowed) == "443"


def test_an_empty_program_is_a_gap_and_not_a_surface_that_is_fine() -> None:
    assert "holds no resource" in " ".join(collect(lambda: None).gaps)
