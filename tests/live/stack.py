"""A small stack as Terraform's state holds it, whose hosts stand in the bed: groups in two styles, IPv4 and IPv6."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from attrs import frozen

from tests.live.bed import Bed, Host

_ANYWHERE = {"ip_protocol": "-1"}
_EXPECTATION = """\
schema: iacdrift/expectation/1
expectations:
  - {name: mail, owner: aws_instance.mail, open: [25/tcp], services: {25/tcp: smtp}}
  - {name: api, owner: aws_instance.api, open: [8080/tcp]}
"""


@frozen
class Stack:
    """The files of the stack."""

    state: Path
    expectation: Path


def write(bed: Bed, folder: Path) -> Stack:
    """`mail` lets in tcp/25 from anywhere and tcp/22 from the scanner's network, `api` tcp/8080 from anywhere."""
    mail, api, _ = bed.hosts
    resources = [
        _resource("aws_vpc", "main", id="vpc-1", cidr_block="10.0.0.0/16", ipv6_cidr_block="2001:db8:1::/56", owner_id="123456789012"),
        _resource("aws_internet_gateway", "igw", id="igw-1", vpc_id="vpc-1"),
        _resource("aws_subnet", "a", id="subnet-1", vpc_id="vpc-1", cidr_block="10.0.1.0/24", ipv6_cidr_block="2001:db8:1::/64"),
        _resource(
            "aws_route_table", "rt", id="rtb-1", vpc_id="vpc-1", route=[_route(cidr_block="0.0.0.0/0"), _route(ipv6_cidr_block="::/0")]
        ),
        _resource("aws_route_table_association", "a", id="rtbassoc-1", route_table_id="rtb-1", subnet_id="subnet-1"),
        _group("mail"),
        _group("api", ingress=[_inline(8080)], egress=[_inline(0, "-1")]),
        *_rule("mail", "smtp", 25, {4: "0.0.0.0/0", 6: "::/0"}),
        *_rule("mail", "ssh", 22, {4: "203.0.113.0/24", 6: "2001:db8:9::/64"}),
        _resource(
            "aws_vpc_security_group_egress_rule", "all4", id="sgr-e4", security_group_id="sg-mail", cidr_ipv4="0.0.0.0/0", **_ANYWHERE
        ),
        _resource("aws_vpc_security_group_egress_rule", "all6", id="sgr-e6", security_group_id="sg-mail", cidr_ipv6="::/0", **_ANYWHERE),
        _instance("mail", mail, "10.0.1.5"),
        _instance("api", api, "10.0.1.6"),
    ]
    state = {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "bed", "outputs": {}, "resources": resources}
    stack = Stack(folder / "terraform.tfstate", folder / "expectation.yaml")
    stack.state.write_text(json.dumps(state), encoding="utf-8")
    stack.expectation.write_text(_EXPECTATION, encoding="utf-8")
    return stack


def _resource(kind: str, name: str, /, **attributes: Any) -> dict[str, Any]:
    instance = {"schema_version": 0, "attributes": attributes, "sensitive_attributes": []}
    provider = 'provider["registry.terraform.io/hashicorp/aws"]'
    return {"mode": "managed", "type": kind, "name": name, "provider": provider, "instances": [instance]}


def _route(**destination: str) -> dict[str, str]:
    return {"cidr_block": "", "ipv6_cidr_block": "", "gateway_id": "igw-1", **destination}


def _group(name: str, **rules: Any) -> dict[str, Any]:
    return _resource("aws_security_group", name, id=f"sg-{name}", name=name, vpc_id="vpc-1", **{"ingress": [], "egress": [], **rules})


def _inline(port: int, protocol: str = "tcp") -> dict[str, Any]:
    sides = {"cidr_blocks": ["0.0.0.0/0"], "ipv6_cidr_blocks": ["::/0"], "prefix_list_ids": [], "security_groups": [], "self": False}
    return {"from_port": port, "to_port": port, "protocol": protocol, "description": "", **sides}


def _rule(group: str, name: str, port: int, sources: dict[int, str]) -> list[dict[str, Any]]:
    ends = {"from_port": port, "to_port": port, "ip_protocol": "tcp", "security_group_id": f"sg-{group}"}
    return [
        _resource(
            "aws_vpc_security_group_ingress_rule", f"{name}{family}", id=f"sgr-{name}{family}", **ends, **{f"cidr_ipv{family}": source}
        )
        for family, source in sources.items()
    ]


def _instance(name: str, host: Host, private: str) -> dict[str, Any]:
    where = {"subnet_id": "subnet-1", "vpc_security_group_ids": [f"sg-{name}"], "instance_state": "running"}
    seen = {
        "public_ip": str(host.v4),
        "private_ip": private,
        "ipv6_addresses": [str(host.v6)],
        "primary_network_interface_id": f"eni-{name}",
    }
    return _resource("aws_instance", name, id=f"i-{name}", **where, **seen)
