"""Resources that a configuration hands over while it is applied: `{ADDRESS: object}`, as Terraform's expressions give them.

Such an object has every attribute, and one that the configuration doesn't set holds what the cloud has, drift included. What
the configuration does set is as it says, since the resource was just applied. Which is which the `.tf` files tell; or a plan of the
same root, beside which only the records are taken from here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson
from attrs import frozen

from iacdrift.errors import SourceError
from iacdrift.sources.address import key_text, parse
from iacdrift.sources.code import CodeBlock, CodeTree, code_beside
from iacdrift.sources.document import Document
from iacdrift.sources.reading import Options, Reading
from iacdrift.sources.resource import Origin, Provenance, Resource, SourceInfo, Unknown, Value

KIND = "resources"
SCHEMA = "iacdrift/resources/1"
IGNORED = "lifecycle ignore_changes lets it differ from what the code says"
DYNAMIC = "only dynamic blocks set it: where they make no block, Terraform shows what the cloud has; give the plan that is applied"


def recognises(data: Any) -> bool:
    """An object that names the schema."""
    return isinstance(data, Mapping) and data.get("schema") == SCHEMA


def read(document: Document, options: Options) -> Reading:
    """Every resource, those of `count` and `for_each` singly. SourceError names the entry that is none.

    `folder` in the document: where the code lies by default; `planned`: a plan of the same root is given as well.
    """
    data = document.data
    if not isinstance(data.get("resources"), dict):
        raise SourceError(f"{document.name}: an object is needed whose keys are addresses")
    folder = data.get("folder")
    code = code_beside(options.code, Path(folder) if folder is not None else document.folder)
    shown = [one for address, value in data["resources"].items() for one in _instances(address, value)]
    found = [_Handed(document.name, code, bool(data.get("planned")), *one) for one in shown]
    info = SourceInfo(KIND, document.name, document.sha256, written_at=document.written_at)
    gaps = tuple(gap for one in found if (gap := one.gap()))
    empty = None if found else f"{document.name}: no resource is handed over"
    return Reading(info, tuple(one.resource() for one in found), gaps=gaps, notes=tuple(code.notes()), empty=empty)


@frozen(slots=True, eq=False)
class _Handed:
    """One resource: where it was read, under which address, and what Terraform says of it."""

    source: str
    code: CodeTree
    planned: bool
    address: str
    type: str
    data: bool
    values: Mapping[str, Value]

    def resource(self) -> Resource:
        block = self.code.find(self.address)
        provenance = Provenance(self.source, at=block.at if block else None)
        if self.planned and not self.data:
            return Resource(self.type, self.address, {}, self.values, provenance, Origin.STATE)
        if self.data or block is None or block.names is None:
            return Resource(self.type, self.address, self.values, self.values, provenance, Origin.STATE, data=self.data)
        return Resource(self.type, self.address, _declared(self.values, block, block.names), self.values, provenance, Origin.CODE)

    def gap(self) -> str | None:
        """Why it can't be told what the configuration sets, where it can't."""
        if self.planned or self.data:
            return None
        block = self.code.find(self.address)
        if block is not None and block.names is not None:
            return None
        where = f"its block isn't in the code of {self.code.root}" if self.code.root else "there is no code beside it"
        return (
            f"{self.address}: {where}, so what its configuration sets can't be told from what the cloud has: "
            "name it by its full address (module.NAME...), or give the plan that is applied"
        )


def _declared(values: Mapping[str, Value], block: CodeBlock, names: frozenset[str]) -> dict[str, Value]:
    """What the block sets; unknown where the value may be the cloud's all the same."""
    declared: dict[str, Value] = {name: value for name, value in values.items() if name in names}
    for name in declared.keys() & {name for name, _ in block.repeated}:
        declared[name] = Unknown(DYNAMIC)
    for name in declared.keys() if "all" in block.ignored else declared.keys() & block.ignored:
        declared[name] = Unknown(IGNORED)
    return declared


def _instances(address: str, value: Any) -> Iterator[tuple[str, str, bool, Mapping[str, Value]]]:
    """Address, type, whether it is a data source, and values: of one resource, or of all that `count` or `for_each` made of one block.

    A resource's own attributes are never objects alone: an object of objects is what `for_each` made, a list what `count` made.
    """
    found = parse(address)
    if found is None or found.rest:
        raise SourceError(f"resources: {address!r} is no address of a resource, such as aws_instance.web")
    inner = value.values() if isinstance(value, dict) else value
    many = isinstance(value, list | dict) and not found.key and all(isinstance(one, dict) for one in inner)
    if not many and not isinstance(value, dict):
        raise SourceError(
            f"resources: {address} is no resource: hand over the object itself, {{ {orjson.dumps(address).decode()} = {address} }}"
        )
    pairs: Any = ((None, value),) if not many else value.items() if isinstance(value, dict) else enumerate(value)
    for key, values in pairs:
        yield f"{found.instance}{key_text(key)}", found.type, found.data, values
