"""The network that is scanned: namespaces of its own, listeners, filters, loss, and a count of the packets at the router."""

from __future__ import annotations

import json
import resource
import socket
import time
from collections.abc import Callable
from ipaddress import IPv4Address
from types import TracebackType
from typing import Any, Self

from benchmarks.scan.cases import Case
from iacdrift.model.ports import PortSet
from tests.live.bed import Bed, Rules, Service, Verb, inside, wire
from tests.live.bed.filters import Match, chain, lose, table
from tests.live.bed.topology import HOSTS_V4

_FRAMES_A_SECOND = 200
_EXPERIMENTAL = b"\x88\xb5"
"""An EtherType that nobody answers (IEEE 802, local experimental)."""
_COUNTED = table(
    "count",
    "counter syns { }",
    "counter everything { }",
    chain(
        "arrivals",
        "type filter hook prerouting priority raw; policy accept",
        f'iifname "scan" ip daddr {HOSTS_V4} counter name everything',
        f'iifname "scan" ip daddr {HOSTS_V4} tcp flags & (syn | ack) == syn counter name syns',
    ),
)


class Lab:
    """A scanner, a router, and as many hosts as any case has; one case at a time. A context manager. Needs root."""

    def __init__(self, hosts: int) -> None:
        _raise_file_limit()
        self._bed = Bed(hosts)
        # Else the lab itself loses packets: one in twenty and more was measured on a machine with other work.
        self._bed.router.call(lambda: wire.receive_at_once("scan"))
        self._frames, self._pipe = inside.start(lambda _: _chatter(self._bed.router.net), self._bed.router.net)
        self._used = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        inside.stop(self._frames)
        self._bed.close()

    def addresses(self, case: Case) -> tuple[IPv4Address, ...]:
        """The addresses of the case's hosts."""
        return tuple(IPv4Address(host.v4) for host in self._bed.hosts[: case.hosts])

    def prepare(self, case: Case) -> None:
        """Makes the network that the case describes."""
        for host in self._bed.hosts[: self._used]:
            host.hush()
        self._used = case.hosts
        for number, host in enumerate(self._bed.hosts[: case.hosts]):
            host.listen({("tcp", port): Service.SSH for port in case.listening(number)})
        first = (lose(case.loss),) if case.loss else ()
        rules = Rules(Verb.ACCEPT, first=first) if case.refuses else Rules(Verb.DROP, self._admitted(case), first)
        self._bed.filter(rules.text() + _COUNTED)

    def _admitted(self, case: Case) -> tuple[Match, ...]:
        everywhere = case.declared | case.idle
        apart = [(host.v4, case.listening(n) - everywhere) for n, host in enumerate(self._bed.hosts[: case.hosts])]
        return (Match(_listed(everywhere)), *(Match(_listed(ports), address) for address, ports in apart if ports))

    def scan(self, work: Callable[[], Any], seconds: float) -> Any:
        """What `work()` returns in the scanner's place; it is ended with everything that it started after so many seconds."""
        return self._bed.scan(work, seconds=seconds)

    def counted(self) -> tuple[int, int]:
        """SYNs, and all packets, that came from the scanner for the hosts since the last call."""
        done = self._bed.router.run(["nft", "-j", "reset", "counters", "table", "inet", "count"])
        found = {one["counter"]["name"]: one["counter"]["packets"] for one in json.loads(done.stdout)["nftables"] if "counter" in one}
        return found["syns"], found["everything"]


def _listed(ports: PortSet) -> str:
    return str(ports)


def _raise_file_limit() -> None:
    """A host with a thousand listeners has a thousand open files, a connect scan one for every port that it waits for."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _chatter(net: int) -> None:
    """Frames that nobody answers, to the scanner: a capture that waits for the next frame would sleep on an idle wire."""
    inside.enter(net)
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as sock:
        sock.bind(("scan", 0))
        frame = b"\xff" * 6 + sock.getsockname()[4] + _EXPERIMENTAL + bytes(46)
        while True:  # until it is stopped: the kernel ends it with its parent too
            sock.send(frame)
            time.sleep(1 / _FRAMES_A_SECOND)
