"""Judges what AWS has in front of a host now: whether its groups, its ACL and what is attached explain a finding. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import ip_network

from attrs import frozen

from iacdrift.drift.cloud_api import CloudApi
from iacdrift.drift.report import Finding, FindingKind
from iacdrift.model.addresses import Address
from iacdrift.refresh.join import OPENED, SHUT
from iacdrift.refresh.rules import Row, holds

_ACL, _SUM = "network ACL", "host"
"""How stages of a finding's way are called; the last one sums up the others."""


@frozen(slots=True)
class LiveRule:
    """One inbound rule of a group, as EC2 has it."""

    id: str
    group: str
    row: Row


@frozen(slots=True)
class AclEntry:
    """One inbound entry of a network ACL; the lowest number that speaks of a packet decides."""

    number: int
    allows: bool
    row: Row


@frozen(slots=True)
class LiveHost:
    """What is attached to an address: interface, machine, subnet, groups with their rules, and the subnet's ACL."""

    region: str
    interface: str
    words: str
    machine: str | None = None
    subnet: str | None = None
    groups: tuple[str, ...] = ()
    rules: tuple[LiveRule, ...] = ()
    acl: str | None = None
    entries: tuple[AclEntry, ...] = ()


@frozen(slots=True)
class Decided:
    """AWS's word on one finding, and what decides there: rules of a group, an entry of the ACL, a group that the code doesn't attach.

    `resources`: whose history tells who made it so. `attached`: the deciding group is one that the code doesn't attach; `stays` are
    those that it does.
    """

    api: CloudApi
    rules: tuple[LiveRule, ...] = ()
    entry: AclEntry | None = None
    resources: tuple[str, ...] = ()
    attached: bool = False
    stays: tuple[str, ...] = ()


def asks(finding: Finding) -> bool:
    """Whether AWS could explain it: filters say nothing of which service listens."""
    return finding.address is not None and finding.kind in OPENED | SHUT | {FindingKind.UNDECLARED_HOST}


def decided(finding: Finding, host: LiveHost | None, source: Address | None, declared: frozenset[str], where: str) -> Decided:
    """What AWS says. `declared`: ids of the groups that the code attaches; empty where they aren't known."""
    if host is None:
        return Decided(CloudApi(None, f"no interface of the account has {finding.address} in {where}"))
    if finding.kind is FindingKind.UNDECLARED_HOST:
        return Decided(CloudApi(None, f"AWS says whose the address is: {host.words}"))
    rules, doubtful = _admitting(finding, host.rules, source), _admitting(finding, host.rules, source, surely=False)
    entry = _first(finding, host.entries, source)
    if finding.kind in OPENED:
        return _opened(finding, host, rules, doubtful, entry, declared)
    return _shut(finding, host, rules, doubtful, entry)


def _opened(  # noqa: PLR0917
    finding: Finding, host: LiveHost, rules: list[LiveRule], doubtful: list[LiveRule], entry: AclEntry | None, declared: frozenset[str]
) -> Decided:
    if not rules and doubtful:
        return Decided(CloudApi(None, f"AWS has {_told(doubtful)}; whether that holds this place isn't known", rules=_ids(doubtful)))
    if not rules:
        said = f"no rule of {_groups(host)} admits {_what(finding)}: look at the host, and at what answers in its place"
        return Decided(CloudApi(False, f"AWS shows nothing: {said}"))
    if entry is not None and not entry.allows:
        return Decided(CloudApi(False, f"AWS has {_told(rules)}, but entry {entry.number} of {host.acl} denies it: look at the way"))
    if entry is not None and _by_acl(finding):
        return Decided(CloudApi(True, f"AWS agrees: entry {entry.number} of {host.acl} admits {entry.row.text}"), (), entry, _acl(host))
    strange = [rule for rule in rules if declared and rule.group not in declared]
    if strange and len(strange) == len(rules):
        said = f"AWS agrees: {_told(strange)}, and the code attaches no {strange[0].group} to {host.interface}"
        kept = tuple(group for group in host.groups if group in declared)
        return Decided(CloudApi(True, said, rules=_ids(strange)), tuple(strange), None, _attached(host, strange), True, kept)
    api = CloudApi(True, f"AWS agrees: {_told(rules)}", rules=_ids(rules))
    return Decided(api, tuple(rules), None, tuple(dict.fromkeys(rule.group for rule in rules)))


