"""A report in a file, for whoever reads it in that moment."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from iacdrift.outputs.whole_file import write_whole

OLD, NEW = "old\n" * 50_000, "new\n" * 50_000


@pytest.fixture
def report(tmp_path: Path) -> Iterator[Path]:
    """A file that holds the report of before; nothing else may be left beside it."""
    path = tmp_path / "at" / "report.json"
    path.parent.mkdir()
    path.write_text(OLD)
    yield path
    assert list(path.parent.iterdir()) == [path]


def test_a_reader_in_the_middle_goes_on_with_what_it_began(report: Path) -> None:
    with report.open() as reader:
        begun = reader.read(10)
        write_whole(report, NEW)
        assert begun + reader.read() == OLD
    assert report.read_text() == NEW


def test_a_reader_at_any_moment_finds_one_of_the_two_whole(report: Path) -> None:
    ended = threading.Event()

    def write() -> None:
        for number in range(200):
            write_whole(report, (OLD, NEW)[number % 2])
        ended.set()

    writer = threading.Thread(target=write)
    writer.start()
    seen = set()
    while not ended.is_set():
        seen.add(report.read_text())
    writer.join()
    assert seen <= {OLD, NEW}


def test_what_cant_be_written_whole_leaves_the_report_of_before(report: Path) -> None:
    # A limit on the size of files stands for a full disk.
    program = "import resource, sys; from pathlib import Path; from iacdrift.outputs.whole_file import write_whole; "
    program += "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)); write_whole(Path(sys.argv[1]), 'x' * 9999)"
    ran = subprocess.run([sys.executable, "-Bc", program, report], capture_output=True, text=True, check=False)
    assert "File too large" in ran.stderr
    assert report.read_text() == OLD


def test_the_mode_of_before_is_kept_and_a_new_file_has_the_usual_one(report: Path) -> None:
    report.chmod(0o640)
    write_whole(report, NEW)
    assert report.stat().st_mode & 0o7777 == 0o640
    report.unlink()
    mask = os.umask(0o027)
    try:
        write_whole(report, NEW)
    finally:
        os.umask(mask)
    assert report.stat().st_mode & 0o7777 == 0o640


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_the_owner_of_before_is_kept(report: Path) -> None:
    os.chown(report, 65534, 65533)
    write_whole(report, NEW)
    assert (report.stat().st_uid, report.stat().st_gid) == (65534, 65533)


def test_a_link_stays_a_link(report: Path, tmp_path: Path) -> None:
    link = tmp_path / "latest.json"
    link.symlink_to("at/report.json")
    write_whole(link, NEW)
    assert link.is_symlink()
    assert report.read_text() == NEW


def test_a_link_that_leads_nowhere_yet_is_filled(tmp_path: Path) -> None:
    (tmp_path / "latest.json").symlink_to(tmp_path / "report.json")
    write_whole(tmp_path / "latest.json", NEW)
    assert (tmp_path / "report.json").read_text() == NEW


def test_a_pipe_is_written_into(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()))
    reader.start()
    write_whole(pipe, NEW)
    reader.join()
    assert read == [NEW]
    assert pipe.is_fifo()


def test_standard_output_that_is_a_file_gets_it(report: Path) -> None:
    program = "from pathlib import Path; from iacdrift.outputs.whole_file import write_whole; write_whole(Path('/dev/stdout'), 'x\\n')"
    with report.open("w") as out:
        subprocess.run([sys.executable, "-Bc", program], stdout=out, check=True)
        assert os.path.samestat(report.stat(), os.fstat(out.fileno()))
    assert report.read_text() == "x\n"


AS_NOBODY = """\
import os, sys
from pathlib import Path
from iacdrift.outputs.whole_file import write_whole
if os.geteuid() == 0:
    os.setgroups([]), os.setgid(65534), os.setuid(65534)
write_whole(Path(sys.argv[1]), 'x\\n')
"""


@pytest.fixture
def anybodys() -> Iterator[Path]:
    """A report in a directory that everybody may enter: those of tests are root's own."""
    with tempfile.TemporaryDirectory(prefix="iacdrift-test-") as directory:
        Path(directory).chmod(0o755)
        path = Path(directory) / "report.json"
        path.write_text(OLD)
        yield path
        assert list(path.parent.iterdir()) == [path]


def test_where_nothing_may_lie_beside_it_it_is_written_where_it_is(anybodys: Path) -> None:
    anybodys.chmod(0o666)
    anybodys.parent.chmod(0o555)
    try:
        subprocess.run([sys.executable, "-Bc", AS_NOBODY, anybodys], check=True)
    finally:
        anybodys.parent.chmod(0o755)
    assert anybodys.read_text() == "x\n"


def test_a_file_that_may_not_be_written_is_refused(anybodys: Path) -> None:
    anybodys.chmod(0o444)
    ran = subprocess.run([sys.executable, "-Bc", AS_NOBODY, anybodys], capture_output=True, text=True, check=False)
    assert "PermissionError" in ran.stderr
    assert anybodys.read_text() == OLD
