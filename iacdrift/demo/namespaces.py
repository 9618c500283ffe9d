"""Network namespaces that stand for a scanner, a cloud's filter and two hosts; all of them are gone behind the block."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess  # noqa: TID251 - the demo starts ip, nft and its own listeners
import sys
from collections.abc import Iterator
from pathlib import Path

from attrs import frozen

from iacdrift.demo.listeners import Service
from iacdrift.demo.sample import Sample
from iacdrift.errors import ScanError

SCANNER = "203.0.113.9"
_GATEWAY = {"scanner": "203.0.113.1", "web": "198.51.100.1", "api": "198.51.100.17"}
_LENGTH = {"scanner": 24, "web": 28, "api": 28}
SAMPLE = Sample("198.51.100.10", "198.51.100.20", 6379)


@frozen(slots=True)
class Bed:
    """The namespaces by what they stand for."""

    prefix: str

    def namespace(self, role: str) -> str:
        """The name of one namespace."""
        return f"{self.prefix}-{role}"

    def inside(self, role: str, *words: str) -> list[str]:
        """The argument list that runs a program in one of them."""
        return ["ip", "netns", "exec", self.namespace(role), *words]


@contextlib.contextmanager
def namespaces() -> Iterator[Bed]:
    """Scanner, filter, web and api, with the services of the sample listening. ScanError where this machine can't."""
    _refuse_without_rights()
    bed = Bed(f"iacdrift-demo-{os.getpid()}")
    with contextlib.ExitStack() as stack:
        _run(*_new(stack, bed, "filter"))
        for role, address in {"scanner": SCANNER, "web": SAMPLE.web, "api": SAMPLE.api}.items():
            _connect(stack, bed, role, address)
        _run(*bed.inside("filter", "sysctl", "-qw", "net.ipv4.ip_forward=1"))
        _run(*bed.inside("filter", "nft", "-f", "-"), text=_ruleset(SAMPLE))
        for role, services in SAMPLE.services().items():
            stack.enter_context(_listening(bed, role, services))
        yield bed


def environment() -> dict[str, str]:
    """The environment of this process, without options of the user's own, and with this very package importable."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("IACDRIFT_")}
    paths = [str(Path(__file__).parents[2]), *filter(None, [os.environ.get("PYTHONPATH")])]
    return kept | {"PYTHONPATH": os.pathsep.join(paths)}


def _refuse_without_rights() -> None:
    if not sys.platform.startswith("linux"):
        raise ScanError("demo --netns needs Linux network namespaces; iacdrift demo runs without")
    if os.geteuid() != 0:
        raise ScanError("demo --netns makes network namespaces, which needs root: sudo iacdrift demo --netns, or iacdrift demo without")
    missing = [name for name in ("ip", "nft", "sysctl") if shutil.which(name) is None]
    if missing:
        raise ScanError(f"demo --netns needs {', '.join(missing)}: install iproute2, nftables and procps")


def _new(stack: contextlib.ExitStack, bed: Bed, role: str) -> tuple[str, ...]:
    # Registered before it is made: an interrupt in between must leave nothing behind.
    stack.callback(_forget, bed.namespace(role))
    return ("ip", "netns", "add", bed.namespace(role))


def _connect(stack: contextlib.ExitStack, bed: Bed, role: str, address: str) -> None:
    """A namespace with one address, wired to the filter."""
    _run(*_new(stack, bed, role))
    outer, inner, length = bed.namespace("filter"), bed.namespace(role), _LENGTH[role]
    _run("ip", "-n", outer, "link", "add", role, "type", "veth", "peer", "name", "eth0", "netns", inner)
    _run("ip", "-n", outer, "addr", "add", f"{_GATEWAY[role]}/{length}", "dev", role)
    _run("ip", "-n", outer, "link", "set", role, "up")
    _run("ip", "-n", inner, "addr", "add", f"{address}/{length}", "dev", "eth0")
    for device in ("lo", "eth0"):
        _run("ip", "-n", inner, "link", "set", device, "up")
    _run("ip", "-n", inner, "route", "add", "default", "via", _GATEWAY[role])


def _ruleset(sample: Sample) -> str:
    """Drops silently, as a cloud's groups do, but for what is let through."""
    admitted = "\n".join(
        f"    ip daddr {address} tcp dport {{ {', '.join(map(str, ports))} }} accept" for address, ports in sample.let_through().items()
    )
    return f"""table inet cloud {{
  chain forward {{
    type filter hook forward priority 0; policy drop;
    ct state established,related accept
{admitted}
  }}
}}
"""


@contextlib.contextmanager
def _listening(bed: Bed, role: str, services: tuple[Service, ...]) -> Iterator[None]:
    words = bed.inside(role, sys.executable, "-m", "iacdrift.demo.listeners", *map(str, services))
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment(), start_new_session=True) as process:
        try:
            if process.stdout is None or process.stdout.readline() != b"ready\n":
                raise ScanError(f"the demo's listeners didn't start in {bed.namespace(role)}")
            yield
        finally:
            process.terminate()


def _forget(namespace: str) -> None:
    subprocess.run(["ip", "netns", "del", namespace], check=False, capture_output=True)  # noqa: S607 ip is wherever the system has it


def _run(*words: str, text: str | None = None) -> None:
    done = subprocess.run(words, check=False, capture_output=True, text=True, input=text)
    if done.returncode != 0:
        raise ScanError(f"demo --netns: `{' '.join(words)}` failed: {done.stderr.strip() or f'exit {done.returncode}'}")
