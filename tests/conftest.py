"""Options, marks and fixtures that every room's tests share."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.needs import OPTIONAL, missing, promised
from tests.shop import Shop, open_shop

GOLDEN = Path(__file__).parent / "golden"

UNTIMED = (
    ("pulumi",),
    ("test_never_false.py",),
    ("watch",),
    ("terraform",),
    ("cdktf",),
    ("properties/truth/test_truth.py", "properties/truth/test_truth_can_fail.py"),
    ("test_check.py",),
    ("scan/test_namespaces.py",),
    ("live/test_bed.py",),
    ("cloud",),
    ("live/test_end_to_end.py",),
    ("test_cloudformation_check.py", "test_demo.py", "test_init.py", "test_readme.py"),
    ("test_first_steps.py",),
    ("test_pytest_plugin.py",),
    ("scan/test_certificate.py",),
    ("test_vantages.py",),
    ("scan/test_journal.py",),
    ("test_cli_targets.py",),
    ("test_assertion.py",),
)
"""Live tests to which a slower machine makes no difference, in groups of which no two share an address, a port or a namespace."""
LONG = (("outputs/test_html_browser.py",), ("history/test_failures.py",), ("test_fix.py",), ("test_baseline.py",))
"""What takes longest of the others."""
GROUPS = {Path(__file__).parent / name: group[0] for group in UNTIMED for name in group}
FIRST = {Path(__file__).parent / name: place for place, group in enumerate(UNTIMED + LONG) for name in group}


def _above(path: Path, named: Mapping[Path, Any]) -> Any:
    return next((named[part] for part in (path, *path.parents) if part in named), None)


def pytest_itemcollected(item: pytest.Item) -> None:
    """One of those groups may run on each worker, beside what sends no packets; everything else that sends packets runs alone."""
    if _above(item.path, GROUPS) and item.get_closest_marker("live"):
        item.add_marker("untimed")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first, so that no worker has one of them left when the others are done."""
    items.sort(key=lambda item: found if (found := _above(item.path, FIRST)) is not None else len(FIRST))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """`--dist loadgroup` keeps those groups and each file together; xdist's own marks for it come to nothing under pytest 9.2."""
    from xdist.scheduler import LoadScopeScheduling

    class Groups(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0]
            return _above(config.rootpath / file, GROUPS) or file

    if config.getoption("dist") != "loadgroup":
        return None
    config.option.loadscopereorder = False
    return Groups(config, log)


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
