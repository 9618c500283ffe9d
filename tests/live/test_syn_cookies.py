"""A host that answers SYNs from cookies, without a place in its backlog: an ordinary host under pressure."""

from __future__ import annotations

import pytest

from iacdrift.drift.judge import judge
from iacdrift.model.ports import PortSet
from iacdrift.scan.run import scan
from iacdrift.scan.settings import ScanSettings
from iacdrift.surface.expected import ExpectedHost, ExpectedPorts, ExpectedSurface
from tests.live.bed import Bed, Rules, Service, Verb
from tests.live.bed.filters import Match
from tests.live.networks import HERE
from tests.needs import needs

pytestmark = [pytest.mark.live, needs("root"), needs("nft"), needs("nmap")]

OPEN = PortSet.span(2000, 2399)
"""Real listeners, of which the code knows nothing."""
CLOSED = PortSet.span(2400, 2449)
"""Let through as well, and nobody listens."""
PRESSED = {"ipv4/tcp_syncookies": "2", "ipv4/tcp_max_syn_backlog": "8", "core/somaxconn": "4"}


def test_cookies_neither_hide_an_open_port_nor_make_one() -> None:
    with Bed(1) as bed:
        host = bed.hosts[0]
        host.space.settings(PRESSED)
        host.listen({("tcp", 80): Service.WRAPPED} | {("tcp", port): Service.WRAPPED for port in OPEN})
        bed.filter(Rules(Verb.DROP, (Match(f"80,{OPEN},{CLOSED}"),)))
        web = ExpectedHost("aws_instance.web", "terraform.tfstate", host.v4, tcp=ExpectedPorts(PortSet.single(80)))
        surface, settings = ExpectedSurface(HERE, (web,)), ScanSettings(ports="80,1900-2499", rate=5000, timeout=60)
        report = bed.scan(lambda: judge(surface, scan(surface, settings)), seconds=90)
        sent = cookies_sent(host.space.run(["cat", "/proc/net/netstat"]).stdout)
    (seen,) = report.hosts
    assert sent >= len(OPEN)
    assert str(seen.tcp.open) == f"80,{OPEN}"
    assert str(seen.tcp.closed) == str(CLOSED)
    assert not seen.tcp.undetermined
    assert {str(found.kind.value) for found in report.findings} == {"exposed", "passable"}
    # A cookie is an answer as good as any: nothing is said of a proxy, a ration or a loss.
    assert not report.undetermined


def cookies_sent(netstat: str) -> int:
    """Of a namespace, from the two lines `TcpExt:` of names and of numbers."""
    names, numbers = (line.split() for line in netstat.splitlines() if line.startswith("TcpExt:"))
    return int(dict(zip(names, numbers, strict=True))["SyncookiesSent"])
