"""Types that add nothing to the network by themselves: other files read them through references, or they never listen."""

from __future__ import annotations

from collections.abc import Iterator

from iacdrift.providers.links import Links
from iacdrift.sources.resource import Resource


def translate(resource: Resource, links: Links) -> Iterator[object]:
    """Nothing."""
    del resource, links
    yield from ()
