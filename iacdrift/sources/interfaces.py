"""`aws ec2 describe-network-interfaces` JSON: which addresses exist in the account, and whose they are.

Source: EC2 API reference, NetworkInterface. It says nothing of rules; it gives fleets their addresses, and names undeclared ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from iacdrift.errors import SourceError
from iacdrift.sources.document import Document
from iacdrift.sources.reading import Options, Reading
from iacdrift.sources.resource import Origin, Provenance, Resource, SourceInfo

TYPE = "iacdrift_described_interface"


def recognises(data: Any) -> bool:
    """The answer of DescribeNetworkInterfaces."""
    return isinstance(data, dict) and isinstance(data.get("NetworkInterfaces"), list)


def read(document: Document, options: Options) -> Reading:
    """One resource an interface, recorded only. SourceError where an entry is no interface."""
    del options
    if document.data.get("NextToken"):
        raise SourceError(f"{document.name} is one page of several (NextToken): write all of them with the AWS CLI's default paging")
    resources = tuple(_resource(entry, document) for entry in document.data["NetworkInterfaces"])
    info = SourceInfo("eni", document.name, document.sha256, written_at=document.written_at, commit=document.commit)
    return Reading(info, resources)


def _resource(entry: Any, document: Document) -> Resource:
    if not isinstance(entry, dict) or not isinstance(entry.get("NetworkInterfaceId"), str):
        raise SourceError(f"{document.name}: an entry of NetworkInterfaces has no NetworkInterfaceId")
    name = entry["NetworkInterfaceId"]
    return Resource(TYPE, f"eni:{name}", {}, _recorded(entry, name), Provenance(document.name), Origin.STATE, data=True)


def _recorded(entry: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Terraform's words for EC2's. No `id`: what names an interface by it means the code's own resource, never this description."""
    private = [item for item in entry.get("PrivateIpAddresses") or () if isinstance(item, dict)]
    attachment = entry.get("Attachment") or {}
    return {
        "interface_id": name,
        "subnet_id": entry.get("SubnetId"),
        "vpc_id": entry.get("VpcId"),
        "interface_type": entry.get("InterfaceType"),
        "description": entry.get("Description"),
        "requester_managed": entry.get("RequesterManaged"),
        "instance": attachment.get("InstanceId"),
        "security_groups": [group.get("GroupId") for group in entry.get("Groups") or ()],
        "addresses": [{"private": p.get("PrivateIpAddress"), "public": (p.get("Association") or {}).get("PublicIp")} for p in private],
        "ipv6_addresses": [item.get("Ipv6Address") for item in entry.get("Ipv6Addresses") or ()],
        "tags": {tag.get("Key"): tag.get("Value") for tag in entry.get("TagSet") or () if isinstance(tag, dict)},
    }
