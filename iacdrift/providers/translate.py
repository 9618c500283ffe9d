"""Resources -> the network: each is translated alone, then the parts are put together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from attrs import evolve

from iacdrift.model.because import Assumption, Unmodelled
from iacdrift.model.collector import collector_paused
from iacdrift.model.network import Network
from iacdrift.providers.assemble import Parts, assemble
from iacdrift.providers.links import Links, key_of
from iacdrift.providers.registry import translator
from iacdrift.sources.resource import Inventory, Origin, Resource, Unknown


@collector_paused()
def translate(inventory: Inventory, *, strict: bool = False) -> Network:
    """The network that the inventory declares, with what no translator knows. `strict`: what a reader assumed isn't known."""
    if strict and any(resource.assumed for resource in inventory.resources):
        inventory = evolve(inventory, resources=tuple(_doubted(resource) for resource in inventory.resources))
    links = Links.of(inventory.resources)
    parts: Parts = defaultdict(list)
    unknown: dict[str, list[str]] = defaultdict(list)
    # data sources last: where one repeats what a resource declares, the resource comes first and wins
    managed = {(resource.type, key_of(resource)) for resource in inventory.resources if not resource.data}
    for resource in sorted(inventory.resources, key=lambda resource: resource.data):
        if resource.data and (resource.type, key_of(resource)) in managed:
            continue
        make = translator(resource.type)
        if make is not None:
            for part in make(resource, links):
                parts[type(part)].append(part)
        elif not resource.data:
            unknown[resource.type].append(resource.address)
    network = assemble(parts)
    return evolve(
        network,
        assumptions=(*network.assumptions, *_assumed(inventory.resources)),
        unmodelled=tuple(Unmodelled(kind, tuple(sorted(names))) for kind, names in sorted(unknown.items())),
        declared_from=_declared_from(inventory.resources),
        gaps=(*network.gaps, *inventory.gaps),
        notes=(*network.notes, *inventory.notes),
        empty_because=_what_instead(inventory),
    )


def _doubted(resource: Resource) -> Resource:
    """Unknown in the place of what was taken for granted."""
    unknown = {name: Unknown(f"{_placed(resource, text)} (--strict: unknown)") for name, text in resource.assumed.items()}
    return evolve(resource, declared={**resource.declared, **unknown}, assumed={}) if unknown else resource


def _assumed(resources: tuple[Resource, ...]) -> Iterator[Assumption]:
    for resource in resources:
        if translator(resource.type) is not None:
            yield from (Assumption(resource.address, _placed(resource, text)) for text in resource.assumed.values())


def _placed(resource: Resource, text: str) -> str:
    return f"{resource.provenance.at}: {text}" if resource.provenance.at else text


def _declared_from(resources: tuple[Resource, ...]) -> str:
    rules = (r for r in resources if not r.data and translator(r.type) is not None)
    return "state" if any(r.origin is Origin.STATE for r in rules) else "configuration"


def _what_instead(inventory: Inventory) -> str:
    """What the sources hold, for when it is no host."""
    counts: dict[str, int] = defaultdict(int)
    for resource in inventory.resources:
        counts[resource.type] += 1
    if not counts:
        return "the sources hold no resource"
    most = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    shown = ", ".join(f"{count} {kind}" for kind, count in most[:6])
    return f"the sources hold no host: found {shown}" + (f" and {len(most) - 6} more types" if len(most) > 6 else "")
