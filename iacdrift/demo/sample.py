"""The sample stack: what its code says, what its hosts do all the same, and the addresses under which it is shown."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path

from attrs import frozen

from iacdrift.demo.listeners import Service
from iacdrift.drift.report import FindingKind
from iacdrift.errors import ScanError

SHIPPED = ("127.44.0.10", "127.44.0.20")
"""The addresses of aws_instance.web and aws_instance.api in the files of this package."""

SOURCES = ("plan.json", "expectation.yaml")
_FILES = (*SOURCES, "main.tf")
_MISSING = 18443
_HOLE = 5432
_BY_HAND = (6379, 9200, 11211, 27017)
_NETWORKS = range(44, 60)


@frozen(slots=True)
class Promise:
    """One finding that the demo promises to show."""

    kind: FindingKind
    address: str
    port: int
    story: str


@frozen(slots=True)
class Sample:
    """The stack at two addresses, with the port that somebody opened by hand."""

    web: str
    api: str
    by_hand: int

    def write(self, directory: Path) -> None:
        """The plan, the expectation and the code, as this sample's addresses have them."""
        directory.mkdir(parents=True, exist_ok=True)
        for name in _FILES:
            text = files("iacdrift.demo").joinpath("stack", name).read_text(encoding="utf-8")
            for shipped, own in zip(SHIPPED, (self.web, self.api), strict=True):
                text = text.replace(shipped, own).replace(shipped.replace(".", "-"), own.replace(".", "-"))
            (directory / name).write_text(text, encoding="utf-8")

    def services(self) -> dict[str, tuple[Service, ...]]:
        """What really listens, by host."""
        return {
            "web": (Service(self.web, 18080, "http"), Service(self.web, self.by_hand, "redis")),
            "api": (Service(self.api, 18090, "ssh"),),
        }

    def promises(self, *, filtered: bool) -> tuple[Promise, ...]:
        """What the report must show; `filtered`: a packet filter stands in front, with a hole in it."""
        shown = (
            Promise(
                FindingKind.EXPOSED, self.web, self.by_hand, f"a port opened by hand: {self.by_hand}/tcp answers, the code doesn't know it"
            ),
            Promise(FindingKind.MISSING, self.web, _MISSING, f"a missing listener: {_MISSING}/tcp is expected, nobody listens"),
            Promise(
                FindingKind.SERVICE_MISMATCH, self.api, 18090, "another service than declared: 18090/tcp should speak HTTP, SSH answers"
            ),
        )
        hole = Promise(
            FindingKind.PASSABLE, self.web, _HOLE, f"a hole without a listener: the filter lets {_HOLE}/tcp through, nobody listens yet"
        )
        return (*shown, hole) if filtered else shown

    def let_through(self) -> dict[str, tuple[int, ...]]:
        """The ports that the packet filter admits, by address: what the code says, what was opened by hand, and the hole."""
        return {self.web: (18080, _MISSING, self.by_hand, _HOLE), self.api: (18090,)}

    def ports(self) -> str:
        """The `--ports` of the demo on loopback, where every other local service would answer as well."""
        return f"{self.by_hand},18080-18090,18443"


def on_loopback(networks: Iterable[int] = _NETWORKS) -> Sample:
    """The sample in the first 127.N.0.0/24 of `networks` where all its ports are free. ScanError where there is none."""
    refused = ""
    for by_hand in _BY_HAND:
        for network in networks:
            sample = Sample(f"127.{network}.0.10", f"127.{network}.0.20", by_hand)
            taken = _taken(sample)
            if taken is None:
                return sample
            refused = refused or taken
    raise ScanError(f"the demo finds no free loopback addresses: {refused}; end what listens there, then run it again")


def _taken(sample: Sample) -> str | None:
    """Why this sample can't be shown here, None where it can."""
    wanted = [(service.address, service.port) for services in sample.services().values() for service in services]
    for address, port in [*wanted, (sample.web, _MISSING)]:
        try:
            socket.create_server((address, port)).close()
        except OSError as error:
            why = "is in use" if error.errno == errno.EADDRINUSE else f"can't be had ({error.strerror})"
            return f"{address} port {port} {why}"
    return None
