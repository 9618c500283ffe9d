"""States of the two-stacks example as an apply would have left them, with servers on loopback."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

SERVERS = ("127.44.9.11", "127.44.9.12")

NETWORK = {
    "aws_vpc.vpc": {"id": "vpc-0a1", "cidr_block": "10.40.0.0/16"},
    "aws_subnet.public": {"id": "subnet-0a1", "vpc_id": "vpc-0a1", "cidr_block": "10.40.1.0/24"},
    "aws_internet_gateway.gateway": {"id": "igw-0a1", "vpc_id": "vpc-0a1"},
    "aws_route_table.routes": {"id": "rtb-0a1", "vpc_id": "vpc-0a1"},
    "aws_route.out": {"id": "r-rtb-0a1", "route_table_id": "rtb-0a1"},
    "aws_route_table_association.public-routes": {"id": "rtbassoc-0a1", "subnet_id": "subnet-0a1", "route_table_id": "rtb-0a1"},
}
NETWORK_OUTPUTS = {"cross-stack-output-aws_vpcvpcid": "vpc-0a1", "cross-stack-output-aws_subnetpublicid": "subnet-0a1"}


def web() -> dict[str, dict[str, Any]]:
    """The web stack's resources."""
    found: dict[str, dict[str, Any]] = {"aws_security_group.web": {"id": "sg-0a1", "vpc_id": "vpc-0a1", "name": "web"}}
    for name in ("https", "ssh"):
        found[f"aws_vpc_security_group_ingress_rule.{name}"] = {"id": f"sgr-{name}", "security_group_id": "sg-0a1"}
    for n, address in enumerate(SERVERS):
        instance = {"id": f"i-0a{n}", "private_ip": f"10.40.1.1{n}", "subnet_id": "subnet-0a1", "vpc_security_group_ids": ["sg-0a1"]}
        found[f"aws_instance.web-{n}"] = instance | {"instance_state": "running", "primary_network_interface_id": f"eni-0a{n}"}
        found[f"aws_eip.ip-{n}"] = {"id": f"eipalloc-0a{n}", "public_ip": address, "instance": f"i-0a{n}", "domain": "vpc"}
    return found


def state(path: Path, held: dict[str, dict[str, Any]], outputs: dict[str, str] | None = None) -> Path:
    """A state of version 4."""
    entries = []
    for address, values in held.items():
        kind, name = address.split(".", 1)
        entries.append({"mode": "managed", "type": kind, "name": name, "instances": [{"attributes": values}]})
    told = {name: {"value": value, "type": "string"} for name, value in (outputs or {}).items()}
    data = {"version": 4, "terraform_version": "1.11.4", "serial": 3, "lineage": path.stem, "outputs": told, "resources": entries}
    path.write_text(json.dumps(data))
    return path


def states(folder: Path, pattern: str = "{}.tfstate") -> dict[str, Path]:
    """Both stacks' states in a directory."""
    return {
        "network": state(folder / pattern.format("network"), NETWORK, NETWORK_OUTPUTS),
        "web": state(folder / pattern.format("web"), web()),
    }
