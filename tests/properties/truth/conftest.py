"""One bed of namespaces for all tests of truth, and what it said already."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from attrs import field, frozen

from tests.properties.truth.bed import Bed
from tests.properties.truth.sampling import topology
from tests.properties.truth.topology import Topology
from tests.properties.truth.truth import Answers, answers


@frozen
class Corpus:
    """Numbered topologies with the kernel's answers, each asked once a session."""

    bed: Bed
    size: int
    _kept: dict[int, tuple[Topology, Answers]] = field(factory=dict)

    def __getitem__(self, number: int) -> tuple[Topology, Answers]:
        if number not in self._kept:
            drawn = topology(number)
            self._kept[number] = (drawn, answers(self.bed, drawn))
        return self._kept[number]


@pytest.fixture(scope="session")
def bed() -> Iterator[Bed]:
    """Namespaces that every topology is laid out in, one after the other."""
    made = Bed()
    yield made
    made.close()


@pytest.fixture(scope="session")
def corpus(bed: Bed) -> Corpus:
    """As many topologies as IACDRIFT_TRUTH says, 60 by default."""
    return Corpus(bed, int(os.environ.get("IACDRIFT_TRUTH", "60")))
