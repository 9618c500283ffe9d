"""The program under test: a host in a public subnet behind one group."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

WEB = "127.77.1.10"
ANYWHERE = "0.0.0.0/0"


def infrastructure(
    open_ports: Sequence[int],
    *,
    parent: pulumi.Resource | None = None,
    source: pulumi.Input[str] = ANYWHERE,
    host_options: pulumi.ResourceOptions | None = None,
) -> aws.ec2.Instance:
    """VPC, gateway, route, group, host."""
    opts = pulumi.ResourceOptions(parent=parent)
    vpc = aws.ec2.Vpc("main", cidr_block="10.0.0.0/16", opts=opts)
    gateway = aws.ec2.InternetGateway("gateway", vpc_id=vpc.id, opts=opts)
    subnet = aws.ec2.Subnet("public", vpc_id=vpc.id, cidr_block="10.0.1.0/24", map_public_ip_on_launch=True, opts=opts)
    table = aws.ec2.RouteTable("public", vpc_id=vpc.id, routes=[{"cidr_block": ANYWHERE, "gateway_id": gateway.id}], opts=opts)
    aws.ec2.RouteTableAssociation("public", subnet_id=subnet.id, route_table_id=table.id, opts=opts)
    group = aws.ec2.SecurityGroup("web", vpc_id=vpc.id, ingress=[rule(port, source) for port in open_ports], opts=opts)
    return aws.ec2.Instance(
        "web", ami="ami-1", instance_type="t3.micro", subnet_id=subnet.id, vpc_security_group_ids=[group.id], opts=host_options or opts
    )


def rule(port: int, source: pulumi.Input[str] = ANYWHERE) -> dict[str, Any]:
    return {"protocol": "tcp", "from_port": port, "to_port": port, "cidr_blocks": [source]}


def program(open_ports: Sequence[int], **options: Any) -> Callable[[], None]:
    """The shop, asserting its network as a user would."""

    def run() -> None:
        import iacdrift.pulumi as network

        watch = network.observe()
        infrastructure(open_ports)
        report = network.assert_no_network_drift(watch, **(QUICK | options))
        pulumi.export("verdict", report.apply(lambda found: found["verdict"]))

    return run


QUICK: dict[str, Any] = {"vantage": "internet", "settle": None, "ports": "22,80,8080", "scan_type": "connect"}


class Office(pulumi.ComponentResource):
    """A remote component: its children are made in the provider's process."""

    def __init__(self, name: str) -> None:
        super().__init__("aws:tests:Office", name, {}, remote=True)
