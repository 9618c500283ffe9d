"""Options, marks and fixtures that every room's tests share."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.needs import OPTIONAL, missing, promised
from tests.shop import Shop, open_shop

GOLDEN = Path(__file__).parent / "golden"


DOORS = ("pulumi", "terraform", "cdktf", "cloud")
"""Folders of tests in which another program does most of the work around one small scan of addresses that only this folder uses."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Two of those folders may run side by side (`live and door`); everything else that sends packets runs alone."""
    for item in items:
        folder = item.path.parent.relative_to(Path(__file__).parent).parts[:1]
        if folder and folder[0] in DOORS and item.get_closest_marker("live"):
            item.add_marker("door")
            item.add_marker(pytest.mark.xdist_group(folder[0]))


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--update-golden` writes what the outputs say now; the difference is then reviewed like code."""
    parser.addoption("--update-golden", action="store_true", help="write tests/golden anew from what the outputs say now")


def pytest_configure(config: pytest.Config) -> None:
    """The mark that tests.needs makes."""
    # What tests store stays out of the user's own history, also where a test runs the command itself.
    os.environ["XDG_STATE_HOME"] = tempfile.mkdtemp(prefix="iacdrift-state-")
    os.environ.pop("IACDRIFT_HISTORY", None)
    config.addinivalue_line("markers", "needs(what): skips with a reason where `what` is missing; fails there under CI=true")


def pytest_unconfigure() -> None:
    """What tests stored goes with them."""
    shutil.rmtree(os.environ["XDG_STATE_HOME"], ignore_errors=True)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A need that isn't met is a skip with its reason, and a failure where CI promises it: never silent."""
    for mark in item.iter_markers("needs"):
        what = mark.args[0]
        why = missing(what)
        if why is None:
            continue
        if promised() and what not in OPTIONAL:
            pytest.fail(f"CI=true promises it, but this test {why}", pytrace=False)
        pytest.skip(why)


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """`golden(name, text)`: text must be what tests/golden/NAME holds; `--update-golden` writes it."""

    def compare(name: str, text: str) -> None:
        path = GOLDEN / name
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            return
        assert path.exists(), f"{path.name} isn't there yet: run pytest --update-golden and review it"
        assert text == path.read_text(encoding="utf-8"), f"differs from tests/golden/{name}; if that is right: pytest --update-golden"

    return compare


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """The demo's stack in a directory of its own, its services listening on loopback."""
    with open_shop(tmp_path) as opened:
        yield opened
