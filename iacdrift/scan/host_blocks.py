"""A short way through Nmap's XML: most hosts are written alike, so their pieces are parsed once and known again by their bytes.

The document itself still goes through the strict parser, with an empty element (a mark) in the place of each host that was
known: the mark counts only where the parser meets it as an element, so a host in a comment is none here either. A piece is
taken only if it is well-formed for itself, and well-formed elements in a row are well-formed together. Whatever isn't of the
known shape goes to the strict parser as it stands.
"""

from __future__ import annotations

import re
import secrets
from collections import deque
from collections.abc import Callable

from attrs import frozen

from iacdrift.scan.facts import Groups, XmlHost
from iacdrift.scan.host_element import LONGEST_TEXT, HostElement, Port
from iacdrift.scan.scope import parse_address
from iacdrift.surface.expected import Address

_HEAD = re.compile(rb'<\?xml version="1\.0"(?: encoding="UTF-8")?\?>[ \t\r\n]*<!DOCTYPE nmaprun>')
"""UTF-8, and no declaration in the DOCTYPE that could add to what an element says."""
_OPENING = re.compile(
    rb'<host(?: starttime="\d+")?(?: endtime="\d+")?>[ \t\r\n]*'
    rb'<status state="(up|down)" reason="[a-z-]+" reason_ttl="\d+"/>[ \t\r\n]*'
    rb'<address addr="([0-9a-f.:]+)" addrtype="ipv[46]"/>[ \t\r\n]*'
    rb'(?:<address addr="[0-9A-F:]+" addrtype="mac"(?: vendor="[ !#-%\'-;=-~]*")?/>[ \t\r\n]*)?'
    rb'(?:<hostnames>[ \t\r\n]*((?:<hostname name="[\w.-]+" type="(?:user|PTR)"/>[ \t\r\n]*)*)</hostnames>[ \t\r\n]*)?<ports>'
)
_CLOSING = re.compile(rb'</ports>[ \t\r\n]*(?:<times srtt="-?\d+" rttvar="-?\d+" to="-?\d+"/>[ \t\r\n]*)?</host>')
_USER = re.compile(rb'name="([\w.-]+)" type="user"')
_ATTRIBUTES = rb'((?: [a-z_]+="[ !#-%\'-;=-~]*")*)'
"""Printable ASCII and no reference: what stands there is what is meant."""
_PORT = re.compile(
    rb'[ \t\r\n]*<port protocol="([a-z]+)" portid="(\d{1,5})"><state%b/>'
    rb"(?:<service%b(?:/>|>(?:<cpe>[a-z0-9:/._-]*</cpe>)*</service>))?</port>" % (_ATTRIBUTES, _ATTRIBUTES)
)
_ATTRIBUTE = re.compile(r' ([a-z_]+)="([^"]*)"')
_END = b"</host>"
_COLLAPSED = b"</extraports>"
"""Ends what Nmap writes first: the ports that it doesn't list singly."""
_MOST_HELD = 8 << 20
"""Bytes without the end of a host that are kept back before they are passed on as they are."""
_MOST_PIECES = 1 << 15
_MOST_BLOCKS = 1 << 10
_TRIAL = 1 << 12
"""So many pieces may be new; then most of them must have been known, or the short way is no shorter."""

Piece = tuple[Port | tuple[str, dict[str, str]], ...]
"""What a piece tells of a host: single ports, and (state, attributes) of collapsed ones."""


class IrregularError(Exception):
    """A piece holds something that doesn't belong there, or isn't well-formed."""


@frozen(slots=True)
class _Block:
    """One host of known shape. `ports`: what stands between `<ports>` and `</ports>`; `groups`: what that came to before."""

    up: bool
    address: Address
    text: str
    names: frozenset[str]
    ports: bytes
    pieces: tuple[Piece, ...]
    groups: tuple[Groups, Groups] | None


