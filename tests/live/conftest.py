"""Beds that the tests of one module share; every test starts from a bed without filters and listeners."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.live.bed import Bed


@pytest.fixture(scope="module")
def shared_bed() -> Iterator[Bed]:
    """One bed of three hosts a module."""
    with Bed(hosts=3) as bed:
        yield bed


@pytest.fixture
def bed(shared_bed: Bed) -> Bed:
    """The module's bed, as after building."""
    shared_bed.reset()
    return shared_bed
