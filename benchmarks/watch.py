"""From a rogue listener's start to the delivered alert: the real watch, in a network of its own, told by a real webhook."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from statistics import median

from benchmarks.compare import Row

EVERY = 10
_PORTS = "22,80,443,2375,3389,5432,6379,8080,9200,27017"
_LONGEST = 120.0


def delivered(folder: Path, count: int, hosts: tuple[int, ...] = (1, 100)) -> Iterator[Row]:
    """The time on the clock, at an interval of 10 s. Needs root, Nmap, nftables and iproute2."""
    if os.geteuid() != 0 or any(shutil.which(name) is None for name in ("nmap", "nft", "ip")):
        yield Row("From a rogue listener to the delivered alert", float("nan"), "skipped", None, "needs root, nmap, nft and ip")
        return
    for number in hosts:
        found = [_once(folder / f"watch-{number}-{turn}", number, turn / max(count, 1)) for turn in range(count)]
        aside = f"{len(_PORTS.split(','))} ports a host every {EVERY} s, 1,000 packets a second; slowest {max(found):.1f} s"
        what = f"From a rogue listener's start to the delivered alert, {number} host{'s' if number > 1 else ''}"
        yield Row(what, median(found), "s", 15.0, aside)


def _once(folder: Path, hosts: int, phase: float) -> float:
    """`phase`: how far into the pause between two looks it starts, 0 to 1: 0 is just after a look, the worst moment."""
    from tests.live.bed import Bed, Rules, Service, Verb
    from tests.live.bed.filters import Match
    from tests.live.bed.listeners import Listeners

    folder.mkdir()
    with Bed(hosts) as bed:
        for host in bed.hosts:
            host.listen({("tcp", 22): Service.SSH, ("tcp", 80): Service.HTTP})
        bed.filter(Rules(Verb.DROP, (Match("22,80"),)))
        _write(folder, [str(host.v4) for host in bed.hosts])
        arrived: list[float] = []
        watch = threading.Thread(target=lambda: arrived.append(bed.scan(lambda: _watch(folder), seconds=_LONGEST * 2)))
        watch.start()
        _wait((folder / "looked").exists)
        time.sleep(phase * EVERY)
        start = time.monotonic()
        rogue = Listeners(bed.hosts[-1].space.net, {("tcp", 8080): Service.HTTP})
        bed.filter(Rules(Verb.DROP, (Match("22,80"), Match("8080", bed.hosts[-1].v4))))
        try:
            watch.join(_LONGEST * 2)
        finally:
            rogue.stop()
    return arrived[0] - start


def _write(folder: Path, addresses: list[str]) -> None:
    said = "".join(f"  - host: {address}\n    open: [22/tcp, 80/tcp]\n" for address in addresses)
    (folder / "code.yaml").write_text(f"schema: iacdrift/expectation/1\nexpectations:\n{said}")
    (folder / "iacdrift.toml").write_text(
        f'[history]\nurl = "{folder}/history.db"\n[[target]]\nname = "bench"\nfrom = "code.yaml"\nvantage = "203.0.113.9"\n'
        f'family = "4"\nports = "{_PORTS}"\nevery = "{EVERY}s"\nfull-every = "never"\n'
        '[[alert]]\nname = "hook"\nseverity = "high"\nevents = ["new", "worse"]\nwebhook_env = "HOOK"\n'
    )


def _watch(folder: Path) -> float:
    """In the scanner's place: the watch and the receiver; the moment at which the alert arrived, on the clock that both sides share."""
    moments: list[float] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            moments.append(time.monotonic())
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        root = Path(__file__).parents[1]
        env = {**os.environ, "PYTHONPATH": str(root), "HOOK": f"http://127.0.0.1:{server.server_address[1]}/"}
        words = [sys.executable, "-m", "iacdrift", "watch"]
        with (folder / "said").open("wb") as said:
            process = subprocess.Popen(words, cwd=folder, env=env, stderr=said)
        try:
            _wait(lambda: ": IN SYNC" in (folder / "said").read_text())
            (folder / "looked").touch()
            _wait(lambda: moments)
        finally:
            process.terminate()
            process.wait(60)
    return moments[0]


def _wait(true: object) -> None:
    assert callable(true)
    deadline = time.monotonic() + _LONGEST
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError("it never came")
        time.sleep(0.02)
