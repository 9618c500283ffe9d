"""The block of code that would declare what was found, in the group's own style and for the vantage's address only."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address

from iacdrift.drift.report import Finding
from iacdrift.remedy.aws import is_pulumi
from iacdrift.remedy.context import RemedyContext, Style
from iacdrift.remedy.program import in_program
from iacdrift.remedy.quote import in_comment, in_hcl, label, reference
from iacdrift.surface.vantage import Vantage

ANY_SOURCE = "<your CIDR>"
_MOST_BLOCKS = 5


def declare(finding: Finding, context: RemedyContext, vantage: Vantage) -> str:
    """One block a range of ports; what is left out beyond a handful is counted."""
    if is_pulumi(finding.owner):
        return in_program(finding, context, source(finding, vantage))
    spans = list(finding.ports.ranges())
    blocks = [_block(finding, context, vantage, span) for span in spans[:_MOST_BLOCKS]]
    if len(spans) > _MOST_BLOCKS:
        blocks.append(f"# and {len(spans) - _MOST_BLOCKS} more ranges: {finding.ports}")
    return f"{_where(context)}\n" + "\n\n".join(blocks)


def source(finding: Finding, vantage: Vantage) -> str:
    """The vantage's own address as a CIDR, never more; a placeholder where it isn't known."""
    version = 6 if finding.address and ":" in finding.address else 4
    address: IPv4Address | IPv6Address | None = vantage.address(version)
    return ANY_SOURCE if address is None else f"{address}/{address.max_prefixlen}"


def _where(context: RemedyContext) -> str:
    group = in_comment(context.group) if context.group else "the security group of this host"
    return f"# inside {group}:" if context.style is Style.INLINE else f"# beside {group}:"


def _block(finding: Finding, context: RemedyContext, vantage: Vantage, span: tuple[int, int]) -> str:
    cidr, six = in_hcl(source(finding, vantage)), bool(finding.address and ":" in finding.address)
    ports = [("from_port", str(span[0])), ("to_port", str(span[1]))]
    if context.style is Style.VPC_RULE:
        fields = [("security_group_id", _group(context)), ("ip_protocol", in_hcl(finding.protocol)), *ports]
        return _drawn(_title(finding, Style.VPC_RULE, span), [*fields, ("cidr_ipv6" if six else "cidr_ipv4", cidr)])
    fields = [("protocol", in_hcl(finding.protocol)), *ports, ("ipv6_cidr_blocks" if six else "cidr_blocks", f"[{cidr}]")]
    if context.style is Style.INLINE:
        return _drawn("ingress", fields)
    return _drawn(_title(finding, Style.RULE, span), [("type", in_hcl("ingress")), ("security_group_id", _group(context)), *fields])


def _group(context: RemedyContext) -> str:
    known = reference(context.group) if context.group else None
    return f"{known}.id" if known else in_hcl(context.group_id or "<id of the security group>")


def _title(finding: Finding, style: Style, span: tuple[int, int]) -> str:
    owner = (finding.owner or "host").rsplit(".", 1)[-1]
    ports = str(span[0]) if span[0] == span[1] else f"{span[0]}_{span[1]}"
    return f'resource "{style.value}" "{label(owner, finding.protocol, ports)}"'


def _drawn(title: str, fields: list[tuple[str, str]]) -> str:
    width = max(len(name) for name, _ in fields)
    return "\n".join([f"{title} {{", *(f"  {name:<{width}} = {value}" for name, value in fields), "}"])
