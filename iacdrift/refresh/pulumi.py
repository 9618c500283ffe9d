"""`pulumi refresh --preview-only`: the engine's events, or the JSON that the command line sums them up to.

The summary swaps in what the API said only where an input differs: of everything else it repeats what was recorded. A group whose
rules are resources of their own then looks as if nothing had happened, so what it doesn't show counts as not known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from iacdrift.errors import SourceError
from iacdrift.refresh.change import Change, Refresh, Values
from iacdrift.sources.document import Document
from iacdrift.sources.pulumi_names import terraform_type, terraform_values
from iacdrift.sources.pulumi_urn import Urn, addresses
from iacdrift.sources.pulumi_values import properties

EVENTS = "events"
Step = Mapping[str, Any]


def recognises(data: Any) -> bool:
    """Events, or a preview's steps among which some only refresh."""
    if not isinstance(data, Mapping):
        return False
    return EVENTS in data or ("duration" in data and ("steps" in data or "changeSummary" in data))


def read(document: Document) -> Refresh:
    """Every resource that the engine asked about."""
    data = document.data
    if EVENTS in data:
        return _refresh(document.name, _of_events(document.name, data[EVENTS]), {})
    steps = [step for step in data.get("steps") or () if isinstance(step, Mapping)]
    if not any(step.get("op") == "refresh" for step in steps):
        raise SourceError(f"{document.name} is no refresh: give what pulumi refresh --preview-only --json wrote")
    shown = [{"urn": s["urn"], "op": s["op"], "old": s.get("oldState"), "new": s.get("newState")} for s in steps]
    quiet = {str(step["urn"]): _inputs(step["old"]) for step in shown if step["op"] == "refresh" and step["old"]}
    return _refresh(document.name, shown, quiet)


def _of_events(name: str, events: Iterable[Any]) -> list[Step]:
    """The last word on every resource: what came back from its provider."""
    found: dict[str, Step] = {}
    finished = False
    for event in events:
        told = (event.get("resOutputsEvent") or {}).get("metadata")
        if told and told.get("op") != "read":
            found[str(told["urn"])] = {"urn": told["urn"], "op": told["op"], "old": told.get("old"), "new": told.get("new")}
        if summary := event.get("summaryEvent"):
            finished = summary.get("result", "succeeded") == "succeeded"
    if not finished:
        raise SourceError(f"{name}: this refresh is incomplete, Pulumi stopped before its end")
    return list(found.values())


def _refresh(name: str, steps: Iterable[Step], quiet: Mapping[str, frozenset[str]]) -> Refresh:
    steps = [step for step in steps if _is_resource(step)]
    called = addresses(str(step["urn"]) for step in steps)
    known = {called[str(step["urn"])]: (_type(step), _outputs(step, "old")) for step in steps if str(step["urn"]) in called}
    partial = {called[urn]: inputs for urn, inputs in quiet.items() if urn in called}
    return Refresh.of(name, _changes(steps, called), known, partial)


def _changes(steps: Iterable[Step], called: Mapping[str, str]) -> Iterator[Change]:
    for step in steps:
        if (address := called.get(str(step["urn"]))) is not None:
            gone = step["op"] == "delete" or not step.get("new")
            yield Change(address, _type(step), _outputs(step, "old"), None if gone else _outputs(step, "new"))


def _is_resource(step: Step) -> bool:
    state = step.get("old") or step.get("new") or {}
    return state.get("custom") is not False and not str(state.get("type")).startswith("pulumi:")


def _type(step: Step) -> str:
    urn = Urn.parse(str(step["urn"]))
    token = urn.type if urn else ""
    return terraform_type(token) or token


def _outputs(step: Step, side: str) -> Values:
    return terraform_values(_type(step), properties((step.get(side) or {}).get("outputs")))


def _inputs(state: Mapping[str, Any]) -> frozenset[str]:
    kind = terraform_type(str(state.get("type"))) or ""
    return frozenset(terraform_values(kind, properties(state.get("inputs"))))
