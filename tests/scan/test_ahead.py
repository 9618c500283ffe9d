"""Nmap is asked about itself while the sources are read: once, and what is wrong with it is told where it was always told."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from iacdrift.errors import ScanError, SourceError
from iacdrift.scan import ahead
from iacdrift.scan.ahead import ask_ahead
from iacdrift.scan.process import find_nmap
from tests.command import ROOT, iacdrift
from tests.scan.test_process import pretending, program

ONE_HOST = {"schema": "iacdrift/expectation/1", "expectations": [{"host": "127.0.0.1", "open": ["80/tcp"]}]}


def writing_down(directory: Path, version: str = "7.93") -> tuple[str, Path]:
    """An Nmap that answers slowly, and the file in which each of its starts is a line."""
    log = directory / "asked"
    nmap = pretending(directory, "exit 1", version)
    Path(nmap).write_text(Path(nmap).read_text().replace("case", f'echo "$*" >> {log}\nsleep 0.1\ncase', 1))
    return nmap, log


def asking_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "iacdrift-ask-ahead"]


def test_what_was_asked_ahead_is_not_asked_again(tmp_path: Path) -> None:
    nmap, log = writing_down(tmp_path)
    ask_ahead(nmap)
    found = [find_nmap(nmap), find_nmap(nmap)]
    assert [item.version for item in found] == [(7, 93), (7, 93)]
    assert sorted(line.split()[1:2] for line in log.read_text().splitlines()) == [[], ["-sT"], ["-sU"]]


def test_an_nmap_that_was_replaced_is_asked_again(tmp_path: Path) -> None:
    assert find_nmap(writing_down(tmp_path, "7.93")[0]).version == (7, 93)
    assert find_nmap(writing_down(tmp_path, "7.95")[0]).version == (7, 95)


@pytest.mark.parametrize("body", ["echo hello", "echo 'Nmap version 7.70 ( https://nmap.org )'"])
def test_what_is_wrong_is_told_by_whoever_needs_it(tmp_path: Path, body: str, capfd: pytest.CaptureFixture[str]) -> None:
    nmap = program(tmp_path, body)
    ask_ahead(nmap)
    for thread in asking_threads():
        thread.join(30)
    assert capfd.readouterr() == ("", "")
    for _ in range(2):
        with pytest.raises(ScanError, match=str(tmp_path)):
            find_nmap(nmap)


def test_a_check_that_gets_no_further_than_its_sources_says_nothing_of_nmap(tmp_path: Path) -> None:
    ran = iacdrift("check", "--from", str(tmp_path / "none.json"), "--nmap", "/nowhere/nmap", "--no-history")
    assert (ran.code, "none.json" in ran.err, "nmap" in ran.err.replace(str(tmp_path), "")) == (2, True, False)


def test_a_check_asks_nmap_before_it_has_read_its_sources(tmp_path: Path) -> None:
    nmap, log = writing_down(tmp_path)
    words = ("check", "--from", "-", "--nmap", nmap, "--ports", "80", "--scan-type", "connect", "--vantage", "127.0.0.1", "--no-history")
    with subprocess.Popen(
        [sys.executable, "-m", "iacdrift", *words], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=ROOT
    ) as check:
        try:
            for _ in range(300):
                if log.exists() and len(log.read_text().splitlines()) == 3:
                    break
                time.sleep(0.1)
            assert log.exists(), "nobody asked Nmap while the source was waited for"
            _, err = check.communicate(json.dumps(ONE_HOST).encode(), timeout=60)
        finally:
            check.kill()
    assert check.returncode == 2, err.decode()
    assert len(log.read_text().splitlines()) == 4, "the questions once, and then the scan"


def test_python_asks_ahead_unless_others_scan(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from iacdrift import check_network_drift

    asked: list[str | None] = []
    monkeypatch.setattr(ahead, "ask_ahead", asked.append)
    for executor in (None, "dask://127.0.0.1:1"):
        with pytest.raises(SourceError):
            check_network_drift(tmp_path / "none.json", nmap="/somewhere/nmap", executor=executor)
    assert asked == ["/somewhere/nmap"]
