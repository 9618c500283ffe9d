"""The demo's stack on loopback, with its listeners, for tests of the doors."""

from __future__ import annotations

import os
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


def _networks() -> range:
    """Where the shop may stand: each of several workers has eight networks that neither another one nor the demo takes."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    return range(160 + 8 * worker, 168 + 8 * worker)


@contextmanager
def open_shop(directory: Path) -> Iterator[Shop]:
    """The stack written down and its services listening; they are gone behind the block."""
    sample = on_loopback(_networks())
    with listening(tuple(service for services in sample.services().values() for service in services)):
        sample.write(directory)
        yield Shop(directory, sample)
