"""Sets of ports as integers used as bit sets: union, intersection and difference are one operator each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

from attrs import field, frozen

HIGHEST = 65535
_MASK = (1 << (HIGHEST + 1)) - 1
_FEW = 32
"""So many ports are set one by one, more of them in an array."""


@frozen(slots=True, repr=False)
class PortSet:
    """An immutable set of ports 0..65535 of one protocol; bit n of `bits` is port n."""

    bits: int = field(default=0)

    @bits.validator
    def _in_range(self, _: object, value: int) -> None:
        if value < 0 or value > _MASK:
            raise ValueError("a port set holds ports from 0 to 65535")

    @classmethod
    def single(cls, port: int) -> PortSet:
        """The set of one port."""
        return _single(port)

    @classmethod
    def span(cls, first: int, last: int) -> PortSet:
        """All ports from `first` to `last`, both inclusive. ValueError when they are no port range."""
        if not 0 <= first <= last <= HIGHEST:
            raise ValueError(f"{first}-{last} is not a port range within 0-65535")
        return _made(((1 << (last - first + 1)) - 1) << first)

    @classmethod
    def of(cls, ports: Iterable[int]) -> PortSet:
        """The set of these ports."""
        listed = tuple(ports)
        if len(listed) <= _FEW and all(0 <= port <= HIGHEST for port in listed):
            bits = 0
            for port in listed:
                bits |= 1 << port
            return _made(bits)
        flags = bytearray(HIGHEST // 8 + 1)
        for port in listed:
            if not 0 <= port <= HIGHEST:
                raise ValueError(f"{port} is not a port")
            flags[port >> 3] |= 1 << (port & 7)
        return cls(int.from_bytes(flags, "little"))

    @classmethod
    def of_bits(cls, bits: int) -> PortSet:
        """The set of a union, a part or a difference of other sets' bits, which lies in range because theirs do."""
        return _made(bits)

    @classmethod
    def parse(cls, text: str) -> PortSet:
        """From text such as `22,443,8000-8010`; `""` is the empty set. ValueError names the part that is wrong."""
        return _parsed(text)

    # The results below lie within 0..65535 because both sides do: no need to check again. An operand that is the result already is
    # passed on: large networks hold few different sets, and share them.
    def __or__(self, other: PortSet) -> PortSet:
        mine, theirs = self.bits, other.bits
        if not theirs or self is other:
            return self
        return _made(mine | theirs) if mine else other

    def __and__(self, other: PortSet) -> PortSet:
        mine, theirs = self.bits, other.bits
        if not mine or theirs == _MASK or self is other:
            return self
        return _made(mine & theirs) if theirs and mine != _MASK else other

    def __sub__(self, other: PortSet) -> PortSet:
        mine, theirs = self.bits, other.bits
        if not mine or not theirs:
            return self
        rest = mine & theirs
        return _made(mine ^ rest) if rest else self

    def __xor__(self, other: PortSet) -> PortSet:
        return PortSet(self.bits ^ other.bits)

    def __invert__(self) -> PortSet:
        return PortSet(self.bits ^ _MASK)

    def __bool__(self) -> bool:
        return self.bits != 0

    def __contains__(self, port: object) -> bool:
        return isinstance(port, int) and 0 <= port <= HIGHEST and bool(self.bits & 1 << port)

    def __len__(self) -> int:
        return self.bits.bit_count()

    def __iter__(self) -> Iterator[int]:
        for first, last in self.ranges():
            yield from range(first, last + 1)

    def ranges(self) -> Iterator[tuple[int, int]]:
        """The maximal runs `(first, last)`, ascending."""
        rest, base = self.bits, 0
        while rest:
            gap = (rest & -rest).bit_length() - 1
            rest >>= gap
            run = (~rest & (rest + 1)).bit_length() - 1
            yield base + gap, base + gap + run - 1
            rest >>= run
            base += gap + run

    def shared(self) -> PortSet:
        """The same set as the one object that stands for all equal ones: a set of high ports takes 8 KB, and thousands are kept."""
        return _shared(self.bits)

    def isdisjoint(self, other: PortSet) -> bool:
        """Whether no port is in both."""
        return not self.bits & other.bits

    def __str__(self) -> str:
        """Ascending, merged ranges without spaces: `22,80,8000-8010`."""
        return _text(self.bits)

    def __repr__(self) -> str:
        return f"PortSet.parse({str(self)!r})"


_new = object.__new__
_set_bits: Callable[[PortSet, int], None] = PortSet.__dict__["bits"].__set__  # the slot itself: half of object.__setattr__'s time


def _made(bits: int) -> PortSet:
    """A set of bits that are known to be in range."""
    new = _new(PortSet)
    _set_bits(new, bits)
    return new


@lru_cache(maxsize=4096)
def _parsed(text: str) -> PortSet:
    """Many hosts of one scan list the same ports in the same words."""
    bits = 0
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        first, dash, last = part.partition("-")
        if not first.isdecimal() or (dash and not last.isdecimal()):
            raise ValueError(f"{part!r} is not a port or a port range")
        low, high = int(first), int(last) if dash else int(first)
        if not low <= high <= HIGHEST:
            raise ValueError(f"{low}-{high} is not a port range within 0-65535")
        bits |= ((1 << (high - low + 1)) - 1) << low
    return _shared(bits)


@lru_cache(maxsize=4096)
def _text(bits: int) -> str:
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in PortSet(bits).ranges())


@lru_cache(maxsize=4096)
def _shared(bits: int) -> PortSet:
    return PortSet(bits)


@lru_cache(maxsize=4096)
def _single(port: int) -> PortSet:
    return PortSet.span(port, port)


NO_PORTS = PortSet()
ALL_PORTS = PortSet(_MASK)
