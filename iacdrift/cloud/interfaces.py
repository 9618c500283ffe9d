"""The interfaces that an account has now: the same answer as `aws ec2 describe-network-interfaces` gives in a file.

Source: EC2 API reference, DescribeNetworkInterfaces, DescribeAddresses, DescribeInstances.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from iacdrift.cloud.account import Account, Item
from iacdrift.model.addresses import Address, parse_ip

_FLEETS = (
    *("aws:autoscaling:groupName", "aws:ec2:fleet-id", "aws:ec2spot:fleet-request-id"),
    *("eks:cluster-name", "eks:nodegroup-name"),
)
"""The tags by which AWS marks the machines of a fleet. An interface has none of them."""


class Described(dict[str, list[Item]]):
    """An answer of DescribeNetworkInterfaces, as a source that has a name and an age."""

    def __init__(self, interfaces: Iterable[Item], regions: tuple[str, ...]) -> None:
        super().__init__(NetworkInterfaces=list(interfaces))
        self.name = f"AWS in {', '.join(regions)}"
        self.written_at = datetime.now(UTC).isoformat(timespec="seconds")


def described(account: Account, *, fleets: bool) -> Described:
    """All interfaces of the account. With `fleets` they carry the tags by which their machines' fleets are known."""
    found = [item for region in account.regions for item in _in_region(account, region, fleets=fleets)]
    return Described(found, account.regions)


def addresses_of(account: Account, interfaces: Described) -> frozenset[Address]:
    """Every address that the account has: those of its interfaces, and elastic ones that nothing uses."""
    held = {address for item in interfaces["NetworkInterfaces"] for address in _texts(item)}
    for region in account.regions:
        held |= {item["PublicIp"] for item in account.items(region, "ec2.describe_addresses", "Addresses") if item.get("PublicIp")}
    return frozenset(parse_ip(address) for address in held)


def _in_region(account: Account, region: str, *, fleets: bool) -> Iterator[Item]:
    interfaces = account.items(region, "ec2.describe_network_interfaces", "NetworkInterfaces", PaginationConfig={"PageSize": 1000})
    tags = _tags(account, region) if fleets else {}
    for item in interfaces:
        machine = str((item.get("Attachment") or {}).get("InstanceId"))
        yield _whole(item) | {"TagSet": [*(item.get("TagSet") or ()), *tags.get(machine, ())]}


def _tags(account: Account, region: str) -> dict[str, list[Item]]:
    """The tags of the fleets' machines, by instance."""
    wanted = [{"Name": "tag-key", "Values": list(_FLEETS)}]
    rows = account.items(region, "ec2.describe_instances", "Reservations", Filters=wanted)
    machines = [machine for row in rows for machine in row["Instances"]]
    return {machine["InstanceId"]: [tag for tag in machine.get("Tags") or () if tag["Key"] in _FLEETS] for machine in machines}


def _whole(item: Item) -> Item:
    """The interface's own association belongs to its primary address; some answers tell it there only."""
    private = [dict(row) for row in item.get("PrivateIpAddresses") or ()]
    for row in private:
        if row.get("Primary") and item.get("Association"):
            row.setdefault("Association", item["Association"])
    return item | {"PrivateIpAddresses": private}


def _texts(item: Item) -> Iterator[str]:
    for row in item.get("PrivateIpAddresses") or ():
        yield from filter(None, (row.get("PrivateIpAddress"), (row.get("Association") or {}).get("PublicIp")))
    yield from (row["Ipv6Address"] for row in item.get("Ipv6Addresses") or () if row.get("Ipv6Address"))
