"""What is scanned: how many hosts, which of their ports listen, what becomes of the others, and how fast anybody may ask."""

from __future__ import annotations

from ipaddress import IPv4Address
from math import ceil, log

from attrs import frozen

from iacdrift.model.ports import PortSet

MISS = 1e-4
"""The share of open ports that a verdict may miss: the default of `--confidence`."""
LEAST_PROBES = 2

Listener = tuple[str, int]
"""An address and a TCP port of it."""


@frozen
class Case:
    """A network and the question that every scanner is asked about it.

    `declared`: ports that listen, as the code says; `strays` listen on every `every`-th host without the code's knowledge;
    `idle`: the code admits them and nothing listens. All other ports are dropped on the way, or refused (`refuses`).
    `loss`: percent of all packets, each way. Unless everybody is measured in every round: `whole` cases are asked of everybody once,
    the others beside Nmap only; `hand_offs`: of these too. `few`: beside Nmap only, always.
    """

    name: str
    title: str
    hosts: int
    ports: PortSet
    rate: int
    declared: PortSet
    strays: PortSet = PortSet()  # noqa: RUF009  it is frozen
    every: int = 1
    idle: PortSet = PortSet()  # noqa: RUF009
    refuses: bool = False
    loss: int = 0
    whole: bool = True
    hand_offs: bool = False
    few: bool = False

    @property
    def probes(self) -> int:
        """How often a silent port is asked: twice, or as often as the loss makes necessary for a miss as rare as MISS."""
        if not self.loss:
            return LEAST_PROBES
        gone = 1 - (1 - self.loss / 100) ** 2
        return max(LEAST_PROBES, ceil(log(MISS) / log(gone)))

    def listening(self, number: int) -> PortSet:
        """What listens on one host, by its number from 0."""
        return self.declared | (self.strays if number % self.every == 0 else PortSet())

    def truth(self, addresses: tuple[IPv4Address, ...]) -> frozenset[Listener]:
        """Everything that listens among the ports that are asked."""
        return frozenset((str(a), port) for number, a in enumerate(addresses) for port in self.listening(number) & self.ports)

    @property
    def packets(self) -> int:
        """The fewest that answer the question: one to a port that answers, `probes` to one that doesn't."""
        total = 0
        for number in range(self.hosts):
            answering = len(self.ports) if self.refuses else len((self.listening(number) | self.idle) & self.ports)
            total += answering + (len(self.ports) - answering) * self.probes
        return total

    @property
    def limit(self) -> float:
        """Seconds that these packets take at the rate."""
        return self.packets / self.rate

    @property
    def goal(self) -> float:
        """Seconds that a whole verdict may take."""
        return self.limit * 1.1 if self.limit > 2 else self.limit + 1.0


_DECLARED = PortSet.parse("22,80,443")
_STRAYS = PortSet.parse("2375,6379,8081,31337,54321")
_ALL = PortSet.span(1, 65535)
_EIGHT = PortSet.parse("22,80,443,5432,6379,8080,8443,9200")
_IDLE = PortSet.parse("8443,9200")


def _silent(name: str, hosts: int, rate: int, *, whole: bool) -> Case:
    title = f"{hosts} silent host{'s' if hosts > 1 else ''}, 65,535 ports"
    return Case(name, title, hosts, _ALL, rate, _DECLARED, _STRAYS, whole=whole, hand_offs=whole)


def _refusing(name: str, title: str, rate: int, declared: PortSet) -> Case:
    return Case(name, title, 1, _ALL, rate, declared, _STRAYS, refuses=True)


def _lossy(percent: int) -> Case:
    ports, hidden = PortSet.span(1, 10_000), PortSet.of(range(2007, 9984, 80))
    title = f"1 silent host, 10,000 ports, {percent} % loss each way"
    return Case(f"loss-{percent}", title, 1, ports, 20_000, _DECLARED, hidden, loss=percent, hand_offs=percent == 1)


CASES = (
    _silent("silent", 1, 20_000, whole=True),
    _silent("silent-fast", 1, 50_000, whole=False),
    _silent("silent-8", 8, 50_000, whole=False),
    Case("hosts", "100 silent hosts, 1,000 ports", 100, PortSet.span(1, 1000), 20_000, PortSet.of((22, 80)), PortSet.single(443), every=10),
    Case("declared", "100 hosts, 8 declared ports", 100, _EIGHT, 5000, _EIGHT - _IDLE, idle=_IDLE, hand_offs=True),
    _refusing("refusing", "1 refusing host, 65,535 ports", 20_000, _DECLARED),
    _refusing("refusing-open", "1 refusing host, 1,005 of 65,535 ports open", 50_000, PortSet.span(20_001, 21_000)),
    _lossy(1),
    _lossy(5),
)
"""All of them."""

_FEW = PortSet.span(1, 500)
QUICK = (
    Case("silent", "1 silent host, 500 ports", 1, _FEW, 2000, _DECLARED, PortSet.of((123, 456)), hand_offs=True),
    Case("declared", "3 hosts, 8 declared ports", 3, _EIGHT, 2000, _EIGHT - _IDLE, idle=_IDLE, hand_offs=True),
    Case("refusing", "1 refusing host, 500 ports", 1, _FEW, 2000, _DECLARED, PortSet.of((123, 456)), refuses=True, few=True),
    Case("loss-1", "1 silent host, 500 ports, 1 % loss", 1, _FEW, 2000, _DECLARED, PortSet.span(300, 319), loss=1, few=True),
)
"""The same in small: whether everything still works, not how fast."""
