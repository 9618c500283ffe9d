"""What the judgement of an app's stacks says of one of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from attrs import frozen

from iacdrift.cdktf.construct_tree import resources
from iacdrift.surface.exposure import Exposure, Unjudged, undecided


@frozen(slots=True)
class Said:
    """One sentence for the construct of a resource (`type.name`; None: the stack). `doubt`: it couldn't be judged."""

    resource: str | None
    text: str
    doubt: bool = False


def said_of(stack: str, stacks: Mapping[str, Mapping[str, Any]], found: Iterable[Exposure], unsure: Iterable[Unjudged]) -> tuple[Said, ...]:
    """What is of this stack: each of the others says its own. What can't be told apart is said everywhere."""
    here = tuple(resources(stacks[stack]))
    exposed = ((_own(exposure.because.resource, stack, here), _own(exposure.owner, stack, here), exposure) for exposure in found)
    said = tuple(Said(rule or owner, str(exposure)) for rule, owner, exposure in exposed if rule or owner)
    open_ = tuple(one for one in unsure if not _elsewhere(one, stack, stacks))
    return (*said, Said(None, undecided(open_), doubt=True)) if open_ else said


def _own(address: str, stack: str, here: Iterable[str]) -> str | None:
    """The `type.name` of this stack that an address is of, with or without its stack's name and its instance's key."""
    plain = address.removeprefix(f"{stack}/")
    return next((name for name in here if plain == name or plain.startswith(f"{name}[")), None)


def _elsewhere(one: Unjudged, stack: str, stacks: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether a doubt is of another stack alone."""
    names = one.resource.split(": ")
    if any(_own(name, stack, resources(stacks[stack])) for name in names):
        return False
    others = [(name, tuple(resources(synth))) for name, synth in stacks.items() if name != stack]
    return any(one.why.startswith(f"stack {name}: ") or any(_own(part, name, held) for part in names) for name, held in others)
