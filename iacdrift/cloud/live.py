"""Asks EC2 what stands in front of exactly these addresses: attachments, groups' rules, ACLs. Of the rest nothing is asked.

Source: EC2 API reference, DescribeAddresses, DescribeNetworkInterfaces, DescribeSecurityGroupRules, DescribeNetworkAcls.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from ipaddress import ip_network

from iacdrift.cloud.account import Account, Item
from iacdrift.model.addresses import Address
from iacdrift.refresh.live import AclEntry, LiveHost, LiveRule
from iacdrift.refresh.rules import row_of

_PRIVATE = tuple(ip_network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"))
MOST = 200
"""Values that EC2 takes in one filter."""


def hosts_of(account: Account, addresses: Iterable[Address], known: Mapping[Address, frozenset[str]]) -> Mapping[Address, LiveHost]:
    """What stands in front of each address that the account has. SourceError where it can't be asked.

    `known`: ids of interfaces and machines that the code has at an address: a private one may lie in several networks.
    """
    wanted, found = frozenset(addresses), dict[Address, LiveHost]()
    for region in account.regions:
        interfaces = _interfaces(account, region, wanted - found.keys(), known)
        rules = _rules(account, region, {group for item in interfaces.values() for group in _groups(item)})
        acls = _acls(account, region, {str(item["SubnetId"]) for item in interfaces.values() if item.get("SubnetId")})
        found |= {address: _host(region, item, rules, acls) for address, item in interfaces.items()}
    return found


def _interfaces(
    account: Account, region: str, addresses: frozenset[Address], known: Mapping[Address, frozenset[str]]
) -> dict[Address, Item]:
    inside = {address for address in addresses if any(address in network for network in _PRIVATE)}
    v6 = {address for address in addresses if address.version == 6}
    elastic = _elastic(account, region, addresses - inside - v6)
    found: dict[Address, list[Item]] = defaultdict(list)
    for item in _described(account, region, "network-interface-id", set(elastic.values())):
        for address, interface in elastic.items():
            if interface == item["NetworkInterfaceId"]:
                found[address].append(item)
    others = addresses - inside - v6 - elastic.keys()
    filters = (("association.public-ip", others), ("addresses.private-ip-address", inside), ("ipv6-addresses.ipv6-address", v6))
    for name, some in filters:
        for item in _described(account, region, name, {str(address) for address in some}):
            held = set(_texts(item))
            for address in some:
                if str(address) in held:
                    found[address].append(item)
    chosen = {address: _one(items, known.get(address, frozenset())) for address, items in found.items()}
    return {address: item for address, item in chosen.items() if item is not None}


def _one(items: list[Item], known: frozenset[str]) -> Item | None:
    """The interface that is meant; None where several could be."""
    meant = [item for item in items if {item["NetworkInterfaceId"], (item.get("Attachment") or {}).get("InstanceId")} & known]
    found = meant or items
    return found[0] if len(found) == 1 else None


def _elastic(account: Account, region: str, addresses: Iterable[Address]) -> dict[Address, str]:
    told = {str(address): address for address in addresses}
    rows = _filtered(account, region, "ec2.describe_addresses", "Addresses", "public-ip", set(told))
    return {told[row["PublicIp"]]: row["NetworkInterfaceId"] for row in rows if row.get("NetworkInterfaceId")}


def _described(account: Account, region: str, name: str, values: set[str]) -> Iterator[Item]:
    return _filtered(account, region, "ec2.describe_network_interfaces", "NetworkInterfaces", name, values)


def _filtered(account: Account, region: str, call: str, key: str, name: str, values: set[str]) -> Iterator[Item]:  # noqa: PLR0917
    """What a call lists of these values alone; without values it isn't made."""
    ordered = sorted(values)
    for start in range(0, len(ordered), MOST):
        yield from account.items(region, call, key, Filters=[{"Name": name, "Values": ordered[start : start + MOST]}])


def _texts(item: Item) -> Iterator[str | None]:
    for row in item.get("PrivateIpAddresses") or ():
        yield from (row.get("PrivateIpAddress"), (row.get("Association") or {}).get("PublicIp"))
    yield (item.get("Association") or {}).get("PublicIp")
    yield from (row.get("Ipv6Address") for row in item.get("Ipv6Addresses") or ())


def _groups(item: Item) -> tuple[str, ...]:
    return tuple(group["GroupId"] for group in item.get("Groups") or ())


def _rules(account: Account, region: str, groups: set[str]) -> dict[str, list[LiveRule]]:
    found: dict[str, list[LiveRule]] = defaultdict(list)
    for rule in _filtered(account, region, "ec2.describe_security_group_rules", "SecurityGroupRules", "group-id", groups):
        if not rule.get("IsEgress"):
            values = {
                "ip_protocol": rule.get("IpProtocol"),
                "from_port": rule.get("FromPort"),
                "to_port": rule.get("ToPort"),
                "cidr_ipv4": rule.get("CidrIpv4"),
                "cidr_ipv6": rule.get("CidrIpv6"),
                "prefix_list_id": rule.get("PrefixListId"),
                "referenced_security_group_id": (rule.get("ReferencedGroupInfo") or {}).get("GroupId"),
            }
            found[rule["GroupId"]].append(LiveRule(rule["SecurityGroupRuleId"], rule["GroupId"], row_of(values)))
    return found


def _acls(account: Account, region: str, subnets: set[str]) -> dict[str, tuple[str, tuple[AclEntry, ...]]]:
    """The ACL of each subnet, with its inbound entries."""
    found = dict[str, tuple[str, tuple[AclEntry, ...]]]()
    for acl in _filtered(account, region, "ec2.describe_network_acls", "NetworkAcls", "association.subnet-id", subnets):
        entries = tuple(_entry(entry) for entry in acl.get("Entries") or () if not entry.get("Egress"))
        found |= {row["SubnetId"]: (acl["NetworkAclId"], entries) for row in acl.get("Associations") or ()}
    return found


def _entry(entry: Item) -> AclEntry:
    ports = entry.get("PortRange") or {"From": -1, "To": -1}
    values = {
        "protocol": entry.get("Protocol"),
        "from_port": ports.get("From"),
        "to_port": ports.get("To"),
        "cidr_block": entry.get("CidrBlock"),
        "ipv6_cidr_block": entry.get("Ipv6CidrBlock"),
    }
    return AclEntry(int(entry["RuleNumber"]), entry.get("RuleAction") == "allow", row_of(values))


def _host(region: str, item: Item, rules: Mapping[str, list[LiveRule]], acls: Mapping[str, tuple[str, tuple[AclEntry, ...]]]) -> LiveHost:
    machine, groups = (item.get("Attachment") or {}).get("InstanceId"), _groups(item)
    kind = str(item.get("InterfaceType") or "interface").replace("_", " ")
    words = [kind, f"on {machine}" if machine else "", f"described as {item['Description']!r}" if item.get("Description") else ""]
    acl, entries = acls.get(str(item.get("SubnetId")), (None, ()))
    name = item["NetworkInterfaceId"]
    told = f"{name} ({', '.join(filter(None, words))})"
    mine = tuple(rule for group in groups for rule in rules.get(group, ()))
    return LiveHost(region, name, told, machine, item.get("SubnetId"), groups, mine, acl, entries)
