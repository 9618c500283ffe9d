"""Nmap as a process: found, checked, followed, ended."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest

from iacdrift.errors import ScanError
from iacdrift.scan.machine import Nmap
from iacdrift.scan.nmap_output import GrowingXml
from iacdrift.scan.plan import manner_of
from iacdrift.scan.process import Rounds, find_nmap, run_nmap
from iacdrift.scan.run import scan
from iacdrift.scan.settings import ScanSettings
from iacdrift.surface.observed import Evidence
from tests.needs import needs
from tests.scan.conftest import host, machine, surface

EXPECTED = surface(host("127.0.0.9", "443"))


def program(directory: Path, body: str, name: str = "nmap") -> str:
    path = directory / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return str(path)


def pretending(directory: Path, scanning: str, version: str = "7.93") -> str:
    """A program that answers `-V` and `--top-ports` as Nmap does, and does `scanning` when it should scan."""
    return program(
        directory,
        f'case "$*" in\n-V) echo "Nmap version {version} ( https://nmap.org )";;\n'
        f'*--top-ports*) echo \'<scaninfo type="x" protocol="tcp" numservices="1" services="80"/>\';;\n*) {scanning};;\nesac',
    )


def test_without_nmap_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ScanError, match="install it"):
        scan(EXPECTED, ScanSettings(ports="443"))


def test_a_path_that_isnt_there() -> None:
    with pytest.raises(ScanError, match="no program"):
        find_nmap("/nowhere/nmap")


@pytest.mark.parametrize("version", ["7.70", "6.40", "5.00"])
def test_too_old(tmp_path: Path, version: str) -> None:
    with pytest.raises(ScanError, match=r"7\.80 or newer"):
        find_nmap(pretending(tmp_path, "exit 1", version))


@pytest.mark.parametrize("version", ["7.80", "7.92", "7.93", "7.95", "8.01", "7.94SVN"])
def test_new_enough(tmp_path: Path, version: str) -> None:
    found = find_nmap(pretending(tmp_path, "exit 1", version))
    assert found.version_text == version[:4]


@pytest.mark.parametrize("body", ["echo hello", "exit 3", "printf '\\377\\376'"])
def test_another_program_isnt_nmap(tmp_path: Path, body: str) -> None:
    with pytest.raises(ScanError, match="as Nmap does"):
        find_nmap(program(tmp_path, body))


@needs("nmap")
def test_the_real_one_knows_its_frequent_ports() -> None:
    found = find_nmap()
    assert (len(found.top_tcp), len(found.top_udp)) == (1000, 20)
    assert 443 in found.top_tcp
    assert 53 in found.top_udp


def test_syn_without_the_right_is_refused() -> None:
    with pytest.raises(ScanError, match="needs root"):
        manner_of(ScanSettings(scan_type="syn"), machine(raw=False))
    assert manner_of(ScanSettings(), machine(raw=False)).tcp == "connect"
    assert manner_of(ScanSettings(scan_type="connect"), machine()).tcp == "connect"
    assert manner_of(ScanSettings(), machine()).tcp == "syn"


PART = '<nmaprun scanner="nmap" version="7.93"><scaninfo type="syn" protocol="tcp" services="443"/>'


def test_nmap_that_is_killed_is_an_interruption(tmp_path: Path) -> None:
    nmap = pretending(tmp_path, f"echo '{PART}' > \"$2\"; kill -9 $$")
    observed = scan(EXPECTED, ScanSettings(ports="443", nmap=nmap, scan_type="connect"))
    assert observed.interrupted == "Nmap was killed (SIGKILL)"
    assert 443 not in observed.hosts[host("127.0.0.9").address].tcp.of(*Evidence)  # type: ignore[index]
    assert len(observed.commands) == 1


def test_nmap_that_writes_nothing_is_an_error(tmp_path: Path) -> None:
    nmap = pretending(tmp_path, "exit 0")
    with pytest.raises(ScanError, match="can't be read"):
        scan(EXPECTED, ScanSettings(ports="443", nmap=nmap, scan_type="connect"))


def test_nmap_that_refuses_says_why(tmp_path: Path) -> None:
    nmap = pretending(tmp_path, "echo 'You requested a scan type which requires root privileges.' >&2; echo QUITTING! >&2; exit 1")
    with pytest.raises(ScanError, match="requires root privileges"):
        scan(EXPECTED, ScanSettings(ports="443", nmap=nmap, scan_type="connect"))


def test_nmap_that_ran_another_scan_taught_nothing(tmp_path: Path) -> None:
    """An unprivileged Nmap silently picks connect; only `scaninfo` tells."""
    xml = (
        '<nmaprun scanner="nmap" version="7.93"><scaninfo type="syn" protocol="tcp" services="443"/><host><status state="up"/>'
        '<address addr="127.0.0.9" addrtype="ipv4"/><ports><port protocol="tcp" portid="443"><state state="open" reason="syn-ack"/>'
        '</port></ports></host><runstats><finished time="1" exit="success"/></runstats></nmaprun>'
    )
    nmap = pretending(tmp_path, f"echo '{xml}' > \"$2\"")
    observed = scan(EXPECTED, ScanSettings(ports="443", nmap=nmap, scan_type="connect"))
    seen = next(iter(observed.hosts.values()))
    assert seen.failed == "Nmap's output holds no result for it"
    assert not seen.tcp.groups


def test_success_without_the_host_is_a_failure(tmp_path: Path) -> None:
    xml = '<nmaprun scanner="nmap" version="7.93"><runstats><finished time="1" exit="success"/></runstats></nmaprun>'
    observed = scan(EXPECTED, ScanSettings(ports="443", nmap=pretending(tmp_path, f"echo '{xml}' > \"$2\""), scan_type="connect"))
    assert next(iter(observed.hosts.values())).failed


def test_the_timeout_ends_nmap(tmp_path: Path) -> None:
    marker = tmp_path / "pid"
    nmap = pretending(tmp_path, f"echo $$ > {marker}; exec sleep 60")
    observed = scan(EXPECTED, ScanSettings(ports="443", nmap=nmap, scan_type="connect", timeout=0.5))
    assert observed.interrupted == "the time (--timeout) was spent"
    assert not Path(f"/proc/{marker.read_text().strip()}").exists()


def test_ctrl_c_ends_nmap_and_keeps_what_was_learnt(tmp_path: Path) -> None:
    marker = tmp_path / "pid"
    nmap = pretending(tmp_path, f"echo '{PART}' > \"$2\"; echo $$ > {marker}; exec sleep 60")

    def press() -> None:
        for _ in range(200):
            if marker.exists() and marker.read_text().strip():
                break
            time.sleep(0.02)
        time.sleep(0.2)  # the program runs before the call that starts it returns, and nobody can end what isn't started
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=press, daemon=True).start()
    observed = scan(EXPECTED, ScanSettings(ports="443", nmap=nmap, scan_type="connect"))
    assert observed.interrupted == "interrupted by the user"
    assert len(observed.hosts) == 1
    assert not Path(f"/proc/{marker.read_text().strip()}").exists()


def test_a_program_that_ignores_the_signal_is_killed(tmp_path: Path) -> None:
    path = program(tmp_path, f'exec {sys.executable} -c "import signal,time;signal.signal(2,signal.SIG_IGN);time.sleep(60)"')
    ended = run_nmap((path,), tmp_path / "x.xml", time.monotonic() + 0.5)
    assert ended.code == -signal.SIGKILL
    assert ended.stopped


_ROUNDS = """
printf '<nmaprun scanner="nmap" version="7.93">' > "$2"
while :; do sleep 0.5; printf '<host><status state="up"/><address addr="198.51.100.7" addrtype="ipv4"/></host>' >> "$2"; done
"""


@pytest.mark.parametrize(("usual", "waited_for"), [(0.05, 1), (30.0, 0)])
def test_a_round_that_is_overdue_is_waited_for_and_no_other(tmp_path: Path, usual: float, waited_for: int) -> None:
    """A round in which an answer is missing takes longest: without it too few losses would be counted."""
    growing, enough = GrowingXml(tmp_path / "out.xml"), Event()
    timer = threading.Timer(0.15, enough.set)
    timer.start()
    ended = run_nmap((program(tmp_path, _ROUNDS),), tmp_path / "out.xml", None, None, enough, Rounds(growing.more, usual))
    timer.join()
    assert (ended.code, ended.stopped, growing.more()) == (0, None, waited_for)


def test_a_round_that_never_ends_is_not_waited_for(tmp_path: Path) -> None:
    enough = Event()
    enough.set()
    assert run_nmap((program(tmp_path, "exec sleep 60"),), tmp_path / "out.xml", None, None, enough, Rounds(lambda: 0, 0.0)).stopped is None


def test_complaints_are_made_harmless(tmp_path: Path) -> None:
    path = program(tmp_path, "printf 'bad \\033[31mthing\\n' >&2; exit 1")
    ended = run_nmap((path,), tmp_path / "x.xml")
    assert ended.complaint == "bad ?[31mthing"


def test_evidence_is_kept_under_its_own_name(tmp_path: Path) -> None:
    xml = '<nmaprun scanner="nmap" version="7.93"><runstats><finished time="1" exit="success"/></runstats></nmaprun>'
    kept = tmp_path / "100%T evidence"
    nmap = pretending(tmp_path, f"echo '{xml}' > \"$2\"")
    observed = scan(EXPECTED, ScanSettings(ports="443", nmap=nmap, scan_type="connect", evidence=kept))
    assert len(list(kept.glob("*/*.xml"))) == len(observed.xml_sha256) == len(observed.commands)


def test_evidence_that_cant_be_kept_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ScanError, match="--evidence"):
        scan(EXPECTED, ScanSettings(ports="443", nmap=pretending(tmp_path, "exit 0"), evidence=tmp_path / "file" / "x"))


def test_rights_are_asked_of_the_kernel() -> None:
    assert Nmap("/usr/bin/nmap", (7, 91), raw=True).lists_collapsed_ports is False


_SCANS = """
import sys
from pathlib import Path
from iacdrift.scan.process import run_nmap
run_nmap((sys.argv[1],), Path(sys.argv[2]))
"""


@pytest.mark.skipif(shutil.which("setpriv") is None, reason="needs setpriv of util-linux")
def test_a_scan_ends_with_the_worker_that_is_killed(tmp_path: Path) -> None:
    told = tmp_path / "pid"
    slow = program(tmp_path, f"echo $$ > {told}.new && mv {told}.new {told} && exec sleep 60")
    worker = subprocess.Popen([sys.executable, "-c", _SCANS, slow, str(tmp_path / "out.xml")])
    try:
        assert soon(told.exists)
        scan = int(told.read_text())
        assert running(scan)
        worker.kill()
        worker.wait()
        assert soon(lambda: not running(scan))
    finally:
        worker.kill()
        worker.wait()


def soon(holds: Callable[[], bool]) -> bool:
    return any(holds() or time.sleep(0.05) for _ in range(400))  # type: ignore[func-returns-value]


def running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
