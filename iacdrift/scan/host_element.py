"""One `<host>` element of Nmap's XML, port by port, while it is open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from iacdrift.model.ports import NO_PORTS, PortSet
from iacdrift.scan.certificate import certificate
from iacdrift.scan.evidence import heard, proven
from iacdrift.scan.facts import Groups, XmlHost
from iacdrift.scan.scope import parse_address
from iacdrift.surface.expected import Address
from iacdrift.surface.observed import Answer, Certificate, Evidence

LONGEST_TEXT = 512
_MOST_SINGLE = 1024
_NOBODY = ""
"""In the place of a sender: collapsed ports come without one, so an ICMP error may be anybody's."""
_PLURALS = {
    "no-responses": "no-response",
    "resets": "reset",
    "conn-refused": "conn-refused",
    "port-unreaches": "port-unreach",
    "host-unreaches": "host-unreach",
    "net-unreaches": "net-unreach",
    "proto-unreaches": "proto-unreach",
    "admin-prohibiteds": "admin-prohibited",
    "host-prohibiteds": "host-prohibited",
    "net-prohibiteds": "net-prohibited",
}


_Key = tuple[str, str, str | None, str]


class Said:
    """What was said of a port, whichever it is: kept where many ports of many hosts say the same.

    `closed`: state, reason, the sender's address and TTL, as far as they are told; None where the port is open.
    """

    __slots__ = ("_answers", "_words", "closed")

    def __init__(self, state: Mapping[str, str], service: Mapping[str, str]) -> None:
        reason, ttl = state.get("reason", ""), state.get("reason_ttl", "")
        self.closed = None if state.get("state") == "open" else (state.get("state", ""), reason, state.get("reason_ip"), ttl)
        self._words = ((reason[:64], ttl[:8]), *_words(reason, service)) if self.closed is None else None
        self._answers: dict[str, Answer] = {}

    def opened(self, scan: str) -> Answer:
        """The answer of an open port in a scan of this type."""
        found = self._answers.get(scan)
        if found is None and self._words is not None:
            found = self._answers[scan] = _opened(scan, *self._words)
        return found or Answer(Evidence.NOT_LEARNT, scan=scan)


class Port:
    """One port, and what was said of it."""

    __slots__ = ("_pair", "_scan", "closed", "number", "protocol", "said")

    def __init__(self, protocol: str, number: int, said: Said) -> None:
        self.protocol = protocol
        self.number = number
        self.said = said
        self.closed = said.closed
        self._scan = ""
        self._pair: tuple[PortSet, Answer] | None = None

    def opened(self, scan: str) -> tuple[PortSet, Answer]:
        """The open port with its answer in a scan of this type; one object for all hosts that hold this very port."""
        if self._pair is None or self._scan != scan:
            self._scan, self._pair = scan, (PortSet.single(self.number), self.said.opened(scan))
        return self._pair


def _words(reason: str, service: Mapping[str, str]) -> tuple[tuple[str | None, ...], bool, Certificate | None]:
    """Name, product, version and tunnel of a service as far as Nmap heard them, whether it spoke at all, and its certificate."""
    tunnel = service.get("tunnel")
    name = _text(service.get("name")) if tunnel or service.get("method") == "probed" else None
    shown = certificate(service["certificate"]) if "certificate" in service else None
    confirmed = reason == "udp-response" or heard(service, tunnel is not None)
    return (name, _text(service.get("product")), _text(service.get("version")), tunnel[:40] if tunnel else None), confirmed, shown


