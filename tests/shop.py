"""The demo's stack on loopback, with its listeners, for tests of the doors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from attrs import frozen

from iacdrift.demo.listeners import listening
from iacdrift.demo.sample import Sample, on_loopback


@frozen
class Shop:
    """The stack's files in a directory, and its addresses."""

    directory: Path
    sample: Sample

    @property
    def plan(self) -> Path:
        return self.directory / "plan.json"

    @property
    def expectation(self) -> Path:
        return self.directory / "expectation.yaml"


@contextmanager
def open_shop(directory: Path) -> Iterator[Shop]:
    """The stack written down and its services listening; they are gone behind the block."""
    sample = on_loopback()
    with listening(tuple(service for services in sample.services().values() for service in services)):
        sample.write(directory)
        yield Shop(directory, sample)
