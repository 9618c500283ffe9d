"""`terraform show -json` of a plan: what the code declares, and beside it what the state recorded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import frozen

from iacdrift.errors import SourceError
from iacdrift.sources.address import parse
from iacdrift.sources.code import CodeTree, code_beside
from iacdrift.sources.configuration import Configuration, Scope, module_path
from iacdrift.sources.document import Document
from iacdrift.sources.reading import Options, Reading
from iacdrift.sources.resource import Action, Origin, Provenance, Resource, SourceInfo, Value
from iacdrift.sources.show import Shown, outputs_of, resources_of, supported
from iacdrift.sources.unknown import Overlay

KIND = "plan"
_ACTIONS = {
    ("create",): Action.CREATE,
    ("update",): Action.UPDATE,
    ("delete", "create"): Action.REPLACE,
    ("create", "delete"): Action.REPLACE,
    ("delete",): Action.DELETE,
    ("forget",): Action.DELETE,
    ("create", "forget"): Action.REPLACE,
}


def recognises(data: Any) -> bool:
    """JSON of a plan: planned values or changes beside a format version."""
    return isinstance(data, dict) and "format_version" in data and ("planned_values" in data or "resource_changes" in data)


def read(document: Document, options: Options) -> Reading:
    """Every resource that the plan knows: planned ones, data sources, and those that it is about to destroy."""
    data = document.data
    supported(data, document.name)
    if "planned_values" not in data:
        raise SourceError(f"{document.name} is only a part of a plan (no planned_values): write it with terraform show -json PLAN")
    code = code_beside(options.code, document.folder)
    plan = _Plan.of(document, code)
    resources = tuple(plan.resources())
    info = SourceInfo(KIND, document.name, document.sha256, written_at=data.get("timestamp") or document.written_at, commit=document.commit)
    return Reading(info, resources, outputs_of(data["planned_values"]), tuple(plan.gaps(resources)), (*code.notes(), *plan.notes()))


@frozen(slots=True, eq=False)
class _Plan:
    document: Document
    code: CodeTree
    configuration: Configuration
    planned: Mapping[str, Shown]
    prior: Mapping[str, Shown]
    changes: Mapping[str, Mapping[str, Any]]
    instances: frozenset[str]

    @classmethod
    def of(cls, document: Document, code: CodeTree) -> _Plan:
        data = document.data
        planned = {shown.address: shown for shown in resources_of(data["planned_values"])}
        prior = {shown.address: shown for shown in resources_of((data.get("prior_state") or {}).get("values"))}
        changes = {entry["address"]: entry for entry in data.get("resource_changes") or () if not entry.get("deposed")}
        configuration = Configuration.from_module((data.get("configuration") or {}).get("root_module"))
        return cls(document, code, configuration, planned, prior, changes, frozenset((*planned, *prior)))

    def resources(self) -> Iterator[Resource]:
        """Planned ones in their order, then what only the prior state holds."""
        for shown in self.planned.values():
            yield self._planned(shown)
        for shown in self.prior.values():
            if shown.address not in self.planned:
                yield self._only_recorded(shown)

    def _planned(self, shown: Shown) -> Resource:
        change = self.changes.get(shown.address)
        before = self.prior.get(shown.address)
        recorded = before.values if before else {}
        action = _action(change)
        at, set_by_code = self.code.find(shown.address)
        provenance = Provenance(self.document.name, at=at)
        if change is None and not shown.data:
            # outside -target, or a refresh-only plan: Terraform didn't evaluate the code, the value is the recorded one
            return Resource(shown.type, shown.address, recorded, recorded, provenance, Origin.STATE, action)
        declared = self._declared(shown, change or {}, recorded, action, set_by_code)
        origin = Origin.PLAN if set_by_code is None else Origin.CODE
        return Resource(shown.type, shown.address, declared, recorded, provenance, origin, action, shown.data)

    def _declared(
        self, shown: Shown, change: Mapping[str, Any], recorded: Mapping[str, Value], action: Action, set_by_code: frozenset[str] | None
    ) -> dict[str, Value]:
        """Planned values that the configuration sets, or that differ from the prior ones (then it sets them even so)."""
        address = parse(shown.address)
        module = self.configuration.inside(address.modules) if address else None
        entry = module.resources.get(address.resource, {}) if module and address else {}
        expressions = entry.get("expressions") or {}
        configured = {**expressions, **dict.fromkeys(set_by_code - expressions.keys())} if set_by_code else expressions
        fresh = action in (Action.CREATE, Action.REPLACE)
        declared = {
            key: value
            for key, value in shown.values.items()
            if key in configured or (value is not None and (fresh or (action is Action.UPDATE and value != recorded.get(key))))
        }
        details = change.get("change") or {}
        unknown = details.get("after_unknown")
        if not isinstance(unknown, dict):
            return declared
        shapes = details.get("after_sensitive")
        shapes = shapes if isinstance(shapes, dict) else {}
        overlay = Overlay(
            Scope(self.configuration, module_path(address.prefix.rstrip(".")) if address else (), entry, address.key if address else ""),
            self.instances,
        )
        for key, tree in unknown.items():
            if tree and (key in configured or key in declared):
                shape = shapes.get(key, recorded.get(key))
                declared[key] = overlay.over(declared.get(key), tree, configured.get(key), shape)
        return declared

    def _only_recorded(self, shown: Shown) -> Resource:
        at, _ = self.code.find(shown.address)
        provenance = Provenance(self.document.name, at=at)
        if shown.data:
            return Resource(shown.type, shown.address, shown.values, shown.values, provenance, Origin.STATE, Action.KEEP, True)
        return Resource(shown.type, shown.address, {}, shown.values, provenance, Origin.PLAN, Action.DELETE)

    def gaps(self, resources: tuple[Resource, ...]) -> Iterator[str]:
        """Why this plan can't prove everything."""
        data = self.document.data
        if data.get("errored") is True:
            yield f"{self.document.name}: this plan is incomplete, Terraform stopped with an error while it made it (errored: true)"
        if not resources:
            yield f"{self.document.name}: this plan holds no resource (written by Terraform {data.get('terraform_version', 'of unknown version')})"

    def notes(self) -> Iterator[str]:
        """What a reader of the report should know."""
        unevaluated = sum(1 for shown in self.planned.values() if not shown.data and shown.address not in self.changes)
        if unevaluated:
            yield (
                f"{self.document.name}: {unevaluated} of {len(self.planned)} resources were not planned (-refresh-only or -target): "
                "their rules are what the state recorded"
            )


def _action(change: Mapping[str, Any] | None) -> Action:
    actions = ((change or {}).get("change") or {}).get("actions") or ()
    return _ACTIONS.get(tuple(actions), Action.KEEP)
