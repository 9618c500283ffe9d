"""What stands behind a network balancer's listener, where the targets see the client's own address."""

from __future__ import annotations

from collections.abc import Mapping

from iacdrift.model.network import Behind
from iacdrift.providers.attributes import declared, fixed, rows, text, whole
from iacdrift.providers.aws.managed import truth
from iacdrift.providers.links import UNPLACED, Links, key_of
from iacdrift.sources.resource import Action, Reference, Resource, Unknown, Value

_GROUPS = ("aws_lb_target_group", "aws_alb_target_group")
_ATTACHMENTS = ("aws_lb_target_group_attachment", "aws_alb_target_group_attachment")
_REGISTRARS = (
    ("aws_autoscaling_group", "target_group_arns"),
    ("aws_autoscaling_attachment", "lb_target_group_arn"),
    ("aws_autoscaling_attachment", "alb_target_group_arn"),
)


def behind(listener: Resource, protocol: str, links: Links) -> Behind | None:
    """The targets that filter the client too; None where they see the balancer. Several or unknown groups are in doubt."""
    named, doubt = _groups_of(listener, links)
    found = [group for kind in _GROUPS for group in links.of_type(kind) if key_of(group) in named]
    if doubt or len(found) != 1 or len(named) != 1:
        return Behind((), None, doubt or "its target group isn't known")
    preserves = _preserves(found[0], protocol)
    if preserves is None:
        return Behind((), None, "whether its targets see the client's address isn't known")
    return _registered(found[0], links) if preserves else None


def _groups_of(listener: Resource, links: Links) -> tuple[frozenset[str], str | None]:
    keys: set[str] = set()
    for row in rows(declared(listener, "default_action")):
        if isinstance(row, Unknown):
            return frozenset(keys), f"what it forwards to isn't known: {row.why}"
        for value in (row.get("target_group_arn"), *_forwarded(row)):
            key = links.resolve(value, listener)
            if isinstance(key, Unknown):
                return frozenset(keys), f"what it forwards to isn't known: {key.why}"
            if key is not None:
                keys.add(key)
    return frozenset(keys), None


def _forwarded(row: Mapping[str, Value]) -> list[Value]:
    blocks = [block for block in rows(row.get("forward")) if not isinstance(block, Unknown)]
    return [group.get("arn") for block in blocks for group in rows(block.get("target_group")) if not isinstance(group, Unknown)]


def _preserves(group: Resource, protocol: str) -> bool | None:
    """Whether targets see the client's address (elastic balancing guide: client IP preservation); None where it can't be told."""
    kind, spoken = text(fixed(group, "target_type")) or "instance", (text(fixed(group, "protocol")) or "TCP").upper()
    if protocol == "udp" or spoken not in ("TCP", "TLS"):
        return True
    return truth(declared(group, "preserve_client_ip"), kind != "ip")


def _registered(group: Resource, links: Links) -> Behind:
    usual = whole(fixed(group, "port"))
    members = [
        m
        for kind in _ATTACHMENTS
        for m in links.referrers(kind, "target_group_arn").get(key_of(group), ())
        if m.action is not Action.DELETE
    ]
    more = _registrars(group, links)
    if more:
        return Behind((), usual, f"{more} registers targets with it that no source lists")
    if not members:
        return Behind((), usual, "no target is registered with it, as far as the sources say")
    targets, doubt = links.resolve_all([declared(m, "target_id") for m in members], group)
    if any(isinstance(declared(m, "port"), (Unknown, Reference)) for m in members):
        doubt = doubt or "the port on which a target is asked isn't known"
    ports = {whole(declared(m, "port")) or usual for m in members}
    if doubt or len(ports) != 1:
        return Behind(tuple(sorted(targets)), None, doubt or "its targets are asked on different ports")
    return Behind(tuple(sorted(targets)), ports.pop())


def _registrars(group: Resource, links: Links) -> str | None:
    """What registers, or may register, targets with the group that no source lists."""
    key = key_of(group)
    found = [r for kind, name in _REGISTRARS for r in links.referrers(kind, name).get(key, ())]
    found += [r for kind in _ATTACHMENTS for r in links.referrers(kind, "target_group_arn").get(UNPLACED, ())]
    found += [service for service in links.of_type("aws_ecs_service") if _serves(service, key, links)]
    return next((resource.address for resource in found if resource.action is not Action.DELETE), None)


def _serves(service: Resource, key: str, links: Links) -> bool:
    blocks = [block for block in rows(declared(service, "load_balancer")) if not isinstance(block, Unknown)]
    return any(links.resolve(block.get("target_group_arn"), service) == key for block in blocks)
