"""Which ports of a host are asked about: what `--ports` selects, and always every port that must be open."""

from __future__ import annotations

from attrs import frozen

from iacdrift.model.ports import ALL_PORTS, HIGHEST, NO_PORTS, PortSet
from iacdrift.scan.spec import PortSpec
from iacdrift.surface.expected import ExpectedHost, ExpectedPorts

NARROW = 16
"""A rule of at most this many ports is asked about port by port."""

ADMINISTRATIVE = PortSet.parse(
    "20-23,25,111,135,137-139,389,445,512-514,623,636,873,1099,1433,1521,1883,2049,2181,2375-2377,2379-2380,3000,3268,3306,3389,"
    "4243,4369,4444,4505-4506,4646,4786,4848,5000,5037,5432,5555,5601,5672,5900-5901,5984-5986,6000,6066,6379,6443,7001,7077,7199,"
    "7473-7474,7687,8000,8006,8080-8081,8086,8088-8089,8200,8300,8443,8500-8501,8834,8888,9000,9042,9090-9092,9100,9160,9200,9300,"
    "9418,9443,9990,10000,10250-10257,10259,11211,11434,15672,16379,16443,18080,19888,20000,22122,25672,26379,26257,27017-27019,28017,"
    "30000,32400,33060,35357,37777,44818,50000,50030,50060,50070,50075,50090,51820,60010,61616,64738"
)
"""Remote access, container and cluster control, databases, caches, queues and consoles: the ports of past incidents."""


@frozen(slots=True)
class AskedPorts:
    """Ports of one host. `tcp` and `udp` had to be learnt; `udp_implied` are UDP ports that nobody named, only worth a look.

    UDP needs raw packets: without the right to send them `udp_implied` is left out with a note, while `udp` stays asked
    and isn't learnt.
    """

    tcp: PortSet
    udp: PortSet
    udp_implied: PortSet = NO_PORTS


def asked_ports(host: ExpectedHost, spec: PortSpec, top_tcp: PortSet, top_udp: PortSet) -> AskedPorts:
    """What is asked of this host. `top_tcp`, `top_udp`: Nmap's most frequent ports."""
    must_tcp, must_udp = host.tcp.open | spec.tcp, host.udp.open | spec.udp
    if spec.word is None:
        return AskedPorts(must_tcp, must_udp)
    declared = must_tcp | _declared(host, "tcp")
    implied = _declared(host, "udp")
    if spec.word == "declared":
        return AskedPorts(declared, must_udp, implied - must_udp)
    implied |= top_udp
    tcp = ALL_PORTS if spec.word == "all" else declared | _neighbours(host) | top_tcp | ADMINISTRATIVE
    return AskedPorts(tcp, must_udp, implied - must_udp)


def _declared(host: ExpectedHost, protocol: str) -> PortSet:
    """Rules of at most NARROW ports, whoever they admit, and what the partition allows in runs as short as that."""
    bits = 0
    for ruled, first, last in host.ruled:
        if ruled == protocol and last - first < NARROW:
            bits |= PortSet.span(first, last).bits
    return PortSet(bits) | _narrow(host.ports(protocol))


def _narrow(ports: ExpectedPorts) -> PortSet:
    bits = 0
    for first, last in (ports.allowed | ports.unknown).ranges():
        if last - first < NARROW:
            bits |= PortSet.span(first, last).bits
    return PortSet(bits)


def _neighbours(host: ExpectedHost) -> PortSet:
    """The ends of every TCP rule and the ports just outside of them, where an off-by-one shows."""
    edges = {edge for ruled, first, last in host.ruled if ruled == "tcp" for edge in (first - 1, first, last, last + 1)}
    return PortSet.of(edge for edge in edges if 0 <= edge <= HIGHEST)
