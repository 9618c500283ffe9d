"""What would declare a finding in a Pulumi program, in Python; other languages write the same names in their own way."""

from __future__ import annotations

from iacdrift.drift.report import Finding
from iacdrift.remedy.context import RemedyContext, Style
from iacdrift.remedy.quote import in_comment, in_hcl, label

_MOST = 5


def in_program(finding: Finding, context: RemedyContext, cidr: str) -> str:
    """One rule a range of ports, for one source alone; what is left out beyond a handful is counted."""
    spans = list(finding.ports.ranges())
    group = in_comment(context.group) if context.group else "the security group of this host"
    head = f"# in the Pulumi program, {'one more item of ingress of' if context.style is Style.INLINE else 'beside'} {group}:"
    rules = [_rule(finding, context, cidr, span) for span in spans[:_MOST]]
    if len(spans) > _MOST:
        rules.append(f"# and {len(spans) - _MOST} more ranges: {finding.ports}")
    return "\n".join((head, *rules))


def _rule(finding: Finding, context: RemedyContext, cidr: str, span: tuple[int, int]) -> str:
    six = bool(finding.address and ":" in finding.address)
    ports = f"from_port={span[0]}, to_port={span[1]}"
    network = f"{'ipv6_cidr_blocks' if six else 'cidr_blocks'}=[{in_hcl(cidr)}]"
    if context.style is Style.INLINE:
        return f"aws.ec2.SecurityGroupIngressArgs(protocol={in_hcl(finding.protocol)}, {ports}, {network}),"
    name = in_hcl(label("allow", finding.protocol, str(span[0])))
    if context.style is Style.RULE:
        fixed = f'type="ingress", security_group_id=<group>.id, protocol={in_hcl(finding.protocol)}'
        return f"aws.ec2.SecurityGroupRule({name}, {fixed}, {ports}, {network})"
    single = f"{'cidr_ipv6' if six else 'cidr_ipv4'}={in_hcl(cidr)}"
    fixed = f"security_group_id=<group>.id, ip_protocol={in_hcl(finding.protocol)}"
    return f"aws.vpc.SecurityGroupIngressRule({name}, {fixed}, {ports}, {single})"
