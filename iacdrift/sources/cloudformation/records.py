"""What AWS says of deployed stacks: answers of CloudFormation's, EC2's and other services' describe calls, as JSON.

Only facts are taken from them (ids, addresses, names, outputs); rules never are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from attrs import define, field

from iacdrift.sources.cloudformation.described import DESCRIBED
from iacdrift.sources.resource import Value

FIRST = 100
"""Resources that DescribeStackResources tells at most; those behind them would seem not to be deployed."""
STACKS = ("StackResources", "StackResourceSummaries", "Stacks", "Exports", "StackResourceDetail")


@define(slots=True, eq=False)
class StackRecord:
    """One deployed stack: physical ids by logical id, its outputs, and the parameters it was deployed with."""

    name: str
    id: str | None = None
    physical: dict[str, str] = field(factory=dict)
    outputs: dict[str, str] = field(factory=dict)
    parameters: dict[str, str] = field(factory=dict)


@define(slots=True, eq=False)
class Records:
    """All that was described. `things`: id or name as CloudFormation has it -> attributes in Terraform's words.

    `cut`: answers that hold a part only, and what to ask instead.
    """

    stacks: dict[str, StackRecord] = field(factory=dict)
    things: dict[str, dict[str, Value]] = field(factory=dict)
    exports: dict[str, str] = field(factory=dict)
    cut: list[str] = field(factory=list)

    def add(self, data: Mapping[str, Any], stack: str | None = None) -> bool:
        """Take one answer in. `stack`: whose it is where the answer doesn't say. False where it is no such answer."""
        taken = False
        if len(data.get("StackResources") or ()) >= FIRST:
            self.cut.append(f"describe-stack-resources tells the first {FIRST} resources of a stack: give list-stack-resources as JSON")
        if data.get("NextToken") and is_record(data):
            self.cut.append("one of AWS's answers is one page of several (NextToken): write all of them with the AWS CLI's default paging")
        for key, take in _TAKE.items():
            if isinstance(data.get(key), list | Mapping):
                take(self, data[key] if isinstance(data[key], list) else [data[key]], stack)
                taken = True
        for key, describe in DESCRIBED.items():
            if isinstance(data.get(key), list):
                for item in data[key]:
                    if isinstance(item, Mapping):
                        self._describe(describe(item))
                taken = True
        return taken

    def of_stack(self, *names: str | None) -> StackRecord | None:
        """The stack of one of these names or ids."""
        for name in names:
            for record in self.stacks.values():
                if name and name in (record.name, record.id):
                    return record
        return None

    def stack(self, name: str) -> StackRecord:
        """The record of a stack, made where there is none yet."""
        return self.stacks.setdefault(name, StackRecord(name))

    def _describe(self, found: Iterator[tuple[str, dict[str, Value]]]) -> None:
        for key, attributes in found:
            known = {name: value for name, value in attributes.items() if value is not None}
            self.things[key] = {**self.things.get(key, {}), **known}


def is_record(data: Any) -> bool:
    """An answer that says something of a deployed stack; describe-network-interfaces is a source of its own."""
    return isinstance(data, Mapping) and any(isinstance(data.get(key), list) for key in (*STACKS, *DESCRIBED) if key != "NetworkInterfaces")


def _resources(records: Records, items: list[Any], stack: str | None) -> None:
    for item in items:
        name = item.get("StackName") or stack
        if name is None or not item.get("LogicalResourceId"):
            continue
        record = records.stack(name)
        record.id = item.get("StackId") or record.id
        gone = str(item.get("ResourceStatus", "")) == "DELETE_COMPLETE"
        if item.get("PhysicalResourceId") and not gone:
            record.physical[item["LogicalResourceId"]] = str(item["PhysicalResourceId"])


def _stacks(records: Records, items: list[Any], stack: str | None) -> None:
    for item in items:
        record = records.stack(str(item.get("StackName") or stack))
        record.id = item.get("StackId") or record.id
        record.outputs |= {str(o["OutputKey"]): str(o["OutputValue"]) for o in item.get("Outputs") or () if "OutputValue" in o}
        for about in item.get("Parameters") or ():
            value = about.get("ResolvedValue", about.get("ParameterValue"))
            if value is not None:
                record.parameters[str(about["ParameterKey"])] = str(value)


def _exports(records: Records, items: list[Any], stack: str | None) -> None:
    del stack
    records.exports |= {str(item["Name"]): str(item["Value"]) for item in items}


_TAKE: Mapping[str, Callable[[Records, list[Any], str | None], None]] = {
    "StackResources": _resources,
    "StackResourceSummaries": _resources,
    "StackResourceDetail": _resources,
    "Stacks": _stacks,
    "Exports": _exports,
}
