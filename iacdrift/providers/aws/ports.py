"""Protocols and ports as AWS and Terraform write them (EC2 API: IpPermission; Values in the provider's documentation)."""

from __future__ import annotations

from functools import lru_cache

from attrs import frozen

from iacdrift.model.ports import ALL_PORTS, NO_PORTS, PortSet
from iacdrift.providers.attributes import NOT_KNOWN, plain, text, whole
from iacdrift.sources.resource import Value

_NAMES = {"-1": "all", "all": "all", "*": "all", "any": "all", "6": "tcp", "tcp": "tcp", "17": "udp", "udp": "udp"}
_OTHERS = {"icmp", "icmpv6", "1", "58", "ah", "esp", "gre", "50", "51", "47"}


@frozen(slots=True)
class Ports:
    """The TCP and UDP ports that a rule speaks of. `doubt`: why they can't be told (the sets hold all it may mean)."""

    tcp: PortSet
    udp: PortSet
    doubt: str | None = None


@lru_cache(maxsize=4096)
def _span(first: int, last: int) -> PortSet:
    return PortSet.span(first, last)


def rule_ports(protocol: Value, first: Value, last: Value) -> Ports:
    """Ports of a rule. `-1`: everything, whatever the ports say. tcp 0-0 is port 0 only; -1 to -1 is every port."""
    if isinstance(plain(protocol), NOT_KNOWN):
        return Ports(ALL_PORTS, ALL_PORTS, "its protocol isn't known")
    name = protocol_name(protocol)
    if name == "all":
        return Ports(ALL_PORTS, ALL_PORTS)
    if name == "other":
        return Ports(NO_PORTS, NO_PORTS)
    if name is None:
        return Ports(ALL_PORTS, ALL_PORTS, "its protocol can't be read")
    ports, doubt = _range(first, last)
    return Ports(ports, NO_PORTS, doubt) if name == "tcp" else Ports(NO_PORTS, ports, doubt)


def protocol_name(protocol: Value) -> str | None:
    """`all`, `tcp`, `udp`, `other` (no ports), or None where it can't be read."""
    said = (text(protocol) or "").strip().lower().removesuffix(".0")
    if said in _NAMES:
        return _NAMES[said]
    if said in _OTHERS or (said.isdecimal() and int(said) <= 255):
        return "other"
    return None


def _range(first: Value, last: Value) -> tuple[PortSet, str | None]:
    low, high = whole(first), whole(last)
    said = text(first)
    if high is None and said and "-" in said[1:]:  # "1000-2000" in one value
        low, high = (whole(part) for part in said.split("-", 1))
    if low == -1 and high in (-1, None):
        return ALL_PORTS, None
    if low is None or high is None or not 0 <= low <= high <= 65535:
        return ALL_PORTS, "its ports can't be told"
    return _span(low, high), None


def ports_text(protocol: Value, ports: Ports) -> str:
    """How texts name a rule's ports: `tcp/22`, `all protocols`."""
    if ports.doubt:
        return "ports that aren't known"
    if ports.tcp and ports.udp:
        return "every protocol and port"
    if not ports.tcp and not ports.udp:
        return f"protocol {text(protocol)}"
    name, found = ("tcp", ports.tcp) if ports.tcp else ("udp", ports.udp)
    return f"{name}/{found}"
