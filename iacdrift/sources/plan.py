"""`terraform show -json` of a plan: what the code declares, and beside it what the state recorded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from attrs import frozen

from iacdrift.errors import SourceError
from iacdrift.sources.address import of_instance
from iacdrift.sources.agreement import same
from iacdrift.sources.code import CodeBlock, CodeTree, code_beside
from iacdrift.sources.configuration import Configuration, Scope, module_path
from iacdrift.sources.document import Document
from iacdrift.sources.earlier import earlier, outputs_before, with_moving
from iacdrift.sources.emptiness import Emptiness
from iacdrift.sources.reading import Options, Reading
from iacdrift.sources.resource import Action, Origin, Provenance, Resource, Sensitive, SourceInfo, Unknown, Value
from iacdrift.sources.sensitive import mark_tree
from iacdrift.sources.show import Shown, outputs_of, resources_of, supported
from iacdrift.sources.unknown import Overlay

KIND = "plan"
HIDDEN = "lifecycle ignore_changes hides what the code says"
UNDECIDED = "it has drifted, and the plan leaves it so: the code doesn't decide it, or ignores changes"
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
    return isinstance(data, Mapping) and "format_version" in data and ("planned_values" in data or "resource_changes" in data)


def tells_before(data: Any) -> bool:
    """A plan says what was there, and what it makes of it."""
    return recognises(data)


def read(document: Document, options: Options) -> Reading:
    """Every resource that the plan knows: planned ones, data sources, and those that it is about to destroy."""
    data = document.data
    if not recognises(data):
        raise SourceError(f"{document.name} is no plan: write it with terraform show -json PLAN > plan.json")
    supported(data, document.name)
    if "planned_values" not in data:
        raise SourceError(f"{document.name} is only a part of a plan (no planned_values): write it with terraform show -json PLAN")
    code = code_beside(options.code, document.folder)
    plan = _Plan.of(document, code)
    resources = tuple(plan.before() if options.earlier else plan.resources())
    info = SourceInfo(KIND, document.name, document.sha256, written_at=data.get("timestamp") or document.written_at, commit=document.commit)
    version = data.get("terraform_version") or "of unknown version"
    empty = None if resources or options.earlier else f"{document.name}: this plan holds no resource (written by Terraform {version})"
    outputs = outputs_before(data) if options.earlier else outputs_of(data["planned_values"])
    return Reading(info, resources, outputs, tuple(plan.gaps()), (*code.notes(), *plan.notes()), empty)


@frozen(slots=True, eq=False)
class _Plan:
    document: Document
    code: CodeTree
    configuration: Configuration
    planned: Mapping[str, Shown]
    prior: Mapping[str, Shown]
    changes: Mapping[str, Mapping[str, Any]]
    drift: Mapping[str, Mapping[str, Any]]
    instances: frozenset[str]

    @classmethod
    def of(cls, document: Document, code: CodeTree) -> _Plan:
        data = document.data
        planned = {shown.address: shown for shown in resources_of(data["planned_values"])}
        prior = {shown.address: shown for shown in resources_of((data.get("prior_state") or {}).get("values"))}
        changes = {entry["address"]: entry for entry in data.get("resource_changes") or () if not entry.get("deposed")}
        drift = {entry["address"]: entry for entry in data.get("resource_drift") or () if not entry.get("deposed")}
        configuration = Configuration.from_module((data.get("configuration") or {}).get("root_module"))
        return cls(document, code, configuration, planned, prior, changes, drift, frozenset((*planned, *prior)))

    def resources(self) -> Iterator[Resource]:
        """Planned ones in their order, then what only the prior state holds, then what has vanished and isn't planned."""
        for shown in self.planned.values():
            yield self._planned(shown) if shown.data or shown.address in self.changes else self._unevaluated(shown)
        for shown in self.prior.values():
            if shown.address not in self.planned:
                yield self._only_recorded(shown)
        for address, entry in self.drift.items():
            if address not in self.planned and address not in self.prior and address not in self.changes:
                before = self._before(address, {})
                yield Resource(entry["type"], address, before, {}, self._provenance(address), Origin.STATE, Action.CREATE)

    def before(self) -> Iterator[Resource]:
        """The same before the plan is applied: what it doesn't touch as the code says, what it touches as was recorded."""
        found, coming = list[Resource](), list[Resource]()
        for resource in self.resources():
            change = (self.changes.get(resource.address) or {}).get("change") or {}
            shown = self.prior.get(resource.address)
            was = earlier(resource, change, shown.values if shown else None)
            if was is not None:
                found.append(was)
            else:
                coming.append(resource)
        yield from with_moving(found, coming)

    def _planned(self, shown: Shown) -> Resource:
        change = self.changes.get(shown.address)
        before = self.prior.get(shown.address)
        recorded = before.values if before else {}
        block = self.code.find(shown.address)
        provenance = self._provenance(shown.address)
        chosen = _Declared.of(self, shown, (change or {}).get("change") or {}, recorded, block)
        declared = chosen.values()
        origin = Origin.CODE if block and block.names is not None else Origin.PLAN
        assumed = chosen.assumed(declared)
        return Resource(shown.type, shown.address, declared, recorded, provenance, origin, _action(change), shown.data, assumed)

    def _only_recorded(self, shown: Shown) -> Resource:
        """A data source, something to be destroyed, or a resource that wasn't planned."""
        if shown.data:
            provenance = self._provenance(shown.address)
            return Resource(shown.type, shown.address, shown.values, shown.values, provenance, Origin.STATE, Action.KEEP, True)
        if shown.deposed or shown.address in self.changes:
            return Resource(shown.type, shown.address, {}, shown.values, self._provenance(shown.address), Origin.PLAN, Action.DELETE)
        return self._unevaluated(shown)

    def _unevaluated(self, shown: Shown) -> Resource:
        """With -refresh-only or outside -target Terraform doesn't ask the code: the state tells, as it was before it was refreshed."""
        recorded = self.prior[shown.address].values if shown.address in self.prior else shown.values
        declared = self._before(shown.address, recorded)
        return Resource(shown.type, shown.address, declared, recorded, self._provenance(shown.address), Origin.STATE)

    def _before(self, address: str, recorded: Mapping[str, Value]) -> Mapping[str, Value]:
        """What the state recorded before this plan's refresh; `recorded` where nothing has drifted."""
        drifted = (self.drift.get(address) or {}).get("change") or {}
        before = drifted.get("before")
        return mark_tree(before, drifted.get("before_sensitive")) if isinstance(before, dict) else recorded

    def _provenance(self, address: str) -> Provenance:
        block = self.code.find(address)
        return Provenance(self.document.name, at=block.at if block else None)

    def gaps(self) -> Iterator[str]:
        """Why this plan can't prove everything."""
        if self.document.data.get("errored") is True:
            yield f"{self.document.name}: this plan is incomplete, Terraform stopped with an error while it made it (errored: true)"

    def notes(self) -> Iterator[str]:
        """What a reader of the report should know."""
        known = {**self.prior, **self.planned}.values()
        unevaluated = sum(1 for shown in known if not shown.data and not shown.deposed and shown.address not in self.changes)
        if unevaluated:
            yield (
                f"{self.document.name}: {unevaluated} of {len(known)} resources were not planned (-refresh-only or -target): "
                "their rules are what the state recorded before it was refreshed"
            )


