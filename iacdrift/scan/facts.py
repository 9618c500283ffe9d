"""What one file of Nmap's XML says, as plain values."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen

from iacdrift.model.ports import PortSet
from iacdrift.surface.expected import Address
from iacdrift.surface.observed import Answer

Groups = tuple[tuple[PortSet, Answer], ...]


@frozen(slots=True)
class XmlHost:
    """One `<host>`. `up` is Nmap's own word; `timed_out` voids the rest. `names`: as the targets were given to Nmap."""

    address: Address
    up: bool
    timed_out: bool
    tcp: Groups = ()
    udp: Groups = ()
    names: frozenset[str] = frozenset()


@frozen(slots=True)
class XmlRun:
    """One file. `coverage`: protocol -> (scan type, ports asked for), from `scaninfo`.

    `broken`: why the file isn't whole, None where it is. `failed`: Nmap's own error at the end. `skipped`: targets
    that Nmap didn't scan (a name that doesn't resolve, an address without a route).
    """

    version: str = ""
    arguments: str = ""
    started: float | None = None
    finished: float | None = None
    coverage: Mapping[str, tuple[str, PortSet]] = field(factory=dict)
    hosts: tuple[XmlHost, ...] = ()
    skipped: tuple[str, ...] = ()
    broken: str | None = None
    failed: str | None = None
    sha256: str = ""
