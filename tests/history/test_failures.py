"""A history that can't be written: the verdict is still printed, the failure is said, the exit code says so, nothing stored is lost."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command import ROOT, Ran, iacdrift
from tests.history.small_disk import FULL, in_a_small_disk, small_disk
from tests.stored import PLAN, scanned


def diff(directory: Path, history: object, *, open_ports: tuple[int, ...] = (8080,), hour: int = 0) -> Ran:
    xml = scanned(directory, open_ports=open_ports, hour=hour)
    return iacdrift("diff", "--from", PLAN, "--nmap-xml", xml, "--history", str(history), "--format", "json", cwd=directory)


def told_though(ran: Ran, sentence: str) -> None:
    """The report is whole and ends in exit code 2 and one sentence."""
    assert ran.code == 2, ran.err
    assert json.loads(ran.out)["verdict"] == "drift"
    assert len(ran.sentences) == 1, ran.err
    assert sentence in ran.sentences[0]


def stored(history: Path) -> list[str]:
    found = iacdrift("history", "list", "--history", history, "--format", "json")
    assert found.code == 0, found.err
    return [row["verdict"] for row in json.loads(found.out)["reports"]]


def test_a_history_works_until_it_is_turned_off(tmp_path: Path) -> None:
    history = tmp_path / "h.db"
    assert diff(tmp_path, history).code == 1
    assert stored(history) == ["drift"]
    xml = scanned(tmp_path)
    iacdrift("diff", "--from", PLAN, "--nmap-xml", xml, "--history", history, "--no-history", cwd=tmp_path)
    off = iacdrift(
        "diff", "--from", PLAN, "--nmap-xml", xml, cwd=tmp_path, env={"IACDRIFT_HISTORY": "off", "XDG_STATE_HOME": str(tmp_path)}
    )
    assert "first_seen" not in off.out
    assert stored(history) == ["drift"]
    assert not (tmp_path / "iacdrift").exists()


def test_by_default_it_lies_in_the_state_directory_for_its_owner_only(tmp_path: Path) -> None:
    xml = scanned(tmp_path)
    assert iacdrift("diff", "--from", PLAN, "--nmap-xml", xml, cwd=tmp_path, env={"XDG_STATE_HOME": str(tmp_path / "state")}).code == 0
    file = tmp_path / "state" / "iacdrift" / "history.db"
    assert file.exists()
    assert file.parent.stat().st_mode & 0o077 == 0


def test_locked(tmp_path: Path) -> None:
    history = tmp_path / "h.db"
    diff(tmp_path, history)
    holder = sqlite3.connect(history, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    told_though(diff(tmp_path, f"sqlite:///{history}?timeout=0.2"), "another process has held it")
    holder.execute("ROLLBACK")
    holder.close()
    assert stored(history) == ["drift"]


@pytest.mark.parametrize("damage", ["no database", "a page of noise", "cut in two"])
def test_corrupt(tmp_path: Path, damage: str) -> None:
    history = tmp_path / "h.db"
    diff(tmp_path, history)
    whole = history.read_bytes()
    noise = b"\xa5" * 4096
    history.write_bytes(
        {"no database": b"# no database\n" * 400, "a page of noise": noise + whole[4096:], "cut in two": whole[:9000]}[damage]
    )
    before = history.read_bytes()
    told_though(diff(tmp_path, history), "nothing in it was changed")
    assert history.read_bytes() == before
    assert "nothing in it was changed" in iacdrift("history", "list", "--findings", "--history", history).err or damage == "cut in two"


def test_a_directory_in_its_place_and_a_path_below_a_file(tmp_path: Path) -> None:
    told_though(diff(tmp_path, tmp_path), "can't be opened")
    (tmp_path / "file").write_text("")
    told_though(diff(tmp_path, tmp_path / "file" / "h.db"), f"{tmp_path}/file: ")


def test_a_later_schema_is_left_alone(tmp_path: Path) -> None:
    history = tmp_path / "h.db"
    diff(tmp_path, history)
    with sqlite3.connect(history) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    told_though(diff(tmp_path, history), "later iacdrift (schema 9999)")


def test_an_in_sync_run_that_could_not_be_kept_fails_too(tmp_path: Path) -> None:
    ran = diff(tmp_path, tmp_path, open_ports=())
    assert ran.code == 2
    assert json.loads(ran.out)["verdict"] == "in_sync"


CHECK = f"""
run() {{ python3 -m iacdrift diff --from {PLAN} --nmap-xml scan-0.xml --history disk/h.db --format json > "$1" && code=0 || code=$?; }}
list() {{ python3 -m iacdrift history list --history disk/h.db --format json; }}
run first.json; test $code = 1
"""


@small_disk
def test_a_full_disk(tmp_path: Path) -> None:
    scanned(tmp_path, open_ports=[8080])
    done = in_a_small_disk(
        tmp_path, f"{CHECK}{FULL}run second.json\ntest $code = 2\nlist > full.json\nrm disk/fill\nrun third.json\ntest $code = 1\nlist"
    )
    assert done.returncode == 0, done.stderr
    assert "the disk is full; what it held is safe" in done.stderr
    assert json.loads((tmp_path / "second.json").read_text())["verdict"] == "drift"
    assert len(json.loads((tmp_path / "full.json").read_text())["reports"]) == 1
    assert len(json.loads(done.stdout)["reports"]) == 2


@small_disk
def test_a_read_only_disk(tmp_path: Path) -> None:
    scanned(tmp_path, open_ports=[8080])
    done = in_a_small_disk(tmp_path, f"{CHECK}mount -o remount,ro none disk\nrun second.json\ntest $code = 2\nlist")
    assert done.returncode == 0, done.stderr
    assert "can't be written by this user" in done.stderr
    assert json.loads((tmp_path / "second.json").read_text())["findings"][0]["first_seen"]
    assert len(json.loads(done.stdout)["reports"]) == 1


def test_two_processes_at_once_keep_both_reports(tmp_path: Path) -> None:
    history = tmp_path / "h.db"
    xml = scanned(tmp_path, open_ports=[8080])
    words = [sys.executable, "-m", "iacdrift", "diff", "--from", PLAN, "--nmap-xml", xml, "--history", history]
    started = [subprocess.Popen(words, cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}, stdout=subprocess.DEVNULL) for _ in range(3)]
    assert [process.wait(timeout=60) for process in started] == [1, 1, 1]
    assert stored(history) == ["drift"] * 3


def nobody_asked(directory: Path, *words: str | Path, command: str = "diff") -> Ran:
    """With a state directory that can't be made, as in a container without a home."""
    return iacdrift(command, *words, cwd=directory, env={"XDG_STATE_HOME": "/dev/null/state", "HOME": "/dev/null"})


