"""Resources handed over in the configuration, as `terraform show -json` of a state would write them: one reader serves both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from iacdrift.errors import SourceError
from iacdrift.sources.address import key_text, parse

NAME = "resources handed over in the configuration"


class HandedOver(dict[str, Any]):
    """A document that was never a file. `name` is how a report calls it; `written_at`: now, which is later than any plan or state."""

    def __init__(self, resources: list[dict[str, Any]], folder: Path) -> None:
        super().__init__(format_version="1.0", values={"root_module": {"resources": resources}})
        self.name = str(folder / NAME)
        self.written_at = datetime.now(UTC).isoformat(timespec="seconds")


def handed_over(text: str, folder: Path) -> HandedOver:
    """From `jsonencode({ ADDRESS = object })`. `folder`: that of the plan it belongs to.

    SourceError names the entry that makes no sense.
    """
    try:
        given = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise SourceError('resources is not JSON: write resources = jsonencode({ "aws_instance.web" = aws_instance.web })') from None
    if not isinstance(given, dict):
        raise SourceError('resources is no object: write resources = jsonencode({ "aws_instance.web" = aws_instance.web })')
    return HandedOver([resource for address, value in given.items() for resource in _resources(address, value)], folder)


def _resources(address: str, value: Any) -> Iterator[dict[str, Any]]:
    """One resource, or all that `count` or `for_each` made of one block."""
    found = parse(address)
    if found is None or found.rest:
        raise SourceError(f"resources: {address!r} is no address of a resource, such as aws_instance.web")
    for key, values in _instances(address, value, keyed=bool(found.key)):
        index = orjson.loads(found.key[1:-1]) if found.key else key
        yield {
            "address": f"{found.prefix}{found.resource}{key_text(index)}",
            "mode": "data" if found.data else "managed",
            "type": found.type,
            "name": found.name,
            "values": values,
        } | ({} if index is None else {"index": index})


def _instances(address: str, value: Any, *, keyed: bool) -> Iterator[tuple[int | str | None, Mapping[str, Any]]]:
    """A resource's own attributes are never objects alone: an object of objects is what `for_each` made, a list what `count` made."""
    if isinstance(value, dict) and (keyed or not value or not all(isinstance(inner, dict) for inner in value.values())):
        yield None, value
    elif isinstance(value, dict) or (isinstance(value, list) and not keyed and all(isinstance(inner, dict) for inner in value)):
        yield from value.items() if isinstance(value, dict) else enumerate(value)
    else:
        raise SourceError(f"resources: {address} is no resource: hand over the object itself, as in {{ {address!r} = {address} }}")
