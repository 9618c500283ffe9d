"""One stack: a template with its parameters, what was recorded of it, and the stacks nested in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from attrs import define, field

from iacdrift.errors import SourceError
from iacdrift.sources.cloudformation.attributes import attribute_of
from iacdrift.sources.cloudformation.expansion import expanded
from iacdrift.sources.cloudformation.names import TYPES, snake, terraform_values
from iacdrift.sources.cloudformation.nested import NESTED, NestedTemplate, find_nested
from iacdrift.sources.cloudformation.parameters import parameter_values
from iacdrift.sources.cloudformation.records import StackRecord
from iacdrift.sources.cloudformation.shapes import More, more_resources, shaped, terraform_type
from iacdrift.sources.cloudformation.values import Scope
from iacdrift.sources.cloudformation.world import World
from iacdrift.sources.resource import Action, Origin, Provenance, Reference, Resource, Unknown, Value

DEEPEST = 10
"""Stacks within stacks; a template that nests itself would never end."""
_ATTACHMENT = "AWS::EC2::VPCGatewayAttachment"


@define(slots=True, eq=False)
class Stack:
    """`prefix` is what stands before the addresses of a nested stack: the logical ids on the way to it."""

    name: str
    source: str
    file: str
    folder: Path | None
    template: Mapping[str, Any]
    world: World
    given: Mapping[str, Value] = field(factory=dict)
    record: StackRecord | None = None
    prefix: str = ""
    place: Mapping[str, str] = field(factory=dict)
    lines: Mapping[str, int] = field(init=False, factory=dict)
    resources: Mapping[str, Any] = field(init=False, factory=dict)
    scope: Scope = field(init=False)
    nested: dict[str, Stack | None] = field(init=False, factory=dict)
    outputs_recorded: dict[str, dict[str, Value]] = field(init=False, factory=dict)
    _busy: set[str] = field(init=False, factory=set)

    def __attrs_post_init__(self) -> None:
        self.lines = getattr(self.template, "lines", {})
        recorded = self.record.parameters if self.record else {}
        values = parameter_values(self.template.get("Parameters"), self.given, recorded, self.source)
        self.scope = Scope(
            self.source,
            values,
            self._pseudo(),
            self.template.get("Mappings") or {},
            self.template.get("Conditions") or {},
            self.attribute,
            self.world.imported,
        )
        self.template, self.scope.extended = expanded(self.template, self.scope, self.source)
        self.scope.conditions = self.template.get("Conditions") or {}
        self.resources = self.template.get("Resources") or {}
        self.outputs_recorded = self._from_outputs()

    def _pseudo(self) -> dict[str, Value]:
        unknown = "depends on where the stack is deployed"
        found: dict[str, Value] = {f"AWS::{name}": Unknown(f"AWS::{name} {unknown}") for name in ("Region", "AccountId", "StackId")}
        region, account = self.place.get("region"), self.place.get("account")
        if self.record and self.record.id and self.record.id.startswith("arn:"):
            parts = self.record.id.split(":")
            region, account = region or parts[3], account or parts[4]
            found["AWS::StackId"] = self.record.id
        found |= {f"AWS::{name}": value for name, value in (("Region", region), ("AccountId", account)) if value}
        china = str(region).startswith("cn-")
        found["AWS::Partition"] = ("aws-cn" if china else "aws") if region else Unknown(f"AWS::Partition {unknown}")
        found["AWS::URLSuffix"] = "amazonaws.com" + (".cn" if china else "")
        found["AWS::StackName"] = self.name
        found["AWS::NotificationARNs"] = []
        return found

    def walk(self) -> Iterator[Stack]:
        """The stack and all that are nested in it."""
        yield self
        for logical, body in self.resources.items():
            if body.get("Type") == NESTED and self.exists(logical) is not False and (inner := self.inner(logical)):
                yield from inner.walk()

    def address(self, logical: str) -> str:
        """How a resource is called: `aws_instance.Web`, within a nested stack `Network/aws_vpc.Main`."""
        plain = f"{self.prefix}{self.kind(logical)}.{logical}"
        return f"{self.root_name}/{plain}" if plain in self.world.shared else plain

    @property
    def root_name(self) -> str:
        """The name of the stack in which this one is nested, or its own."""
        return self.name if not self.prefix else self.place.get("root", self.name)

    def kind(self, logical: str) -> str:
        """Terraform's type where the AWS room knows it, else CloudFormation's."""
        body = self.resources[logical]
        kind = TYPES.get(str(body.get("Type")))
        properties = body.get("Properties")
        named = {snake(name): value for name, value in properties.items()} if isinstance(properties, Mapping) else {}
        return terraform_type(kind, named) if kind else str(body.get("Type"))

    def exists(self, logical: str) -> bool | Unknown:
        """Whether its condition lets a resource be."""
        condition = self.resources[logical].get("Condition")
        return True if condition is None else self.scope.decides(str(condition))

    def attribute(self, logical: str, name: str | None) -> Value:
        """What Ref and Fn::GetAtt mean: the property that sets it, else what was recorded, else the resource itself."""
        body = self.resources.get(logical)
        if body is None:
            return None
        if self.exists(logical) is False:
            return Unknown(f"{logical} isn't made: its condition {body.get('Condition')} doesn't hold")
        if body.get("Type") == NESTED and name and name.startswith("Outputs."):
            inner = self.inner(logical)
            return inner.output(name.removeprefix("Outputs.")) if inner else Unknown(f"the template of {logical} is in no source")
        attribute, properties = attribute_of(self.kind(logical), name), body.get("Properties") or {}
        said = "Port" if attribute == "port" else name  # Endpoint.Port is what Port says
        if said in properties and attribute != "id":
            return self.scope.resolve(properties[said])
        known = self.recorded(logical).get(attribute)
        # an id stays a reference: so that the resource is known by it, deployed or not
        return known if known is not None and attribute != "id" and name is not None else Reference(self.address(logical), attribute)

    def recorded(self, logical: str) -> dict[str, Value]:
        """What AWS says of a resource, in Terraform's words."""
        physical = self.record.physical.get(logical) if self.record else None
        if physical is None:
            return dict(self.outputs_recorded.get(logical, {}))
        usual: dict[str, Value] = {"public_ip": physical} if self.kind(logical) == "aws_eip" else {"id": physical}
        return {"id": physical, **usual, **self.outputs_recorded.get(logical, {}), **self.world.records.things.get(physical, {})}

    def _from_outputs(self) -> dict[str, dict[str, Value]]:
        """Recorded attributes that outputs give away: one that is exactly `!GetAtt Web.PublicIp` tells that address."""
        found: dict[str, dict[str, Value]] = {}
        for key, body in (self.template.get("Outputs") or {}).items():
            value, known = body.get("Value") if isinstance(body, Mapping) else None, self.record.outputs.get(key) if self.record else None
            if not isinstance(value, Mapping) or known is None:
                continue
            named = value.get("Fn::GetAtt") or [value.get("Ref"), None]
            logical, name = named.split(".", 1) if isinstance(named, str) else (named[0], named[1])
            if logical in self.resources and isinstance(name, str | None):
                found.setdefault(logical, {})[attribute_of(self.kind(logical), name)] = known
        return found

    def inner(self, logical: str) -> Stack | None:
        """The stack that a resource nests; None, and a gap, where its template is in no source."""
        if logical not in self.nested:
            self.nested[logical] = None
            found = find_nested(self.resources[logical], self.folder, self.scope)
            if isinstance(found, NestedTemplate):
                self.nested[logical] = self._within(logical, found)
            else:
                self.world.gap(f"{self.source}: the template of the nested stack {self.prefix}{logical} can't be read: {found}")
        return self.nested[logical]

    def _within(self, logical: str, found: NestedTemplate) -> Stack:
        if self.prefix.count("/") >= DEEPEST:
            raise SourceError(f"{self.source}: stacks are nested more than {DEEPEST} deep at {self.prefix}{logical}")
        body = self.resources[logical].get("Properties") or {}
        given = self.scope.resolve(body.get("Parameters") or {})
        physical = self.record.physical.get(logical) if self.record else None
        record = self.world.records.of_stack(physical)
        place = {**self.place, "root": self.root_name}
        name = record.name if record else f"{self.name}-{logical}"
        stack = Stack(
            name, self.source, found.shown, found.path.parent, found.template, self.world, given, record, f"{self.prefix}{logical}/", place
        )
        self.world.read.append((self.source, found.path))
        return stack

    def output(self, name: str) -> Value:
        """The value of an output."""
        body = (self.template.get("Outputs") or {}).get(name)
        if not isinstance(body, Mapping):
            return Unknown(f"stack {self.name} has no output {name}")
        if name in self._busy:
            return Unknown(f"output {name} refers to itself")
        self._busy.add(name)
        try:
            return self.scope.resolve(body.get("Value"))
        finally:
            self._busy.discard(name)

    def exports(self) -> Iterator[tuple[str, str]]:
        """Names of exports, each with its output."""
        for key, body in (self.template.get("Outputs") or {}).items():
            export = body.get("Export") if isinstance(body, Mapping) else None
            name = self.scope.resolve(export.get("Name")) if isinstance(export, Mapping) else None
            if isinstance(name, str):
                yield name, key

    def translated(self) -> Iterator[Resource]:
        """Every resource, in Terraform's vocabulary; those that no table knows under their own types."""
        gateways = dict(self._gateways())
        for logical, body in self.resources.items():
            held = self.exists(logical)
            if held is False or body.get("Type") == NESTED or (body.get("Type") == _ATTACHMENT and logical in gateways.values()):
                continue
            if isinstance(held, Unknown) and body.get("Type") in (*TYPES, NESTED):
                self.world.gap(f"{self.source}: whether {self.address(logical)} exists isn't known: {held.why}")
            yield from self._resources(logical, body, gateways)

    def _resources(self, logical: str, body: Mapping[str, Any], gateways: Mapping[str, str]) -> Iterator[Resource]:
        kind, address = self.kind(logical), self.address(logical)
        values = self.scope.resolve(body.get("Properties") or {})
        if not isinstance(values, Mapping):
            values = {"properties": values}
            self.world.gap(f"{self.source}: the properties of {address} aren't known")
        declared = shaped(kind, terraform_values(kind, values)) if str(body.get("Type")) in TYPES else dict(values)
        if logical in gateways:
            attachment = self.resources[gateways[logical]].get("Properties") or {}
            declared["vpc_id"] = self.scope.resolve(attachment.get("VpcId"))
        yield self._resource(kind, address, declared, self.recorded(logical), logical)
        for more in more_resources(kind, address, declared):
            yield self._more(more, logical)

    def _more(self, more: More, logical: str) -> Resource:
        physical = self.record.physical.get(logical) if self.record else None
        recorded = self.world.records.things.get(f"{physical}/{more.suffix.lstrip('-')}", {})
        if physical and not recorded:
            recorded = {"id": f"{physical}{more.suffix}"}
        address = f"{self.prefix}{more.type}.{logical}{more.suffix}"
        return self._resource(more.type, address, more.declared, recorded, logical)

    def _resource(self, kind: str, address: str, declared: Mapping[str, Value], recorded: Mapping[str, Value], logical: str) -> Resource:
        line = self.lines.get(logical)
        path = (self.resources[logical].get("Metadata") or {}).get("aws:cdk:path")
        at = (f"{self.file}:{line}" if line else self.file) + (f" ({path})" if isinstance(path, str) else "")
        created = self.record is not None and bool(self.record.physical) and not recorded
        action = Action.CREATE if created else Action.KEEP
        return Resource(kind, address, declared, recorded, Provenance(self.source, self.root_name, at), Origin.CODE, action)

    def _gateways(self) -> Iterator[tuple[str, str]]:
        """Internet gateway -> the attachment that places it in its VPC, which Terraform says on the gateway itself."""
        for logical, body in self.resources.items():
            named = (body.get("Properties") or {}).get("InternetGatewayId") if body.get("Type") == _ATTACHMENT else None
            if isinstance(named, Mapping) and self.exists(logical) is True:
                target = named.get("Ref") or (named.get("Fn::GetAtt") or [None])[0]
                if target in self.resources and self.kind(target) == "aws_internet_gateway":
                    yield target, logical
