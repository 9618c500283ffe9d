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

    Hosts whose address isn't known are `pending`; their ports are told all the same. `states={"STACK": PATH}` gives addresses.
    SourceError where a text is no synth.
    """
    stacks: dict[str, Mapping[str, Any]] = {}
    for given in synths:
        synth = _parsed(given)
        name = name_of(synth)
        if name in stacks:
            raise SourceError(f"two of these synths are of a stack named {name!r}: make their stacks with names of their own")
        stacks[name] = synth
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
