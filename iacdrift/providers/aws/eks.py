"""aws_eks_cluster: the API endpoint, public behind a list of CIDRs, private behind the cluster's groups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attrs import evolve

from iacdrift.model.filters import Rule, Rules
from iacdrift.model.network import Interface
from iacdrift.model.ports import NO_PORTS, PortSet
from iacdrift.providers.attributes import at_path, because, declared, empty, fixed, plain, recorded, rows, text
from iacdrift.providers.aws.managed import listener, named, truth
from iacdrift.providers.aws.peers import peers, peers_text
from iacdrift.providers.aws.placement import Groups, groups_within
from iacdrift.providers.links import Links
from iacdrift.sources.resource import Resource, Unknown, Value

_EVERYBODY = ["0.0.0.0/0", "::/0"]


def translate(resource: Resource, links: Links) -> Iterator[object]:
    """The endpoint from the internet, and the same name from inside where private access is on."""
    said = next(iter(rows(declared(resource, "vpc_config"))), Unknown("its vpc_config isn't declared, or in a dynamic block"))
    public, private = (_access(said, name, usual) for name, usual in (("endpoint_public_access", True), ("endpoint_private_access", False)))
    subnets, _ = links.resolve_all(at_path({"v": fixed(resource, "vpc_config")}, "v", "subnet_ids"), resource)
    groups = groups_within(resource, "vpc_config", "security_group_ids", links)
    endpoint = named(
        resource,
        text(recorded(resource, "endpoint")),
        [listener(resource, 443, "https")],
        groups=groups,
        subnets=tuple(sorted(subnets)),
        public=public,
        split_horizon=private is not False,
    )
    yield _from_internet(endpoint, resource, said, links) if public and isinstance(said, Mapping) else _inside(endpoint, groups)


def _access(said: Mapping[str, Value] | Unknown, name: str, usual: bool) -> bool | None:
    return None if isinstance(said, Unknown) else truth(said.get(name), usual)


def _from_internet(endpoint: Interface, resource: Resource, said: Mapping[str, Value], links: Links) -> Interface:
    """No subnet of the user's stands before the public endpoint: its CIDR list alone filters."""
    cidrs = plain(said.get("public_access_cidrs"))
    values = {"cidr_blocks": _EVERYBODY if empty(cidrs) else cidrs}
    whom = peers(values, None, resource, links)
    rule = Rule(PortSet.single(443), NO_PORTS, whom, because(resource, f"public_access_cidrs {peers_text(values, whom, links)}"))
    return evolve(endpoint, admits=Rules((rule,)), subnets=(), vpc=_vpc(endpoint.subnets, links))


def _vpc(subnets: tuple[str, ...], links: Links) -> str | None:
    """The VPC of the first subnet that a source holds."""
    holders = [found for key in subnets if (found := links.by_key(key)) is not None]
    named = [links.resolve(fixed(holder, "vpc_id"), holder) for holder in holders]
    return next((key for key in named if isinstance(key, str)), None)


def _inside(endpoint: Interface, groups: Groups) -> Interface:
    """The private endpoint also carries the cluster's own group, which EKS makes and manages."""
    doubt = groups.doubt or "the cluster's own security group, which EKS manages, isn't in the code"
    return evolve(endpoint, doubt=doubt)