def test_a_history_that_nobody_asked_for_and_that_cannot_be_begun_is_a_remark(tmp_path: Path) -> None:
    words = ("--from", PLAN, "--nmap-xml", scanned(tmp_path, open_ports=[8080]))
    ran = nobody_asked(tmp_path, *words, "--format", "json")
    assert (ran.code, ran.err) == (1, "")
    [remark] = [note for note in json.loads(ran.out)["notes"] if "history" in note]
    assert remark.startswith("no history is kept: can't write the history /dev/null/state/iacdrift/history.db: ")
    assert remark.endswith("; name another by --history or [history] url, or go without by --no-history")
    assert "no history is kept" in " ".join(nobody_asked(tmp_path, *words).out.split())
    assert "no history is kept" not in nobody_asked(tmp_path, *words, "--no-history").out


@pytest.mark.parametrize("asked", ["option", "variable", "file"])
def test_one_that_was_asked_for_is_an_error_that_says_what_to_do(tmp_path: Path, asked: str) -> None:
    place = "/dev/null/state/h.db"
    if asked == "file":
        (tmp_path / "iacdrift.toml").write_text(f'[history]\nurl = "{place}"\n')
    words = ("--history", place) if asked == "option" else ()
    environment = {"IACDRIFT_HISTORY": place} if asked == "variable" else {}
    xml = scanned(tmp_path, open_ports=[8080])
    ran = iacdrift("diff", "--from", PLAN, "--nmap-xml", xml, "--format", "json", *words, cwd=tmp_path, env=environment)
    told_though(ran, "name another by --history or [history] url, or go without by --no-history")


def test_alerts_that_cannot_be_queued_are_an_error_all_the_same(tmp_path: Path) -> None:
    """Nobody named a history, but the alerts live in it."""
    (tmp_path / "code.json").write_text('{"schema": "iacdrift/expectation/1", "expectations": []}')
    words = ("--from", "code.json", "--vantage", "internet")
    plain = nobody_asked(tmp_path, *words, command="check")
    assert plain.code == 3, plain.err
    (tmp_path / "iacdrift.toml").write_text('[[alert]]\nwebhook = "http://127.0.0.1:9/"\n')
    ran = nobody_asked(tmp_path, *words, command="check")
    assert ran.code == 2
    assert ran.out.startswith("INCOMPLETE")
    assert "no alert was sent" in ran.err


DEFAULT = CHECK.replace("--history disk/h.db", "")


@small_disk
@pytest.mark.parametrize(
    ("before", "spoil", "code", "sentence"),
    [
        ("", "mount -o remount,ro none disk\n", 1, ""),
        ("run zero.json\n", "mount -o remount,ro none disk\n", 2, "can't be written by this user"),
        ("mkdir disk/iacdrift\n", FULL, 2, "the disk is full"),
        ("", FULL, 2, "the disk is full"),
    ],
    ids=["read-only from the start", "read-only later", "full", "full without a directory"],
)
def test_the_users_own_history_on_a_disk_that_fails(tmp_path: Path, before: str, spoil: str, code: int, sentence: str) -> None:
    """Where there is one, or the disk is what fails, the exit code says so, though nobody asked for it."""
    scanned(tmp_path, open_ports=[8080])
    functions = DEFAULT.partition("run first")[0]
    done = in_a_small_disk(tmp_path, f"export XDG_STATE_HOME=$PWD/disk\n{functions}{before}{spoil}run last.json\necho $code")
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[-1] == str(code), done.stderr
    assert sentence in done.stderr
    report = json.loads((tmp_path / "last.json").read_text())
    assert report["verdict"] == "drift"
    assert any("no history is kept" in note for note in report["notes"]) == (code == 1)
