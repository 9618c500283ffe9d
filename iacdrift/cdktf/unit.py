"""The expected surface of synthesised stacks in a unit test: no state, no cloud, no packets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Unpack

from iacdrift.assertion import VantageLike, expected_surface
from iacdrift.cdktf.construct_tree import Synth, name_of
from iacdrift.errors import SourceError
from iacdrift.options import ExpectOptions

if TYPE_CHECKING:
    from iacdrift.surface.expected import ExpectedSurface


def surface_of(*synths: str | Mapping[str, Any], vantage: VantageLike = "internet", **options: Unpack[ExpectOptions]) -> ExpectedSurface:
    """What `Testing.synth(stack)` admits, seen from the vantage; several synths where one stack reads from another.

    Hosts whose address isn't known are `pending`; their ports are told all the same. `states={NAME: PATH}` gives addresses; the
    text doesn't tell a stack's name, so that a single one has that which the state is given for, others `stack-1`, `stack-2` in order.
    SourceError where a text is no synth.
    """
    given = [_parsed(synth) for synth in synths]
    told = {*dict(options.get("states") or {}), *dict(options.get("outputs") or {})}
    alone = next(iter(told)) if len(given) == len(told) == 1 else None
    stacks = {name_of(synth) or alone or f"stack-{number}": synth for number, synth in enumerate(given, 1)}
    if len(stacks) < len(given):
        raise SourceError("two of these synths are of one stack: give each once")
    return expected_surface(Synth(stacks), vantage=vantage, **options)


def _parsed(given: str | Mapping[str, Any]) -> Mapping[str, Any]:
    if isinstance(given, str):
        try:
            given = json.loads(given)
        except json.JSONDecodeError:
            raise SourceError("this is no synthesised stack: give the text that Testing.synth(stack) returns") from None
    if not isinstance(given, Mapping) or not {"resource", "terraform", "data", "output", "module", "provider"} & set(given):
        raise SourceError("this is no synthesised stack: give the text that Testing.synth(stack) returns")
    return given
