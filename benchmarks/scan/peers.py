"""The scanners that a user would pick instead: the same ports at the same rate, with as many probes of a silent port."""

from __future__ import annotations

import shutil
import socket
import time
from collections.abc import Callable
from ipaddress import IPv4Address
from pathlib import Path

from attrs import frozen

from benchmarks.scan.cases import Case, Listener
from benchmarks.scan.commands import Deadline, of_masscan, of_nmap, of_rustscan, run
from tests.live.bed.topology import ROUTER_V4

_PATIENCE = 0.3
"""Seconds that RustScan waits for each answer: below one second, so that the kernel doesn't ask again by itself."""
_MOST_ZMAP = 16

Look = Callable[[Case, tuple[IPv4Address, ...], Deadline, Path], frozenset[Listener]]


@frozen
class Peer:
    """One of them. `look` runs inside the scanner's namespace. `every_round`: also in a short run, else only in its first round.

    `hands_on`: what it finds is asked again by another.
    """

    name: str
    programs: tuple[str, ...]
    look: Look
    every_round: bool = False
    hands_on: bool = False

    def missing(self) -> str:
        """The program that isn't here; empty where all are."""
        return next((name for name in self.programs if program(name) is None), "")


def program(name: str) -> str | None:
    """Where a program is: on PATH, with the system's, or where cargo puts it."""
    home = Path.home() / ".cargo" / "bin" / name
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin") or (str(home) if home.exists() else None)


def unfit(peer: Peer, case: Case) -> str:
    """Why it can't do this case; empty where it can."""
    if peer.name == "zmap" and len(case.ports) > _MOST_ZMAP:
        return "asks one port a run"
    return ""


def _nmap(case: Case, targets: tuple[IPv4Address, ...], deadline: Deadline, folder: Path, *options: str) -> frozenset[Listener]:
    argv = ["nmap", "-n", "-Pn", "-sS", "-T4", "--max-rate", str(case.rate), *options, "-p", str(case.ports), "-oG", "-"]
    return of_nmap(run([*argv, *map(str, targets)], deadline, folder))


def _nmap_plain(case: Case, targets: tuple[IPv4Address, ...], deadline: Deadline, folder: Path) -> frozenset[Listener]:
    return _nmap(case, targets, deadline, folder)


def _nmap_driven(case: Case, targets: tuple[IPv4Address, ...], deadline: Deadline, folder: Path) -> frozenset[Listener]:
    driven = ("--min-rate", str(case.rate), "--max-retries", str(case.probes - 1), "--min-hostgroup", "128")
    return _nmap(case, targets, deadline, folder, *driven)


def _masscan(case: Case, targets: tuple[IPv4Address, ...], deadline: Deadline, folder: Path) -> frozenset[Listener]:
    # It waits for late answers for 10 s by itself; here every answer comes within milliseconds.
    pace = ["--rate", str(case.rate), "--retries", str(case.probes - 1), "--wait", "1"]
    out = folder / "masscan.txt"
    out.unlink(missing_ok=True)
    run([_path("masscan"), *pace, "-p", str(case.ports), "-oL", out, *map(str, targets)], deadline, folder)
    return of_masscan(out.read_text() if out.exists() else "")


def _rustscan(case: Case, targets: tuple[IPv4Address, ...], deadline: Deadline, folder: Path) -> frozenset[Listener]:
    batch = max(1, int(case.rate * _PATIENCE))
    pace = ["-b", str(batch), "-t", str(int(_PATIENCE * 1000)), "--tries", str(case.probes), "--ulimit", str(batch + 500)]
    asked = str(case.ports)
    ports = ["-r", asked] if asked.count("-") == 1 and "," not in asked else ["-p", ",".join(map(str, case.ports))]
    common = ["--no-config", "--greppable", "--scripts", "none"]
    text = run([_path("rustscan"), *common, *pace, *ports, "-a", ",".join(map(str, targets))], deadline, folder)
    return of_rustscan(text)


def _zmap(case: Case, targets: tuple[IPv4Address, ...], deadline: Deadline, folder: Path) -> frozenset[Listener]:
    gateway = _gateway()
    allowed, nothing = folder / "zmap-targets.txt", folder / "zmap-empty.txt"
    allowed.write_text("".join(f"{address}/32\n" for address in targets))
    nothing.write_text("")
    found: set[Listener] = set()
    for port in case.ports:
        pace = ["-r", str(case.rate), "-P", str(case.probes), "-c", "1"]
        argv = ["-q", "-v", "0", "--disable-syslog", "-i", "eth0", "-G", gateway, *pace, "-p", str(port)]
        text = run([_path("zmap"), *argv, "-w", allowed, "-b", nothing, "-o", "-"], deadline, folder)
        found.update((line.strip(), port) for line in text.splitlines() if line.strip())
    return frozenset(found)


def _gateway() -> str:
    """The router's hardware address: zmap 2 doesn't always find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        for _ in range(20):
            sock.sendto(b"", (str(ROUTER_V4), 9))
            time.sleep(0.05)
            for line in Path("/proc/self/net/arp").read_text().splitlines()[1:]:
                address, _, flags, hardware, *_ = line.split()
                if address == str(ROUTER_V4) and flags != "0x0":
                    return hardware
    raise RuntimeError("the router doesn't answer ARP")


def _handed_on(finder: Look) -> Look:
    """What one found is asked again by Nmap's service detection, all hosts in one run."""

    def look(case: Case, targets: tuple[IPv4Address, ...], deadline: Deadline, folder: Path) -> frozenset[Listener]:
        found = finder(case, targets, deadline, folder)
        if not found:
            return found
        ports = ",".join(map(str, sorted({port for _, port in found})))
        hosts = sorted({host for host, _ in found})
        argv = ["nmap", "-n", "-Pn", "-sS", "-sV", "-T4", "--max-rate", str(case.rate), "-p", ports, "-oG", "-", *hosts]
        return of_nmap(run(argv, deadline, folder))

    return look


def _path(name: str) -> str:
    found = program(name)
    if found is None:
        raise RuntimeError(f"{name} isn't here")
    return found


PEERS = (
    Peer("nmap, right flags", ("nmap",), _nmap_driven, every_round=True),
    Peer("nmap -T4", ("nmap",), _nmap_plain),
    Peer("masscan", ("masscan",), _masscan),
    Peer("RustScan", ("rustscan",), _rustscan),
    Peer("zmap", ("zmap",), _zmap),
    Peer("RustScan → nmap -sV", ("rustscan", "nmap"), _handed_on(_rustscan), hands_on=True),
    Peer("masscan → nmap -sV", ("masscan", "nmap"), _handed_on(_masscan), hands_on=True),
)
