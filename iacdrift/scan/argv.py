"""From a job to Nmap's argument list. Only addresses and integers enter it; every other word stands in this file."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address

from iacdrift.errors import ScanError, ScopeError
from iacdrift.model.ports import PortSet
from iacdrift.scan.job import Job, Pace
from iacdrift.scan.machine import Nmap
from iacdrift.scan.probes import FILE
from iacdrift.scan.scope import forbidden
from iacdrift.surface.expected import Address

LONGEST_ARGUMENT = 100_000
"""Linux refuses a single argument of 128 KiB."""
_SCAN_FLAG = {"syn": "-sS", "connect": "-sT", "udp": "-sU", "ping": "-sn", "knock": "-sn"}
_LEAST_IN_A_GROUP, MOST_IN_A_GROUP = 128, 4096
_INTENSITY = "4"
"""Measured on a listener that never says a word: 165 s at Nmap's own 7, 62 s at 4; HTTP and TLS are found at either."""
_KNOCKS = "22,80,135,443,445,3389,8080,8443"


def arguments(job: Job, nmap: Nmap, listed: str | None = None) -> tuple[str, ...]:
    """The whole command of a job, without its output file. `listed`: the name of a file that holds `target_list`.

    `-v` because only then Nmap counts its packets and lists neighbours that don't answer ARP; asking for ARP isn't
    switched off, because Linux slows probes to a missing neighbour down to 40 a second. Below 7.92 collapsed ports
    come without their list: `-d3` keeps every port apart.
    """
    words = [nmap.path, "-n", "-v"]
    words += ["-6"] if job.family == 6 else []
    words += ["-d3"] if job.pace.apart or not nmap.lists_collapsed_ports else []
    words += _manner(job, nmap)
    words += _pace(job.pace, len(job.targets))
    if listed is not None:
        return (*words, "-iL", listed)
    return (*words, *(_target(address, job.family) for address in job.targets * job.rounds))


def target_list(job: Job) -> str:
    """Every target as often as there are rounds. Nmap goes through a target that it meets again in a new round."""
    return "".join(f"{_target(address, job.family)}\n" for address in job.targets) * job.rounds


def _manner(job: Job, nmap: Nmap) -> list[str]:
    flag = _SCAN_FLAG[job.scan]
    if job.scan == "ping":
        return [*_rights(job, nmap), flag, f"-PS{_KNOCKS}", "-PE", "-PA80,443"]
    if job.scan == "knock":
        return [*_rights(job, nmap), flag, f"-PS{_KNOCKS}"]
    if not job.ports:
        raise ScanError("a scan without ports was planned; this is a defect of iacdrift")
    versions = ["-sV", "--version-intensity", _INTENSITY] if job.pace.versions else []
    versions += ["--versiondb", FILE] if job.pace.versions and job.pace.hurried else []
    versions += ["--script", "ssl-cert"] if job.pace.certificates else []
    return [*_rights(job, nmap), "-Pn", flag, *versions, "-p", port_argument(job.ports)]


def _rights(job: Job, nmap: Nmap) -> list[str]:
    # Said aloud, because Nmap silently picks a connect scan where it holds itself for unprivileged.
    return ["--unprivileged" if job.scan in ("connect", "knock") or not nmap.raw else "--privileged"]


def _pace(pace: Pace, targets: int) -> list[str]:
    rate = pace.average
    words = [f"-T{pace.timing:d}", "--max-retries", f"{pace.retries:d}", "--max-rate", f"{rate:d}"]
    if pace.min_rate is not None:
        # Each group waits for its last answers: all targets in one of them wait once.
        group = min(MOST_IN_A_GROUP, max(_LEAST_IN_A_GROUP, targets))
        words += ["--min-rate", f"{min(pace.min_rate, rate):d}", "--min-hostgroup", f"{group:d}"]
    if pace.wait is not None:
        words += ["--initial-rtt-timeout", f"{max(50, int(pace.wait * 1000)):d}ms"]
    if pace.patience is not None:
        words += ["--min-rtt-timeout", f"{max(50, int(pace.patience * 1000)):d}ms"]
    if pace.parallel is not None:
        words += ["--min-parallelism", f"{pace.parallel:d}"]
    if pace.host_timeout is not None:
        words += ["--host-timeout", f"{max(1, int(pace.host_timeout * 1000)):d}ms"]
    return words


def _target(address: Address, family: int) -> str:
    if type(address) not in (IPv4Address, IPv6Address) or address.version != family or forbidden(address):
        raise ScopeError(f"{address!r} can't be a target here; this is a defect of iacdrift")
    return str(address)


def port_argument(ports: PortSet) -> str:
    """The ports in Nmap's form, short enough for one argument; see `split_ports`."""
    text = str(ports)
    if len(text) > LONGEST_ARGUMENT:
        raise ScanError("a port list too long for one argument was planned; this is a defect of iacdrift")
    return text


def split_ports(ports: PortSet) -> tuple[PortSet, ...]:
    """The same ports in as few parts as fit into one argument each (a range is at most 12 characters)."""
    ranges = list(ports.ranges())
    step = LONGEST_ARGUMENT // 12
    if len(ranges) <= step:
        return (ports,)
    parts = (ranges[start : start + step] for start in range(0, len(ranges), step))
    return tuple(PortSet.of(port for first, last in part for port in range(first, last + 1)) for part in parts)
