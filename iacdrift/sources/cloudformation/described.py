"""Answers of describe calls in Terraform's words: which attribute of Terraform's state each field is.

Sources: the API references of EC2, Elastic Load Balancing, RDS, ElastiCache, Redshift, OpenSearch, EKS and MSK.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from iacdrift.sources.resource import Value

Found = Iterator[tuple[str, dict[str, Value]]]


def _machines(reservation: Mapping[str, Any]) -> Found:
    for item in reservation.get("Instances") or ():
        primary: Mapping[str, Any] = next((i for i in item.get("NetworkInterfaces") or () if _index(i) == 0), {})
        private = [p.get("PrivateIpAddress") for p in primary.get("PrivateIpAddresses") or ()]
        yield (
            item["InstanceId"],
            {
                "id": item["InstanceId"],
                "public_ip": item.get("PublicIpAddress"),
                "private_ip": item.get("PrivateIpAddress"),
                "secondary_private_ips": [address for address in private if address != item.get("PrivateIpAddress")],
                "ipv6_addresses": [a.get("Ipv6Address") for a in primary.get("Ipv6Addresses") or ()],
                "instance_state": (item.get("State") or {}).get("Name"),
                "subnet_id": item.get("SubnetId"),
                "primary_network_interface_id": primary.get("NetworkInterfaceId"),
            },
        )
        for interface in item.get("NetworkInterfaces") or ():
            yield from _interface({**interface, "TheInstance": item["InstanceId"]})


def _index(interface: Mapping[str, Any]) -> int:
    return int((interface.get("Attachment") or {}).get("DeviceIndex", 0))


def _interface(item: Mapping[str, Any]) -> Found:
    if not item.get("NetworkInterfaceId"):
        return
    attachment = item.get("Attachment") or {}
    machine = attachment.get("InstanceId") or item.get("TheInstance")
    found: dict[str, Value] = {
        "id": item["NetworkInterfaceId"],
        "subnet_id": item.get("SubnetId"),
        "private_ips": [p.get("PrivateIpAddress") for p in item.get("PrivateIpAddresses") or ()],
        "ipv6_addresses": [a.get("Ipv6Address") for a in item.get("Ipv6Addresses") or ()],
    }
    if machine:
        found["attachment"] = [{"instance": machine, "device_index": attachment.get("DeviceIndex", 0)}]
        yield f"{machine}/{attachment.get('DeviceIndex', 0)}", found
    yield item["NetworkInterfaceId"], found


def _address(item: Mapping[str, Any]) -> Found:
    """CloudFormation's physical id of an elastic IP is the address itself."""
    found: dict[str, Value] = {
        "id": item.get("AllocationId") or item.get("PublicIp"),
        "public_ip": item.get("PublicIp"),
        "private_ip": item.get("PrivateIpAddress"),
        "instance": item.get("InstanceId"),
        "network_interface": item.get("NetworkInterfaceId"),
    }
    for key in ("PublicIp", "AllocationId"):
        if item.get(key):
            yield item[key], found
    if item.get("AssociationId"):
        association = {"id": item["AssociationId"], "private_ip_address": item.get("PrivateIpAddress"), "public_ip": item.get("PublicIp")}
        yield item["AssociationId"], association


def _nat(item: Mapping[str, Any]) -> Found:
    first: Mapping[str, Any] = next(iter(item.get("NatGatewayAddresses") or ()), {})
    yield item["NatGatewayId"], {"public_ip": first.get("PublicIp"), "private_ip": first.get("PrivateIp")}


def _balancer(item: Mapping[str, Any]) -> Found:
    yield item["LoadBalancerArn"], {"dns_name": item.get("DNSName"), "arn": item["LoadBalancerArn"]}


def _classic(item: Mapping[str, Any]) -> Found:
    yield item["LoadBalancerName"], {"dns_name": item.get("DNSName")}


def _database(item: Mapping[str, Any]) -> Found:
    place = item.get("Endpoint") or {}
    found: dict[str, Value] = {"address": place.get("Address"), "endpoint": place.get("Address"), "port": place.get("Port")}
    yield item["DBInstanceIdentifier"], {**found, "arn": item.get("DBInstanceArn")}


def _databases(item: Mapping[str, Any]) -> Found:
    found = {"endpoint": item.get("Endpoint"), "reader_endpoint": item.get("ReaderEndpoint"), "port": item.get("Port")}
    yield item["DBClusterIdentifier"], found


def _cache(item: Mapping[str, Any]) -> Found:
    nodes = [node["Endpoint"] for node in item.get("CacheNodes") or () if node.get("Endpoint")]
    configuration = (item.get("ConfigurationEndpoint") or {}).get("Address")
    rows = [{"address": node.get("Address"), "port": node.get("Port")} for node in nodes]
    yield item["CacheClusterId"], {"cache_nodes": rows, "configuration_endpoint_address": configuration}


def _replicas(item: Mapping[str, Any]) -> Found:
    group: Mapping[str, Any] = next(iter(item.get("NodeGroups") or ()), {})
    found = {
        "primary_endpoint_address": (group.get("PrimaryEndpoint") or {}).get("Address"),
        "reader_endpoint_address": (group.get("ReaderEndpoint") or {}).get("Address"),
        "configuration_endpoint_address": (item.get("ConfigurationEndpoint") or {}).get("Address"),
    }
    yield item["ReplicationGroupId"], found


def _warehouse(item: Mapping[str, Any]) -> Found:
    if item.get("ClusterIdentifier"):
        place = item.get("Endpoint") or {}
        yield item["ClusterIdentifier"], {"dns_name": place.get("Address"), "port": place.get("Port")}


def _search(item: Mapping[str, Any]) -> Found:
    name = item.get("Endpoint") or (item.get("Endpoints") or {}).get("vpc")
    yield item["DomainName"], {"endpoint": name}


def _group(item: Mapping[str, Any]) -> Found:
    """Of a group only that it is its VPC's default one: rules come from the template."""
    if item.get("GroupName") == "default" and item.get("VpcId"):
        yield item["VpcId"], {"default_security_group_id": item.get("GroupId")}


DESCRIBED: Mapping[str, Callable[[Mapping[str, Any]], Found]] = {
    "Reservations": _machines,
    "NetworkInterfaces": _interface,
    "Addresses": _address,
    "NatGateways": _nat,
    "LoadBalancers": _balancer,
    "LoadBalancerDescriptions": _classic,
    "DBInstances": _database,
    "DBClusters": _databases,
    "CacheClusters": _cache,
    "ReplicationGroups": _replicas,
    "Clusters": _warehouse,
    "DomainStatusList": _search,
    "SecurityGroups": _group,
}
"""The key of a describe call's answer -> what of each entry is known, by the physical id that CloudFormation has for it."""
