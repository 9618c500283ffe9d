"""VPCs, subnets, gateways, route tables, network ACLs and peerings as Terraform writes them."""

from __future__ import annotations

from collections.abc import Iterable

from tests.properties.truth.topology import Acl, AclRule, Route, Subnet, Table, Topology, Vpc, default_key
from tests.properties.truth.written import Json, Pad, constant, identifier, refers
from tests.properties.truth.written_groups import group_id, write_group

_NUMBERS = {"tcp": "6", "udp": "17", "icmp": "1"}
_ROUTE_KEYS = (
    "carrier_gateway_id", "core_network_arn", "destination_prefix_list_id", "egress_only_gateway_id", "gateway_id", "local_gateway_id", "nat_gateway_id",
    "network_interface_id", "transit_gateway_id", "vpc_endpoint_id", "vpc_peering_connection_id",
)  # fmt: skip


def write_vpc(pad: Pad, topology: Topology, vpc: Vpc) -> None:
    """The VPC with its gateways, and what the code takes over of its defaults."""
    own = identifier("vpc", vpc.key)
    main = next((t for t in topology.tables if t.vpc == vpc.key and t.main == "association"), None)
    values = {
        "id": own, "cidr_block": vpc.cidr, "ipv6_cidr_block": pad.text(vpc.cidr6), "assign_generated_ipv6_cidr_block": vpc.cidr6 is not None,
        "default_network_acl_id": identifier("acl", f"default-{vpc.key}"), "default_route_table_id": identifier("rtb", f"default-{vpc.key}"),
        "main_route_table_id": identifier("rtb", main.key if main else f"default-{vpc.key}"), "default_security_group_id": group_id(default_key(vpc)),
        "instance_tenancy": "default", "owner_id": "123456789012", "tags": pad.nothing({}), "tags_all": {},
    }  # fmt: skip
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
        _write_default_acl(pad, topology, vpc, vpc.default_acl)


def nat_address(number: int) -> str:
    """The public address of the n-th VPC's NAT gateway."""
    return f"52.95.200.{number + 1}"


def _write_nat(pad: Pad, topology: Topology, vpc: Vpc) -> None:
    subnet = next(s for s in topology.subnets if s.vpc == vpc.key)
    public = nat_address(topology.vpcs.index(vpc))
    private = subnet.cidr.rsplit(".", 1)[0] + ".200"
    card = identifier("eni", f"nat-{vpc.key}")
    eip = pad.add(
        "aws_eip", f"nat_{vpc.key}",
        {"id": identifier("eipalloc", f"nat-{vpc.key}"), "allocation_id": identifier("eipalloc", f"nat-{vpc.key}"), "domain": "vpc", "public_ip": public,
         "instance": pad.nothing(""), "network_interface": card, "private_ip": private, "associate_with_private_ip": None},
        {"domain": constant("vpc")},
    )  # fmt: skip
    pad.add(
        "aws_nat_gateway", vpc.key,
        {"id": identifier("nat", vpc.key), "allocation_id": eip.values["id"], "subnet_id": identifier("subnet", subnet.key), "connectivity_type": "public",
         "network_interface_id": card, "private_ip": private, "public_ip": public},
        {"allocation_id": refers(eip.address), "subnet_id": refers(f"aws_subnet.{subnet.key}")},
    )  # fmt: skip


