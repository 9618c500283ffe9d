"""The value trees of `terraform show -json`: what states and plans write alike (format versions 0.1 to 1.x)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import frozen

from iacdrift.errors import SourceError
from iacdrift.sources.resource import Value
from iacdrift.sources.sensitive import mark_tree


@frozen(slots=True, eq=False)
class Shown:
    """One resource as `show -json` writes it; `values` with secrets marked. `address` names a deposed object as such."""

    address: str
    type: str
    name: str
    data: bool
    values: Mapping[str, Value]
    key: object = None
    deposed: bool = False


def supported(data: Mapping[str, Any], name: str) -> None:
    """SourceError unless `format_version` is one that promises what is read here."""
    version = str(data.get("format_version"))
    if version.split(".")[0] not in ("0", "1"):
        raise SourceError(f"{name} has format version {version}; 0.1 to 1.x are read: is there a newer iacdrift?")


def modules_of(values: Any) -> Iterator[Mapping[str, Any]]:
    """The root module and all below it, of `values`, `planned_values` or `prior_state.values`."""
    waiting = [values.get("root_module")] if isinstance(values, dict) else []
    while waiting:
        module = waiting.pop()
        if isinstance(module, dict):
            yield module
            waiting.extend(reversed(module.get("child_modules") or ()))


def resources_of(values: Any) -> Iterator[Shown]:
    """Every resource and data source, in the order written."""
    for module in modules_of(values):
        for entry in module.get("resources") or ():
            yield _shown(entry)


def _shown(entry: Mapping[str, Any]) -> Shown:
    values = entry.get("values") or {}
    secret = entry.get("sensitive_values")
    deposed = entry.get("deposed_key") or entry.get("deposed")
    return Shown(
        f"{entry['address']} (deposed {deposed})" if deposed else entry["address"],
        entry["type"],
        entry["name"],
        entry.get("mode") == "data",
        mark_tree(values, secret) if secret else values,
        entry.get("index"),
        bool(deposed),
    )


def outputs_of(values: Any) -> Mapping[str, Value]:
    """Output values by name, where they are known."""
    outputs = values.get("outputs") if isinstance(values, dict) else None
    return {name: output["value"] for name, output in (outputs or {}).items() if isinstance(output, dict) and "value" in output}
