"""Changes of findings, and which of them are one alert. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from attrs import frozen

from iacdrift.drift.report import Severity

MOST_ALERTS = 10
"""So many alerts of one run go to one channel; more causes than that are told in one alert together."""
_MOST_LISTED = 100
_MOST_NAMED = 5
_INDEX = re.compile(r"\[[^\]]*\]")


@frozen(slots=True)
class Change:
    """One finding that is new, worse or resolved. `told`: what is known of it, under the names of its JSON."""

    event: str
    severity: Severity
    cause: str
    told: Mapping[str, Any]


def cause_of(told: Mapping[str, Any]) -> str:
    """What a finding shares with others of its cause: kind, ports and what decides in the code, of all instances of it.

    A rule in a module or under `for_each` has an index in its name, which is another one on each host.
    """
    because = sorted({(_INDEX.sub("", str(item.get("resource"))), str(item.get("at") or "")) for item in told.get("because") or ()})
    return json.dumps([told["kind"], told["protocol"], told["ports"], because])


def grouped(changes: Iterable[Change]) -> tuple[tuple[Change, ...], ...]:
    """The changes that are one alert each, worst first."""
    groups: dict[tuple[str, str], list[Change]] = {}
    for change in changes:
        groups.setdefault((change.event, change.cause), []).append(change)
    order = list(Severity)
    return tuple(tuple(group) for group in sorted(groups.values(), key=lambda group: min(order.index(one.severity) for one in group)))


def alerts(groups: Sequence[tuple[Change, ...]], about: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The documents of the alerts, `iacdrift/alert/1`. `about`: target, report, time; what all of them say."""
    if len(groups) <= MOST_ALERTS:
        for group in groups:
            yield _alert(group, about)
        return
    by_event: dict[str, list[tuple[Change, ...]]] = {}
    for group in groups:
        by_event.setdefault(group[0].event, []).append(group)
    for several in by_event.values():
        yield _digest(several, about) if len(several) > 1 else _alert(several[0], about)


def _alert(group: tuple[Change, ...], about: Mapping[str, Any]) -> dict[str, Any]:
    first = group[0].told
    severity = _worst(group)
    where = _place(group)
    event = "resolved: " if group[0].event == "resolved" else "worse: " if group[0].event == "worse" else ""
    summary = f"{severity} {event}{first['kind']} {first['protocol']}/{first['ports']} on {where} ({about['target']})"
    because = first.get("because") or ()
    return _document(group, about, severity) | {
        "kind": first["kind"],
        "protocol": first["protocol"],
        "ports": first["ports"],
        "hosts": where,
        "resource": ", ".join(dict.fromkeys(str(item.get("resource")) for item in because)),
        "at": ", ".join(dict.fromkeys(str(item["at"]) for item in because if item.get("at"))),
        "explanation": first.get("explanation") or _ended(group),
        "summary": summary,
    }


def _ended(group: tuple[Change, ...]) -> str:
    if group[0].event != "resolved":
        return ""
    why = ", or ".join(dict.fromkeys(str(one.told.get("ended") or "it isn't there any more") for one in group))
    return f"{why[:1].upper()}{why[1:]}."


def _digest(groups: list[tuple[Change, ...]], about: Mapping[str, Any]) -> dict[str, Any]:
    changes = tuple(change for group in groups for change in group)
    severity, event = _worst(changes), changes[0].event
    kinds = ", ".join(dict.fromkeys(str(change.told["kind"]) for change in changes))
    ports = ", ".join(dict.fromkeys(f"{change.told['protocol']}/{change.told['ports']}" for change in changes))
    return _document(changes, about, severity) | {
        "kind": kinds,
        "protocol": "",
        "ports": ports,
        "hosts": _place(changes),
        "resource": "",
        "at": "",
        "explanation": f"{len(changes):,} findings of {len(groups):,} causes: {ports}",
        "summary": f"{severity} {event}: {len(changes):,} findings of {len(groups):,} causes, {kinds} ({about['target']})",
    }


def _document(changes: tuple[Change, ...], about: Mapping[str, Any], severity: str) -> dict[str, Any]:
    names = ("id", "kind", "severity", "owner", "address", "protocol", "ports")
    return {
        "schema": "iacdrift/alert/1",
        **about,
        "event": changes[0].event,
        "severity": severity,
        "count": len(changes),
        "finding": changes[0].told["id"],
        "findings": [{name: change.told.get(name) for name in names} for change in changes[:_MOST_LISTED]],
    }


def _worst(changes: Iterable[Change]) -> str:
    order = list(Severity)
    return min((change.severity for change in changes), key=order.index).value


def _place(changes: tuple[Change, ...]) -> str:
    places = list(dict.fromkeys(_host(change.told) for change in changes))
    if len(places) == 1:
        return places[0]
    more = f" and {len(places) - _MOST_NAMED:,} more" if len(places) > _MOST_NAMED else ""
    return f"{len(places):,} hosts: {', '.join(places[:_MOST_NAMED])}{more}"


def _host(told: Mapping[str, Any]) -> str:
    owner, address = told.get("owner"), told.get("address")
    return f"{owner} {address}" if owner and address else str(owner or address)
