"""What a preview says, in the same words in every format."""

from __future__ import annotations

from iacdrift.model.because import Because
from iacdrift.outputs.text_surface import place
from iacdrift.surface.change import Change, ChangeKind, HostChange
from iacdrift.surface.preview import Preview
from iacdrift.surface.vantage import Vantage, VantageKind

TITLES = {
    ChangeKind.OPENED: "Newly reachable from {place}",
    ChangeKind.CLOSED: "No longer reachable from {place}",
    ChangeKind.NARROWED: "No longer reachable from all of {place}, only from some of it",
    ChangeKind.MAY_OPEN: "May be newly reachable from {place}: this couldn't be judged",
    ChangeKind.MAY_CLOSE: "May no longer be reachable from {place}: this couldn't be judged",
}
_HOSTS = {HostChange.STAYS: "", HostChange.NEW: "new host", HostChange.LEAVES: "leaving"}


def seen_from(vantage: Vantage) -> str:
    """The vantage as a phrase."""
    return "the internet" if vantage.kind is VantageKind.INTERNET else place(vantage)


def title(kind: ChangeKind, vantage: Vantage) -> str:
    """The heading over the changes of one kind."""
    return TITLES[kind].format(place=seen_from(vantage))


def headline(preview: Preview) -> str:
    """What changes, counted."""
    counts = preview.counts()
    told = [
        (counts["opened"], "newly reachable"),
        (counts["closed"] + counts["narrowed"], "no longer reachable"),
        (counts["may_open"] + counts["may_close"] + counts["unknown"], "couldn't be judged"),
        (counts["unmodelled"], "new and not modelled"),
    ]
    shown = ", ".join(f"{number} {what}" for number, what in told if number)
    many = f" ({'; '.join(preview.gaps)})" if preview.gaps else ""
    if not any(number for number, _ in told[:2]) and not counts["may_open"] + counts["may_close"]:
        nothing = "nothing changes" if not preview.gaps else "no change was seen, but a side isn't the whole truth"
        return f"{nothing} for {seen_from(preview.vantage)}{f': {shown}' if shown else ''}{many}"
    return f"{shown}, for {seen_from(preview.vantage)}{many}"


def deciding(change: Change) -> tuple[Because, ...]:
    """What makes the change: what admits after it, or what blocks after it; for a host that leaves, what admitted before."""
    return change.after or change.before


def by(change: Change) -> str:
    """Which resource admits, or admitted, and where it stands: the first of several."""
    gone = change.kind in (ChangeKind.CLOSED, ChangeKind.MAY_CLOSE)
    reasons = change.before if gone else deciding(change)
    if not reasons:
        return ""
    at = f" ({reasons[0].at})" if reasons[0].at else ""
    return f"{', before' if gone else ''} by {reasons[0].resource}{at}"


def who(change: Change) -> tuple[str, ...]:
    """The host's address or name, and whether it comes or goes."""
    return tuple(filter(None, (change.address, change.name, _HOSTS[change.host])))


def contrast(change: Change) -> str:
    """`blocked -> allowed`."""
    return f"{change.was} -> {change.becomes}"
