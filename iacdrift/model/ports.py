"""Sets of ports as integers used as bit sets: union, intersection and difference are one operator each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

from attrs import field, frozen

HIGHEST = 65535
_MASK = (1 << (HIGHEST + 1)) - 1
_STRETCH_LENGTH = 512
_STRETCH = (1 << _STRETCH_LENGTH) - 1
_MOST_SHARED = 4096
_SHARED: dict[int, PortSet] = {}
_FEW = 32
"""So many ports are set one by one, more of them in an array."""


@frozen(slots=True, repr=False)
class PortSet:
    """An immutable set of ports 0..65535 of one protocol; bit n of `bits` is port n."""

    bits: int = field(default=0)
    _shown: str | None = field(default=None, init=False, eq=False)
    """Its text, once somebody asked for it."""

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
    def union(cls, sets: Iterable[PortSet]) -> PortSet:
        """All ports of these sets."""
        bits = 0
        for ports in sets:
            bits |= ports.bits
        return _made(bits)

    @classmethod
    def parse(cls, text: str) -> PortSet:
        """From text such as `22,443,8000-8010`; `""` is the empty set. ValueError names the part that is wrong."""
        return _parsed(text)

    # The results below lie within 0..65535 because both sides do: no need to check again. An operand that is the result already is
    # passed on: large networks hold few different sets, and share them; a set of high ports takes 8 KB.
    def __or__(self, other: PortSet) -> PortSet:
        mine, theirs = self.bits, other.bits
        if not theirs or self is other:
            return self
        both = mine | theirs
        return self if both == mine else other if both == theirs else _made(both)

    def __and__(self, other: PortSet) -> PortSet:
        mine, theirs = self.bits, other.bits
        if not mine or self is other:
            return self
        both = mine & theirs
        return self if both == mine else other if both == theirs else _made(both)

    def __sub__(self, other: PortSet) -> PortSet:
        mine, theirs = self.bits, other.bits
        if not mine or not theirs:
            return self
        rest = mine & theirs
        return NO_PORTS if rest == mine else _made(mine ^ rest) if rest else self

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
            base += gap
            # Of a stretch of ports that stand close together, the small number is shifted: it takes a fraction of the time.
            low = rest & _STRETCH
            done = 0
            while low and low != _STRETCH:
                gap = (low & -low).bit_length() - 1
                run = (~(low >> gap) & ((low >> gap) + 1)).bit_length() - 1
                if done + gap + run == _STRETCH_LENGTH:
                    break  # it may go on behind the stretch
                yield base + done + gap, base + done + gap + run - 1
                low >>= gap + run
                done += gap + run
            if not done:
                done = (~rest & (rest + 1)).bit_length() - 1
                yield base, base + done - 1
            rest >>= done
            base += done

    def shared(self) -> PortSet:
        """The same set as the one object that stands for all equal ones, as long as it is remembered."""
        found = _SHARED.get(self.bits)
        if found is None:
            if len(_SHARED) >= _MOST_SHARED:
                _SHARED.clear()
            found = _SHARED[self.bits] = self
        return found

    def __hash__(self) -> int:
        return hash(self.bits)

    def isdisjoint(self, other: PortSet) -> bool:
        """Whether no port is in both."""
        return not self.bits & other.bits

    def __str__(self) -> str:
        """Ascending, merged ranges without spaces: `22,80,8000-8010`."""
        if self._shown is None:
            _set_shown(self, ",".join([str(first) if first == last else f"{first}-{last}" for first, last in self.ranges()]))
        return self._shown or ""

    def __repr__(self) -> str:
        return f"PortSet.parse({str(self)!r})"


_new = object.__new__
_set_bits: Callable[[PortSet, int], None] = PortSet.__dict__["bits"].__set__  # the slot itself: half of object.__setattr__'s time
_set_shown: Callable[[PortSet, str | None], None] = PortSet.__dict__["_shown"].__set__


def _made(bits: int) -> PortSet:
    """A set of bits that are known to be in range."""
    new = _new(PortSet)
    _set_bits(new, bits)
    _set_shown(new, None)
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
    return _made(bits).shared()


@lru_cache(maxsize=4096)
def _single(port: int) -> PortSet:
    return PortSet.span(port, port)


NO_PORTS = PortSet()
ALL_PORTS = PortSet(_MASK)
