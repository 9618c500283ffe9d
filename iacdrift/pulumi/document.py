"""What a door collected, written as `pulumi preview --json --show-sames` writes it, so that one reader serves every door."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from attrs import evolve, field, frozen

STACK = "pulumi:pulumi:Stack"


class Collected(dict[str, Any]):
    """A document in the form of a preview that was never a file.

    `name` is how a report calls it; `gaps` say what couldn't be seen, and make a verdict incomplete.
    """

    def __init__(self, name: str, steps: list[dict[str, Any]], gaps: tuple[str, ...] = ()) -> None:
        super().__init__(config={}, steps=steps, gaps=list(gaps))
        self.name = name


@frozen(slots=True)
class Seen:
    """One resource as a door saw it: what the program gives, what the engine or the provider answered.

    `inputs`/`outputs` are None where the door couldn't see them; `at` is `project:///FILE#LINE`;
    `external`: the program only reads it.
    """

    urn: str
    type: str
    custom: bool = True
    inputs: Mapping[str, Any] | None = None
    outputs: Mapping[str, Any] | None = None
    id: str | None = None
    parent: str | None = None
    dependencies: tuple[str, ...] = ()
    property_dependencies: Mapping[str, tuple[str, ...]] = field(factory=dict)
    at: str | None = None
    external: bool = False

    @property
    def name(self) -> str:
        """The resource's own name, the last part of its URN."""
        return self.urn.rpartition("::")[2]

    def with_outputs(self, outputs: Mapping[str, Any] | None, physical_id: str | None) -> Seen:
        """The same after its provider has answered. Without an id a resource wasn't created: an update may leave it out (`--target`)."""
        return evolve(self, outputs=None if self.custom and not physical_id else outputs, id=physical_id)


def document(name: str, seen: Iterable[Seen], gaps: tuple[str, ...] = ()) -> Collected:
    """The preview that the engine would print: `newState` is the program's, `oldState` what is recorded."""
    return Collected(name, [_step(resource) for resource in seen], gaps)


def urn_of(stack: str, project: str, parent: str | None, kind: str, name: str) -> str:
    """The URN that the engine gives a resource; a parent's type is part of it unless that is the stack."""
    chain = parent.split("::")[2] if parent and parent.count("::") >= 3 else ""
    qualified = f"{chain}${kind}" if chain and chain != STACK else kind
    return f"urn:pulumi:{stack}::{project}::{qualified}::{name}"


def _step(seen: Seen) -> dict[str, Any]:
    common: dict[str, Any] = {"urn": seen.urn, "type": seen.type, "custom": seen.custom}
    common |= {"parent": seen.parent} if seen.parent else {}
    common |= {"external": True} if seen.external else {}
    common |= {"sourcePosition": seen.at} if seen.at else {}
    common |= {"dependencies": list(seen.dependencies)} if seen.dependencies else {}
    if seen.property_dependencies:
        common["propertyDependencies"] = {key: list(urns) for key, urns in seen.property_dependencies.items()}
    new = common | ({"inputs": dict(seen.inputs)} if seen.inputs is not None else {})
    step: dict[str, Any] = {"op": "create" if seen.outputs is None else "same", "urn": seen.urn, "newState": new}
    if seen.outputs is not None:
        step["oldState"] = new | {"outputs": dict(seen.outputs)} | ({"id": seen.id} if seen.id else {})
    return step
