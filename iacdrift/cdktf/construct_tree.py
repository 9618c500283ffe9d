"""Stacks as they would be synthesised now, as one document that the sources read like a `cdktf.out`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from iacdrift.cdktf.library import library_of

_NAMED = re.compile(r"\$\{([a-z]\w*_\w+\.[\w-]+)\.")
"""A reference to a managed resource, in the whole of a string."""


class Synth(dict[str, Any]):
    """A synth that was never a directory: stacks by name, each with its whole `cdk.tf.json`."""

    def __init__(self, stacks: Mapping[str, Mapping[str, Any]]) -> None:
        super().__init__(version="0", stacks={name: {"synth": dict(synth)} for name, synth in stacks.items()})
        self.name = "the program's constructs"


def name_of(synth: Mapping[str, Any]) -> str | None:
    """The name of a stack: its metadata's, else the one in its backend's path; None where a unit test's text has neither."""
    notes = synth.get("//") or {}
    named = (notes.get("metadata") or {}).get("stackName") if isinstance(notes, Mapping) else None
    backend = ((synth.get("terraform") or {}).get("backend") or {}).get("local") or {}
    file = str(backend.get("path") or "").replace("\\", "/").rpartition("/")[2]
    told = file.removeprefix("terraform.").removesuffix(".tfstate") if file.startswith("terraform.") else ""
    return named if isinstance(named, str) else told or None


def other_stacks(stack: Any) -> Iterator[Any]:
    """Every other stack of the app."""
    kind = library_of(stack).TerraformStack
    yield from (one for one in stack.node.root.node.find_all() if isinstance(one, kind) and one is not stack)


def reads_others(synth: Mapping[str, Any]) -> bool:
    """Whether a stack takes values from any other: by remote states, or where the app hasn't made these yet (in a unit test) by name."""
    if (synth.get("data") or {}).get("terraform_remote_state"):
        return True
    own = set(resources(synth))
    return any(name not in own for name in _NAMED.findall(json.dumps(synth)))


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
