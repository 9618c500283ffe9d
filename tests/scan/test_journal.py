"""A run that was interrupted goes on where it was, with real Nmap on loopback; a journal of something else is refused."""

from __future__ import annotations

import json
import time
from ipaddress import ip_address
from pathlib import Path

import pytest
from attrs import evolve

from iacdrift.errors import ScanError
from iacdrift.model.ports import PortSet
from iacdrift.scan.journal import Journal
from iacdrift.scan.run import scan
from iacdrift.scan.settings import ScanSettings
from iacdrift.surface.expected import ExpectedHost, ExpectedPorts, ExpectedSurface
from iacdrift.surface.observed import Evidence, ObservedSurface
from iacdrift.surface.vantage import Vantage
from tests.needs import needs

pytestmark = [pytest.mark.live, needs("nmap")]

HOST = ip_address("127.99.7.1")
SURFACE = ExpectedSurface(
    Vantage.parse("internet"), (ExpectedHost("aws_instance.web", "x", HOST, tcp=ExpectedPorts(allowed=PortSet.parse("9"))),)
)


class CtrlC:
    """A progress that interrupts the run when its second job ends."""

    def __init__(self, after: int) -> None:
        self.left = after

    def planned(self, *_: object) -> None: ...
    def started(self, *_: object) -> None: ...
    def advanced(self, *_: object) -> None: ...
    def finished(self) -> None: ...

    def ended(self, _: object) -> None:
        self.left -= 1
        if self.left == 0:
            raise KeyboardInterrupt


def run(directory: Path, surface: ExpectedSurface = SURFACE, after: int = 0, **options: object) -> ObservedSurface:
    settings = ScanSettings(ports="1-99", rate=5000, resume=directory, families=(4,), **options)  # type: ignore[arg-type]
    return scan(surface, settings, CtrlC(after))  # type: ignore[arg-type]


def test_an_interrupted_run_goes_on_and_asks_nothing_twice(tmp_path: Path) -> None:
    broken = run(tmp_path / "j", after=2)
    assert broken.interrupted
    stamps = {path: path.stat().st_mtime_ns for path in (tmp_path / "j").glob("*.xml")}
    assert stamps
    whole = run(tmp_path / "j")
    assert whole.interrupted is None
    assert whole.hosts[HOST].believable_silence
    assert any("weren't asked again" in note for note in whole.notes)
    # The reused files are the very ones, and their digests are in the report.
    assert set(broken.xml_sha256) <= set(whole.xml_sha256)
    assert not (tmp_path / "j").exists()


def test_a_run_whose_time_was_too_short_goes_on_with_more_of_it(tmp_path: Path) -> None:
    run(tmp_path / "j", after=2, timeout=30)
    whole = run(tmp_path / "j")
    assert any("weren't asked again" in note for note in whole.notes)


def test_a_journal_of_other_questions_is_refused(tmp_path: Path) -> None:
    run(tmp_path, after=1)
    other = evolve(SURFACE, hosts=(evolve(SURFACE.hosts[0], tcp=ExpectedPorts(open=PortSet.parse("9"))),))
    with pytest.raises(ScanError, match="its run isn't this one"):
        run(tmp_path, other)
    with pytest.raises(ScanError, match="its run isn't this one"):
        run(tmp_path, confidence=0.999)


def test_a_journal_that_is_too_old_is_refused(tmp_path: Path) -> None:
    run(tmp_path, after=1)
    lines = [json.loads(line) for line in (tmp_path / "journal.jsonl").read_text().splitlines()]
    aged = [line | ({"at": time.time() - 7200} if "at" in line else {}) for line in lines]
    (tmp_path / "journal.jsonl").write_text("".join(json.dumps(line) + "\n" for line in aged))
    with pytest.raises(ScanError, match="120 minutes old"):
        run(tmp_path)
    ahead = [line | ({"at": time.time() + 7200} if "at" in line else {}) for line in lines]
    (tmp_path / "journal.jsonl").write_text("".join(json.dumps(line) + "\n" for line in ahead))
    with pytest.raises(ScanError, match="nobody knows how old"):
        run(tmp_path)


def test_answers_from_another_place_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(tmp_path, after=1)
    monkeypatch.setattr("iacdrift.scan.journal.local_source", lambda _: ip_address("203.0.113.77"))
    with pytest.raises(ScanError, match="this machine's address"):
        run(tmp_path)


def test_answers_that_were_changed_since_are_asked_again(tmp_path: Path) -> None:
    run(tmp_path, after=2)
    kept = sorted(tmp_path.glob("*.xml"))
    assert kept
    for path in kept:
        path.write_text(path.read_text().replace('state="closed"', 'state="open"'))
    whole = run(tmp_path)
    assert not any("weren't asked again" in note for note in whole.notes)
    assert not whole.hosts[HOST].tcp.of(Evidence.OPEN)


def test_what_is_no_journal_or_half_of_a_line_or_lost_is_never_taken_for_an_answer(tmp_path: Path) -> None:
    (tmp_path / "journal.jsonl").write_text("{}\n")
    with pytest.raises(ScanError, match="no journal"):
        Journal(tmp_path, "x")
    directory = tmp_path / "j"
    run(directory, after=1)
    with (directory / "journal.jsonl").open("a") as stream:
        stream.write('{"jobs": "abc", "xm')
    for path in directory.glob("*.xml"):
        path.unlink()
    whole = run(directory)
    assert whole.hosts[HOST].tcp.answer(9) is not None
    assert not any("weren't asked again" in note for note in whole.notes)
