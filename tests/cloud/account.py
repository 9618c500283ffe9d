"""A small account on moto's server, and the state that Terraform would hold of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import boto3
from attrs import frozen

ANYWHERE = [{"CidrIp": "0.0.0.0/0"}]


def resource(kind: str, label: str, /, **attributes: Any) -> dict[str, Any]:
    return {"mode": "managed", "type": kind, "name": label, "provider": "x", "instances": [{"attributes": attributes}]}


@frozen
class Web:
    """One machine behind one group and one elastic IP; the state admits tcp/443 only."""

    address: str
    private: str
    group: str
    subnet: str
    vpc: str
    machine: str
    interface: str
    allocation: str

    @classmethod
    def deploy(cls) -> Web:
        ec2 = boto3.client("ec2")
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
        group = ec2.create_security_group(GroupName="web", Description="web", VpcId=vpc)["GroupId"]
        admit(group, 443)
        [machine] = ec2.run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1, SubnetId=subnet, SecurityGroupIds=[group])[
            "Instances"
        ]
        elastic = ec2.allocate_address(Domain="vpc")
        ec2.associate_address(AllocationId=elastic["AllocationId"], InstanceId=machine["InstanceId"])
        interface = machine["NetworkInterfaces"][0]["NetworkInterfaceId"]
        found = (elastic["PublicIp"], machine["PrivateIpAddress"], group, subnet, vpc, machine["InstanceId"], interface)
        return cls(*found, elastic["AllocationId"])

    def resources(self) -> list[dict[str, Any]]:
        rule = {"from_port": 443, "to_port": 443, "protocol": "tcp", "cidr_blocks": ["0.0.0.0/0"]}
        gateway = {"cidr_block": "0.0.0.0/0", "gateway_id": "igw-1"}
        return [
            resource("aws_vpc", "main", id=self.vpc, cidr_block="10.0.0.0/16"),
            resource("aws_subnet", "a", id=self.subnet, vpc_id=self.vpc, cidr_block="10.0.1.0/24"),
            resource("aws_route_table", "r", id="rtb-1", vpc_id=self.vpc, route=[gateway]),
            resource("aws_route_table_association", "r", id="assoc-1", subnet_id=self.subnet, route_table_id="rtb-1"),
            resource("aws_security_group", "web", id=self.group, vpc_id=self.vpc, ingress=[rule], egress=[]),
            resource(
                "aws_instance",
                "web",
                id=self.machine,
                subnet_id=self.subnet,
                private_ip=self.private,
                primary_network_interface_id=self.interface,
                vpc_security_group_ids=[self.group],
            ),
            resource("aws_eip", "web", id=self.allocation, public_ip=self.address, instance=self.machine, private_ip=self.private),
        ]

    def write(self, directory: Path, *more: dict[str, Any]) -> Path:
        path = directory / "terraform.tfstate"
        state = {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "l", "outputs": {}}
        path.write_text(json.dumps({**state, "resources": [*self.resources(), *more]}))
        return path


def admit(group: str, port: int, **ranges: Any) -> str:
    """A rule added by the API; its id."""
    rule = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, **(ranges or {"IpRanges": ANYWHERE})}
    made = boto3.client("ec2").authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])
    return str(made["SecurityGroupRules"][0]["SecurityGroupRuleId"])


def forget(web: Web) -> None:
    """The elastic IP is given back: it belongs to whoever gets it next."""
    ec2 = boto3.client("ec2")
    [held] = ec2.describe_addresses(PublicIps=[web.address])["Addresses"]
    ec2.disassociate_address(AssociationId=held["AssociationId"])
    ec2.release_address(AllocationId=web.allocation)
