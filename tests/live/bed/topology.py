"""Scanner, router and hosts, wired together; the same for every test, only filters and listeners differ.

    scanner 203.0.113.9 ---- router ---- hosts 198.51.100.11, .12, ...
            2001:db8:9::9             2001:db8:1::11, ::12, ...

An address of the hosts' networks that no host has is a black hole, as in a cloud.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any, Self

from tests.live.bed import wire
from tests.live.bed.filters import Rules
from tests.live.bed.inside import User
from tests.live.bed.listeners import Listeners, Ports
from tests.live.bed.namespace import Namespace

SCANNER_V4, SCANNER_V6 = IPv4Address("203.0.113.9"), IPv6Address("2001:db8:9::9")
ROUTER_V4, ROUTER_V6 = IPv4Address("203.0.113.1"), IPv6Address("2001:db8:9::1")
HOSTS_V4, HOSTS_V6 = ip_network("198.51.100.0/24"), ip_network("2001:db8:1::/64")
_GATE_V4, _GATE_V6 = HOSTS_V4[1], HOSTS_V6[1]

# Linux sends one ICMP error a second to each peer; a router of a cloud isn't that shy, and tests can't wait for it.
_SETTINGS = {
    "ipv4/icmp_ratelimit": "0",
    "ipv6/icmp/ratelimit": "0",
    "ipv4/ip_forward": "0",
    "ipv6/conf/all/accept_dad": "0",
    "ipv6/conf/default/accept_dad": "0",
    "ipv6/conf/default/router_solicitations": "0",
}


class Host:
    """A host behind the router: its addresses, its namespace, its own filter, its listeners."""

    def __init__(self, number: int) -> None:
        self.v4 = HOSTS_V4[number + 10]
        self.v6 = ip_address(f"2001:db8:1::{number + 10}")
        self.name = f"host{number}"
        self.space = Namespace(self.name)
        self.space.settings(_SETTINGS)
        self._listeners: Listeners | None = None

    def address(self, family: int) -> IPv4Address | IPv6Address:
        """Its address of one family."""
        return self.v4 if family == 4 else self.v6

    def listen(self, ports: Ports) -> None:
        """Serves exactly these ports from now on."""
        self.hush()
        if ports:
            self._listeners = Listeners(self.space.net, ports)

    def hush(self) -> None:
        """Ends every listener."""
        if self._listeners:
            self._listeners.stop()
            self._listeners = None

    def close(self) -> None:
        """Takes it away."""
        self.hush()
        self.space.close()


class Bed:
    """The whole network; a context manager."""

    def __init__(self, hosts: int = 2) -> None:
        with ExitStack() as made:
            self.scanner = self._space(made, "scanner")
            self.router = self._space(made, "router", forwards=True)
            self._wire_scanner()
            self.hosts = tuple(self._host(made, number) for number in range(1, hosts + 1))
            self._middlebox: Listeners | None = None
            self._made = made.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Takes everything away."""
        self.middlebox({})
        self._made.close()

    def filter(self, rules: Rules | str) -> None:
        """What the router does with packets from now on."""
        self.router.nft(rules if isinstance(rules, str) else rules.text())

    def middlebox(self, ports: Ports) -> None:
        """Listeners on the router itself, for a filter that redirects to them."""
        if self._middlebox:
            self._middlebox.stop()
        self._middlebox = Listeners(self.router.net, ports) if ports else None

    def reset(self) -> None:
        """As after building: no filters, no listeners."""
        self.middlebox({})
        for host in self.hosts:
            host.hush()
            host.space.nft("")
        for space in (self.router, self.scanner):
            space.nft("")

    def scan(self, function: Callable[[], Any], user: User = User.ROOT, seconds: float = 120.0) -> Any:
        """What `function()` returns in the scanner's place."""
        return self.scanner.call(function, user, seconds)

    def _space(self, made: ExitStack, title: str, forwards: bool = False) -> Namespace:
        space = Namespace(title)
        made.callback(space.close)
        on = {"ipv4/ip_forward": "1", "ipv6/conf/all/forwarding": "1"} if forwards else {}
        space.settings(_SETTINGS | on)
        return space

    def _wire_scanner(self) -> None:
        self.router.ip(
            f"link add name scan type veth peer name eth0 netns {self.scanner.path}",
            f"address add {ROUTER_V4}/24 dev scan",
            f"address add {ROUTER_V6}/64 dev scan nodad",
            "link set scan up",
            f"route add blackhole {HOSTS_V4}",
            f"route add blackhole {HOSTS_V6}",
        )
        self.scanner.ip(
            f"address add {SCANNER_V4}/24 dev eth0",
            f"address add {SCANNER_V6}/64 dev eth0 nodad",
            "link set eth0 up",
            f"route add default via {ROUTER_V4}",
            f"route add default via {ROUTER_V6}",
        )
        self.scanner.call(lambda: wire.send_plainly("eth0"))
        self.router.call(lambda: wire.receive_in_a_thread("scan"))

    def _host(self, made: ExitStack, number: int) -> Host:
        host = Host(number)
        made.callback(host.close)
        port = f"h{number}"
        self.router.ip(
            f"link add name {port} type veth peer name eth0 netns {host.space.path}",
            f"address add {_GATE_V4}/32 dev {port}",
            f"address add {_GATE_V6}/128 dev {port} nodad",
            f"link set {port} up",
            f"route add {host.v4}/32 dev {port}",
            f"route add {host.v6}/128 dev {port}",
        )
        host.space.ip(
            f"address add {host.v4}/32 dev eth0",
            f"address add {host.v6}/128 dev eth0 nodad",
            "link set eth0 up",
            f"route add {_GATE_V4}/32 dev eth0",
            f"route add {_GATE_V6}/128 dev eth0",
            f"route add default via {_GATE_V4} dev eth0",
            f"route add default via {_GATE_V6} dev eth0",
        )
        return host
