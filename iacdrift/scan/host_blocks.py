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
from collections.abc import Callable, Mapping
from hashlib import blake2b

from attrs import frozen

from iacdrift.model.ports import PortSet
from iacdrift.scan.facts import Groups, XmlHost
from iacdrift.scan.host_element import LONGEST_TEXT, HostElement, Port, Said
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
_PORT = re.compile(rb'[ \t\r\n]*<port protocol="([a-z]+)" portid="(\d{1,5})">')
_SAID = re.compile(rb"<state%b/>(?:<service%b(?:/>|>(?:<cpe>[a-z0-9:/._-]*</cpe>)*</service>))?" % (_ATTRIBUTES, _ATTRIBUTES))
_ATTRIBUTE = re.compile(r' ([a-z_]+)="([^"]*)"')
_END = b"</host>"
_COLLAPSED = b"</extraports>"
"""Ends what Nmap writes first: the ports that it doesn't list singly."""
_MOST_HELD = 8 << 20
"""Bytes without the end of a host that are kept back before they are passed on as they are."""
_MOST_PIECES = 1 << 12
"""Of each kind: many hosts say the same of different ports, and different things of the same port."""
_MOST_BLOCKS = 1 << 10
_MOST_HOSTS = 1 << 16
_TRIAL = 1 << 12
"""So many pieces may be new; then most of them must have been known, or the short way is no shorter."""

Piece = tuple[Port | tuple[str, dict[str, str]], ...]
"""What a piece tells of a host: single ports, and (state, attributes) of collapsed ones."""


class IrregularError(Exception):
    """A piece holds something that doesn't belong there, or isn't well-formed."""


@frozen(slots=True)
class _Block:
    """One host of known shape. `digest`: of what stands between `<ports>` and `</ports>`; `groups`: what that came to before."""

    up: bool
    address: Address
    text: str
    names: frozenset[str]
    digest: bytes
    told: Piece
    groups: tuple[Groups, Groups] | None


Known = dict[bytes, tuple[Groups, Groups]]


class Memory:
    """What the ports of hosts came to, by a digest of their bytes: a second scan mostly finds what the first one found."""

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], Known] = {}

    def under(self, coverage: Mapping[str, tuple[str, PortSet]]) -> Known:
        """What is known of runs that cover the same ports with the same scans."""
        return self._known.setdefault(tuple(sorted(coverage.items())), {})


class HostBlocks:
    """Cuts known hosts out of a document on its way to the parser. `read_piece` is the strict reading of one piece.

    `memory` may be that of other files.
    """

    def __init__(self, read_piece: Callable[[bytes], Piece], memory: Memory) -> None:
        self.mark = f"known-host-{secrets.token_hex(8)}"
        self._element = f"<{self.mark}/>".encode()
        self._read_piece = read_piece
        self._pieces: dict[bytes, Piece] = {}
        self._plain = PlainPorts()
        self._others: dict[bytes, Piece] = {}
        self._hits = self._misses = 0
        self._memory = memory
        self._known: Known | None = None
        """None before the first host, because the head of the run must be read before it."""
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
        digest = blake2b(ports, digest_size=16).digest()
        groups = self._known.get(digest) if self._known is not None else None
        try:
            told = self._split(ports) if groups is None else ()
        except IrregularError:
            return None
        if placed is None:
            return None
        called = frozenset(name[:LONGEST_TEXT].decode() for name in _USER.findall(names)) if names else frozenset()
        return _Block(state == b"up", placed, text, called, digest, told, groups)

    def _split(self, ports: bytes) -> Piece:
        collapsed, end, single = ports.rpartition(_COLLAPSED)
        *each, tail = single.split(b"</port>")
        known = self._pieces
        found = [*self._other(collapsed + end)] if end else []
        for piece in each:
            found += known.get(piece) or self._new(piece)
        self._hits += len(each)
        if tail.strip(b" \t\r\n"):
            found += self._other(tail)
        return tuple(found)

    def _new(self, piece: bytes) -> Piece:
        if len(self._pieces) >= _MOST_PIECES:
            self._pieces.clear()
        plain = self._plain.port(piece)
        made = self._pieces[piece] = (plain,) if plain else self._strictly(piece + b"</port>")
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
        if self._known is None:
            self._known = self._memory.under(element.coverage)
        groups = block.groups or self._known.get(block.digest) or self._told(block, element, self._known)
        return XmlHost(block.address, block.up, False, *groups, block.names)

    def _told(self, block: _Block, element: HostElement, known: Known) -> tuple[Groups, Groups]:
        element.tell(block.told)
        element.place(block.text)
        groups = element.groups()
        if element.impersonal:
            if len(known) >= _MOST_HOSTS:
                known.clear()
            known[block.digest] = groups
        return groups


class PlainPorts:
    """Single ports of the plainest shape, in which nothing needs a parser; what is said is read apart from the port of which it is."""

    def __init__(self) -> None:
        self._places: dict[bytes, tuple[str, int] | None] = {}
        self._said: dict[bytes, Said | None] = {}

    def port(self, piece: bytes) -> Port | None:
        """The port of a piece without its end; None where it is of any other shape."""
        # Neither half can hold the beginning of the other: no value of an attribute holds a `<`.
        at = piece.find(b"<state")
        place, said = self._place(piece[:at]), self._what(piece[at:])
        return Port(*place, said) if at > 0 and place is not None and said is not None else None

    def _place(self, text: bytes) -> tuple[str, int] | None:
        if text not in self._places:
            if len(self._places) >= _MOST_PIECES:
                self._places.clear()
            found = _PORT.fullmatch(text)
            self._places[text] = (found[1].decode(), int(found[2])) if found is not None and int(found[2]) <= 65535 else None
        return self._places[text]

    def _what(self, text: bytes) -> Said | None:
        if text not in self._said:
            if len(self._said) >= _MOST_PIECES:
                self._said.clear()
            found = _SAID.fullmatch(text)
            state, service = (_attributes(found[1]), _attributes(found[2])) if found is not None else (None, None)
            self._said[text] = Said(state, service) if state is not None and service is not None else None
        return self._said[text]


def _attributes(text: bytes | None) -> dict[str, str] | None:
    """None where one is there twice, which no parser takes."""
    pairs = _ATTRIBUTE.findall(text.decode()) if text else []
    found = dict(pairs)
    return found if len(found) == len(pairs) else None
