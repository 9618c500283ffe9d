"""What the ways back need to know of the code around a finding: which group, and in which style its rules are written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum

from attrs import frozen

from iacdrift.drift.report import Finding
from iacdrift.model.because import Because
from iacdrift.surface.expected import Expectation, ExpectedHost
from iacdrift.surface.groups import STAGE
from iacdrift.surface.partition import HostExplains

_GROUP = re.compile(
    r"(?:module\.[^\s,]+\.)?aws_(?:default_)?security_group\.[\w-]+(?:\[[^\]]*\])?"
    r"|(?:[\w:/$-]+\$)?aws:ec2/(?:defaultS|s)ecurityGroup:\w+::[^\s,]+"
)
"""A group as Terraform addresses it, or as Pulumi calls it (TYPE::NAME)."""
_PULUMI_STYLES = {"aws:vpc/securityGroupIngressRule:": "VPC_RULE", "aws:ec2/securityGroupRule:": "RULE"}


class Style(Enum):
    """The three ways in which Terraform declares a security group's rules; one group must not mix them."""

    INLINE = "ingress blocks inside the group"
    RULE = "aws_security_group_rule"
    VPC_RULE = "aws_vpc_security_group_ingress_rule"


@frozen(slots=True)
class Live:
    """What AWS itself told of the way: ids, so that nothing stays open in a command.

    `rules`: group -> ids of the rules that admit; `entry`: an ACL and the number of its entry, where that decides; `stays`: the groups
    that the code attaches, where another one lets packets through.
    """

    interface: str
    subnet: str | None = None
    rules: tuple[tuple[str, tuple[str, ...]], ...] = ()
    entry: tuple[str, int] | None = None
    stays: tuple[str, ...] = ()


@frozen(slots=True)
class RemedyContext:
    """The security group that filters the address: its resource address and its id, as far as they are known, and its style.

    `live`: what AWS told, where it was asked.
    """

    group: str | None = None
    group_id: str | None = None
    style: Style = Style.VPC_RULE
    live: Live | None = None

    @classmethod
    def of(cls, finding: Finding, host: ExpectedHost | None) -> RemedyContext:
        """Read from what stands in front of the host; the newest style where none shows."""
        if host is None:
            return cls()
        known = [because.resource for because in (*finding.because, *_otherwise(finding, host))]
        group = next((found for resource in known for found in _GROUP.findall(resource)), None)
        return cls(group=group, style=_style(_rules(host), group))


def _otherwise(finding: Finding, host: ExpectedHost) -> Iterator[Because]:
    """Who speaks where no rule does: the groups themselves."""
    if isinstance(host.explains, HostExplains):
        yield from (stage.otherwise for stage in host.explains.way.stages if stage.stage == STAGE)
        return
    edges = {port for protocol, first, last in host.ruled if protocol == finding.protocol for port in (first, last + 1)}
    for port in (0, *sorted(edges), 65535):
        if port in host.ports(finding.protocol).blocked:
            yield from host.explains.because(finding.protocol, port)


def _rules(host: ExpectedHost) -> list[str]:
    """The resources in which the rules in front of the host are written: a group itself where they stand inside it."""
    if isinstance(host.explains, HostExplains):
        stages = (stage for stage in host.explains.way.stages if stage.stage == STAGE)
        return [clause.because.resource for stage in stages for clause in stage.clauses]
    admitting = (reason for reason in host.explains.reasons() if reason.expectation is not Expectation.BLOCKED)
    return [because.resource for reason in admitting for because in reason.because]


def _style(rules: list[str], group: str | None) -> Style:
    """A group with rules inside it keeps them there: beside them, Terraform would take separate ones away again."""
    if group in rules:
        return Style.INLINE
    for token, name in _PULUMI_STYLES.items():
        if any(token in resource for resource in rules):
            return Style[name]
    for style in (Style.VPC_RULE, Style.RULE):
        if any(f".{style.value}." in f".{resource}" for resource in rules):
            return style
    return Style.VPC_RULE