def write_subnet(pad: Pad, topology: Topology, subnet: Subnet) -> None:
    """The subnet, and the associations that the code makes for it."""
    own = identifier("subnet", subnet.key)
    expressions: dict[str, Json] = {"vpc_id": refers(f"aws_vpc.{subnet.vpc}"), "cidr_block": constant(subnet.cidr)}
    if subnet.cidr6:
        expressions["ipv6_cidr_block"] = refers(f"aws_vpc.{subnet.vpc}")
    values = {
        "id": own, "vpc_id": identifier("vpc", subnet.vpc), "cidr_block": subnet.cidr, "ipv6_cidr_block": pad.text(subnet.cidr6), "map_public_ip_on_launch": False,
        "availability_zone": "us-east-1a", "ipv6_native": False, "owner_id": "123456789012", "tags": pad.nothing({}), "tags_all": {},
    }  # fmt: skip
    here = pad.add("aws_subnet", subnet.key, values, expressions).address
    if subnet.table:
        table = next(t for t in topology.tables if t.key == subnet.table)
        pad.add(
            "aws_route_table_association", subnet.key,
            {"id": identifier("rtbassoc", subnet.key), "subnet_id": own, "route_table_id": _table_id(table), "gateway_id": pad.nothing("")},
            {"subnet_id": refers(here), "route_table_id": refers(_table_address(table))},
        )  # fmt: skip
    acl = next((a for a in topology.acls if a.key == subnet.acl), None)
    if acl and acl.attach == "association":
        pad.add(
            "aws_network_acl_association", subnet.key,
            {"id": identifier("aclassoc", subnet.key), "subnet_id": own, "network_acl_id": identifier("acl", acl.key)},
            {"subnet_id": refers(here), "network_acl_id": refers(f"aws_network_acl.{acl.key}")},
        )  # fmt: skip


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
            "aws_main_route_table_association", table.vpc,
            {"id": identifier("rtbassoc", f"main-{table.vpc}"), "vpc_id": identifier("vpc", table.vpc), "route_table_id": own,
             "original_route_table_id": identifier("rtb", f"default-{table.vpc}")},
            {"vpc_id": refers(f"aws_vpc.{table.vpc}"), "route_table_id": refers(here)},
        )  # fmt: skip


def _write_route(pad: Pad, table: Table, route: Route, here: str, number: int) -> None:
    key, target, address = _target(table, route)
    destination = _destination(route, "destination_")
    values = {
        **{k: pad.nothing("") for k in _ROUTE_KEYS}, "destination_cidr_block": pad.nothing(""), "destination_ipv6_cidr_block": pad.nothing(""),
        "id": identifier("r", f"{table.key}/{number}"), "route_table_id": _table_id(table), "origin": "CreateRoute", "state": "active",
        destination: route.cidr, key: target,
    }  # fmt: skip
    expressions = {"route_table_id": refers(here), destination: constant(route.cidr), key: refers(address)}
    pad.add("aws_route", f"{table.key}_{number}", values, expressions, stack="rules")


def _acl_inline(pad: Pad, rules: Iterable[AclRule], egress: bool, numbers: bool) -> list[Json]:
    """The rules of one direction; real files don't sort them."""
    return [
        {"rule_no": r.number, "action": "allow" if r.allow else "deny", "protocol": _protocol(r.protocol, numbers), "from_port": r.first, "to_port": r.last,
         "cidr_block": pad.text(None if ":" in r.cidr else r.cidr), "ipv6_cidr_block": pad.text(r.cidr if ":" in r.cidr else None),
         "icmp_code": 0, "icmp_type": 0}
        for r in sorted(rules, key=lambda r: (r.cidr, -r.number)) if r.egress is egress
    ]  # fmt: skip


def _protocol(text: str, numbers: bool) -> str:
    return _NUMBERS.get(text, text) if numbers else text


def _write_default_acl(pad: Pad, topology: Topology, vpc: Vpc, rules: tuple[AclRule, ...]) -> None:
    own = identifier("acl", f"default-{vpc.key}")
    numbers = topology.layout.numbers
    left = [identifier("subnet", s.key) for s in topology.subnets if s.vpc == vpc.key and s.acl is None]
    lists = {name: _acl_inline(pad, rules, name == "egress", numbers) for name in ("ingress", "egress")}
    expressions: dict[str, Json] = {
        "default_network_acl_id": {"references": [f"aws_vpc.{vpc.key}.default_network_acl_id", f"aws_vpc.{vpc.key}"]}
    }
    expressions |= {name: [{k: constant(v) for k, v in rule.items() if v} for rule in found] for name, found in lists.items() if found}
    values = {
        "id": own,
        "default_network_acl_id": own,
        "vpc_id": identifier("vpc", vpc.key),
        "subnet_ids": left,
        **lists,
        "tags": pad.nothing({}),
        "tags_all": {},
    }
    pad.add("aws_default_network_acl", vpc.key, values, expressions)


