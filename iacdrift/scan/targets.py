"""Who is asked: hosts of the expected surface with their addresses, names resolved once, guarded and pinned for the run."""

from __future__ import annotations

import queue
import re
import socket
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from ipaddress import ip_network

from attrs import field, frozen

from iacdrift.scan.scope import forbidden, guard, parse_address, plain
from iacdrift.scan.settings import ScanSettings
from iacdrift.surface.expected import Address, ExpectedHost, ExpectedSurface, HostStatus
from iacdrift.surface.vantage import Vantage

Resolver = Callable[[str], Sequence[Address]]
_NAME = re.compile(
    r"^(?=.{1,253}\.?$)[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*\.?$"
)
_WORKERS = 16
_INSIDE = tuple(ip_network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"))


@frozen(slots=True)
class Targets:
    """`hosts`: address -> what the model expects there (several where names share an address). `unresolved`: name -> why."""

    hosts: Mapping[Address, tuple[ExpectedHost, ...]] = field(factory=dict)
    resolved: Mapping[str, tuple[Address, ...]] = field(factory=dict)
    unresolved: Mapping[str, str] = field(factory=dict)

    def name(self, address: Address) -> str | None:
        """The name under which the model knows this address, if it does."""
        return next((host.name for host in self.hosts[address] if host.name), None)


def present_hosts(expected: ExpectedSurface) -> tuple[ExpectedHost, ...]:
    """Hosts that have an address now; the others are scanned by nobody."""
    return tuple(h for h in expected.hosts if h.status in (HostStatus.PRESENT, HostStatus.BY_NAME))


def find_targets(expected: ExpectedSurface, settings: ScanSettings, resolve: Resolver | None = None) -> Targets:
    """Every host to ask, each address guarded. ScopeError before any packet; `resolve` is for tests."""
    hosts: dict[Address, list[ExpectedHost]] = {}
    by_name: list[ExpectedHost] = []
    for host in present_hosts(expected):
        if host.address is None:
            by_name.append(host)
        elif host.address.version in settings.families:
            hosts.setdefault(guard(host.address, settings.scope, host.owner), []).append(host)
    answers = resolve_names({h.name for h in by_name if h.name}, settings, resolve or system_resolver)
    resolved: dict[str, tuple[Address, ...]] = {}
    unresolved: dict[str, str] = {}
    for host in by_name:
        name = host.name or ""
        found = _usable(host, answers.get(name, "the model holds no name for it"), expected, settings)
        if isinstance(found, str):
            unresolved[name or host.owner] = found
            continue
        resolved[name] = found
        for address in found:
            hosts.setdefault(guard(address, settings.scope, f"{host.owner}, {name}"), []).append(host)
    return Targets({address: tuple(owners) for address, owners in hosts.items()}, resolved, unresolved)


def _usable(
    host: ExpectedHost, answer: str | tuple[Address, ...], expected: ExpectedSurface, settings: ScanSettings
) -> str | tuple[Address, ...]:
    """The addresses of a name that may be asked from here, or why there are none."""
    if isinstance(answer, str):
        return answer
    addresses = tuple(dict.fromkeys(a for a in answer if a.version in settings.families))
    if not addresses:
        return "it has no address of the families that are asked for"
    for address in addresses:
        why = forbidden(address) or _out_of_view(host, address, expected.vantage, settings)
        if why is None and expected.owned is not None and plain(address) not in expected.owned:
            why = "no address of the account that --verify-owner asked"
        if why:
            return f"it resolves to {address}, which is {why}"
    return tuple(plain(address) for address in addresses)


def _out_of_view(host: ExpectedHost, address: Address, vantage: Vantage, settings: ScanSettings) -> str | None:
    """Why an endpoint that is known by name can't be what answers at this address, seen from this vantage."""
    if host.owner.startswith("expectation.") or any(address in network for network in settings.scope):
        return None  # whoever wrote the expectation or the allow-list named it knowingly
    own = vantage.address(address.version)
    if address.is_loopback:
        return None if own is not None and own.is_loopback else "this machine itself; name it in --scope if that is meant"
    if vantage.network is None and vantage.resource is None and any(address in network for network in _INSIDE):
        return "a private address, not reachable from outside its network; --vantage says where the scan stands"
    return None


def resolve_names(names: Iterable[str], settings: ScanSettings, resolver: Resolver) -> Mapping[str, str | tuple[Address, ...]]:
    """Each name's addresses, or why it has none; asked once, side by side, within `name_timeout` seconds in all."""
    answers: dict[str, str | tuple[Address, ...]] = {}
    waiting: queue.SimpleQueue[str] = queue.SimpleQueue()
    done: queue.SimpleQueue[tuple[str, str | tuple[Address, ...]]] = queue.SimpleQueue()
    for name in sorted(names):
        literal = parse_address(name)
        if literal is not None:
            answers[name] = (literal,)
        elif _NAME.match(name):
            waiting.put(name)
        else:
            answers[name] = "it is no DNS name"
    pending = waiting.qsize()
    for _ in range(min(_WORKERS, pending)):
        # Daemons, because a resolver that hangs can't be ended and must not hold up the program's exit.
        threading.Thread(target=_work, args=(waiting, done, resolver), daemon=True).start()
    deadline = time.monotonic() + settings.name_timeout
    for _ in range(pending):
        try:
            name, answer = done.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            break
        answers[name] = answer
    late = f"its name server didn't answer within {settings.name_timeout:g} s"
    return {name: answers.get(name, late) for name in names}


def _work(waiting: queue.SimpleQueue[str], done: queue.SimpleQueue[tuple[str, str | tuple[Address, ...]]], resolver: Resolver) -> None:
    while True:
        try:
            name = waiting.get_nowait()
        except queue.Empty:
            return
        try:
            found = tuple(resolver(name))
            done.put((name, found or "it has no address"))
        except (OSError, UnicodeError) as error:
            done.put((name, f"it doesn't resolve ({getattr(error, 'strerror', None) or type(error).__name__})"))


def system_resolver(name: str) -> Sequence[Address]:
    """The addresses that this machine's resolver gives."""
    found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    texts = dict.fromkeys(str(entry[4][0]) for entry in found)
    return [address for address in map(parse_address, texts) if address is not None]
