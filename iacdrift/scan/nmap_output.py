"""Nmap's XML to facts, streamed: no tree is built, and nothing in the file is trusted."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import BinaryIO

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser, ParseError

from iacdrift.errors import ScanError
from iacdrift.model.ports import PortSet
from iacdrift.scan.facts import XmlHost, XmlRun
from iacdrift.scan.host_blocks import HostBlocks, IrregularError, Memory, Piece
from iacdrift.scan.host_element import LONGEST_TEXT, HostElement, Port, Said, listed_ports

_CHUNK = 1 << 18
_LARGEST_FILE = 4 << 30
_BREAKS_OFF = "it breaks off before the end of the run"


def read_xml(path: Path, memory: Memory | None = None) -> XmlRun:
    """The facts of one file, as far as it goes; `broken` says where it stops. ScanError where there is nothing of Nmap's.

    Raises ScanError for a file that can't be read, isn't Nmap's, or tries entities. `memory`: what is kept of one file for the next.
    """
    try:
        with path.open("rb") as stream:
            target, broken, digest = _taken(stream, memory or Memory())
    except OSError as error:
        raise ScanError(f"{path} can't be read: {error.strerror}") from None
    except DefusedXmlException:
        raise ScanError(f"{path} holds XML entities, which Nmap never writes; it isn't read") from None
    except _NotNmapError as error:
        raise ScanError(f"{path} isn't Nmap's XML: {error}") from None
    if not target.begun:
        raise ScanError(f"{path} isn't Nmap's XML: {broken or 'it holds no nmaprun'}")
    return target.run(broken, digest)


class GrowingXml:
    """A file that Nmap is still writing: most of it is read by the time it ends. For one thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._target, self._digest, self._read = _Target(), hashlib.sha256(), 0
        self._parser = _parser(self._target)
        self._odd = False

    def more(self) -> int:
        """Read what has been written since: how many hosts there are by now, one that is asked in rounds as often as it was asked."""
        try:
            with self._path.open("rb") as stream:
                stream.seek(self._read)
                chunk = stream.read(_LARGEST_FILE - self._read)
        except OSError:
            return 0  # it isn't there yet, or `run` says what is wrong
        self._read += len(chunk)
        self._digest.update(chunk)
        if not self._odd:
            try:
                self._parser.feed(chunk)
            except (ParseError, DefusedXmlException, _NotNmapError, ValueError, LookupError):
                self._odd = True
        return self._target.met

    def run(self) -> XmlRun:
        """The facts of the whole file, as `read_xml` has them, and with its errors."""
        self.more()
        if self._odd or not self._target.begun:
            return read_xml(self._path)
        return self._target.run(None if self._target.finished else _BREAKS_OFF, self._digest.hexdigest())


def _taken(stream: BinaryIO, memory: Memory) -> tuple[_Target, str | None, str]:
    """The facts, where they stop, and the digest. What isn't whole is read once more, all of it by the strict parser."""
    if stream.seekable():
        blocks = HostBlocks(_read_piece, memory)
        target, digest = _Target(blocks), hashlib.sha256()
        broken = _feed(stream, target, digest, blocks)
        if broken is None and blocks.settled and not target.astray:
            return target, broken, digest.hexdigest()
        stream.seek(0)
    target, digest = _Target(), hashlib.sha256()
    return target, _feed(stream, target, digest), digest.hexdigest()


def _parser(target: _Target) -> DefusedXMLParser:
    # Nmap writes a DOCTYPE without a subset; entities and external references are refused by defusedxml.
    parser = DefusedXMLParser(target=target, forbid_dtd=False, forbid_entities=True, forbid_external=True)
    # Elements go straight from expat to the target: ElementTree's own handlers take twice the time of everything else.
    expat = parser.parser
    expat.ordered_attributes, expat.DefaultHandlerExpand = False, None
    expat.StartElementHandler, expat.EndElementHandler, expat.CharacterDataHandler = target.start, target.end, None
    return parser


def _feed(stream: BinaryIO, target: _Target, digest: hashlib._Hash, blocks: HostBlocks | None = None) -> str | None:
    parser = _parser(target)
    read = 0
    try:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
            read += len(chunk)
            if read > _LARGEST_FILE:
                return "it is larger than 4 GiB"
            parser.feed(blocks.cut(chunk) if blocks else chunk)
        parser.feed(blocks.rest() if blocks else b"")
        parser.close()
    except ParseError as error:
        return f"it breaks off or isn't well-formed ({error})" if read else "it is empty"
    except DefusedXmlException:
        raise
    except (ValueError, LookupError):
        return "it isn't well-formed"
    return None if target.finished else _BREAKS_OFF


def _read_piece(text: bytes) -> Piece:
    """What one piece of a host's ports tells, from a document of its own. IrregularError where it is more than ports."""
    target = _PieceTarget()
    parser = _parser(target)
    try:
        parser.feed(b"<ports>" + text + b"</ports>")
        parser.close()
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        raise IrregularError from None
    return tuple(target.told)


class _NotNmapError(Exception):
    """The document's root says that another program wrote it."""


