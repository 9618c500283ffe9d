"""The demo as users run it: it shows what it promises, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from iacdrift.demo.listeners import Service, listening
from iacdrift.demo.sample import Sample, on_loopback
from tests.command import ROOT, iacdrift, refused
from tests.needs import needs

pytestmark = pytest.mark.live


def namespaces() -> set[str]:
    shown = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True, check=True).stdout
    return {line.split()[0] for line in shown.splitlines() if line.startswith("iacdrift-demo-")}


@needs("nmap")
def test_on_loopback(tmp_path: Path) -> None:
    ran = iacdrift("demo", "--keep", tmp_path / "kept")
    assert ran.code == 0, ran.out + ran.err
    assert "Shown: 3 of 3" in ran.out
    assert "on a stack of your own" in ran.out
    report = json.loads((tmp_path / "kept" / "report.json").read_text())
    failing = {(finding["kind"], finding["ports"]) for finding in report["findings"] if finding["severity"] != "note"}
    assert {kind for kind, _ in failing} == {"exposed", "missing", "service_mismatch"}
    assert {because["at"] for finding in report["findings"] if finding["kind"] == "exposed" for because in finding["because"]} == {
        "main.tf:31"
    }


@needs("root")
@needs("nmap")
def test_without_any_right() -> None:
    """No raw packets: a connect scan shows the same. In a user namespace without a mapping, root has no capability."""
    words = ["unshare", "--user", sys.executable, "-m", "iacdrift", "demo"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Shown: 3 of 3" in done.stdout
    assert "connect scan" in done.stdout


@needs("root")
@needs("nmap")
@needs("nft")
@needs("namespaces")
def test_in_namespaces() -> None:
    before = namespaces()
    ran = iacdrift("demo", "--netns")
    assert ran.code == 0, ran.out + ran.err
    assert "Shown: 4 of 4" in ran.out
    assert "passable" in ran.out
    assert namespaces() == before


@needs("root")
@needs("nmap")
@needs("nft")
@needs("namespaces")
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_demo_leaves_no_namespace_and_no_process(sent: signal.Signals) -> None:
    words = [sys.executable, "-m", "iacdrift", "demo", "--netns"]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(words, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True) as process:
        own = f"iacdrift-demo-{process.pid}-"
        for _ in range(300):
            if f"{own}api" in namespaces():
                break
            time.sleep(0.1)
        time.sleep(1)
        # To the whole session, as a terminal does; Nmap and the listeners have sessions of their own.
        os.killpg(process.pid, sent)
        process.communicate(timeout=60)
    assert process.returncode in (1, 2, 3)
    assert not [name for name in namespaces() if name.startswith(own)]
    listeners = subprocess.run(["ps", "-eo", "ppid,args"], capture_output=True, text=True, check=True).stdout
    assert not [line for line in listeners.splitlines() if line.split()[0] == str(process.pid)]


def test_without_root_it_says_what_to_do() -> None:
    if os.geteuid() == 0:
        words = ["unshare", "--user", sys.executable, "-m", "iacdrift", "demo", "--netns"]
        done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 2
        assert "needs root" in done.stderr
    else:
        assert "needs root" in refused(iacdrift("demo", "--netns"))


def test_a_port_in_use_moves_the_demo_to_other_addresses() -> None:
    first = on_loopback()
    with socket.create_server((first.web, 18080)):
        second = on_loopback()
    assert second.web != first.web
    assert second.by_hand == first.by_hand


def test_the_sample_is_written_at_its_own_addresses(tmp_path: Path) -> None:
    Sample("127.50.0.10", "127.50.0.20", 9200).write(tmp_path)
    text = (tmp_path / "plan.json").read_text()
    assert "127.50.0.10" in text
    assert "127.44.0.10" not in text
    assert json.loads(text)["format_version"]


def answer(address: str, port: int, asked: bytes) -> bytes:
    with socket.create_connection((address, port), timeout=5) as client:
        client.sendall(asked)
        return client.recv(4096)


def test_listeners_speak_what_they_stand_for_and_are_gone_afterwards() -> None:
    services = tuple(Service("127.77.0.1", port, speaks) for port, speaks in ((18701, "http"), (18702, "ssh"), (18703, "redis")))
    with listening(services):
        assert answer("127.77.0.1", 18701, b"GET / HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.1 200")
        assert answer("127.77.0.1", 18702, b"\r\n").startswith(b"SSH-2.0-")
        assert b"redis_version" in answer("127.77.0.1", 18703, b"INFO\r\n")
    for service in services:
        with pytest.raises(ConnectionRefusedError):
            answer(service.address, service.port, b"")
