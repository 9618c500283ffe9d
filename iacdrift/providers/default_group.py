"""The default group of a VPC that no resource declares: it admits its own members only, and lets everything out."""

from __future__ import annotations

from collections.abc import Mapping

from iacdrift.model.addresses import parse_network
from iacdrift.model.because import Because
from iacdrift.model.filters import GroupPeer, Rule, Rules, SecurityGroup
from iacdrift.model.network import Vpc
from iacdrift.model.ports import ALL_PORTS


def with_default_groups(groups: dict[str, SecurityGroup], vpcs: Mapping[str, Vpc]) -> dict[str, SecurityGroup]:
    """The groups, and AWS's own default group of every VPC for which the code declares none."""
    found = dict(groups)
    for vpc in vpcs.values():
        if vpc.default_group and vpc.default_group not in found:
            found[vpc.default_group] = default_group(vpc.default_group, vpc)
    return found


def default_group(key: str, vpc: Vpc) -> SecurityGroup:
    """AWS's default group as it is created with a VPC (AWS VPC user guide, default security groups)."""
    name = f"{vpc.because.resource}'s default security group"
    inside = Rule(ALL_PORTS, ALL_PORTS, (GroupPeer(key),), Because(name, "everything from its own members", vpc.because.at))
    everybody = (parse_network("0.0.0.0/0"), parse_network("::/0"))
    out = Rule(ALL_PORTS, ALL_PORTS, everybody, Because(name, "everything to everybody", vpc.because.at))
    assumed = "no security group is declared for an interface: the VPC's default one, as AWS creates it, is taken for granted"
    because = Because(name, "the default security group", vpc.because.at)
    return SecurityGroup(key, because, Rules((inside,), assumed=assumed), Rules((out,), assumed=assumed), "default", vpc.key)