class _Target:
    """Takes elements as the parser meets them; holds one host at a time besides the finished ones."""

    def __init__(self, blocks: HostBlocks | None = None) -> None:
        self.begun = False
        self.finished = False
        self.astray = False
        """Whether something stood where Nmap never puts it, so that the short way may read it otherwise."""
        self._blocks = blocks
        self._mark = blocks.mark if blocks else None
        self._attributes: dict[str, str] = {}
        self._end: dict[str, str] = {}
        self._coverage: dict[str, tuple[str, PortSet]] = {}
        self._hosts: list[XmlHost] = []
        self._skipped: list[str] = []
        self._host: HostElement | None = None
        self._extra_state = ""
        self._port: tuple[str, int] | None = None
        self._state: dict[str, str] = {}
        self._service: dict[str, str] = {}

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if not self.begun:
            self._begin(tag, attributes)
        elif tag == self._mark:
            self._known_host()
        elif tag == "port":
            self._port = _port(attributes)
            self._state, self._service = {}, {}
        elif tag == "state":
            self._state = attributes
        elif tag == "service":
            self._service = attributes
        elif tag == "script" and attributes.get("id") == "ssl-cert":
            self._service = self._service | {"certificate": attributes.get("output", "")}
        elif self._host is not None:
            self._start_in_host(self._host, tag, attributes)
        else:
            self._start_in_run(tag, attributes)

    def _begin(self, tag: str, attributes: dict[str, str]) -> None:
        if tag != "nmaprun" or attributes.get("scanner") != "nmap":
            raise _NotNmapError(f"its root is <{tag[:40]}>")
        self._attributes, self.begun = attributes, True

    def _known_host(self) -> None:
        if self._blocks is None or self._host is not None:
            self.astray = True
        else:
            self._hosts.append(self._blocks.next_host(HostElement(self._coverage, False)))

    def _start_in_run(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "host":
            self._host = HostElement(self._coverage, attributes.get("timedout") == "true")
        elif tag == "scaninfo":
            self._cover(attributes)
        elif tag == "target" and attributes.get("status") == "skipped":
            self._skipped.append(attributes.get("specification", "")[:LONGEST_TEXT])
        elif tag == "finished":
            self._end, self.finished = attributes, True

    def _start_in_host(self, host: HostElement, tag: str, attributes: dict[str, str]) -> None:
        if tag == "status":
            host.up = attributes.get("state") == "up"
        elif tag == "address" and attributes.get("addrtype") in (None, "ipv4", "ipv6"):
            host.place(attributes.get("addr", ""))
        elif tag == "hostname" and attributes.get("type") == "user":
            host.names.add(attributes.get("name", "")[:LONGEST_TEXT])
        elif tag == "extraports":
            self._extra_state = attributes.get("state", "")
        elif tag == "extrareasons":
            host.collapsed(self._extra_state, attributes)

    def end(self, tag: str) -> None:
        if tag == "port" and self._host is not None and self._port is not None:
            self._host.single(Port(*self._port, Said(self._state, self._service)))
            self._port = None
        elif tag == "host" and self._host is not None:
            facts = self._host.finish()
            if facts is not None:
                self._hosts.append(facts)
            self._host = None

    def close(self) -> None:
        """The parser's end."""

    def _cover(self, attributes: dict[str, str]) -> None:
        protocol = attributes.get("protocol", "")
        self.astray |= bool(self._hosts)
        if protocol in ("tcp", "udp"):
            self._coverage[protocol] = (attributes.get("type", ""), listed_ports(attributes.get("services", "")))

    @property
    def met(self) -> int:
        """How many hosts there are so far."""
        return len(self._hosts)

    def run(self, broken: str | None, sha256: str) -> XmlRun:
        failed = None
        if self._end.get("exit") == "error":
            failed = self._end.get("errormsg", "an error that it doesn't name")[:LONGEST_TEXT]
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


_IN_PORTS = frozenset({"ports", "extraports", "extrareasons", "port", "state", "service", "cpe", "owner", "script", "table", "elem"})


class _PieceTarget(_Target):
    """Keeps what a piece of a host's ports says, to be told to any host that holds the same piece."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = True
        self.told: list[Port | tuple[str, dict[str, str]]] = []
        self._extra = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._extra |= tag == "extraports"
        if tag not in _IN_PORTS or (tag == "extrareasons" and not self._extra):
            raise IrregularError
        if tag == "extrareasons":
            self.told.append((self._extra_state, attributes))
        elif tag == "extraports":
            self._extra_state = attributes.get("state", "")
        else:
            super().start(tag, attributes)

    def end(self, tag: str) -> None:
        if tag == "port" and self._port is not None:
            self.told.append(Port(*self._port, Said(self._state, self._service)))
            self._port = None


def _port(attributes: dict[str, str]) -> tuple[str, int] | None:
    try:
        number = int(attributes.get("portid", ""))
    except ValueError:
        return None
    return (attributes.get("protocol", ""), number) if 0 <= number <= 65535 else None


def _number(value: str | None) -> float | None:
    try:
        return float(value) if value else None
    except ValueError:
        return None
