"""Every option that decides what a scan sends, named as on the command line, checked before anything else happens."""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path

from attrs import field, frozen

from iacdrift.errors import UsageError
from iacdrift.model.ports import PortSet
from iacdrift.scan.spec import PortSpec
from iacdrift.surface.expected import Address, AnyNetwork

SCAN_TYPES = ("auto", "syn", "connect")
DEFAULT_RATE = 1000
HIGHEST_RATE = 1_000_000
DEFAULT_CONFIDENCE = 0.9999
HIGHEST_CONFIDENCE = 0.999999

_CONTROL = re.compile(r"^(?:\[(?P<v6>[^\]]+)\]|(?P<host>[^:\[\]]+))(?::(?P<port>\d{1,5}))?$")


@frozen(slots=True)
class ControlTarget:
    """A `--control HOST[:PORT]`: an address that the user knows to answer, or (without a port) to refuse every port."""

    address: Address
    port: int | None = None

    @classmethod
    def parse(cls, text: str) -> ControlTarget:
        """From `192.0.2.1`, `192.0.2.1:443`, `2001:db8::1` or `[2001:db8::1]:443`. UsageError for anything else."""
        try:
            return cls(ip_address(text))
        except ValueError:
            pass
        found = _CONTROL.match(text)
        try:
            if found is None:
                raise ValueError
            port = int(found["port"]) if found["port"] else None
            if port is not None and port > 65535:
                raise ValueError
            return cls(ip_address(found["v6"] or found["host"]), port)
        except ValueError:
            raise UsageError(f"--control {text!r}: give an IP address, with :PORT behind it or without ([ADDRESS]:PORT for IPv6)") from None


_Networks = str | AnyNetwork | Iterable[str | AnyNetwork]


def _networks(option: str, values: _Networks) -> tuple[AnyNetwork, ...]:
    listed = (values,) if isinstance(values, (str, IPv4Network, IPv6Network)) else tuple(values)
    try:
        return tuple(ip_network(value, strict=False) for value in listed)
    except ValueError as error:
        raise UsageError(f"{option}: {error}; give a CIDR such as 198.51.100.0/24") from None


def _scope(values: _Networks) -> tuple[AnyNetwork, ...]:
    return _networks("--scope", values)


def _sweep(values: _Networks) -> tuple[AnyNetwork, ...]:
    return _networks("--sweep", values)


def _families(values: Iterable[int]) -> tuple[int, ...]:
    return tuple(values)


def _directory(value: Path | str | None) -> Path | None:
    return Path(value) if value is not None else None


def _controls(values: str | ControlTarget | Iterable[str | ControlTarget]) -> tuple[ControlTarget, ...]:
    listed = (values,) if isinstance(values, (str, ControlTarget)) else tuple(values)
    return tuple(value if isinstance(value, ControlTarget) else ControlTarget.parse(value) for value in listed)


@frozen(slots=True, kw_only=True)
class ScanSettings:
    """What `check` was asked to send. UsageError where a value has no meaning.

    `rate`: packets a second in total; `host_rate`, `network_rate`: to one address, to one /24 or /64. `confidence`: how
    sure each asserted silence has to be, 0.9999 for one missed port in ten thousand at the most. `scope`: the allow-list;
    empty means that the model alone decides. `settle`, `timeout`: seconds, None for none. `evidence`: the directory that
    keeps Nmap's XML; `resume`: the one that keeps it until the run is whole, and whose answers aren't asked for again. `nmap`:
    a path instead of the one on PATH. `name_timeout`: seconds that all names together may take to resolve. `certificates`: ask
    every listener for its TLS certificate. `remembered`: undeclared hosts of earlier runs with the TCP ports that they answered on,
    which a sweep asks even where they answer nothing else.
    """

    ports: str = "common"
    rate: int = DEFAULT_RATE
    host_rate: int | None = None
    network_rate: int | None = None
    confidence: float = DEFAULT_CONFIDENCE
    scope: tuple[AnyNetwork, ...] = field(default=(), converter=_scope)
    controls: tuple[ControlTarget, ...] = field(default=(), converter=_controls)
    sweep: tuple[AnyNetwork, ...] = field(default=(), converter=_sweep)
    remembered: tuple[tuple[Address, PortSet], ...] = ()
    settle: float | None = None
    timeout: float | None = None
    scan_type: str = "auto"
    families: tuple[int, ...] = field(default=(4, 6), converter=_families)
    evidence: Path | None = field(default=None, converter=_directory)
    resume: Path | None = field(default=None, converter=_directory)
    nmap: str | None = None
    name_timeout: float = 10.0
    certificates: bool = False

    def __attrs_post_init__(self) -> None:
        PortSpec.parse(self.ports)
        if not 1 <= self.rate <= HIGHEST_RATE:
            raise UsageError(f"--rate {self.rate}: give packets a second, from 1 to {HIGHEST_RATE}")
        for name, cap in (("--host-rate", self.host_rate), ("--network-rate", self.network_rate)):
            if cap is not None and not 1 <= cap <= HIGHEST_RATE:
                raise UsageError(f"{name} {cap}: give packets a second, from 1 to {HIGHEST_RATE}")
        if not 0.5 <= self.confidence <= HIGHEST_CONFIDENCE:
            raise UsageError(f"--confidence {self.confidence}: give how sure a silence must be, from 0.5 to {HIGHEST_CONFIDENCE}")
        if self.scan_type not in SCAN_TYPES:
            raise UsageError(f"--scan-type {self.scan_type}: it is one of {', '.join(SCAN_TYPES)}")
        for name, value in (("--timeout", self.timeout), ("--settle", self.settle)):
            if value is not None and not 0 < value < 1e7:
                raise UsageError(f"{name} {value}: give a number of seconds above 0")
        if not self.families or not set(self.families) <= {4, 6}:
            raise UsageError("--family is 4, 6 or both")
