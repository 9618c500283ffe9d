"""One resource of a Pulumi stack, from the states that Pulumi's own JSON holds of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import field, frozen

from iacdrift.sources.pulumi_links import Source, linked
from iacdrift.sources.pulumi_names import terraform_name, terraform_type, terraform_values
from iacdrift.sources.pulumi_urn import Urn, addresses
from iacdrift.sources.pulumi_values import hidden, holds_unknown, properties
from iacdrift.sources.resource import Action, Origin, Provenance, Resource, Unknown, Value

State = Mapping[str, Any]
STACK = "pulumi:pulumi:Stack"
IGNORED = "ignoreChanges hides what the program says"
UNSEEN = "its inputs can't be seen, or are one secret"
_OF_THE_CLOUD = ("ingress", "egress")
_DECIDING = ("ingress", "egress", "entries", "routes", "securityGroups", "vpcSecurityGroupIds", "securityGroupIds", "subnetId")
"""Properties whose absence means something: where nobody sees whether they are set, they are unknown."""


@frozen(slots=True, eq=False)
class Pair:
    """What the program says of a resource and what was recorded of it; either may be missing."""

    urn: str
    declared: State | None
    recorded: State | None
    action: Action = Action.KEEP

    @property
    def state(self) -> State:
        """The state that tells what the resource is."""
        return self.declared or self.recorded or {}

    @property
    def type(self) -> str:
        """The token of its type."""
        urn = Urn.parse(self.urn)
        return str(self.state.get("type") or (urn.type if urn else ""))


@frozen(slots=True, eq=False)
class Stack:
    """Builds the resources of one source. `origin` is what its inputs are worth."""

    name: str
    origin: Origin
    addresses: Mapping[str, str] = field(factory=dict)

    @classmethod
    def of(cls, name: str, origin: Origin, pairs: Sequence[Pair]) -> Stack:
        """With the addresses of all resources of the source."""
        return cls(name, origin, addresses(pair.urn for pair in pairs))

    def resources(self, pairs: Sequence[Pair]) -> Iterator[Resource]:
        """Everything that exists outside Pulumi: no components, providers or stacks, whose children stand for themselves."""
        for pair in pairs:
            if pair.state.get("custom") is not False and not pair.type.startswith("pulumi:"):
                yield self._resource(pair)

    def _resource(self, pair: Pair) -> Resource:
        kind = terraform_type(pair.type)
        recorded = self._values(kind, properties((pair.recorded or {}).get("outputs")))
        if pair.recorded and pair.recorded.get("id"):
            recorded["id"] = str(pair.recorded["id"])
        urn = Urn.parse(pair.urn)
        stack = f"{urn.project}/{urn.stack}" if urn else None
        provenance = Provenance(self.name, stack, at(pair.state), pair.urn)
        address = self.addresses.get(pair.urn, pair.urn)
        if pair.state.get("external"):
            return _external(kind or pair.type, address, recorded, provenance)
        declared = {} if pair.action is Action.DELETE else self._declared(kind, pair)
        if pair.declared is None and pair.action is not Action.DELETE:
            declared = recorded
        return Resource(kind or pair.type, address, declared, recorded, provenance, self.origin, pair.action)

    def _values(self, kind: str | None, values: Mapping[str, Value]) -> dict[str, Value]:
        return terraform_values(kind or "", values)

    def _declared(self, kind: str | None, pair: Pair) -> dict[str, Value]:
        state = pair.declared or {}
        inputs = state.get("inputs")
        if hidden(inputs):
            known = (*properties((pair.recorded or {}).get("outputs")), *_DECIDING)
            return self._values(kind, dict.fromkeys(known, Unknown(UNSEEN)))
        declared = self._values(kind, properties(inputs))
        self._link(kind or "", declared, state.get("propertyDependencies"))
        if pair.action not in (Action.CREATE, Action.REPLACE) and self.origin is Origin.CODE:
            _forget(declared, kind or "", state.get("ignoreChanges"))
        return declared

    def _link(self, kind: str, declared: dict[str, Value], dependencies: Any) -> None:
        for name, urns in dependencies.items() if isinstance(dependencies, Mapping) else ():
            key = terraform_name(kind, name)
            if key in declared and holds_unknown(declared[key]):
                declared[key] = linked(declared[key], key, [source for urn in urns or () if (source := self._source(urn))])

    def _source(self, text: str) -> Source | None:
        urn = Urn.parse(text)
        kind = terraform_type(urn.type) if urn else None
        return Source(self.addresses[text], kind) if kind and text in self.addresses else None


def _external(kind: str, address: str, recorded: dict[str, Value], provenance: Provenance) -> Resource:
    """Something that the program only reads: facts of the cloud, but no word of what its rules ought to be."""
    known = {name: value for name, value in recorded.items() if name not in _OF_THE_CLOUD}
    return Resource(kind, address, known, known, provenance, Origin.CODE, data=True)


def _forget(declared: dict[str, Value], kind: str, ignored: Any) -> None:
    """Where a program ignores changes, Pulumi previews what was recorded, drift included."""
    for path in ignored if isinstance(ignored, list) else ():
        head = str(path).partition("[")[0].partition(".")[0]
        for name in list(declared) if head == "*" else [terraform_name(kind, head)]:
            if name in declared:
                declared[name] = Unknown(IGNORED)


def at(state: State) -> str | None:
    """`file:line` of the program; Pulumi writes `project:///__main__.py#39`, now and then with a column."""
    text = state.get("sourcePosition")
    if not isinstance(text, str) or "#" not in text:
        return None
    file, _, line = text.removeprefix("project:///").removeprefix("file://").partition("#")
    return f"{file}:{line.partition(',')[0]}"
