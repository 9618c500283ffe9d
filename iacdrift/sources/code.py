"""Where the `.tf` files set what: the line of each block, and the names that it sets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from attrs import frozen


@frozen(slots=True, eq=False)
class CodeTree:
    """A root module's files. Empty where there are none."""

    def find(self, address: str) -> tuple[str | None, frozenset[str] | None]:
        """`file:line` of the resource's block, and every name that it sets, `dynamic` blocks included; None for each where unknown."""
        return None, None

    def notes(self) -> Iterator[str]:
        """Files that couldn't be read."""
        return iter(())


NO_CODE = CodeTree()


def code_beside(code: Path | None, folder: Path | None) -> CodeTree:
    """The code in the directory that the user named, or beside the source."""
    return NO_CODE
