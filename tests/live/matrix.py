"""What can be told, cell by cell: the table that the tests hold against real packets and that docs/matrix.md shows.

`python -m tests.live.matrix` prints docs/matrix.md.
"""

from __future__ import annotations

from enum import Enum

from attrs import frozen

from iacdrift.drift.identity import OF_BASELINES
from iacdrift.drift.report import FindingKind, Severity, Verdict
from tests.live import networks as net
from tests.live.networks import Mode, Wall

Kind = FindingKind
KINDS = tuple(kind for kind in FindingKind if kind not in OF_BASELINES)
"""What the code says differs; deviations from a stored baseline need one, and are told through any filter that an answer passes."""


class Shown(Enum):
    """How a drift shows in the report."""

    TOLD = "told"
    OTHERWISE = "told as"
    ALWAYS = "always"
    UNSURE = "undetermined"
    HIDDEN = "not told"
    NOT_ASKED = "-"


@frozen
class Cell:
    """One cell. `kind`: the finding that stands there instead. `says`: words that the report must contain about it."""

    shown: Shown
    says: str = ""
    kind: FindingKind | None = None
    note: str = ""

    def text(self) -> str:
        """As the document shows it."""
        mark = f" [{self.note}]" if self.note else ""
        return f"{self.shown.value}{f' {self.kind.value}' if self.kind else ''}{mark}"


TOLD, NOT_ASKED = Cell(Shown.TOLD), Cell(Shown.NOT_ASKED)
_UNSURE_REFUSED = Cell(Shown.UNSURE, "refused in a connect scan, which can't tell", note="a")
_ALWAYS_PASSABLE = Cell(Shown.ALWAYS, "no filter stands in front of this address, or it rejects", Kind.PASSABLE, note="b")
_AS_MISSING = Cell(Shown.OTHERWISE, "nobody listens, or something rejects", Kind.MISSING, note="c")
_SILENT_UDP = Cell(Shown.UNSURE, "open and dropped look the same", note="d")
_ALLOWED_MAY_REFUSE = Cell(Shown.HIDDEN, note="e")

NOTES = {
    "a": "A connect scan learns from the kernel that it was refused, not by whom. Where the address drops nothing that would show "
    "a filter, the port is listed as undetermined and the run is incomplete: run as root for a SYN scan.",
    "b": "Every blocked port is refused, on the network as declared too: one finding for the whole address says that no filter "
    "stands in front of it, or that it rejects. The hole can't be told from that, and nothing is called in sync.",
    "c": "What the host itself sends, and what a filter sends in its name, looks as if nobody listened. The explanation names both.",
    "d": "Over UDP an open port that doesn't answer looks like a dropped one. An expected `open` makes the run incomplete, an `allowed` "
    "one is listed.",
    "e": "The code lets packets through and declares no listener: a host that refuses is as it should be, and this refusal looks like it. "
    "The port is listed among the refused ones.",
}

TABLE: dict[FindingKind, dict[Wall, dict[Mode, Cell]]] = {kind: {wall: dict.fromkeys(Mode, TOLD) for wall in Wall} for kind in KINDS}
TABLE[Kind.PASSABLE][Wall.ICMP_ON_THE_WAY][Mode.CONNECT] = _UNSURE_REFUSED
TABLE[Kind.PASSABLE][Wall.ICMP_BY_HOST] = {Mode.SYN: _ALWAYS_PASSABLE, Mode.CONNECT: _UNSURE_REFUSED, Mode.UDP: _ALWAYS_PASSABLE}
TABLE[Kind.PASSABLE][Wall.RESET] = {Mode.SYN: _ALWAYS_PASSABLE, Mode.CONNECT: _UNSURE_REFUSED, Mode.UDP: TOLD}
TABLE[Kind.UNREACHABLE][Wall.DROP][Mode.UDP] = _SILENT_UDP
TABLE[Kind.UNREACHABLE][Wall.ICMP_BY_HOST] = dict.fromkeys(Mode, _AS_MISSING)
TABLE[Kind.UNREACHABLE][Wall.RESET] = {Mode.SYN: _AS_MISSING, Mode.CONNECT: _AS_MISSING, Mode.UDP: TOLD}
TABLE[Kind.NARROWED][Wall.DROP][Mode.UDP] = _SILENT_UDP
TABLE[Kind.NARROWED][Wall.ICMP_BY_HOST] = dict.fromkeys(Mode, _ALLOWED_MAY_REFUSE)
TABLE[Kind.NARROWED][Wall.RESET] = {Mode.SYN: _ALLOWED_MAY_REFUSE, Mode.CONNECT: _ALLOWED_MAY_REFUSE, Mode.UDP: TOLD}
for _kind in (Kind.SERVICE_MISMATCH, Kind.UNDECLARED_HOST, Kind.EVERYTHING_OPEN):
    for _wall in Wall:
        TABLE[_kind][_wall][Mode.UDP] = NOT_ASKED

