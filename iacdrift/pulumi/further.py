"""What a program hands over beside its own resources: another stack's expectation, a dict, a file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pulumi

from iacdrift.pulumi.values import SIGNATURE, UNKNOWN, awaited


class Named(dict[str, Any]):
    """A source that was never a file, under the name by which a report calls it."""

    def __init__(self, name: str, values: Mapping[str, Any]) -> None:
        super().__init__(values)
        self.name = name


async def further(source: Any, name: str) -> str | Path | Named:
    """A further source, awaited; `name` is how errors call it. RunError where it is absent, secret, or none at all."""
    value = source if isinstance(source, Path) else await awaited(source)
    if value is None:
        raise pulumi.RunError(f"iacdrift: {name} is empty: the other stack has no such output, or was never updated with it")
    if value == UNKNOWN:
        raise pulumi.RunError(f"iacdrift: {name} isn't known: what it comes from was left out of this update")
    if isinstance(value, Mapping) and SIGNATURE in value:
        raise pulumi.RunError(f"iacdrift: {name} is a secret, and what is scanned and reported can't be one: export it as plain text")
    if isinstance(value, str | Path):
        return value
    if not isinstance(value, Mapping):
        raise pulumi.RunError(f"iacdrift: {name} is no source: an expectation, a dict already parsed or a path is needed")
    return Named(name, value)
