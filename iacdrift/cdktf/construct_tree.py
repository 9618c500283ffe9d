"""Stacks as they would be synthesised now, as one document that the sources read like a `cdktf.out`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from iacdrift.cdktf.library import library_of


class Synth(dict[str, Any]):
    """A synth that was never a directory: stacks by name, each with its whole `cdk.tf.json`."""

    def __init__(self, stacks: Mapping[str, Mapping[str, Any]]) -> None:
        super().__init__(version="0", stacks={name: {"synth": dict(synth)} for name, synth in stacks.items()})
        self.name = "the program's constructs"


def name_of(synth: Mapping[str, Any]) -> str:
    """The name of a stack: its metadata's, and in a unit test, where these are left out, the one that its backend's path holds."""
    notes = synth.get("//") or {}
    named = (notes.get("metadata") or {}).get("stackName") if isinstance(notes, Mapping) else None
    backend = ((synth.get("terraform") or {}).get("backend") or {}).get("local") or {}
    file = str(backend.get("path") or "").replace("\\", "/").rpartition("/")[2]
    told = file.removeprefix("terraform.").removesuffix(".tfstate") if file.startswith("terraform.") else ""
    return named if isinstance(named, str) else told or "stack"


def other_stacks(stack: Any) -> Iterator[Any]:
    """Every other stack of the app."""
    kind = library_of(stack).TerraformStack
    yield from (one for one in stack.node.root.node.find_all() if isinstance(one, kind) and one is not stack)


def reads_others(synth: Mapping[str, Any]) -> bool:
    """Whether a stack takes values from any other."""
    return bool((synth.get("data") or {}).get("terraform_remote_state"))


def resources(synth: Mapping[str, Any]) -> Iterator[str]:
    """`type.name` of every managed resource, those of escape hatches too."""
    for kind, named in (synth.get("resource") or {}).items():
        if isinstance(named, Mapping):
            yield from (f"{kind}.{name}" for name in named if name != "//")


def construct_at(stack: Any, address: str) -> Any:
    """The construct that makes the resource `type.name`; the stack itself for what an escape hatch made."""
    kind, _, name = address.partition(".")
    for one in stack.node.find_all():
        if getattr(one, "terraform_resource_type", None) == kind and one.friendly_unique_id == name:
            return one
    return stack
