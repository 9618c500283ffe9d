"""Nmap's XML to facts, streamed: no tree is built, and nothing in the file is trusted."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from attrs import field, frozen
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser, ParseError

from iacdrift.errors import ScanError
from iacdrift.model.ports import PortSet
from iacdrift.scan.evidence import heard, proven
from iacdrift.scan.scope import parse_address
from iacdrift.surface.expected import Address
from iacdrift.surface.observed import Answer, Evidence

Groups = tuple[tuple[PortSet, Answer], ...]
_CHUNK = 1 << 16
_LONGEST_TEXT = 512
_LARGEST_FILE = 4 << 30


@frozen(slots=True)
class XmlHost:
    """One `<host>`. `up` is Nmap's own word; `timed_out` voids whatever else it says."""

    address: Address
    up: bool
    timed_out: bool
    tcp: Groups = ()
    udp: Groups = ()


@frozen(slots=True)
class XmlRun:
    """One file. `coverage`: protocol -> (scan type, ports asked for), from `scaninfo`.

    `broken`: why the file isn't whole, None where it is. `failed`: Nmap's own error at the end. `skipped`: targets
    that Nmap didn't scan (a name that doesn't resolve, an address without a route).
    """

    version: str = ""
    arguments: str = ""
    started: float | None = None
    finished: float | None = None
    coverage: Mapping[str, tuple[str, PortSet]] = field(factory=dict)
    hosts: tuple[XmlHost, ...] = ()
    skipped: tuple[str, ...] = ()
    broken: str | None = None
    failed: str | None = None
    sha256: str = ""


def read_xml(path: Path) -> XmlRun:
    """The facts of one file, as far as it goes; `broken` says where it stops. ScanError where there is nothing of Nmap's.

    Raises ScanError for a file that can't be read, isn't Nmap's, or tries entities.
    """
    target = _Target()
    digest = hashlib.sha256()
    try:
        with path.open("rb") as stream:
            broken = _feed(stream, target, digest)
    except OSError as error:
        raise ScanError(f"{path} can't be read: {error.strerror}") from None
    except DefusedXmlException:
        raise ScanError(f"{path} holds XML entities, which Nmap never writes; it isn't read") from None
    except _NotNmapError as error:
        raise ScanError(f"{path} isn't Nmap's XML: {error}") from None
    if not target.begun:
        raise ScanError(f"{path} isn't Nmap's XML: {broken or 'it holds no nmaprun'}")
    return target.run(broken, digest.hexdigest())


def _feed(stream: BinaryIO, target: _Target, digest: hashlib._Hash) -> str | None:
    # Nmap writes a DOCTYPE without a subset; entities and external references are refused by defusedxml.
    parser = DefusedXMLParser(target=target, forbid_dtd=False, forbid_entities=True, forbid_external=True)
    read = 0
    try:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
            read += len(chunk)
            if read > _LARGEST_FILE:
                return "it is larger than 4 GiB"
            parser.feed(chunk)
        parser.close()
    except ParseError as error:
        return f"it breaks off or isn't well-formed ({error})" if read else "it is empty"
    except (ValueError, LookupError):
        return "it isn't well-formed"
    return None if target.finished else "it breaks off before the end of the run"


class _NotNmapError(Exception):
    """The document's root says that another program wrote it."""


