"""An engine of one's own, and a host on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pulumi.engine import Engine, Listener, engine_path, listener
from tests.pulumi.shop import WEB


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    monkeypatch.setenv("PATH", engine_path())
    return Engine(tmp_path, addresses={"web": WEB})


@pytest.fixture
def web() -> Iterator[Listener]:
    with listener(WEB) as found:
        yield found
