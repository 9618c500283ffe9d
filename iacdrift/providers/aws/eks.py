"""aws_eks_cluster: the API endpoint, public behind a list of CIDRs, private behind the cluster's groups."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import evolve

from iacdrift.model.filters import Rule, Rules
from iacdrift.model.network import Interface
from iacdrift.model.ports import NO_PORTS, PortSet
from iacdrift.providers.attributes import at_path, because, fixed, flag, items, recorded, text
from iacdrift.providers.aws.managed import listener, named
from iacdrift.providers.aws.peers import network_peer
from iacdrift.providers.aws.placement import Groups, groups_in
from iacdrift.providers.links import Links
from iacdrift.sources.resource import Resource, Unknown, Value

_EVERYBODY = ["0.0.0.0/0", "::/0"]


def translate(resource: Resource, links: Links) -> Iterator[object]:
    """The endpoint from the internet, and the same name from inside where private access is on."""
    declared = {"v": resource.declared.get("vpc_config") or resource.recorded.get("vpc_config")}
    public, private = (
        _access(declared, name, usual) for name, usual in (("endpoint_public_access", True), ("endpoint_private_access", False))
    )
    subnets, _ = links.resolve_all(at_path({"v": fixed(resource, "vpc_config")}, "v", "subnet_ids"), resource)
    groups = groups_in({"g": at_path(declared, "v", "security_group_ids")}, resource, links)
    endpoint = named(
        resource,
        text(recorded(resource, "endpoint")),
        [listener(resource, 443, "https")],
        groups=groups,
        subnets=tuple(sorted(subnets)),
        public=public,
        split_horizon=bool(private),
    )
    yield _from_internet(endpoint, resource, declared) if public else _inside(endpoint, groups)


def _access(values: dict[str, Value], name: str, usual: bool) -> bool | None:
    value = at_path(values, "v", name)
    return None if isinstance(value, Unknown) else (usual if flag(value) is None else flag(value))


def _from_internet(endpoint: Interface, resource: Resource, values: dict[str, Value]) -> Interface:
    """No subnet of the user's stands before the public endpoint: its CIDR list alone filters."""
    cidrs = items(at_path(values, "v", "public_access_cidrs")) or _EVERYBODY
    peers = tuple(network_peer(cidr) for cidr in cidrs)
    rule = Rule(PortSet.single(443), NO_PORTS, peers, because(resource, f"public_access_cidrs {', '.join(str(c) for c in cidrs)}"))
    return evolve(endpoint, admits=Rules((rule,)), subnets=() if not endpoint.split_horizon else endpoint.subnets)


def _inside(endpoint: Interface, groups: Groups) -> Interface:
    """The private endpoint also carries the cluster's own group, which EKS makes and manages."""
    doubt = groups.doubt or "the cluster's own security group, which EKS manages, isn't in the code"
    return evolve(endpoint, doubt=doubt)
