"""One run of Nmap: who is asked, on which ports, in which manner."""

from __future__ import annotations

from attrs import frozen

from iacdrift.model.ports import PortSet
from iacdrift.surface.expected import Address


@frozen(slots=True)
class Pace:
    """How probes are sent. `max_rate` is the budget and always set; `min_rate` only where nothing can be lost by it.

    `retries`: how often a silent port is asked again, at least once. `versions`: with service detection.
    `parallel`: probes in flight that Nmap must keep up, None for its own choice. `host_timeout`: seconds.
    `apart`: every port with its own line, which alone says who sent an ICMP error.
    """

    max_rate: int
    min_rate: int | None = None
    retries: int = 2
    timing: int = 4
    versions: bool = False
    parallel: int | None = None
    host_timeout: float | None = None
    apart: bool = False


@frozen(slots=True)
class Job:
    """One Nmap process over addresses of one family, one protocol and one list of ports.

    `stage`: look, sweep, resweep, udp, confirm, again, control, close, senders, discover. `scan`: syn, connect, udp or,
    for `discover`, ping (raw) and knock.
    """

    stage: str
    scan: str
    targets: tuple[Address, ...]
    ports: PortSet
    pace: Pace

    @property
    def family(self) -> int:
        """4 or 6."""
        return self.targets[0].version

    @property
    def protocol(self) -> str:
        """`tcp` or `udp`."""
        return "udp" if self.scan == "udp" else "tcp"
