"""The table of CloudFormation's names, held against CloudFormation's own resource schemas and those of the Terraform provider.

The schemas of resources are those that cfn-lint carries; `terraform-attributes.json` is what `terraform providers schema` says.
`only-in-cloudformation.json` lists every property that has no attribute of that name: what is new there is seen here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from iacdrift.providers.registry import TRANSLATORS
from iacdrift.sources.cloudformation.names import NAMES, TYPES, snake, terraform_values
from iacdrift.sources.cloudformation.shapes import more_resources, shaped, terraform_type
from iacdrift.sources.resource import Reference
from tests.needs import needs

DATA = Path(__file__).parents[1] / "data"
TERRAFORM = json.loads((DATA / "pulumi" / "terraform-attributes.json").read_text())
LISTED = DATA / "cloudformation" / "only-in-cloudformation.json"
NOT_IN_CLOUDFORMATION = {
    "aws_alb": "aws_lb under its old name",
    "aws_alb_listener": "as above",
    "aws_alb_listener_rule": "as above",
    "aws_alb_target_group": "as above",
    "aws_alb_target_group_attachment": "as above",
    "aws_default_network_acl": "what AWS makes by itself is in no template",
    "aws_default_route_table": "as above",
    "aws_default_security_group": "as above",
    "aws_default_subnet": "as above",
    "aws_default_vpc": "as above",
    "aws_ec2_managed_prefix_list_entry": "entries are in the list",
    "aws_ip_ranges": "a data source",
    "aws_main_route_table_association": "a template can't replace the main table",
    "aws_network_interface_sg_attachment": "groups are on the interface",
    "aws_prefix_list": "a data source",
    "aws_security_group_rule": "the older of two kinds of the same",
    "aws_spot_instance_request": "a launch template asks for spot",
    "aws_vpc_peering_connection_accepter": "a role accepts",
}
with_schemas = needs("cfnlint")


@cache
def schema(kind: str) -> dict[str, Any]:
    from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

    return PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema


def properties(kind: str) -> Iterator[tuple[str, str]]:
    """Every path of properties (three deep) with Terraform's names of it."""
    whole = schema(kind)
    terraform = TYPES[kind]

    def inside(node: dict[str, Any], path: str, depth: int) -> Iterator[str]:
        node = resolved(whole, node)
        if "items" in node:
            node = resolved(whole, node["items"])
        for name, inner in (node.get("properties") or {}).items():
            yield f"{path}{name}"
            if depth < 3:
                yield from inside(inner, f"{path}{name}.", depth + 1)

    for path in inside(whole, "", 0):
        yield path, named(terraform, path)


def resolved(whole: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in node:
        found: Any = whole
        for step in node["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        node = found
    return node


def named(terraform: str, path: str) -> str:
    """The path in Terraform's names, as the table makes them."""
    value: Any = "x"
    for step in reversed(path.split(".")):
        value = {step: value}
    steps = []
    here = terraform_values(terraform, value)
    while isinstance(here, dict):
        name, here = next(iter(here.items()))
        steps.append(name)
    return ".".join(steps)


def known(terraform: str, path: str) -> bool:
    here: Any = TERRAFORM[terraform]
    for step in path.split("."):
        if isinstance(here, list):
            here = here[1]
        if not isinstance(here, dict) or step not in here:
            return False
        here = here[step]
    return True


def without_counterpart() -> dict[str, list[str]]:
    return {kind: sorted(path for path, name in properties(kind) if not known(TYPES[kind], name)) for kind in sorted(TYPES)}


def test_every_type_of_the_room_has_a_line_or_a_reason() -> None:
    made = {*TYPES.values(), "aws_rds_cluster_instance", "aws_vpc_ipv6_cidr_block_association", "aws_lb_target_group_attachment"}
    room = {kind for kind in TRANSLATORS if kind.startswith("aws_")}
    assert room == (made & room) | set(NOT_IN_CLOUDFORMATION)
    assert made <= room
    assert not made & set(NOT_IN_CLOUDFORMATION)


@with_schemas
@pytest.mark.parametrize("kind", sorted(TYPES))
def test_cloudformation_has_the_type(kind: str) -> None:
    assert schema(kind)["typeName"] == kind


@with_schemas
@pytest.mark.parametrize("kind", sorted(set(TYPES) - {"AWS::RDS::DBInstance"}))
def test_every_line_of_the_table_is_a_property(kind: str) -> None:
    paths = dict(properties(kind))
    for path in NAMES.get(TYPES[kind], ()):
        assert path in paths, path


@pytest.mark.parametrize("kind", sorted(NAMES))
def test_every_name_of_the_table_is_an_attribute_of_terraform(kind: str) -> None:
    for path in NAMES[kind]:
        name = named(kind, path)
        assert known(kind, name) or (kind, path) in RESHAPED or (kind == "aws_security_group" and "." in path), f"{path} -> {name}"


RESHAPED = {
    ("aws_spot_fleet_request", "SpotFleetRequestConfigData.LaunchTemplateConfigs"),
}


@with_schemas
def test_every_property_without_a_counterpart_is_listed(pytestconfig: pytest.Config) -> None:
    found = without_counterpart()
    if pytestconfig.getoption("--update-golden"):
        LISTED.write_text(json.dumps(found, indent=1) + "\n")
    listed = json.loads(LISTED.read_text())
    new = {kind: sorted(set(paths) - set(listed.get(kind, ()))) for kind, paths in found.items()}
    assert not {kind: paths for kind, paths in new.items() if paths}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("VPCZoneIdentifier", "vpc_zone_identifier"),
        ("Ipv6CidrBlock", "ipv6_cidr_block"),
        ("EnforceHTTPS", "enforce_https"),
        ("DBSubnetGroupName", "db_subnet_group_name"),
        ("Port", "port"),
    ],
)
def test_snake_case(name: str, expected: str) -> None:
    assert snake(name) == expected