class HostBlocks:
    """Cuts known hosts out of a document on its way to the parser. `read_piece` is the strict reading of one piece."""

    def __init__(self, read_piece: Callable[[bytes], Piece]) -> None:
        self.mark = f"known-host-{secrets.token_hex(8)}"
        self._element = f"<{self.mark}/>".encode()
        self._read_piece = read_piece
        self._pieces: dict[bytes, Piece] = {}
        self._others: dict[bytes, Piece] = {}
        self._hits = self._misses = 0
        self._groups: dict[bytes, tuple[Groups, Groups]] = {}
        self._waiting: deque[_Block] = deque()
        self._rest = b""
        self._on: bool | None = None

    @property
    def settled(self) -> bool:
        """Whether the parser met every host that was cut out."""
        return not self._waiting

    def cut(self, chunk: bytes) -> bytes:
        """What of the document so far is for the parser; the beginning of a host is kept back until its end is there."""
        if self._on is None:
            self._on = _HEAD.match(chunk) is not None
        if not self._on:
            return self.rest() + chunk
        data = self._rest + chunk
        whole = data.rfind(_END) + len(_END)
        if whole < len(_END):
            self._rest = data if len(data) <= _MOST_HELD else b""
            return b"" if self._rest else data
        self._rest = data[whole:]
        return self._marked(data[:whole])

    def rest(self) -> bytes:
        """What was kept back, once nothing more comes."""
        rest, self._rest = self._rest, b""
        return rest

    def _marked(self, data: bytes) -> bytes:
        out: list[bytes] = []
        done = 0
        found = _OPENING.search(data)
        while found is not None and self._on:
            closing = _CLOSING.match(data, max(data.find(b"</ports>", found.end()), 0))
            block = self._block(found, data[found.end() : closing.start()]) if closing else None
            if closing is None or block is None:
                found = _OPENING.search(data, found.end())
                continue
            self._waiting.append(block)
            out += (data[done : found.start()], self._element)
            done = closing.end()
            found = _OPENING.search(data, done)
        return b"".join((*out, data[done:]))

    def _block(self, opening: re.Match[bytes], ports: bytes) -> _Block | None:
        state, address, names = opening.groups(b"")
        text = address.decode()
        placed = parse_address(text)
        groups = self._groups.get(ports)
        try:
            pieces = self._split(ports) if groups is None else ()
        except IrregularError:
            return None
        if placed is None:
            return None
        called = frozenset(name[:LONGEST_TEXT].decode() for name in _USER.findall(names)) if names else frozenset()
        return _Block(state == b"up", placed, text, called, ports, pieces, groups)

    def _split(self, ports: bytes) -> tuple[Piece, ...]:
        collapsed, end, single = ports.rpartition(_COLLAPSED)
        *each, tail = single.split(b"</port>")
        known = self._pieces
        found = [known.get(piece) or self._new(piece) for piece in each]
        if end:
            found.insert(0, self._other(collapsed + end))
        self._hits += len(each)
        if tail.strip(b" \t\r\n"):
            found.append(self._other(tail))
        return tuple(found)

    def _new(self, piece: bytes) -> Piece:
        if len(self._pieces) >= _MOST_PIECES:
            self._pieces.clear()
        made = self._pieces[piece] = _plain_port(piece + b"</port>") or self._strictly(piece + b"</port>")
        return made

    def _other(self, piece: bytes) -> Piece:
        """What is no single port. Kept apart: with `</port>` behind it, the same bytes would be no element."""
        if len(self._others) >= _MOST_BLOCKS:
            self._others.clear()
        if piece not in self._others:
            self._others[piece] = self._strictly(piece)
        return self._others[piece]

    def _strictly(self, piece: bytes) -> Piece:
        self._misses += 1
        if self._misses > _TRIAL and self._misses * 4 > self._hits:
            self._on = False
        return self._read_piece(piece)

    def next_host(self, element: HostElement) -> XmlHost:
        """The host whose mark the parser has just met; `element` is a new one that knows what the run covers."""
        block = self._waiting.popleft()
        groups = block.groups or self._groups.get(block.ports) or self._told(block, element)
        return XmlHost(block.address, block.up, False, *groups, block.names)

    def _told(self, block: _Block, element: HostElement) -> tuple[Groups, Groups]:
        for piece in block.pieces:
            for said in piece:
                if isinstance(said, Port):
                    element.single(said)
                else:
                    element.collapsed(*said)
        element.place(block.text)
        groups = element.groups()
        if element.impersonal:
            if len(self._groups) >= _MOST_BLOCKS:
                self._groups.clear()
            self._groups[block.ports] = groups
        return groups


def _plain_port(text: bytes) -> Piece | None:
    """One port of the plainest shape, in which nothing needs a parser; None for any other."""
    found = _PORT.fullmatch(text)
    state, service = (_attributes(found[3]), _attributes(found[4])) if found else (None, None)
    if found is None or state is None or service is None or int(found[2]) > 65535:
        return None
    return (Port(found[1].decode(), int(found[2]), state, service),)


def _attributes(text: bytes | None) -> dict[str, str] | None:
    """None where one is there twice, which no parser takes."""
    pairs = _ATTRIBUTE.findall(text.decode()) if text else []
    found = dict(pairs)
    return found if len(found) == len(pairs) else None
