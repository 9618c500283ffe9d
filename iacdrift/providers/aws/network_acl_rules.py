"""Entries of network ACLs in one shape, inline or as resources."""

from __future__ import annotations

from collections.abc import Mapping

from iacdrift.model.filters import AclEntry
from iacdrift.providers.attributes import because, empty, text, whole
from iacdrift.providers.aws.peers import network_peer, network_text
from iacdrift.providers.aws.ports import ports_text, rule_ports
from iacdrift.sources.resource import Resource, Value


def entries(values: Mapping[str, Value], resource: Resource) -> list[AclEntry]:
    """The entry of a block or rule resource, for each range that it sets. A number or action that can't be read is in doubt."""
    number = whole(values.get("rule_no") if "rule_no" in values else values.get("rule_number"))
    action = text(values.get("action") if "action" in values else values.get("rule_action"))
    ports = rule_ports(values.get("protocol"), values.get("from_port"), values.get("to_port"))
    doubt = ports.doubt or (None if number is not None and action else "its number or action isn't known")
    named = [values.get(name) for name in ("cidr_block", "ipv6_cidr_block") if not empty(values.get(name))]
    found = []
    for value in named or [None]:
        peer = network_peer(value)
        said = f"{action or '?'} {ports_text(values.get('protocol'), ports)} {network_text(value, peer)}"
        detail = f"rule {number if number is not None else '?'}: {said}"
        allow = (action or "").lower() == "allow"
        found.append(AclEntry(-1 if number is None else number, allow, ports.tcp, ports.udp, peer, because(resource, detail), doubt))
    return found
