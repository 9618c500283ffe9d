"""What the ways back need to know of the code around a finding: which group, and in which style its rules are written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum

from attrs import frozen

from iacdrift.drift.report import Finding
from iacdrift.model.because import Because
from iacdrift.surface.expected import Expectation, ExpectedHost

_GROUP = re.compile(r"(?:module\.[^\s,]+\.)?aws_(?:default_)?security_group\.[\w-]+(?:\[[^\]]*\])?")


class Style(Enum):
    """The three ways in which Terraform declares a security group's rules; one group must not mix them."""

    INLINE = "ingress blocks inside the group"
    RULE = "aws_security_group_rule"
    VPC_RULE = "aws_vpc_security_group_ingress_rule"


@frozen(slots=True)
class RemedyContext:
    """The security group that filters the address: its resource address and its id, as far as they are known, and its style."""

    group: str | None = None
    group_id: str | None = None
    style: Style = Style.VPC_RULE

    @classmethod
    def of(cls, finding: Finding, host: ExpectedHost | None) -> RemedyContext:
        """Read from the reasons that the expected surface gives; the newest style where none shows."""
        if host is None:
            return cls()
        group = next((found for because in _silences(finding, host) for found in _groups(because.resource)), None)
        return cls(group=group, style=_style(host, group))


def _groups(resource: str) -> list[str]:
    return _GROUP.findall(resource)


def _silences(finding: Finding, host: ExpectedHost) -> Iterator[Because]:
    """The finding's own reasons, then those of a port that no rule names: there the group itself answers."""
    yield from finding.because
    ruled = {port for protocol, first, last in host.ruled if protocol == finding.protocol for port in (first, last + 1)}
    candidates = (port for port in (0, *sorted(ruled), 65535) if port in host.ports(finding.protocol).blocked)
    for port in candidates:
        yield from host.explains.because(finding.protocol, port)


def _style(host: ExpectedHost, group: str | None) -> Style:
    seen = [because.resource for reason in host.explains.reasons() for because in reason.because]
    if any(".aws_vpc_security_group_ingress_rule." in f".{resource}" for resource in seen):
        return Style.VPC_RULE
    if any(".aws_security_group_rule." in f".{resource}" for resource in seen):
        return Style.RULE
    admitting = (reason for reason in host.explains.reasons() if reason.expectation is not Expectation.BLOCKED)
    inline = any(because.resource == group for reason in admitting for because in reason.because)
    return Style.INLINE if inline and group else Style.VPC_RULE
