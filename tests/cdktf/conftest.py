"""`library`: each test that takes it runs with both."""

from __future__ import annotations

import pytest

from tests.cdktf.library import NAMES, Library, built
from tests.needs import needs


@pytest.fixture(params=[pytest.param(name, marks=needs(name)) for name in NAMES])
def library(request: pytest.FixtureRequest) -> Library:
    python = built(request.param)
    assert python is not None
    return Library(request.param, python)
