"""One address and everything that is to be learnt about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import frozen

from iacdrift.model.ports import ALL_PORTS, NO_PORTS, PortSet
from iacdrift.scan.machine import Nmap
from iacdrift.scan.ports import AskedPorts, asked_ports
from iacdrift.scan.settings import ScanSettings
from iacdrift.scan.spec import PortSpec
from iacdrift.scan.suspicion import spread
from iacdrift.scan.targets import Targets
from iacdrift.surface.expected import Address, ExpectedHost

Only = Sequence[tuple[ExpectedHost | Address, str, PortSet]]
"""A restriction of a scan: (host or address, protocol, ports)."""

FEW = 64
"""Up to so many ports are all asked at the first look."""
_WITNESSES = 3
_FREQUENT = PortSet.parse("22,80,443,3389,8080")
_HANDFUL = 4
_CONTRAST = 8


@frozen(slots=True)
class Task:
    """What is asked of one address.

    `tcp`, `udp`: asked. `udp_implied`: worth a look where raw packets may be sent. `witness`: TCP ports that nobody
    asked about and that serve to read the others: whether the host is there, and whether it drops what is blocked.
    """

    address: Address
    hosts: tuple[ExpectedHost, ...] = ()
    tcp: PortSet = NO_PORTS
    udp: PortSet = NO_PORTS
    udp_implied: PortSet = NO_PORTS
    witness: PortSet = NO_PORTS

    def shown(self, protocol: str) -> PortSet:
        """Ports whose answers go into the result: asked ones and witnesses."""
        return self.tcp | self.witness if protocol == "tcp" else self.udp

    @property
    def open_tcp(self) -> PortSet:
        """Every TCP port that must be open here."""
        return PortSet.union(host.tcp.open for host in self.hosts)

    def asked(self, protocol: str) -> PortSet:
        """Ports of `tcp` or `udp` that have to be learnt."""
        return self.tcp if protocol == "tcp" else self.udp

    def first_look(self) -> PortSet:
        """A handful of TCP ports that tell what kind of host this is; all of them where there are few."""
        if len(self.tcp) <= FEW:
            return self.tcp | self.witness
        declared = spread(self.open_tcp & self.tcp, 16)
        return declared | self.witness | (_FREQUENT & self.tcp) | spread(self.tcp - self.open_tcp, _HANDFUL)


def tasks_for(targets: Targets, settings: ScanSettings, nmap: Nmap, only: Only | None = None) -> tuple[Task, ...]:
    """A task for every address, or with `only` for those alone, and a few others as witnesses that anything answers."""
    spec = PortSpec.parse(settings.ports)
    if only is not None:
        return _restricted(targets, only)
    return tuple(_task(address, hosts, spec, nmap) for address, hosts in targets.hosts.items())


def _task(address: Address, hosts: tuple[ExpectedHost, ...], spec: PortSpec, nmap: Nmap) -> Task:
    asked = [asked_ports(host, spec, nmap.top_tcp, nmap.top_udp) for host in hosts]
    both = AskedPorts(PortSet.union(a.tcp for a in asked), PortSet.union(a.udp for a in asked), PortSet.union(a.udp_implied for a in asked))
    if nmap.raw:
        return Task(address, hosts, both.tcp, both.udp | both.udp_implied)
    return Task(address, hosts, both.tcp, both.udp, both.udp_implied)


def _restricted(targets: Targets, only: Only) -> tuple[Task, ...]:
    wanted: dict[Address, dict[str, PortSet]] = {}
    for who, protocol, ports in only:
        for address in _addresses(targets.hosts, who):
            held = wanted.setdefault(address, {})
            held[protocol] = held.get(protocol, NO_PORTS) | ports
    tasks = []
    others = 0
    for address, hosts in targets.hosts.items():
        task = Task(address, hosts)
        witness = spread(task.open_tcp, _WITNESSES)
        if address in wanted:
            asked = wanted[address]
            beside = witness | _contrast(hosts)
            tasks.append(Task(address, hosts, asked.get("tcp", NO_PORTS), asked.get("udp", NO_PORTS), witness=beside))
        elif witness and others < _WITNESSES:
            tasks.append(Task(address, hosts, witness=witness))
            others += 1
    return tuple(tasks)


def _contrast(hosts: Sequence[ExpectedHost]) -> PortSet:
    """A few blocked ports: a refusal is a hole in a filter only where the same address drops elsewhere."""
    blocked = ALL_PORTS
    for host in hosts:
        blocked &= host.tcp.blocked
    return spread(blocked, _CONTRAST) - PortSet.single(0)


def _addresses(hosts: Mapping[Address, tuple[ExpectedHost, ...]], who: ExpectedHost | Address) -> tuple[Address, ...]:
    if not isinstance(who, ExpectedHost):
        return (who,) if who in hosts else ()
    return tuple(address for address, held in hosts.items() if any(h is who or (h.owner, h.address, h.name) == _key(who) for h in held))


def _key(host: ExpectedHost) -> tuple[object, ...]:
    return (host.owner, host.address, host.name)
