"""`terraform plan -refresh-only` as JSON: its `resource_drift`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from iacdrift.errors import SourceError
from iacdrift.refresh.change import Change, Refresh, Values
from iacdrift.sources.document import Document
from iacdrift.sources.sensitive import mark_tree
from iacdrift.sources.show import resources_of, supported


def recognises(data: Any) -> bool:
    """JSON of a plan."""
    return isinstance(data, Mapping) and "format_version" in data and ("planned_values" in data or "resource_drift" in data)


def read(document: Document) -> Refresh:
    """Every resource that Terraform refreshed. SourceError where nobody can tell whether it did."""
    data = document.data
    supported(data, document.name)
    if "resource_drift" not in data and data.get("resource_changes"):
        raise SourceError(
            f"{document.name} is a plan without any drift, which may be one made with -refresh=false: "
            "give what terraform plan -refresh-only wrote, as JSON"
        )
    if data.get("errored") is True:
        raise SourceError(f"{document.name}: Terraform stopped with an error while it refreshed (errored: true)")
    states = (data.get("planned_values"), (data.get("prior_state") or {}).get("values"))
    known = {shown.address: (shown.type, shown.values) for values in states for shown in resources_of(values) if not shown.data}
    changes = tuple(_changes(data))
    known |= {change.address: (change.type, change.before) for change in changes}
    return Refresh.of(document.name, changes, known)


def _changes(data: Mapping[str, Any]) -> Iterator[Change]:
    for entry in data.get("resource_drift") or ():
        change = entry.get("change") or {}
        if entry.get("mode") != "data" and not entry.get("deposed"):
            before = _marked(change, "before") or {}
            yield Change(entry["address"], entry["type"], before, _marked(change, "after"))


def _marked(change: Mapping[str, Any], side: str) -> Values | None:
    values = change.get(side)
    return mark_tree(values, change.get(f"{side}_sensitive")) if isinstance(values, dict) else None