class _Target:
    """Takes elements as the parser meets them; holds one host at a time besides the finished ones."""

    def __init__(self) -> None:
        self.begun = False
        self.finished = False
        self._attributes: dict[str, str] = {}
        self._end: dict[str, str] = {}
        self._coverage: dict[str, tuple[str, PortSet]] = {}
        self._hosts: list[XmlHost] = []
        self._skipped: list[str] = []
        self._host: _HostFacts | None = None
        self._extra_state = ""
        self._port: tuple[str, int] | None = None
        self._state: dict[str, str] = {}
        self._service: dict[str, str] = {}

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if not self.begun:
            self._begin(tag, attributes)
        elif tag == "port":
            self._port = _port(attributes)
            self._state, self._service = {}, {}
        elif tag == "state":
            self._state = attributes
        elif tag == "service":
            self._service = attributes
        elif self._host is not None:
            self._start_in_host(self._host, tag, attributes)
        else:
            self._start_in_run(tag, attributes)

    def _begin(self, tag: str, attributes: dict[str, str]) -> None:
        if tag != "nmaprun" or attributes.get("scanner") != "nmap":
            raise _NotNmapError(f"its root is <{tag[:40]}>")
        self._attributes, self.begun = attributes, True

    def _start_in_run(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "host":
            self._host = _HostFacts(self._coverage, attributes.get("timedout") == "true")
        elif tag == "scaninfo":
            self._cover(attributes)
        elif tag == "target" and attributes.get("status") == "skipped":
            self._skipped.append(attributes.get("specification", "")[:_LONGEST_TEXT])
        elif tag == "finished":
            self._end, self.finished = attributes, True

    def _start_in_host(self, host: _HostFacts, tag: str, attributes: dict[str, str]) -> None:
        if tag == "status":
            host.up = attributes.get("state") == "up"
        elif tag == "address" and attributes.get("addrtype") in (None, "ipv4", "ipv6"):
            host.name(attributes.get("addr", ""))
        elif tag == "extraports":
            self._extra_state = attributes.get("state", "")
        elif tag == "extrareasons":
            host.collapsed(self._extra_state, attributes)

    def end(self, tag: str) -> None:
        if tag == "port" and self._host is not None and self._port is not None:
            self._host.single(*self._port, self._state, self._service)
            self._port = None
        elif tag == "host" and self._host is not None:
            facts = self._host.finish()
            if facts is not None:
                self._hosts.append(facts)
            self._host = None

    def data(self, _: str) -> None:
        """Text between elements: script output, never needed."""

    def close(self) -> None:
        """The parser's end."""

    def _cover(self, attributes: dict[str, str]) -> None:
        protocol = attributes.get("protocol", "")
        if protocol in ("tcp", "udp"):
            self._coverage[protocol] = (attributes.get("type", ""), _ports(attributes.get("services", "")))

    def run(self, broken: str | None, sha256: str) -> XmlRun:
        failed = None
        if self._end.get("exit") == "error":
            failed = self._end.get("errormsg", "an error that it doesn't name")[:_LONGEST_TEXT]
        return XmlRun(
            version=self._attributes.get("version", "")[:40],
            arguments=self._attributes.get("args", ""),
            started=_number(self._attributes.get("start")),
            finished=_number(self._end.get("time")),
            coverage=self._coverage,
            hosts=tuple(self._hosts),
            skipped=tuple(self._skipped),
            broken=broken,
            failed=failed,
            sha256=sha256,
        )


class _HostFacts:
    """One host while its element is open."""

    def __init__(self, coverage: Mapping[str, tuple[str, PortSet]], timed_out: bool) -> None:
        self._coverage = coverage
        self._timed_out = timed_out
        self.up = False
        self._address: Address | None = None
        self._text = ""
        self._found: dict[str, dict[tuple[str, str, str | None, str], int]] = {"tcp": {}, "udp": {}}
        self._single: dict[str, list[tuple[int, dict[str, str], dict[str, str]]]] = {"tcp": [], "udp": []}

    def name(self, text: str) -> None:
        if self._address is None:
            self._address, self._text = parse_address(text), text

    def collapsed(self, state: str, attributes: dict[str, str]) -> None:
        """Ports of one state and reason; without their list (Nmap before 7.92) nothing is learnt from them."""
        protocol = attributes.get("proto", "")
        if protocol in self._found:
            key = (state, attributes.get("reason", ""), None, "")
            self._add(protocol, key, _ports(attributes.get("ports", "")).bits)

    def single(self, protocol: str, port: int, state: dict[str, str], service: dict[str, str]) -> None:
        if protocol not in self._found:
            return
        if state.get("state") == "open":
            self._single[protocol].append((port, state, service))
            return
        key = (state.get("state", ""), state.get("reason", ""), state.get("reason_ip"), state.get("reason_ttl", ""))
        self._add(protocol, key, 1 << port)

    def _add(self, protocol: str, key: tuple[str, str, str | None, str], bits: int) -> None:
        found = self._found[protocol]
        found[key] = found.get(key, 0) | bits

    def finish(self) -> XmlHost | None:
        if self._address is None:
            return None
        return XmlHost(self._address, self.up, self._timed_out, self._groups("tcp"), self._groups("udp"))

    def _groups(self, protocol: str) -> Groups:
        scan = self._coverage.get(protocol, ("", PortSet()))[0]
        opens = [(PortSet(1 << port), self._open(scan, state, service)) for port, state, service in self._single[protocol]]
        taken = 0
        for ports, _ in opens:
            taken |= ports.bits
        grouped: list[tuple[PortSet, Answer]] = []
        for key, bits in self._found[protocol].items():
            rest = bits & ~taken
            taken |= rest
            if rest:
                grouped.append((PortSet(rest), self._answer(scan, *key)))
        return (*opens, *grouped)

    def _answer(self, scan: str, state: str, reason: str, reason_ip: str | None, ttl: str) -> Answer:
        own = reason_ip is None or reason_ip == self._text
        evidence = proven(scan, state, reason, own)
        shown_ip = reason_ip[:64] if reason_ip else None
        return Answer(evidence, reason[:64], shown_ip, _ttl(ttl, evidence), scan)

    def _open(self, scan: str, state: dict[str, str], service: dict[str, str]) -> Answer:
        probed = service.get("method") == "probed"
        tunnel = service.get("tunnel")
        name = service.get("name")
        return Answer(
            proven(scan, "open", "", True),
            state.get("reason", "")[:64],
            ttl=_ttl(state.get("reason_ttl", ""), Evidence.OPEN),
            scan=scan,
            service=name[:_LONGEST_TEXT] if name and (probed or tunnel) else None,
            product=_text(service.get("product")),
            version=_text(service.get("version")),
            tunnel=tunnel[:40] if tunnel else None,
            confirmed=heard(service.get("method"), name, "servicefp" in service, tunnel is not None),
        )


def _port(attributes: dict[str, str]) -> tuple[str, int] | None:
    try:
        number = int(attributes.get("portid", ""))
    except ValueError:
        return None
    return (attributes.get("protocol", ""), number) if 0 <= number <= 65535 else None


def _ports(text: str) -> PortSet:
    try:
        return PortSet.parse(text)
    except ValueError:
        return PortSet()


def _text(value: str | None) -> str | None:
    return value[:_LONGEST_TEXT] if value else None


def _number(value: str | None) -> float | None:
    try:
        return float(value) if value else None
    except ValueError:
        return None


def _ttl(text: str, evidence: Evidence) -> int | None:
    """The TTL of the answer; Nmap writes 0 where no packet was seen."""
    if evidence in (Evidence.SILENT, Evidence.OPEN_OR_SILENT) or not text.isdecimal() or text == "0":
        return None
    return int(text[:3])
