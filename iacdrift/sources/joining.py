"""Several sources as one: which resources are the same thing, and who is believed about it.

Within one stack the address tells; across stacks the provider's id (within type, account and region). Configuration beats state for
what is declared; the freshest record tells addresses. Two configurations that disagree are an error: no verdict could be true to both.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import PurePath

from attrs import define, evolve, field

from iacdrift.errors import SourceError
from iacdrift.sources.agreement import disagreement, renamed
from iacdrift.sources.reading import Reading
from iacdrift.sources.resource import Action, Origin, Resource, Sensitive

_UNIQUE = re.compile(r"[a-z]{1,16}-[0-9a-f]{8,}|arn:.+|/subscriptions/.+|(https://.+/)?projects/.+")
"""Ids that no two things of one account share; others (`db`, `default/web`) may repeat in another cluster or region."""


@define(slots=True, eq=False)
class _Part:
    """The resources of one stack, by address, each with the time of its record."""

    label: str
    folder: str
    stack: str | None
    resources: dict[str, Resource] = field(factory=dict)
    times: dict[str, str] = field(factory=dict)


def join(readings: Sequence[Reading]) -> tuple[tuple[Resource, ...], tuple[str, ...]]:
    """All resources once, and notes on what was left out. One reading alone is passed on as it is."""
    current, notes = _current(readings)
    if len(current) == 1 and len({resource.provenance.stack for resource in current[0].resources}) <= 1:
        return current[0].resources, notes
    parts = _parts(current)
    _join_ids(parts)
    return tuple(_distinct(parts)), notes


def _current(readings: Sequence[Reading]) -> tuple[list[Reading], tuple[str, ...]]:
    """Without the states that a later serial of the same lineage replaces: what it lacks is gone."""
    newest: dict[str, Reading] = {}
    for reading in readings:
        lineage = reading.info.lineage
        if lineage and (lineage not in newest or (reading.info.serial or 0) >= (newest[lineage].info.serial or 0)):
            newest[lineage] = reading
    current = [reading for reading in readings if not reading.info.lineage or newest[reading.info.lineage] is reading]
    notes = tuple(
        f"{reading.info.path}: replaced by the later state {newest[reading.info.lineage].info.path} of the same lineage"
        for reading in readings
        if reading.info.lineage and newest[reading.info.lineage] is not reading
    )
    return current, notes


def _parts(readings: Sequence[Reading]) -> list[_Part]:
    """One part for each stack: readings of the same stack are merged by address."""
    parts: list[_Part] = []
    names = Counter(PurePath(reading.info.path).name for reading in readings)
    for reading in readings:
        path, time = PurePath(reading.info.path), reading.info.written_at or ""
        label = path.name if names[path.name] == 1 else str(path)
        for stack, resources in _by_stack(reading).items():
            mine = _Part(stack or label, str(path.parent), stack)
            for resource in resources:
                _add(mine, resource, time)
            same = next((part for part in parts if same_stack(part, mine)), None)
            if same is None:
                parts.append(mine)
            for resource in resources if same else ():
                _add(same or mine, resource, time)
    return parts


def _by_stack(reading: Reading) -> dict[str | None, list[Resource]]:
    found: dict[str | None, list[Resource]] = {}
    for resource in reading.resources:
        found.setdefault(resource.provenance.stack, []).append(resource)
    return found


def same_stack(left: _Part, right: _Part) -> bool:
    """Whether two sources are about one stack: an address has the same id in both, and none has different ones.

    Without ids in common: two configurations not yet applied, one of which has all that the other has; or a plan and the later
    state beside it that holds nothing else.
    """
    if left.stack != right.stack and left.stack is not None and right.stack is not None:
        return False
    agreed = False
    for address, resource in right.resources.items():
        other = left.resources.get(address)
        if other is None or resource.data:
            continue
        mine, theirs = _id(resource), _id(other)
        if mine and theirs and mine != theirs and Action.REPLACE not in (resource.action, other.action):
            return False
        agreed = agreed or bool(mine and mine == theirs)
    return agreed or _unapplied(left, right)


def _unapplied(left: _Part, right: _Part) -> bool:
    lefts, rights = _managed(left), _managed(right)
    if not lefts or not rights or not (lefts.keys() <= rights.keys() or rights.keys() <= lefts.keys()):
        return False
    if any(_id(resource) for resource in lefts.values()):
        left, right, lefts, rights = right, left, rights, lefts
    if any(_id(resource) for resource in lefts.values()):
        return False
    if not any(_id(resource) for resource in rights.values()):
        return True
    is_state = all(resource.origin is Origin.STATE for resource in rights.values())
    later = max(right.times.values(), default="") >= max(left.times.values(), default="")
    return is_state and later and left.folder == right.folder and rights.keys() <= lefts.keys()


def _managed(part: _Part) -> dict[str, Resource]:
    return {address: resource for address, resource in part.resources.items() if not resource.data}


def _add(part: _Part, resource: Resource, time: str) -> None:
    old = part.resources.get(resource.address)
    part.resources[resource.address] = merged(old, part.times[resource.address], resource, time) if old else resource
    part.times[resource.address] = max(time, part.times.get(resource.address, ""))


def merged(old: Resource, old_time: str, new: Resource, new_time: str) -> Resource:
    """Two records of one resource: declared by the configuration, recorded as of the later time. SourceError where two disagree."""
    first, second = (new, old) if old.origin is Origin.STATE and new.origin is not Origin.STATE else (old, new)
    if second.origin is not Origin.STATE and (what := disagreement(first, second)):
        raise SourceError(
            f"{first.provenance.source} and {second.provenance.source} disagree on {what} of {first.address}: give the one that is meant"
        )
    later, earlier = (new, old) if new_time >= old_time else (old, new)
    recorded = later.recorded or earlier.recorded
    if first.origin is Origin.STATE:
        # of a state both are one; an export of Pulumi's has inputs beside its outputs
        return evolve(later, recorded=recorded, declared=later.declared or earlier.declared)
    created = first.action is Action.CREATE and bool(recorded)
    return evolve(first, recorded=recorded, action=Action.KEEP if created else first.action)


def _join_ids(parts: list[_Part]) -> None:
    """What two stacks both hold (one declares it, the other's state has imported it) is kept where the configuration is."""
    seen: dict[tuple[str, str], list[tuple[_Part, str]]] = {}
    for part in parts:
        for address in list(part.resources):
            resource = part.resources[address]
            key = (resource.type, _id(resource))
            if resource.data or not _UNIQUE.fullmatch(key[1]):
                continue
            same = next((found for found in seen.get(key, ()) if _same_place(found[0].resources[found[1]], resource)), None)
            if same is None or same[0] is part:
                seen.setdefault(key, []).append((part, address))
                continue
            home, name = same
            joined = merged(home.resources[name], home.times[name], resource, part.times[address])
            home.resources[name] = evolve(joined, address=name)
            del part.resources[address]


def _id(resource: Resource) -> str:
    value = resource.recorded.get("id")
    value = value.value if isinstance(value, Sensitive) else value
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _same_place(left: Resource, right: Resource) -> bool:
    """Account and region agree as far as both are known."""
    return all(not a or not b or a == b for a, b in zip(_place(left), _place(right), strict=True))


def _place(resource: Resource) -> tuple[str, str]:
    arn = resource.recorded.get("arn")
    parts = arn.split(":") if isinstance(arn, str) and arn.startswith("arn:") else []
    region = resource.recorded.get("region")
    stated = region if isinstance(region, str) else ""
    return (parts[3] or stated, parts[4]) if len(parts) > 5 else (stated, "")


def _distinct(parts: Sequence[_Part]) -> Iterator[Resource]:
    """Addresses stay as they are, except where two stacks use one for different things: then all of these carry their stack."""
    count: dict[str, int] = {}
    for part in parts:
        for address in part.resources:
            count[address] = count.get(address, 0) + 1
    for part in parts:
        names = {address: f"{part.label}/{address}" for address in part.resources if count[address] > 1}
        for address, resource in part.resources.items():
            yield renamed(evolve(resource, address=names.get(address, address)), names) if names else resource
