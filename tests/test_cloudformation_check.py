"""`check --from template.yaml` on loopback: a network that is what the template says, one that isn't, and templates that can't be told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from iacdrift.demo.listeners import Service, listening
from tests.command import Ran, iacdrift, refused
from tests.needs import needs

ADDRESS = "127.45.0.10"
TEMPLATE = """AWSTemplateFormatVersion: "2010-09-09"
Parameters:
  Port: {Type: Number, Default: 18443}
  Office: {Type: String}
Resources:
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  Gateway: {Type: AWS::EC2::InternetGateway}
  Attached: {Type: AWS::EC2::VPCGatewayAttachment, Properties: {VpcId: !Ref Vpc, InternetGatewayId: !Ref Gateway}}
  Subnet: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.1.0/24}}
  Table: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Vpc}}
  Out: {Type: AWS::EC2::Route, Properties: {RouteTableId: !Ref Table, DestinationCidrBlock: 0.0.0.0/0, GatewayId: !Ref Gateway}}
  Served: {Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {SubnetId: !Ref Subnet, RouteTableId: !Ref Table}}
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: web
      VpcId: !Ref Vpc
      SecurityGroupIngress:
        - {IpProtocol: tcp, FromPort: !Ref Port, ToPort: !Ref Port, CidrIp: 0.0.0.0/0}
        - {IpProtocol: tcp, FromPort: 18080, ToPort: 18080, CidrIp: !Ref Office}
  Web: {Type: AWS::EC2::Instance, Properties: {ImageId: ami-1, SubnetId: !Ref Subnet, SecurityGroupIds: [!Ref Group]}}
  Address: {Type: AWS::EC2::EIP, Properties: {InstanceId: !Ref Web}}
"""
IDS = {"Web": "i-0abc", "Address": ADDRESS, "Vpc": "vpc-0abc", "Subnet": "subnet-0abc", "Group": "sg-0abc"}


@pytest.fixture
def stack(tmp_path: Path) -> Path:
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    answers = {
        "resources.json": {
            "StackResources": [{"StackName": "web", "LogicalResourceId": name, "PhysicalResourceId": found} for name, found in IDS.items()]
        },
        "instances.json": {
            "Reservations": [
                {
                    "Instances": [
                        {
                            "InstanceId": "i-0abc",
                            "PrivateIpAddress": "10.0.1.5",
                            "PublicIpAddress": ADDRESS,
                            "State": {"Name": "running"},
                            "SubnetId": "subnet-0abc",
                        }
                    ]
                }
            ]
        },
        "addresses.json": {
            "Addresses": [{"AllocationId": "eipalloc-0abc", "PublicIp": ADDRESS, "PrivateIpAddress": "10.0.1.5", "InstanceId": "i-0abc"}]
        },
    }
    (tmp_path / "aws").mkdir()
    for name, content in answers.items():
        (tmp_path / "aws" / name).write_text(json.dumps(content))
    return tmp_path


def services(*ports: int) -> tuple[Service, ...]:
    """They speak first: Nmap waits six seconds for those that don't."""
    return tuple(Service(ADDRESS, port, "ssh") for port in ports)


def run(stack: Path, command: str, *words: str, office: str | None = "203.0.113.0/24") -> Ran:
    given = ("--parameter", f"Office={office}") if office else ()
    return iacdrift(command, "--from", "template.yaml", "--outputs", "web=aws", "--vantage", "internet", *given, *words, cwd=stack)


def check(stack: Path, **more: str | None) -> Ran:
    return run(stack, "check", "--ports", "18443,18022", "--scope", "127.45.0.0/24", "--format", "json", **more)  # type: ignore[arg-type]


@pytest.mark.live
@needs("nmap")
def test_in_sync_and_drifted(stack: Path) -> None:
    with listening(services(18443)):
        ran = check(stack)
        assert (ran.code, json.loads(ran.out)["verdict"]) == (0, "in_sync"), ran.out + ran.err
    with listening(services(18443, 18022)):
        ran = check(stack)
    report = json.loads(ran.out)
    [finding] = [one for one in report["findings"] if one["kind"] == "exposed"]
    assert (ran.code, finding["ports"], finding["owner"]) == (1, "18022", "aws_instance.Web")
    assert "template.yaml:13" in json.dumps(finding), "the group's line"
    assert report["declared_from"] == "configuration"


def test_the_surface_with_and_without_a_parameter(stack: Path) -> None:
    [host] = json.loads(run(stack, "expect", "--format", "json").out)["hosts"]
    assert (host["address"], host["tcp"]["allowed"], host["tcp"]["unknown"]) == (ADDRESS, "18443", "18080")
    [host] = json.loads(run(stack, "expect", "--format", "json", office=None).out)["hosts"]
    assert (host["tcp"]["allowed"], host["tcp"]["unknown"]) == ("18443", "18080")
    assert "!Ref Office" in json.dumps(host)
    (stack / "parameters.json").write_text(json.dumps([{"ParameterKey": "Port", "ParameterValue": "18444"}]))
    [host] = json.loads(run(stack, "expect", "--format", "json", "--parameter-file", "parameters.json").out)["hosts"]
    assert host["tcp"]["allowed"] == "18444"


def test_nothing_is_taken_as_in_sync_where_the_template_cant_tell(stack: Path) -> None:
    (stack / "template.yaml").write_text(f"Transform: Acme::Guard\n{TEMPLATE}")
    sentence = refused(run(stack, "check"))
    assert "names the transform Acme::Guard" in sentence
    (stack / "template.yaml").write_text(TEMPLATE)
    assert "no template has the parameter Prot" in refused(run(stack, "check", "--parameter", "Prot=1"))
    (stack / "aws" / "instances.json").unlink()
    (stack / "aws" / "addresses.json").unlink()
    said = run(stack, "expect")
    assert "no source says the addresses of aws_instance.Web" in " ".join(said.out.split())
