"""What a report needs is imported while Nmap runs, by a thread that is gone behind the scan."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from iacdrift.meanwhile import imported_meanwhile
from tests.scan.test_process import pretending
from tests.test_first_packet import started

NAME = "iacdrift_test_of_meanwhile"


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The file of a module that nobody has imported yet."""
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path / f"{NAME}.py"
    sys.modules.pop(NAME, None)


def test_it_is_imported_while_the_block_runs(module: Path) -> None:
    module.write_text("import threading\nWHERE = threading.current_thread()\nthreading.imported.set()\n")
    imported = threading.Event()
    threading.imported = imported  # type: ignore[attr-defined]
    with imported_meanwhile((NAME, "iacdrift.errors")):
        assert imported.wait(30)
    assert sys.modules[NAME].WHERE is not threading.main_thread()
    assert not sys.modules[NAME].WHERE.is_alive()


def test_a_block_that_is_over_at_once_begins_nothing(module: Path) -> None:
    module.write_text("")
    before = threading.active_count()
    with imported_meanwhile((NAME,)):
        pass
    assert (NAME in sys.modules, threading.active_count()) == (False, before)


@pytest.mark.parametrize("body", ["raise SystemError('broken')", "import nothing_of_that_name"])
def test_what_cannot_be_imported_fails_where_it_is_needed(module: Path, body: str, capfd: pytest.CaptureFixture[str]) -> None:
    module.write_text(f"import threading\nthreading.imported.set()\n{body}\n")
    imported = threading.Event()
    threading.imported = imported  # type: ignore[attr-defined]
    with imported_meanwhile((NAME,)):
        assert imported.wait(30)
    assert (NAME in sys.modules, capfd.readouterr()) == (False, ("", ""))


def test_an_error_of_the_block_is_the_one_that_is_told(module: Path) -> None:
    module.write_text("")
    with pytest.raises(KeyboardInterrupt), imported_meanwhile((NAME,)):
        raise KeyboardInterrupt


def test_nothing_is_begun_for_what_is_there() -> None:
    with imported_meanwhile(("sys", "pytest")):
        assert not [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)]


@pytest.mark.parametrize("module", ["drift/judge", "remedy/__init__", "outputs/text", "history/store"])
def test_a_check_imports_what_its_report_needs_while_nmap_runs(tmp_path: Path, module: str) -> None:
    waiting = f"for _ in $(seq 300); do [ -e {tmp_path}/imports ] && touch {tmp_path}/met && break; sleep 0.1; done; exit 1"
    hook = f'if event == "open" and "/iacdrift/{module}." in str(details[0]).replace("__pycache__/", ""): Path("imports").touch()'
    started(tmp_path, hook, "--nmap", pretending(tmp_path, waiting))
    assert (tmp_path / "met").exists()