def _shut(finding: Finding, host: LiveHost, rules: list[LiveRule], doubtful: list[LiveRule], entry: AclEntry | None) -> Decided:
    if entry is not None and not entry.allows:
        return Decided(CloudApi(True, f"AWS agrees: entry {entry.number} of {host.acl} denies {entry.row.text}"), (), entry, _acl(host))
    if rules:
        return Decided(CloudApi(False, f"AWS has {_told(rules)}, so its filters let it through: look at the host", rules=_ids(rules)))
    if doubtful:
        return Decided(CloudApi(None, f"AWS has {_told(doubtful)}; whether that holds this place isn't known", rules=_ids(doubtful)))
    return Decided(CloudApi(True, f"AWS agrees: no rule of {_groups(host)} admits {_what(finding)}"), (), None, host.groups)


def _admitting(finding: Finding, rules: Iterable[LiveRule], source: Address | None, *, surely: bool = True) -> list[LiveRule]:
    """The rules that admit one of the ports, from this very place or (not `surely`) perhaps from it."""
    return [rule for rule in rules if _covers(finding, rule.row) and (_sure(rule.row, source) if surely else _maybe(rule.row, source))]


def _covers(finding: Finding, row: Row) -> bool:
    return bool(finding.ports & (row.ports.tcp if finding.protocol == "tcp" else row.ports.udp))


def _sure(row: Row, source: Address | None) -> bool:
    if source is None:
        return any(_everybody(network) for network in row.networks)
    return any(holds(network, source) for network in row.networks)


def _maybe(row: Row, source: Address | None) -> bool:
    return row.others or source is None


def _everybody(network: str) -> bool:
    return network in ("0.0.0.0/0", "::/0")


def _first(finding: Finding, entries: Iterable[AclEntry], source: Address | None) -> AclEntry | None:
    ordered = sorted(entries, key=lambda entry: entry.number)
    return next((entry for entry in ordered if _covers(finding, entry.row) and _sure(entry.row, source)), None)


def _by_acl(finding: Finding) -> bool:
    """Whether it is the ACL that shuts the port in the code."""
    shut = [step.stage for step in finding.way if step.answer == "blocked" and step.stage != _SUM]
    return bool(shut) and all(stage.startswith(_ACL) for stage in shut)


def _acl(host: LiveHost) -> tuple[str, ...]:
    return (host.acl,) if host.acl else ()


def _attached(host: LiveHost, rules: Iterable[LiveRule]) -> tuple[str, ...]:
    return tuple(filter(None, (host.interface, host.machine, *(dict.fromkeys(rule.group for rule in rules)))))


def _told(rules: list[LiveRule]) -> str:
    shown = [f"{rule.group} ({rule.id}) admits {rule.row.text}" for rule in rules[:3]]
    return "; ".join(shown) + (f"; and {len(rules) - 3} more" if len(rules) > 3 else "")


def _ids(rules: Iterable[LiveRule]) -> tuple[str, ...]:
    return tuple(rule.id for rule in rules)


def _groups(host: LiveHost) -> str:
    return ", ".join(host.groups) or "any group"


def _what(finding: Finding) -> str:
    return f"{finding.protocol}/{finding.ports}"


def overlaps(left: Iterable[str], right: Iterable[str]) -> bool:
    """Whether two lists of networks, as texts, have one in common."""
    return bool(set(_plain(left)) & set(_plain(right)))


def _plain(networks: Iterable[str]) -> Iterator[str]:
    for network in networks:
        try:
            yield str(ip_network(network, strict=False))
        except ValueError:
            yield network
