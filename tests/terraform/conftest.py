"""The provider installed once, by the command that users run, and roots that find it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.terraform.root import Root, binary, installed


@pytest.fixture(scope="session")
def configuration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Terraform's CLI configuration as `iacdrift terraform install` prints it."""
    return installed(tmp_path_factory.mktemp("mirror"))


@pytest.fixture
def root(tmp_path: Path, configuration: Path) -> Callable[..., Root]:
    """`root(text)`: an initialised root with this `main.tf`."""

    def make(text: str, *, terraform: tuple[str, ...] | None = None) -> Root:
        (tmp_path / "main.tf").write_text(text)
        made = Root(tmp_path, configuration, terraform or binary())
        made.must("init", "-no-color", "-input=false")
        return made

    return make
