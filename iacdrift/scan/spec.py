"""What `--ports` says: a word, or ports in Nmap's own form."""

from __future__ import annotations

from attrs import frozen

from iacdrift.errors import UsageError
from iacdrift.model.ports import HIGHEST, NO_PORTS, PortSet

WORDS = ("declared", "common", "all")
_HELP = "give declared, common, all, or ports as Nmap takes them: 22,443,8000-8100,U:53"


@frozen(slots=True)
class PortSpec:
    """`word` is one of WORDS, or None where `tcp` and `udp` were listed."""

    word: str | None
    tcp: PortSet = NO_PORTS
    udp: PortSet = NO_PORTS

    @classmethod
    def parse(cls, text: str) -> PortSpec:
        """UsageError names the part that is no port. `T:` and `U:` hold until the next one; a bare port is TCP."""
        if text in WORDS:
            return cls(text)
        found = {"T": NO_PORTS, "U": NO_PORTS}
        protocol = "T"
        for part in text.replace(" ", "").split(","):
            head, colon, rest = part.rpartition(":")
            protocol = head.upper() if colon else protocol
            if protocol not in found:
                raise UsageError(f"--ports {text!r}: {part!r} has no meaning here; {_HELP}")
            found[protocol] |= _ports(rest, text)
        return cls(None, found["T"], found["U"])


def _ports(part: str, text: str) -> PortSet:
    first, dash, last = part.partition("-")
    try:
        if not dash:
            return PortSet.span(_port(first), _port(first))
        # Nmap's open ranges: `-100` starts at 1, `60000-` ends at the highest, `-` is both.
        return PortSet.span(_port(first) if first else 1, _port(last) if last else HIGHEST)
    except ValueError:
        raise UsageError(f"--ports {text!r}: {part!r} is not a port or a range of ports; {_HELP}") from None


def _port(text: str) -> int:
    if not text.isascii() or not text.isdecimal():
        raise ValueError(text)
    return int(text)