@frozen(slots=True, eq=False)
class _Declared:
    """How one planned resource's declared values are chosen: `configured` maps what the code sets to its expression."""

    shown: Shown
    change: Mapping[str, Any]
    recorded: Mapping[str, Value]
    configured: Mapping[str, Any]
    ignored: frozenset[str]
    drifted: Mapping[str, Any]
    overlay: Overlay
    unsure: frozenset[str]
    """What only dynamic blocks set of which the code doesn't tell whether they are over nothing."""

    @classmethod
    def of(cls, plan: _Plan, shown: Shown, change: Mapping[str, Any], recorded: Mapping[str, Value], block: CodeBlock | None) -> _Declared:
        address = of_instance(shown.address, f"{shown.type}.{shown.name}", shown.key)
        module = plan.configuration.inside(address.modules) if address else None
        entry = module.resources.get(address.resource, {}) if module and address else {}
        expressions = entry.get("expressions") or {}
        scope = Scope(plan.configuration, module_path(address.prefix), entry, address.key) if address else Scope(plan.configuration)
        given = plan.document.data.get("variables") or {}
        said = _over_nothing(block, scope, Emptiness(given, plan.code.written)) if block else {}
        # a dynamic block over nothing sets nothing: the planned value is then the cloud's, drift included
        unset = {name for name, empty in said.items() if empty}
        names = (block.names or frozenset()) - unset if block else frozenset()
        more = names - expressions.keys()
        configured = {**expressions, **dict.fromkeys(more)} if more else expressions
        unsure = {name for name, empty in said.items() if empty is None}
        ignored = block.ignored if block else frozenset()
        drifted = (plan.drift.get(shown.address) or {}).get("change") or {}
        overlay = Overlay(scope, plan.instances)
        return cls(shown, change, recorded, configured, ignored, drifted.get("before") or {}, overlay, frozenset(unsure))

    def values(self) -> dict[str, Value]:
        """Planned values that the code sets, or that differ from the prior ones (then it sets them even so)."""
        actions = tuple(self.change.get("actions") or ())
        fresh = "create" in actions
        configured = self.configured
        declared = {key: value for key, value in self.shown.values.items() if key in configured or self._set_anew(key, value)}
        self._overlay(declared)
        if not fresh:
            self._forget(declared, self.configured if "all" in self.ignored else self.ignored, HIDDEN)
            self._forget(declared, self._left_drifted(declared), UNDECIDED)
        return declared

    def _set_anew(self, key: str, value: Value) -> bool:
        """Whether the plan makes it so: only what the code sets is changed."""
        actions = tuple(self.change.get("actions") or ())
        fresh = "create" in actions
        return (fresh or "update" in actions) and value is not None and (fresh or value != self.recorded.get(key))

    def assumed(self, declared: Mapping[str, Value]) -> Mapping[str, str]:
        """The values that are the code's only if a dynamic block isn't over nothing, and else what was refreshed into the state."""
        return {
            key: f"its {key} comes from a dynamic block whose for_each can't be told from the code: taken as declared, not as drift"
            for key in sorted(self.unsure)
            if (value := declared.get(key)) and not isinstance(value, Unknown) and not self._set_anew(key, value)
        }

    def _left_drifted(self, declared: Mapping[str, Value]) -> list[str]:
        """Attributes that drifted and that the plan doesn't take back: `null`, an empty dynamic block, or changes ignored."""
        before, after = self.drifted, self.recorded
        return [key for key in before if key in declared and declared[key] == after.get(key) and not same(before[key], after.get(key))]

    def _overlay(self, declared: dict[str, Value]) -> None:
        """What is only known after apply, where the code sets it."""
        unknown = self.change.get("after_unknown")
        shapes = self.change.get("after_sensitive")
        for key, tree in unknown.items() if isinstance(unknown, dict) else ():
            if tree and (key in self.configured or key in declared):
                shape = shapes.get(key) if isinstance(shapes, dict) else None
                shape = self.recorded.get(key) if shape is None else shape
                declared[key] = self.overlay.over(declared.get(key), tree, self.configured.get(key), shape)

    def _forget(self, declared: dict[str, Value], keys: Iterable[str], why: str) -> None:
        """Where Terraform plans what was recorded, drift included, only a constant is known to be the code's."""
        for key in keys:
            expression = self.configured.get(key)
            if isinstance(expression, dict) and "constant_value" in expression:
                if not same(declared.get(key), constant := expression["constant_value"]):
                    declared[key] = Sensitive(constant) if isinstance(declared.get(key), Sensitive) else constant
            elif key in declared:
                declared[key] = Unknown(why, self.overlay.references(expression))


def _over_nothing(block: CodeBlock, scope: Scope, emptiness: Emptiness) -> dict[str, bool | None]:
    """For each name that only dynamic blocks set: whether all of them are over nothing, None where that can't be told."""
    found: dict[str, bool | None] = {}
    for name, over in block.repeated:
        empty = emptiness.of(over, scope)
        before = found.get(name, True)
        found[name] = False if False in (before, empty) else None if None in (before, empty) else True
    return found


def _action(change: Mapping[str, Any] | None) -> Action:
    actions = ((change or {}).get("change") or {}).get("actions") or ()
    return _ACTIONS.get(tuple(actions), Action.KEEP)
