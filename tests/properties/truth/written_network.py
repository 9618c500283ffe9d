"""VPCs, subnets, gateways, route tables and peerings as Terraform writes them."""

from __future__ import annotations

from tests.properties.truth.topology import Route, Subnet, Table, Topology, Vpc, default_key
from tests.properties.truth.written import Json, Pad, constant, identifier, refers
from tests.properties.truth.written_acls import write_default_acl
from tests.properties.truth.written_groups import group_id, write_group

_ROUTE_KEYS = (
    "carrier_gateway_id",
    "core_network_arn",
    "destination_prefix_list_id",
    "egress_only_gateway_id",
    "gateway_id",
    "local_gateway_id",
    "nat_gateway_id",
    "network_interface_id",
    "transit_gateway_id",
    "vpc_endpoint_id",
    "vpc_peering_connection_id",
)


def write_vpc(pad: Pad, topology: Topology, vpc: Vpc) -> None:
    """The VPC with its gateways, and what the code takes over of its defaults."""
    own = identifier("vpc", vpc.key)
    main = next((t for t in topology.tables if t.vpc == vpc.key and t.main == "association"), None)
    values = {
        "id": own,
        "cidr_block": vpc.cidr,
        "ipv6_cidr_block": pad.text(vpc.cidr6),
        "assign_generated_ipv6_cidr_block": vpc.cidr6 is not None,
        "default_network_acl_id": identifier("acl", f"default-{vpc.key}"),
        "default_route_table_id": identifier("rtb", f"default-{vpc.key}"),
        "main_route_table_id": identifier("rtb", main.key if main else f"default-{vpc.key}"),
        "default_security_group_id": group_id(default_key(vpc)),
        "instance_tenancy": "default",
        "owner_id": "123456789012",
        "tags": pad.nothing({}),
        "tags_all": {},
    }
    expressions = {"cidr_block": constant(vpc.cidr)} | ({"assign_generated_ipv6_cidr_block": constant(True)} if vpc.cidr6 else {})
    here = pad.add("aws_vpc", vpc.key, values, expressions).address
    if vpc.igw:
        pad.add(
            "aws_internet_gateway",
            vpc.key,
            {"id": identifier("igw", vpc.key), "vpc_id": own, "tags": pad.nothing({}), "tags_all": {}},
            {"vpc_id": refers(here)},
        )
    if vpc.eigw:
        pad.add(
            "aws_egress_only_internet_gateway",
            vpc.key,
            {"id": identifier("eigw", vpc.key), "vpc_id": own, "tags": pad.nothing({}), "tags_all": {}},
            {"vpc_id": refers(here)},
        )
    if vpc.nat:
        _write_nat(pad, topology, vpc)
    if vpc.default_group:
        write_group(pad, vpc.default_group, here, "aws_default_security_group")
    if vpc.default_acl is not None:
        write_default_acl(pad, topology, vpc, vpc.default_acl)


def nat_address(number: int) -> str:
    """The public address of the n-th VPC's NAT gateway."""
    return f"52.95.200.{number + 1}"


def _write_nat(pad: Pad, topology: Topology, vpc: Vpc) -> None:
    subnet = next(s for s in topology.subnets if s.vpc == vpc.key)
    public = nat_address(topology.vpcs.index(vpc))
    private = subnet.cidr.rsplit(".", 1)[0] + ".200"
    card = identifier("eni", f"nat-{vpc.key}")
    eip = pad.add(
        "aws_eip",
        f"nat_{vpc.key}",
        {
            "id": identifier("eipalloc", f"nat-{vpc.key}"),
            "allocation_id": identifier("eipalloc", f"nat-{vpc.key}"),
            "domain": "vpc",
            "public_ip": public,
            "instance": pad.nothing(""),
            "network_interface": card,
            "private_ip": private,
            "associate_with_private_ip": None,
        },
        {"domain": constant("vpc")},
    )
    pad.add(
        "aws_nat_gateway",
        vpc.key,
        {
            "id": identifier("nat", vpc.key),
            "allocation_id": eip.values["id"],
            "subnet_id": identifier("subnet", subnet.key),
            "connectivity_type": "public",
            "network_interface_id": card,
            "private_ip": private,
            "public_ip": public,
        },
        {"allocation_id": refers(eip.address), "subnet_id": refers(f"aws_subnet.{subnet.key}")},
    )


def write_subnet(pad: Pad, topology: Topology, subnet: Subnet) -> None:
    """The subnet, and the associations that the code makes for it."""
    own = identifier("subnet", subnet.key)
    expressions: dict[str, Json] = {"vpc_id": refers(f"aws_vpc.{subnet.vpc}"), "cidr_block": constant(subnet.cidr)}
    if subnet.cidr6:
        expressions["ipv6_cidr_block"] = refers(f"aws_vpc.{subnet.vpc}")
    values = {
        "id": own,
        "vpc_id": identifier("vpc", subnet.vpc),
        "cidr_block": subnet.cidr,
        "ipv6_cidr_block": pad.text(subnet.cidr6),
        "map_public_ip_on_launch": False,
        "availability_zone": "us-east-1a",
        "ipv6_native": False,
        "owner_id": "123456789012",
        "tags": pad.nothing({}),
        "tags_all": {},
    }
    here = pad.add("aws_subnet", subnet.key, values, expressions).address
    if subnet.table:
        table = next(t for t in topology.tables if t.key == subnet.table)
        pad.add(
            "aws_route_table_association",
            subnet.key,
            {"id": identifier("rtbassoc", subnet.key), "subnet_id": own, "route_table_id": _table_id(table), "gateway_id": pad.nothing("")},
            {"subnet_id": refers(here), "route_table_id": refers(_table_address(table))},
        )
    acl = next((a for a in topology.acls if a.key == subnet.acl), None)
    if acl and acl.attach == "association":
        pad.add(
            "aws_network_acl_association",
            subnet.key,
            {"id": identifier("aclassoc", subnet.key), "subnet_id": own, "network_acl_id": identifier("acl", acl.key)},
            {"subnet_id": refers(here), "network_acl_id": refers(f"aws_network_acl.{acl.key}")},
        )


