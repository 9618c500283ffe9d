"""What a change of the code opens and closes, before -> after: two expected surfaces, and no packet."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Unpack

from attrs import evolve

from iacdrift.assertion import ExpectedPart, Source, VantageLike, expected_part, part_of, reading, to_vantage
from iacdrift.errors import UsageError
from iacdrift.model.because import Unmodelled
from iacdrift.options import ExpectOptions, families, texts
from iacdrift.sources.resource import Action
from iacdrift.surface.change import compare, doubted
from iacdrift.surface.expected import ExpectedSurface
from iacdrift.surface.preview import Preview
from iacdrift.surface.vantage import Vantage, VantageKind

if TYPE_CHECKING:
    from iacdrift.model.network import Network


def preview(*sources: Source, vantage: VantageLike = "internet", **options: Unpack[ExpectOptions]) -> Preview:
    """What applying a plan, or updating as a Pulumi preview says, opens and closes. SourceError where no source says what changes."""
    from iacdrift.sources.read import read_change

    families(options.get("family"))
    place, wide = to_vantage(vantage), _whole(options)
    was, becomes = read_change(sources, **reading(wide))
    after = part_of(becomes, place, wide)
    replaced = frozenset(resource.address for resource in becomes.resources if resource.action is Action.REPLACE)
    found = _compared(part_of(was, _same(place, after), wide), after, options, replaced)
    there = {resource.address for resource in was.resources}
    untouched = {resource.address for resource in becomes.resources if resource.action is Action.KEEP and resource.address in there}
    return evolve(found, changes=tuple(doubted(change, untouched) for change in found.changes))


def preview_between(
    before: Iterable[Source], after: Iterable[Source], vantage: VantageLike = "internet", **options: Unpack[ExpectOptions]
) -> Preview:
    """What lies between two states of the code: two synths, two templates, two plans."""
    place, wide = to_vantage(vantage), _whole(options)
    becomes = expected_part(after, place, **wide)
    return _compared(expected_part(before, _same(place, becomes), **wide), becomes, options)


def _whole(options: ExpectOptions) -> ExpectOptions:
    """Without the choice of hosts: a host may be there on one side alone."""
    return {name: value for name, value in options.items() if name not in ("only", "skip")}  # type: ignore[return-value]


def _same(place: Vantage, after: ExpectedPart) -> Vantage:
    """`auto` means one place, wherever it is."""
    return after.surface.vantage if place.kind is VantageKind.AUTO else place


def _compared(before: ExpectedPart, after: ExpectedPart, options: ExpectOptions, returning: frozenset[str] = frozenset()) -> Preview:
    was, becomes = _chosen((before.surface, after.surface), texts(options.get("only")), texts(options.get("skip")))
    found = compare(was, becomes, returning)
    return Preview(
        vantage=becomes.vantage,
        changes=found.changes,
        unknown=found.unknown,
        new=found.new,
        leaving=found.leaving,
        before=before.sources,
        after=after.sources,
        assumptions=becomes.assumptions,
        unmodelled=_new_unmodelled(before.network, after.network),
        gaps=tuple(dict.fromkeys((*before.network.gaps, *after.network.gaps))),
        notes=tuple(dict.fromkeys((*was.notes, *becomes.notes))),
    )


def _chosen(surfaces: tuple[ExpectedSurface, ExpectedSurface], only: tuple[str, ...], skip: tuple[str, ...]) -> list[ExpectedSurface]:
    """Both sides as `--only` and `--skip` leave them. UsageError where they leave nothing of either."""
    from iacdrift.selection import narrowed

    if not only and not skip:
        return list(surfaces)
    kept, refused = [], list[UsageError]()
    for surface in surfaces:
        try:
            kept.append(narrowed(surface, only, skip))
        except UsageError as error:
            kept.append(evolve(surface, hosts=()))
            refused.append(error)
    if refused and not any(surface.hosts for surface in kept):
        raise refused[-1]
    return kept


def _new_unmodelled(before: Network, after: Network) -> tuple[Unmodelled, ...]:
    """Resources that come, and that no translator knows."""
    known = {name for item in before.unmodelled for name in item.resources}
    left = [(item.type, tuple(name for name in item.resources if name not in known)) for item in after.unmodelled]
    return tuple(Unmodelled(kind, names) for kind, names in left if names)