class HostElement:
    """One host while its element is open."""

    def __init__(self, coverage: Mapping[str, tuple[str, PortSet]], timed_out: bool) -> None:
        self.coverage = coverage
        self._timed_out = timed_out
        self.up = False
        self.names: set[str] = set()
        self._address: Address | None = None
        self._text = ""
        self._unlisted: list[tuple[str, str, str]] = []
        self._found: dict[str, dict[_Key, list[int]]] = {"tcp": {}, "udp": {}}
        self._listed: dict[str, dict[_Key, PortSet]] = {"tcp": {}, "udp": {}}
        self._single: dict[str, list[Port]] = {"tcp": [], "udp": []}

    def place(self, text: str) -> None:
        """Its address; the first one counts, and a hardware address is none."""
        if self._address is None:
            self._address, self._text = parse_address(text), text

    def collapsed(self, state: str, attributes: dict[str, str]) -> None:
        """Ports of one state and reason. Before 7.92 Nmap gives their number only: see `_infer`."""
        protocol, ports = attributes.get("proto"), attributes.get("ports")
        reason = attributes.get("reason", "")
        if protocol is None or ports is None:
            self._unlisted.append((state, reason, attributes.get("count", "")))
        elif protocol in self._found:
            self._list(protocol, (state, reason, _NOBODY, ""), listed_ports(ports))

    def single(self, port: Port) -> None:
        """One port with its own element."""
        found = self._found.get(port.protocol)
        if found is None:
            return
        key = port.closed
        if key is None:
            self._single[port.protocol].append(port)
        else:
            found.setdefault(key, []).append(port.number)

    def tell(self, told: Iterable[Port | tuple[str, dict[str, str]]]) -> None:
        """Single ports, and collapsed ones as state and attributes."""
        for said in told:
            if isinstance(said, Port):
                self.single(said)
            else:
                self.collapsed(*said)

    def _list(self, protocol: str, key: _Key, ports: PortSet) -> None:
        self._found[protocol].setdefault(key, [])
        self._listed[protocol][key] = self._listed[protocol].get(key, NO_PORTS) | ports

    def _infer(self) -> None:
        """Which ports a number without a list stands for: all the others, where there is only one such number."""
        if len(self._unlisted) != 1 or len(self.coverage) != 1:
            return
        (state, reason, count), protocol = self._unlisted[0], next(iter(self.coverage))
        rest = self.coverage[protocol][1] - _numbered(tuple(port.number for port in self._single[protocol]))
        for _, ports in self._parts(protocol):
            rest -= ports
        if str(len(rest)) == count:
            self._list(protocol, (state, _PLURALS.get(reason, reason), _NOBODY, ""), rest)

    def finish(self) -> XmlHost | None:
        """The host as it was described; None where it had no address."""
        if self._address is None:
            return None
        return XmlHost(self._address, self.up, self._timed_out, *self.groups(), frozenset(self.names))

    def groups(self) -> tuple[Groups, Groups]:
        """What was told of its TCP and UDP ports."""
        self._infer()
        return self._groups("tcp"), self._groups("udp")

    @property
    def impersonal(self) -> bool:
        """Whether no answer names its sender: then the same ports of another host would come to the same groups."""
        return not any(reason_ip for found in self._found.values() for _, _, reason_ip, _ in found)

    def _groups(self, protocol: str) -> Groups:
        if not self._single[protocol] and not self._found[protocol]:
            return ()
        scan = self.coverage.get(protocol, ("", NO_PORTS))[0]
        single = {port.number: port for port in self._single[protocol]}
        parts, opened = self._parts(protocol), _numbered(tuple(single))
        taken, count = opened.bits, len(single)
        for _, ports in parts:
            taken, count = taken | ports.bits, count + ports.bits.bit_count()
        if taken.bit_count() != count:
            parts = _apart(opened, parts)
        grouped = [(ports, self._answer(scan, *key)) for key, ports in parts]
        return (*_opens([port.opened(scan) for port in single.values()]), *grouped)

    def _parts(self, protocol: str) -> list[tuple[_Key, PortSet]]:
        """What isn't open, in the order in which it was told."""
        listed = self._listed[protocol]
        found = ((key, _numbered(tuple(numbers))) for key, numbers in self._found[protocol].items())
        parts = [(key, (ports | listed[key]).shared() if key in listed else ports) for key, ports in found]
        return [(key, ports) for key, ports in parts if ports]

    def _answer(self, scan: str, state: str, reason: str, reason_ip: str | None, ttl: str) -> Answer:
        shown_ip = reason_ip[:64] if reason_ip else None
        return _other(scan, (state, reason[:64], ttl[:8]), reason_ip in (None, self._text), shown_ip)


# Few answers differ in a whole scan: equal ones are one object, which is quicker made, kept and compared.
@lru_cache(maxsize=4096)
def _opened(scan: str, said: tuple[str, str], words: tuple[str | None, ...], confirmed: bool, shown: Certificate | None) -> Answer:
    reason, ttl = said
    service, product, version, tunnel = words
    return Answer(
        proven(scan, "open", "", True),
        reason,
        ttl=_ttl(ttl, Evidence.OPEN),
        scan=scan,
        service=service,
        product=product,
        version=version,
        tunnel=tunnel,
        confirmed=confirmed,
        certificate=shown,
    )


@lru_cache(maxsize=4096)
def _other(scan: str, said: tuple[str, str, str], from_target: bool, shown_ip: str | None) -> Answer:
    state, reason, ttl = said
    evidence = proven(scan, state, reason, from_target)
    return Answer(evidence, reason, shown_ip, _ttl(ttl, evidence), scan)


@lru_cache(maxsize=4096)
def _numbered(ports: tuple[int, ...]) -> PortSet:
    """Hosts of one role have the same ports in the same state: looked up by their numbers, a set of them is made once."""
    return PortSet.of(ports).shared()


def _apart(opened: PortSet, parts: list[tuple[_Key, PortSet]]) -> list[tuple[_Key, PortSet]]:
    """Of what was told twice the first word counts, and an open port before all."""
    taken, kept = opened, []
    for key, ports in parts:
        if rest := ports - taken:
            kept.append((key, rest.shared()))
        taken |= ports
    return kept


def _opens(opened: list[tuple[PortSet, Answer]]) -> list[tuple[PortSet, Answer]]:
    """Open ports singly; only where everything is open are equal answers taken together."""
    if len(opened) <= _MOST_SINGLE:
        return opened
    same: dict[Answer, int] = {}
    for port, answer in opened:
        same[answer] = same.get(answer, 0) | port.bits
    return [(PortSet.of_bits(bits), answer) for answer, bits in same.items()]


def listed_ports(text: str) -> PortSet:
    """The ports of an attribute; none where it holds something else."""
    try:
        return PortSet.parse(text)
    except ValueError:
        return PortSet()


def _text(value: str | None) -> str | None:
    return value[:LONGEST_TEXT] if value else None


def _ttl(text: str, evidence: Evidence) -> int | None:
    """The TTL of the answer; Nmap writes 0 where no packet was seen."""
    if evidence in (Evidence.SILENT, Evidence.OPEN_OR_SILENT) or not text.isdecimal() or text == "0":
        return None
    return int(text[:3])