def _table_id(table: Table) -> str:
    return identifier("rtb", f"default-{table.vpc}" if table.main == "default" else table.key)


def _table_address(table: Table) -> str:
    return f"aws_default_route_table.{table.key}" if table.main == "default" else f"aws_route_table.{table.key}"


def _target(table: Table, route: Route) -> tuple[str, str, str]:
    """The attribute, id and address of a route's target."""
    if route.target.startswith("peer:"):
        key = route.target[5:]
        return "vpc_peering_connection_id", identifier("pcx", key), f"aws_vpc_peering_connection.{key}"
    return {
        "gone": ("gateway_id", identifier("igw", table.vpc), f"aws_internet_gateway.{table.vpc}"),
        "igw": ("gateway_id", identifier("igw", table.vpc), f"aws_internet_gateway.{table.vpc}"),
        "nat": ("nat_gateway_id", identifier("nat", table.vpc), f"aws_nat_gateway.{table.vpc}"),
        "eigw": ("egress_only_gateway_id", identifier("eigw", table.vpc), f"aws_egress_only_internet_gateway.{table.vpc}"),
    }[route.target]


def _destination(route: Route, prefix: str = "") -> str:
    return f"{prefix}ipv6_cidr_block" if ":" in route.cidr else f"{prefix}cidr_block"


def write_table(pad: Pad, table: Table) -> None:
    """A route table, with its routes inside or as resources, and what a refresh mirrors."""
    standalone = table.style == "standalone"
    shown = table.routes
    if standalone and (table.routes or not pad.provable_from_state):
        shown += table.drift
    inline = [
        {k: pad.nothing("") for k in (*_ROUTE_KEYS, "cidr_block", "ipv6_cidr_block")}
        | {_destination(r): r.cidr, _target(table, r)[0]: _target(table, r)[1]}
        for r in shown
    ]
    expressions: dict[str, Json] = {"vpc_id": refers(f"aws_vpc.{table.vpc}")}
    if table.main == "default":
        expressions = {"default_route_table_id": {"references": [f"aws_vpc.{table.vpc}.default_route_table_id", f"aws_vpc.{table.vpc}"]}}
    if table.routes and not standalone:
        expressions["route"] = refers(*(_target(table, r)[2] for r in table.routes))
    own = _table_id(table)
    values = {
        "id": own,
        "vpc_id": identifier("vpc", table.vpc),
        "route": inline,
        "propagating_vgws": [],
        "owner_id": "123456789012",
        "tags": pad.nothing({}),
        "tags_all": {},
    }
    here = pad.add(
        _table_address(table).split(".")[0],
        table.key,
        values | ({"default_route_table_id": own} if table.main == "default" else {}),
        expressions,
    ).address
    for number, route in enumerate(table.routes if standalone else ()):
        _write_route(pad, table, route, here, number)
    if table.main == "association":
        pad.add(
            "aws_main_route_table_association",
            table.vpc,
            {
                "id": identifier("rtbassoc", f"main-{table.vpc}"),
                "vpc_id": identifier("vpc", table.vpc),
                "route_table_id": own,
                "original_route_table_id": identifier("rtb", f"default-{table.vpc}"),
            },
            {"vpc_id": refers(f"aws_vpc.{table.vpc}"), "route_table_id": refers(here)},
        )


def _write_route(pad: Pad, table: Table, route: Route, here: str, number: int) -> None:
    key, target, address = _target(table, route)
    destination = _destination(route, "destination_")
    values = {
        **{k: pad.nothing("") for k in _ROUTE_KEYS},
        "destination_cidr_block": pad.nothing(""),
        "destination_ipv6_cidr_block": pad.nothing(""),
        "id": identifier("r", f"{table.key}/{number}"),
        "route_table_id": _table_id(table),
        "origin": "CreateRoute",
        "state": "blackhole" if route.target == "gone" else "active",
        destination: route.cidr,
        key: target,
    }
    expressions = {"route_table_id": refers(here), destination: constant(route.cidr), key: refers(address)}
    pad.add("aws_route", f"{table.key}_{number}", values, expressions, stack="rules")


def write_peerings(pad: Pad, topology: Topology) -> None:
    """Peering connections, accepted."""
    for peering in topology.peerings:
        pad.add(
            "aws_vpc_peering_connection",
            peering.key,
            {
                "id": identifier("pcx", peering.key),
                "vpc_id": identifier("vpc", peering.requester),
                "peer_vpc_id": identifier("vpc", peering.accepter),
                "accept_status": "active",
                "auto_accept": True,
                "peer_owner_id": "123456789012",
                "peer_region": "us-east-1",
                "tags": pad.nothing({}),
                "tags_all": {},
            },
            {
                "vpc_id": refers(f"aws_vpc.{peering.requester}"),
                "peer_vpc_id": refers(f"aws_vpc.{peering.accepter}"),
                "auto_accept": constant(True),
            },
        )