def write_acl(pad: Pad, topology: Topology, acl: Acl) -> None:
    """A network ACL, with its rules inside or as resources, and what a refresh mirrors."""
    numbers, standalone = topology.layout.numbers, acl.style == "standalone"
    own = identifier("acl", acl.key)
    mine = [s for s in topology.subnets if s.acl == acl.key]
    shown = list(acl.rules)
    if standalone:
        shown += [d for d in acl.drift if not pad.provable_from_state or any(r.egress is d.egress for r in acl.rules)]
    attached = [s.key for s in mine] + ([] if pad.provable_from_state or acl.attach == "subnet_ids" else list(acl.stray_subnets))
    expressions: dict[str, Json] = {"vpc_id": refers(f"aws_vpc.{acl.vpc}")}
    for name in ("ingress", "egress"):
        declared = _acl_inline(pad, acl.rules, name == "egress", numbers)
        if declared and not standalone:
            expressions[name] = constant(declared)
    if acl.attach == "subnet_ids" and mine:
        expressions["subnet_ids"] = refers(*(f"aws_subnet.{s.key}" for s in mine))
    values = {
        "id": own, "vpc_id": identifier("vpc", acl.vpc), "subnet_ids": [identifier("subnet", key) for key in attached],
        "ingress": _acl_inline(pad, shown, False, numbers), "egress": _acl_inline(pad, shown, True, numbers),
        "owner_id": "123456789012", "tags": pad.nothing({}), "tags_all": {},
    }  # fmt: skip
    here = pad.add("aws_network_acl", acl.key, values, expressions).address
    for rule in acl.rules if standalone else ():
        _write_acl_rule(pad, acl, rule, here, numbers)


def _write_acl_rule(pad: Pad, acl: Acl, rule: AclRule, here: str, numbers: bool) -> None:
    values = {
        "id": identifier("nacl", f"{acl.key}/{rule.egress}/{rule.number}"), "network_acl_id": identifier("acl", acl.key), "egress": rule.egress,
        "rule_number": rule.number, "rule_action": "allow" if rule.allow else "deny", "protocol": _protocol(rule.protocol, numbers),
        "from_port": rule.first, "to_port": rule.last, "cidr_block": pad.text(None if ":" in rule.cidr else rule.cidr),
        "ipv6_cidr_block": pad.text(rule.cidr if ":" in rule.cidr else None), "icmp_code": None, "icmp_type": None,
    }  # fmt: skip
    set_keys = ("rule_number", "rule_action", "protocol", "from_port", "to_port", "ipv6_cidr_block" if ":" in rule.cidr else "cidr_block")
    expressions = {k: constant(values[k]) for k in set_keys} | {"network_acl_id": refers(here)}
    if rule.egress:
        expressions["egress"] = constant(True)
    name = f"{acl.key}_{'out' if rule.egress else 'in'}_{rule.number}"
    pad.add("aws_network_acl_rule", name, values, expressions, stack="rules")


def write_peerings(pad: Pad, topology: Topology) -> None:
    """Peering connections, accepted."""
    for peering in topology.peerings:
        pad.add(
            "aws_vpc_peering_connection", peering.key,
            {"id": identifier("pcx", peering.key), "vpc_id": identifier("vpc", peering.requester), "peer_vpc_id": identifier("vpc", peering.accepter),
             "accept_status": "active", "auto_accept": True, "peer_owner_id": "123456789012", "peer_region": "us-east-1", "tags": pad.nothing({}), "tags_all": {}},
            {"vpc_id": refers(f"aws_vpc.{peering.requester}"), "peer_vpc_id": refers(f"aws_vpc.{peering.accepter}"), "auto_accept": constant(True)},
        )  # fmt: skip