CLEAN: dict[Wall, dict[Mode, Verdict]] = {
    Wall.DROP: dict.fromkeys(Mode, Verdict.IN_SYNC),
    Wall.ICMP_ON_THE_WAY: {Mode.SYN: Verdict.IN_SYNC, Mode.CONNECT: Verdict.INCOMPLETE, Mode.UDP: Verdict.IN_SYNC},
    Wall.ICMP_BY_HOST: {Mode.SYN: Verdict.DRIFT, Mode.CONNECT: Verdict.INCOMPLETE, Mode.UDP: Verdict.DRIFT},
    Wall.RESET: {Mode.SYN: Verdict.DRIFT, Mode.CONNECT: Verdict.INCOMPLETE, Mode.UDP: Verdict.IN_SYNC},
}

SEVERITY = {
    Kind.EXPOSED: Severity.CRITICAL,
    Kind.PASSABLE: Severity.HIGH,
    Kind.MISSING: Severity.HIGH,
    Kind.UNREACHABLE: Severity.HIGH,
    Kind.EVERYTHING_OPEN: Severity.HIGH,
    Kind.SERVICE_MISMATCH: Severity.MEDIUM,
    Kind.UNDECLARED_HOST: Severity.MEDIUM,
    Kind.UNEXPLAINED: Severity.MEDIUM,
    Kind.NARROWED: Severity.NOTE,
    Kind.UNDECLARED_LISTENER: Severity.NOTE,
}

_TCP_PORT = {
    Kind.EXPOSED: net.OPENED,
    Kind.PASSABLE: net.HOLE,
    Kind.MISSING: net.LOST,
    Kind.UNREACHABLE: net.CUT,
    Kind.NARROWED: net.NARROW,
    Kind.SERVICE_MISMATCH: net.MISMATCHED,
    Kind.UNDECLARED_LISTENER: net.STARTED,
    Kind.UNDECLARED_HOST: net.STRANGERS_PORT,
    Kind.EVERYTHING_OPEN: net.OPENED,
    Kind.UNEXPLAINED: net.VAGUE,
}
_UDP_PORT = {
    Kind.EXPOSED: net.U_OPENED,
    Kind.PASSABLE: net.U_HOLE,
    Kind.MISSING: net.U_LOST,
    Kind.UNREACHABLE: net.U_CUT,
    Kind.NARROWED: net.U_NARROW,
    Kind.UNDECLARED_LISTENER: net.U_STARTED,
    Kind.UNEXPLAINED: net.U_VAGUE,
}


def port_of(kind: FindingKind, mode: Mode) -> int:
    """The port on which the drifted network has this drift."""
    return (_UDP_PORT if mode is Mode.UDP else _TCP_PORT)[kind]


_HEAD = """# What can be told through which filter

A filter that drops, one that rejects with an ICMP error, and one that rejects with a reset leave different evidence, and a
scan without the right to raw packets sees less of it. This table says for each kind of finding what the report makes of it.
It isn't an opinion: `tests/live/test_matrix.py` builds each network twice in namespaces, as declared and with the drift, with
nftables and real listeners, lets Nmap scan both, and holds the reports against this table, over IPv4 and IPv6, which tell
the same. The document is generated from the test's own table (`python -m tests.live.matrix`).

*told*: a finding of that kind on the drifted network, none on the same network without the drift. *told as*: a finding of
another kind, whose explanation names this cause too. *always*: that finding stands on both networks. *undetermined*: listed
with the reason; never called in sync. *not told*: listed among the refused ports, without a finding.
"""


def document() -> str:
    """The whole of docs/matrix.md."""
    parts = [_HEAD]
    for mode in Mode:
        parts.append(f"\n## {_TITLE[mode]}\n\n| | {' | '.join(_wall(wall, mode) for wall in Wall)} |\n|---|{'---|' * len(Wall)}\n")
        for kind in KINDS:
            cells = [TABLE[kind][wall][mode] for wall in Wall]
            if NOT_ASKED not in cells:
                parts.append(f"| `{kind.value}` | {' | '.join(cell.text() for cell in cells)} |\n")
        verdicts = " | ".join(CLEAN[wall][mode].value.replace("_", " ") for wall in Wall)
        parts.append(f"| *the network as declared* | {verdicts} |\n")
    parts.append("\n## Notes\n\n" + "".join(f"- [{letter}] {text}\n" for letter, text in NOTES.items()))
    return "".join(parts) + _FOOT


_TITLE = {
    Mode.SYN: "TCP, SYN scan (root, or Nmap with CAP_NET_RAW)",
    Mode.CONNECT: "TCP, connect scan (no rights)",
    Mode.UDP: "UDP (needs the same rights as SYN; without them every UDP port is undetermined)",
}
_FOOT = """
A security group of AWS drops silently: the first column is the one that an unchanged cloud shows. The others appear where a
network ACL of another provider, an appliance, or the host's own firewall rejects.

A service that ignores what Nmap sends it over UDP looks like a dropped port even where it is exposed; every report that
believes UDP silence prints that as an assumption.
"""


def _wall(wall: Wall, mode: Mode) -> str:
    if wall is Wall.RESET and mode is Mode.UDP:
        return "reject with port-unreachable, on the way"
    return wall.value


if __name__ == "__main__":
    print(document(), end="")
