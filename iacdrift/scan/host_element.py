"""One `<host>` element of Nmap's XML, port by port, while it is open."""

from __future__ import annotations

from collections.abc import Mapping
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


class Port:
    """What was said of one port, kept where many hosts say the same.

    `closed`: state, reason, the sender's address and TTL, as far as they are told; None where the port is open.
    """

    __slots__ = ("_answers", "_said", "bit", "closed", "number", "protocol")

    def __init__(self, protocol: str, number: int, state: Mapping[str, str], service: Mapping[str, str]) -> None:
        self.protocol = protocol
        self.number = number
        self.bit = 1 << number
        reason, ttl = state.get("reason", ""), state.get("reason_ttl", "")
        self.closed = None if state.get("state") == "open" else (state.get("state", ""), reason, state.get("reason_ip"), ttl)
        self._said = ((reason[:64], ttl[:8]), *_words(reason, service)) if self.closed is None else None
        self._answers: dict[str, Answer] = {}

    def opened(self, scan: str) -> Answer:
        """The answer of the open port in a scan of this type."""
        found = self._answers.get(scan)
        if found is None and self._said is not None:
            found = self._answers[scan] = _opened(scan, *self._said)
        return found or Answer(Evidence.NOT_LEARNT, scan=scan)


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
        self._coverage = coverage
        self._timed_out = timed_out
        self.up = False
        self.names: set[str] = set()
        self._address: Address | None = None
        self._text = ""
        self._unlisted: list[tuple[str, str, str]] = []
        self._found: dict[str, dict[tuple[str, str, str | None, str], int]] = {"tcp": {}, "udp": {}}
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
            self._add(protocol, (state, reason, _NOBODY, ""), listed_ports(ports).bits)

    def single(self, port: Port) -> None:
        """One port with its own element."""
        if port.protocol not in self._found:
            return
        if port.closed is None:
            self._single[port.protocol].append(port)
        else:
            self._add(port.protocol, port.closed, port.bit)

    def _add(self, protocol: str, key: tuple[str, str, str | None, str], bits: int) -> None:
        found = self._found[protocol]
        found[key] = found.get(key, 0) | bits

    def _infer(self) -> None:
        """Which ports a number without a list stands for: all the others, where there is only one such number."""
        if len(self._unlisted) != 1 or len(self._coverage) != 1:
            return
        (state, reason, count), protocol = self._unlisted[0], next(iter(self._coverage))
        rest = self._coverage[protocol][1].bits
        for bits in self._found[protocol].values():
            rest &= ~bits
        for port in self._single[protocol]:
            rest &= ~port.bit
        if str(rest.bit_count()) == count:
            self._add(protocol, (state, _PLURALS.get(reason, reason), _NOBODY, ""), rest)

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
        scan = self._coverage.get(protocol, ("", NO_PORTS))[0]
        opens = _opens({port.number: port.opened(scan) for port in self._single[protocol]})
        taken = 0
        for ports, _ in opens:
            taken |= ports.bits
        grouped: list[tuple[PortSet, Answer]] = []
        for key, bits in self._found[protocol].items():
            rest = bits & ~taken
            taken |= rest
            if rest:
                grouped.append((PortSet.of_bits(rest), self._answer(scan, *key)))
        return (*opens, *grouped)

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


def _opens(answers: Mapping[int, Answer]) -> list[tuple[PortSet, Answer]]:
    """Open ports singly; only where everything is open are equal answers taken together."""
    if len(answers) <= _MOST_SINGLE:
        return [(PortSet.single(port), answer) for port, answer in answers.items()]
    same: dict[Answer, list[int]] = {}
    for port, answer in answers.items():
        same.setdefault(answer, []).append(port)
    return [(PortSet.of(ports), answer) for answer, ports in same.items()]


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