def made(kind: str, **properties: Any) -> dict[str, Any]:
    values = terraform_values(TYPES[kind], properties)
    return shaped(terraform_type(TYPES[kind], values), values)


def test_rules_of_a_group() -> None:
    found = made(
        "AWS::EC2::SecurityGroup",
        SecurityGroupIngress=[
            {"IpProtocol": -1, "CidrIpv6": "::/0"},
            {"IpProtocol": "tcp", "FromPort": "22", "ToPort": 22, "SourceSecurityGroupId": Reference("aws_security_group.A", "id")},
            {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "SourcePrefixListId": "pl-1"},
            {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "SourceSecurityGroupName": "bastion"},
        ],
    )
    assert found["ingress"][0] == {"protocol": -1, "ipv6_cidr_blocks": ["::/0"]}
    assert found["ingress"][1]["security_groups"] == [Reference("aws_security_group.A", "id")]
    assert found["ingress"][2]["prefix_list_ids"] == ["pl-1"]
    assert found["ingress"][3]["security_groups"] == ["bastion"]
    assert found["egress"][0]["cidr_blocks"] == ["0.0.0.0/0"], "AWS's own rule, where the template gives none"
    closed = made("AWS::EC2::SecurityGroup", SecurityGroupEgress=[{"IpProtocol": "icmp", "CidrIp": "255.255.255.255/32"}])
    assert closed["egress"] == [{"protocol": "icmp", "cidr_blocks": ["255.255.255.255/32"]}]


def test_a_database_without_a_word_on_it_may_be_public() -> None:
    assert "internet gateway" in made("AWS::RDS::DBInstance", Engine="postgres")["publicly_accessible"].why
    assert made("AWS::RDS::DBInstance", PubliclyAccessible=False)["publicly_accessible"] is False
    assert terraform_type("aws_db_instance", {"db_cluster_identifier": "x"}) == "aws_rds_cluster_instance"


def test_what_terraform_declares_apart() -> None:
    targets = made("AWS::ElasticLoadBalancingV2::TargetGroup", Targets=[{"Id": "i-1", "Port": 80}])
    [more] = more_resources("aws_lb_target_group", "aws_lb_target_group.T", targets)
    assert (more.type, more.declared["target_id"], more.declared["port"]) == ("aws_lb_target_group_attachment", "i-1", 80)
    machine = made(
        "AWS::EC2::Instance",
        NetworkInterfaces=[{"DeviceIndex": "0", "GroupSet": ["sg-1"], "SubnetId": "subnet-1"}, {"DeviceIndex": "1", "GroupSet": ["sg-2"]}],
    )
    assert (machine["vpc_security_group_ids"], machine["subnet_id"]) == (["sg-1"], "subnet-1")
    [more] = more_resources("aws_instance", "aws_instance.W", machine)
    assert (more.type, more.declared["security_groups"]) == ("aws_network_interface", ["sg-2"])


@pytest.mark.parametrize(
    ("kind", "properties", "attribute", "expected"),
    [
        ("AWS::ElasticLoadBalancingV2::LoadBalancer", {"Scheme": "internal"}, "internal", True),
        ("AWS::ElasticLoadBalancingV2::LoadBalancer", {}, "internal", False),
        ("AWS::EC2::NetworkAclEntry", {"PortRange": {"From": 22, "To": 23}}, "to_port", 23),
        ("AWS::OpenSearchService::Domain", {"DomainEndpointOptions": {}}, "domain_endpoint_options", {"enforce_https": False}),
        ("AWS::EC2::VPCPeeringConnection", {"PeerOwnerId": "1"}, "auto_accept", False),
        ("AWS::EC2::VPCPeeringConnection", {}, "auto_accept", True),
        ("AWS::EC2::LaunchTemplate", {"LaunchTemplateData": {"SecurityGroupIds": ["sg-1"]}}, "vpc_security_group_ids", ["sg-1"]),
        (
            "AWS::ECS::Service",
            {"NetworkConfiguration": {"AwsvpcConfiguration": {"Subnets": ["a"]}}},
            "network_configuration",
            {"subnets": ["a"]},
        ),
        ("AWS::EC2::EIPAssociation", {"EIP": Reference("aws_eip.A", "public_ip")}, "allocation_id", Reference("aws_eip.A", "id")),
    ],
)
def test_shapes(kind: str, properties: dict[str, Any], attribute: str, expected: Any) -> None:
    assert made(kind, **properties)[attribute] == expected
