"""Pulumi's URNs: `urn:pulumi:STACK::PROJECT::PARENT$TYPE::NAME`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from attrs import frozen


@frozen(slots=True)
class Urn:
    """A URN by its parts. `types` is the chain from the outermost parent's type to the resource's own."""

    stack: str
    project: str
    types: tuple[str, ...]
    name: str

    @classmethod
    def parse(cls, text: str) -> Urn | None:
        """From its text; None where it is none. A name may hold `::` itself."""
        parts = text.removeprefix("urn:pulumi:").split("::", 3)
        if not text.startswith("urn:pulumi:") or len(parts) != 4:
            return None
        return cls(parts[0], parts[1], tuple(parts[2].split("$")), parts[3])

    @property
    def type(self) -> str:
        """The token of the resource's own type."""
        return self.types[-1]

    @property
    def address(self) -> str:
        """How users are told of it: its type and name."""
        return f"{self.type}::{self.name}"


def addresses(urns: Iterable[str]) -> dict[str, str]:
    """URN -> address. Where two resources of one type have one name, below different parents, the parents' types stand in front."""
    parsed = {text: urn for text in urns if (urn := Urn.parse(text))}
    count = Counter(urn.address for urn in parsed.values())
    return {text: urn.address if count[urn.address] == 1 else f"{'$'.join(urn.types)}::{urn.name}" for text, urn in parsed.items()}
