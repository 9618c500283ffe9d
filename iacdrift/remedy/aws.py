"""How to find what opened a port in AWS, and how to take it back. An id stays open until the query, or `--cloud-api`, has told it.

Sources: the AWS CLI's reference of `ec2 describe-network-interfaces`, `describe-security-group-rules`,
`revoke-security-group-ingress`, `describe-network-acls`, `describe-route-tables`.
"""

from __future__ import annotations

from ipaddress import ip_address, ip_network

from iacdrift.drift.report import Finding
from iacdrift.remedy.context import RemedyContext, Style
from iacdrift.remedy.quote import in_shell

_PRIVATE = tuple(ip_network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"))
_ANY_GROUP = "<group id>"
_ANY_SUBNET = "<subnet id>"
_ANY_RULE = "<rule id>"


def is_aws(owner: str | None) -> bool:
    """Whether the owner is a resource of AWS, in whatever module."""
    return owner is not None and (is_pulumi(owner) or any(part.startswith("aws_") for part in owner.split(".")))


def is_pulumi(owner: str | None) -> bool:
    """Whether it is a resource of AWS as Pulumi calls it: TYPE::NAME, the types of its parents in front where they are needed."""
    return owner is not None and "::" in owner and owner.partition("::")[0].split("$")[-1].startswith("aws:")


def find_interface(address: str) -> str:
    """The query that names the interface's groups and subnet."""
    return (
        f"aws ec2 describe-network-interfaces \\\n  --filters {in_shell(f'Name={_filter(address)},Values={address}')} \\\n"
        "  --query 'NetworkInterfaces[].{groups: Groups[].GroupId, subnet: SubnetId}'"
    )


def _filter(address: str) -> str:
    parsed = ip_address(address)
    if parsed.version == 6:
        return "ipv6-addresses.ipv6-address"
    return "addresses.private-ip-address" if any(parsed in net for net in _PRIVATE) else "association.public-ip"


def find_rules(finding: Finding, context: RemedyContext) -> str:
    """The query that names the rules which admit these ports, whoever made them."""
    spans = list(finding.ports.ranges())
    first, last = spans[0][0], spans[-1][1]
    ports = f"FromPort<=`{last}` && ToPort>=`{first}`"
    wanted = f'IpProtocol==`"-1"` ||\n    IpProtocol==`"{finding.protocol}"` && {ports}'
    group = in_shell(f"Name=group-id,Values={context.group_id or _ANY_GROUP}")
    return f"aws ec2 describe-security-group-rules \\\n  --filters {group} \\\n  --query 'SecurityGroupRules[?!IsEgress && ({wanted})]'"


def look_further(context: RemedyContext) -> str:
    """The queries for network ACL and route, for when no group lets the packet through."""
    known = context.live.subnet if context.live else None
    subnet = in_shell(f"Name=association.subnet-id,Values={known or _ANY_SUBNET}")
    return f"aws ec2 describe-network-acls --filters {subnet}\naws ec2 describe-route-tables --filters {subnet}"


def revoke(context: RemedyContext) -> str:
    """The command that takes it back, ids left open that AWS didn't tell; for inline rules Terraform removes what the code doesn't hold."""
    live = context.live
    if live is not None and live.entry is not None:
        acl, number = live.entry
        return f"aws ec2 delete-network-acl-entry --ingress --network-acl-id {in_shell(acl)} --rule-number {number}"
    if live is not None and live.stays:
        kept = " ".join(in_shell(group) for group in live.stays)
        return f"aws ec2 modify-network-interface-attribute \\\n  --network-interface-id {in_shell(live.interface)} --groups {kept}"
    known = live.rules if live is not None and live.rules else ((context.group_id or _ANY_GROUP, (_ANY_RULE,)),)
    command = "\n".join(_revoked(group, rules) for group, rules in known)
    if context.style is Style.INLINE and context.group:
        if is_pulumi(context.group):
            apply, tool = f"pulumi up --refresh --target {in_shell(f'**{context.group}')}", "Pulumi"
        else:
            apply, tool = f"terraform apply {in_shell(f'-target={context.group}')}", "Terraform"
        return f"{command}\n# or, as this group's rules stand inside it, let {tool} take it back:\n{apply}"
    return command


def _revoked(group: str, rules: tuple[str, ...]) -> str:
    ids = " ".join(in_shell(rule) for rule in rules)
    return f"aws ec2 revoke-security-group-ingress \\\n  --group-id {in_shell(group)} \\\n  --security-group-rule-ids {ids}"
