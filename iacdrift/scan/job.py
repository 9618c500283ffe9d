"""One run of Nmap: who is asked, on which ports, in which manner."""

from __future__ import annotations

from math import ceil

from attrs import evolve, frozen

from iacdrift.model.ports import PortSet
from iacdrift.surface.expected import Address

PULSE = "pulse"
"""The stage of controls that run as long as the job beside them, and no longer."""
MOST_AT_ONCE = 4
"""Processes that run side by side and share the rate."""
_CATCHES_UP = 1.03
"""Nmap sends later what it was late with, as fast as it can: 1 to 3 % over its average were measured in the worst second."""
_COARSE, _CATCHES_UP_COARSELY = 10_000, 1.014
"""Above this rate a microsecond is so much that rounding the wait up to the next one leaves room besides."""
_FEW_A_SECOND = 66
_MICROSECONDS = 1_000_000


@frozen(slots=True)
class Pace:
    """How probes are sent. `max_rate` is the budget and always set; `min_rate` only where nothing can be lost by it.

    `retries`: how often a silent port is asked again at most; 0 makes each probe a single one. `versions`: with service detection,
    `hurried`: with short waits.
    `parallel`: probes in flight that Nmap must keep up, None for its own choice. `host_timeout`: seconds.
    `apart`: every port with its own line, which alone says who sent an ICMP error. `wait`: seconds for the first answer
    of a host, before anything is known about it; None for Nmap's own. `patience`: seconds that any answer has at the least.
    `certificates`: with Nmap's ssl-cert.
    """

    max_rate: int
    min_rate: int | None = None
    retries: int = 2
    timing: int = 4
    versions: bool = False
    hurried: bool = False
    parallel: int | None = None
    host_timeout: float | None = None
    apart: bool = False
    wait: float | None = None
    patience: float | None = None
    certificates: bool = False

    def at_most(self, rate: int) -> Pace:
        """The same at no more than this rate, and at one packet a second at the least."""
        rate = max(1, min(rate, self.max_rate))
        return evolve(self, max_rate=rate, min_rate=self.min_rate and min(self.min_rate, rate))

    @property
    def average(self) -> int:
        """Packets a second that Nmap is told, so that no second holds more than `max_rate`.

        Nmap waits a whole number of microseconds for the next packet and drops the rest of it: told 48,485 it sends 50,000.
        """
        if self.max_rate < _FEW_A_SECOND:
            return self.max_rate - self.max_rate // 33  # a packet less, where there are enough of them
        room = _CATCHES_UP if self.max_rate <= _COARSE else _CATCHES_UP_COARSELY
        return _MICROSECONDS // ceil(room * _MICROSECONDS / self.max_rate)


@frozen(slots=True)
class Job:
    """One Nmap process over addresses of one family, one protocol and one list of ports.

    `stage`: look, sweep, udp, control, senders, known, pulse, assure, confirm, again, close, discover. `scan`: syn, connect, udp
    or, for `discover`, ping (raw) and knock. `rounds`: how often the targets are gone through, one round after another:
    with no retry that is so many single probes of each port. `beside`: runs at the same time as the jobs next to it.
    """

    stage: str
    scan: str
    targets: tuple[Address, ...]
    ports: PortSet
    pace: Pace
    rounds: int = 1
    beside: bool = False

    def at_most(self, rate: int) -> Job:
        """The same job at no more than this rate."""
        return evolve(self, pace=self.pace.at_most(rate))

    @property
    def family(self) -> int:
        """4 or 6."""
        return self.targets[0].version

    @property
    def probes(self) -> int:
        """How often a port that stays silent is asked at the least. Nmap's own retries beyond the first aren't promised."""
        return self.rounds * (1 + min(self.pace.retries, 1))

    @property
    def single(self) -> bool:
        """Whether each probe is a single one: a port that is known to answer then tells how many are lost."""
        return self.pace.retries == 0

    @property
    def protocol(self) -> str:
        """`tcp` or `udp`."""
        return "udp" if self.scan == "udp" else "tcp"
