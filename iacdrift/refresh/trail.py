"""Finds in CloudTrail's events the call that opened or shut what a finding is about. Pure.

Source: CloudTrail's user guide, record contents and userIdentity; EC2's own requests in `requestParameters`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import orjson
from attrs import frozen

from iacdrift.drift.cloud_api import Changed
from iacdrift.drift.report import Finding
from iacdrift.model.moment import instant
from iacdrift.providers.aws.ports import rule_ports
from iacdrift.refresh.join import OPENED
from iacdrift.refresh.live import Decided, LiveRule, overlaps

_OPENS = ("AuthorizeSecurityGroupIngress", "ModifySecurityGroupRules")
_SHUTS = ("RevokeSecurityGroupIngress",)
_ACLS = ("CreateNetworkAclEntry", "ReplaceNetworkAclEntry")
_ATTACHES = ("ModifyNetworkInterfaceAttribute", "ModifyInstanceAttribute", "CreateNetworkInterface", "RunInstances")


@frozen(slots=True)
class Event:
    """One call that succeeded. `request`, `response` as CloudTrail keeps them."""

    id: str
    name: str
    at: str
    who: str
    source: str | None
    request: Mapping[str, Any]
    response: Mapping[str, Any]

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Event | None:
        """From an entry of LookupEvents; None for a call that failed, or whose record can't be read."""
        try:
            record = orjson.loads(str(told.get("CloudTrailEvent")))
        except orjson.JSONDecodeError:
            return None
        if not isinstance(record, dict) or record.get("errorCode"):
            return None
        return cls(
            str(told.get("EventId") or record.get("eventID")),
            str(told.get("EventName") or record.get("eventName")),
            str(record.get("eventTime")),
            _who(record.get("userIdentity") or {}) or str(told.get("Username") or "somebody"),
            record.get("sourceIPAddress"),
            record.get("requestParameters") or {},
            record.get("responseElements") or {},
        )


def changed(finding: Finding, said: Decided, events: Mapping[str, Iterable[Event]]) -> Changed | None:
    """The latest call that made it so. `events`: by resource, each in any order."""
    found = [(event.at, resource, event) for resource, some in events.items() for event in some if _made(finding, said, event)]
    if not found:
        return None
    at, resource, event = max(found, key=lambda item: item[0])
    return Changed(event.who, at, event.name, resource, event.id, event.source)


def change_in_words(change: Changed, verb: str) -> str:
    """`opened by user/ci-hotfix on 2026-11-20 14:02 UTC through AuthorizeSecurityGroupIngress`."""
    when = instant(change.at)
    return f"{verb} by {change.who} on {when.strftime('%Y-%m-%d %H:%M UTC') if when else change.at} through {change.through}"


def _who(identity: Mapping[str, Any]) -> str | None:
    """`user/NAME`, `assumed-role/ROLE/SESSION`, `root`: the part of the ARN that names somebody."""
    arn = str(identity.get("arn") or "")
    named = arn.split(":", 5)[5] if arn.count(":") >= 5 else ""
    return named or identity.get("userName") or identity.get("invokedBy") or identity.get("principalId")


def _made(finding: Finding, said: Decided, event: Event) -> bool:
    if said.entry is not None:
        wanted = event.request.get("ruleNumber")
        return event.name in _ACLS and str(wanted) == str(said.entry.number) and event.request.get("egress") is not True
    if said.attached and event.name in _ATTACHES:
        return any(_names(event.request, rule.group) for rule in said.rules)
    if finding.kind in OPENED:
        return event.name in _OPENS and any(_added(event, rule) for rule in said.rules)
    return event.name in _SHUTS and any(_speaks(finding, row) for row in _rows(event))


def _added(event: Event, rule: LiveRule) -> bool:
    """By the rule's own id where the answer tells it, else by ports and networks."""
    if _names(event.response, rule.id) or _names(event.request, rule.id):
        return True
    told = any(str(row.get("securityGroupRuleId") or "") for row in _items(event.response.get("securityGroupRuleSet")))
    if told or not _names(event.request, rule.group):
        return False
    for row in _rows(event):
        ports = rule_ports(row.get("ipProtocol"), row.get("fromPort"), row.get("toPort"))
        if (ports.tcp, ports.udp) == (rule.row.ports.tcp, rule.row.ports.udp) and overlaps(_networks(row), rule.row.networks):
            return True
    return False


def _speaks(finding: Finding, row: Mapping[str, Any]) -> bool:
    ports = rule_ports(row.get("ipProtocol"), row.get("fromPort"), row.get("toPort"))
    return bool(finding.ports & (ports.tcp if finding.protocol == "tcp" else ports.udp))


def _rows(event: Event) -> Iterator[Mapping[str, Any]]:
    """The rules of a request, and those that its answer says were taken away."""
    yield from _items(event.request.get("ipPermissions"))
    for row in _items(event.response.get("revokedSecurityGroupRuleSet")):
        if row.get("isEgress") is not True:
            yield row
    if "ipProtocol" in event.request:
        yield event.request


def _networks(row: Mapping[str, Any]) -> Iterator[str]:
    yield from (str(item["cidrIp"]) for item in _items(row.get("ipRanges")) if "cidrIp" in item)
    yield from (str(item["cidrIpv6"]) for item in _items(row.get("ipv6Ranges")) if "cidrIpv6" in item)
    if "cidrIp" in row:
        yield str(row["cidrIp"])


def _items(value: Any) -> list[Mapping[str, Any]]:
    """EC2 wraps its lists in `items`."""
    inner = value.get("items") if isinstance(value, Mapping) else value
    return [item for item in inner if isinstance(item, Mapping)] if isinstance(inner, list) else []


def _names(value: Any, wanted: str) -> bool:
    """Whether an id stands anywhere in a structure."""
    if isinstance(value, Mapping):
        return any(_names(item, wanted) for item in value.values())
    return any(_names(item, wanted) for item in value) if isinstance(value, list) else value == wanted
