"""One bed of namespaces for all tests of truth."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.properties.truth.bed import Bed


@pytest.fixture(scope="session")
def bed() -> Iterator[Bed]:
    """Namespaces that every topology is laid out in, one after the other."""
    made = Bed()
    yield made
    made.close()
