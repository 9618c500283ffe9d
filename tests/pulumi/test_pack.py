"""The policy pack, driven over gRPC without an engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pulumi.runtime.proto import analyzer_pb2

from tests.needs import needs
from tests.pulumi.engine import Listener
from tests.pulumi.pack import UNKNOWN, Pack, Resource, running, write
from tests.pulumi.shop import ANYWHERE, WEB

GROUP = "aws:ec2/securityGroup:SecurityGroup"


def group(ingress: Any, name: str = "web", **outputs: Any) -> Resource:
    given = {"ingress": ingress, "vpcId": "vpc-1"}
    return Resource(GROUP, name, given, {**given, "id": f"sg-{name}", "egress": [], **outputs})


def rule(port: Any, source: Any = ANYWHERE, protocol: str = "tcp") -> dict[str, Any]:
    return {"protocol": protocol, "fromPort": port, "toPort": port, "cidrBlocks": [source]}


@pytest.fixture
def planned(tmp_path: Path) -> Iterator[Pack]:
    with running(write(tmp_path / "pack"), dry_run=True) as pack:
        yield pack


@pytest.fixture
def updated(tmp_path: Path) -> Iterator[Pack]:
    with running(write(tmp_path / "pack")) as pack:
        yield pack


def said(diagnostics: list[Any]) -> str:
    return "\n".join(f"{one.policyName} {one.enforcementLevel} {one.urn} {one.message}" for one in diagnostics)


def test_administrative_ports_open_to_the_world_are_violations_in_a_preview(planned: Pack) -> None:
    diagnostics = planned.judge([group([rule(22.0), rule(443), rule(5432)])])
    assert {one.policyName for one in diagnostics} == {"no-undeclared-exposure"}
    assert {one.enforcementLevel for one in diagnostics} == {analyzer_pb2.MANDATORY}
    assert {one.urn for one in diagnostics} == {group([]).urn}
    assert "tcp/22 " in said(diagnostics)
    assert "tcp/5432 " in said(diagnostics)
    assert "443" not in said(diagnostics)


@pytest.mark.parametrize(
    "ingress",
    [[], [rule(443)], [rule(22, "203.0.113.0/24")], [rule(22, protocol="icmp")]],
    ids=["none", "https", "office", "icmp"],
)
def test_what_is_not_exposed_is_no_violation(planned: Pack, ingress: Any) -> None:
    assert planned.judge([group(ingress)]) == []


@pytest.mark.parametrize(
    "ingress",
    [
        [rule(0, protocol="-1")],
        [{"protocol": "tcp", "fromPort": 0, "toPort": 65535, "ipv6CidrBlocks": ["::/0"]}],
        [{"protocol": "tcp", "fromPort": 20, "toPort": 30, "cidrBlocks": ["0.0.0.0/1", "128.0.0.0/1"]}],
    ],
    ids=["every protocol", "IPv6", "two halves"],
)
def test_the_world_in_another_dress(planned: Pack, ingress: Any) -> None:
    assert "22" in said(planned.judge([group(ingress)]))


def test_a_rule_of_its_own_counts(planned: Pack) -> None:
    given = {"type": "ingress", "securityGroupId": "sg-web", "protocol": "tcp", "fromPort": 22, "toPort": 22, "cidrBlocks": [ANYWHERE]}
    alone = Resource("aws:ec2/securityGroupRule:SecurityGroupRule", "ssh", given, {**given, "id": "sgrule-1"})
    (found,) = planned.judge([alone, Resource(GROUP, "web", {"vpcId": "vpc-1"}, {"vpcId": "vpc-1", "id": "sg-web", "ingress": []})])
    assert found.urn == alone.urn


def test_a_justification_needs_a_reason_and_covers_its_ports_only(planned: Pack) -> None:
    stack = [group([rule(22), rule(5432)])]
    planned.configure("no-undeclared-exposure", {"justified": [{"resource": "*::web", "ports": "22", "why": "the bastion"}]})
    (left,) = planned.judge(stack)
    assert "5432" in left.message
    planned.configure("no-undeclared-exposure", {"justified": [{"resource": "*::web", "ports": "22"}]})
    assert '"why"' in said(planned.judge(stack))


def test_a_configuration_that_means_nothing_is_a_violation(planned: Pack) -> None:
    planned.configure("no-undeclared-exposure", {"justify": []})
    assert "no such property" in said(planned.judge([group([])]))


def test_defaults_hold_where_only_a_part_is_configured(planned: Pack) -> None:
    planned.configure("no-undeclared-exposure", {"udp": "53"})
    assert "tcp/22 " in said(planned.judge([group([rule(22)])]))


def test_without_an_enforcement_level_it_is_still_reported(planned: Pack) -> None:
    planned.configure("no-undeclared-exposure", {"udp": "53"}, level=analyzer_pb2.ADVISORY)
    assert "tcp/22 " in said(planned.judge([group([rule(22)])]))


def test_unknown_values_in_a_preview_are_told_beside_what_is_known(planned: Pack) -> None:
    diagnostics = planned.judge([group([rule(22), rule(3389, UNKNOWN)])])
    assert "tcp/22 " in said(diagnostics)
    assert "couldn't be judged" in said(diagnostics)


def test_unknown_values_in_an_update_are_violations(updated: Pack) -> None:
    updated.configure("network-matches-code", {"vantage": "internet"}, level=analyzer_pb2.DISABLED)
    (found,) = updated.judge([group([rule(3389, UNKNOWN)])])
    assert found.enforcementLevel == analyzer_pb2.MANDATORY
    assert "couldn't be judged" in found.message


def hidden(value: Any) -> dict[str, Any]:
    """As the engine hands a secret to a pack."""
    return {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "value": value}


HALVES = ["0.0.0.0/1", "128.0.0.0/1"]


def test_a_secret_source_counts_and_is_not_shown(planned: Pack) -> None:
    def stack(halves: list[Any]) -> list[Resource]:
        return [group([{**rule(22), "cidrBlocks": halves}])]

    told = said(planned.judge(stack([hidden(half) for half in HALVES])))
    assert "tcp/22 from the whole internet" in told
    assert "128.0.0.0" not in told
    assert "(sensitive)" in told
    assert "128.0.0.0/1" in said(planned.judge(stack(list(HALVES)))), "or else this test proves nothing"
    assert "128.0.0.0" not in said(planned.judge([group(hidden([{**rule(22), "cidrBlocks": HALVES}]))]))


def test_where_nobody_says_what_is_secret_nothing_is_shown(planned: Pack) -> None:
    told = said(planned.judge([group([{**rule(22), "cidrBlocks": HALVES}])], remediates=False))
    assert "tcp/22 from the whole internet" in told
    assert "128.0.0.0" not in told


def test_order_is_arbitrary_and_ids_or_inputs_may_be_missing(planned: Pack) -> None:
    bare = Resource(GROUP, "bare", None, {"ingress": [rule(22)]})
    stack = Resource("pulumi:pulumi:Stack", "shop-dev", None, {})
    assert "bare" in said(planned.judge([bare, stack]))


def machine(ports: list[int], *, inputs: bool = True) -> list[Resource]:
    """A host on loopback, in a public subnet."""

    def one(kind: str, name: str, given: dict[str, Any], **outputs: Any) -> Resource:
        return Resource(f"aws:ec2/{kind}", name, given if inputs else None, {**given, **outputs})

    routes = [{"cidrBlock": ANYWHERE, "gatewayId": "igw-1"}]
    return [
        one("instance:Instance", "web", {"subnetId": "subnet-1", "vpcSecurityGroupIds": ["sg-web"]}, **RUNNING),
        one("securityGroup:SecurityGroup", "web", {"vpcId": "vpc-1", "ingress": [rule(port) for port in ports]}, id="sg-web"),
        one("routeTableAssociation:RouteTableAssociation", "public", {"subnetId": "subnet-1", "routeTableId": "rtb-1"}, id="a-1"),
        one("routeTable:RouteTable", "public", {"vpcId": "vpc-1", "routes": routes}, id="rtb-1"),
        one("subnet:Subnet", "public", {"vpcId": "vpc-1", "cidrBlock": "10.0.1.0/24"}, id="subnet-1"),
        one("internetGateway:InternetGateway", "gateway", {"vpcId": "vpc-1"}, id="igw-1"),
        one("vpc:Vpc", "main", {"cidrBlock": "10.0.0.0/16"}, id="vpc-1"),
    ]


RUNNING = {"id": "i-1", "publicIp": WEB, "privateIp": "10.0.1.10", "instanceState": "running", "primaryNetworkInterfaceId": "eni-1"}
QUICK = {"vantage": "internet", "settle": 0, "scanType": "connect"}


@pytest.mark.live
@needs("nmap")
class TestTheScan:
    """`network-matches-code` against a real listener."""

    def test_a_network_that_matches_is_no_violation(self, updated: Pack, web: Listener) -> None:
        updated.configure("network-matches-code", {**QUICK, "ports": str(web.port)})
        assert updated.judge(machine([web.port])) == []
        assert web.connections

    def test_a_port_that_the_code_does_not_open_is_a_violation(self, updated: Pack, web: Listener) -> None:
        updated.configure("network-matches-code", {**QUICK, "ports": f"80,{web.port}"})
        (found,) = updated.judge(machine([80]))
        assert found.enforcementLevel == analyzer_pb2.MANDATORY
        assert f"exposed: {WEB} tcp/{web.port}" in found.message
        assert "urn:pulumi:dev::shop::aws:ec2/instance:Instance::web" in found.message

    def test_a_preview_sends_nothing(self, planned: Pack, web: Listener) -> None:
        planned.configure("network-matches-code", {**QUICK, "ports": f"80,{web.port}"})
        assert planned.judge(machine([80])) == []
        assert web.connections == 0

    def test_what_the_pack_was_not_told_is_never_in_sync(self, updated: Pack, web: Listener) -> None:
        updated.configure("network-matches-code", {**QUICK, "ports": str(web.port)})
        assert "wasn't told what the program says" in said(updated.judge(machine([web.port], inputs=False)))

    def test_out_of_scope_there_is_no_verdict(self, updated: Pack, web: Listener) -> None:
        updated.configure("network-matches-code", {**QUICK, "scope": ["192.0.2.0/24"]})
        assert "there is no verdict on the network" in said(updated.judge(machine([80])))
        assert web.connections == 0
