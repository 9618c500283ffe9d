"""Which of the states that the user gave belongs to which stack of a CDKTF synth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any

from iacdrift.errors import SourceError
from iacdrift.sources.document import Document
from iacdrift.sources.show import modules_of


def claimed(stacks: Mapping[str, Mapping[str, Any]], states: Sequence[Document]) -> dict[str, Document]:
    """Stack name -> its state: by the file's or directory's name, else where the state's resources are those of one stack alone.

    `stacks` maps names to parsed `cdk.tf.json`.
    """
    found: dict[str, Document] = {}
    for state in states:
        name = _by_name(stacks, state.name) or _by_resources(stacks, state.data)
        if name is not None and name not in found:
            found[name] = state
    return found


def refuse_another_stacks(stack: str, stacks: Mapping[str, Mapping[str, Any]], state: Document) -> None:
    """SourceError where a state can't be this stack's: by the name of its file, or because only another stack declares what it holds.

    What no stack declares may have been declared once: it will be destroyed, and is no reason to refuse.
    """
    named = PurePath(state.name).name.removeprefix("terraform.").removesuffix(".tfstate")
    if named in stacks and named != stack and PurePath(state.name).name == f"terraform.{named}.tfstate":
        raise SourceError(f"{state.name} is the state of stack {named} by its name, and was given for {stack}: give each stack its own")
    held = _held(state.data) if isinstance(state.data, Mapping) else set()
    if held & _declared(stacks[stack]):
        return
    owner = next((name for name, synth in stacks.items() if name != stack and held & _declared(synth)), None)
    if owner is not None:
        raise SourceError(f"{state.name} was given for stack {stack}, but holds what stack {owner} declares: give each stack its own")


def stateless(synth: Mapping[str, Any]) -> bool:
    """Whether a stack declares anything that a state would record."""
    return bool(_declared(synth)) or bool(synth.get("module"))


def _by_name(stacks: Mapping[str, Any], path: str) -> str | None:
    pure = PurePath(path)
    stem = pure.name.removesuffix(".json").removesuffix(".tfstate").removeprefix("terraform.")
    return next((name for name in (stem, pure.parent.name) if name in stacks), None)


def _by_resources(stacks: Mapping[str, Mapping[str, Any]], state: Any) -> str | None:
    held = _held(state)
    fitting = [name for name, synth in stacks.items() if held and held <= _declared(synth)]
    return fitting[0] if len(fitting) == 1 else None


def _held(state: Any) -> set[str]:
    """`type.name` of the root module's managed resources."""
    if isinstance(state.get("resources"), list):
        entries = [entry for entry in state["resources"] if not entry.get("module")]
    else:
        root = next(iter(modules_of(state.get("values"))), {})
        entries = root.get("resources") or []
    return {f"{entry.get('type')}.{entry.get('name')}" for entry in entries if entry.get("mode") != "data"}


def _declared(synth: Mapping[str, Any]) -> set[str]:
    resources = synth.get("resource") or {}
    return {f"{kind}.{name}" for kind, named in resources.items() if isinstance(named, dict) for name in named}


def file_of(folder: Path, name: str, entry: Mapping[str, Any]) -> tuple[Path, str]:
    """Where a stack of the manifest lies, and how it is written there."""
    relative = str(entry.get("synthesizedStackPath") or f"stacks/{name}/cdk.tf.json")
    return folder / relative, relative
