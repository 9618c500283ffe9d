"""A template after its transforms: loops unrolled, SAM's functions as what they become. An unknown macro is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from iacdrift.errors import SourceError
from iacdrift.sources.cloudformation.values import PROCESSED, Scope, intrinsic, unknowns

LANGUAGE = "AWS::LanguageExtensions"
SAM = "AWS::Serverless-2016-10-31"
HARMLESS = frozenset({"AWS::CodeDeployBlueGreen", "AWS::SecretsManager-2020-07-23", "AWS::SecretsManager-2024-09-16"})
"""Transforms of AWS's that add nothing that a packet can reach: hooks of a deployment, functions that rotate secrets."""
MOST = 20_000
_LOOP = "Fn::ForEach::"
_NAME = re.compile(r"[$&]\{([A-Za-z0-9]+)\}")


def expanded(template: Mapping[str, Any], scope: Scope, source: str) -> tuple[Mapping[str, Any], bool]:
    """The template, and whether it names the language extensions. SourceError for a transform that isn't known."""
    named = template.get("Transform")
    transforms = named if isinstance(named, list) else [named] if named else []
    for one in transforms:
        name = one.get("Name") if isinstance(one, Mapping) else one
        if name not in (LANGUAGE, SAM, *HARMLESS):
            raise SourceError(f"{source} names the transform {name}, which may make or change anything: give what {PROCESSED} prints")
    found = dict(template)
    extended = LANGUAGE in transforms
    scope.extended = extended
    if extended:
        # loops may use conditions of the template as it stands
        found = {key: _unrolled(value, scope, source, {}) for key, value in found.items()}
    resources = found.get("Resources")
    if not isinstance(resources, Mapping) or not resources:
        raise SourceError(f"{source} is no CloudFormation template: it has no Resources")
    for logical, body in resources.items():
        if logical.startswith(("Fn::ForEach", "Fn::Transform")):
            what = f"calls {logical}" if "Transform" in logical else f"has a loop ({logical}) without naming {LANGUAGE}"
            raise SourceError(f"{source} {what}: give what {PROCESSED} prints")
        if not isinstance(body, Mapping) or not isinstance(body.get("Type"), str):
            raise SourceError(f"{source}: the resource {logical} has no Type")
        if body["Type"].endswith("::MODULE"):
            raise SourceError(f"{source}: {logical} is a module, whose resources aren't in the template: give what {PROCESSED} prints")
    if SAM in transforms:
        found["Resources"] = {logical: _serverless(body, found.get("Globals")) for logical, body in resources.items()}
    return found, extended


def _unrolled(value: Any, scope: Scope, source: str, names: Mapping[str, str]) -> Any:
    """Every loop within a value unrolled, its identifiers replaced."""
    if isinstance(value, str):
        return _NAME.sub(lambda place: names.get(place[1], place[0]), value) if names else value
    if isinstance(value, list):
        return [_unrolled(item, scope, source, names) for item in value]
    if not isinstance(value, Mapping):
        return value
    if intrinsic(value) == "Ref" and isinstance(value["Ref"], str) and value["Ref"] in names:
        return names[value["Ref"]]
    found: dict[str, Any] = {}
    for key, item in value.items():
        if key.startswith(_LOOP):
            found.update(_loop(key, item, scope, source, names))
        else:
            found[_unrolled(key, scope, source, names)] = _unrolled(item, scope, source, names)
    return found


def _loop(key: str, argument: Any, scope: Scope, source: str, names: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    if not isinstance(argument, list) or len(argument) != 3 or not isinstance(argument[0], str) or not isinstance(argument[2], Mapping):
        raise SourceError(f"{source}: {key} needs an identifier, a list and an object")
    over = scope.resolve(_unrolled(argument[1], scope, source, names))
    unknown = next(unknowns(over), None)
    if unknown is not None or not isinstance(over, list) or len(over) > MOST:
        raise SourceError(f"{source}: what {key} loops over isn't known: give its parameters, or what {PROCESSED} prints")
    for item in over:
        inner = {**names, argument[0]: str(item)}
        for name, body in argument[2].items():
            if name.startswith(_LOOP):
                yield from _loop(name, body, scope, source, inner)
            else:
                yield _unrolled(name, scope, source, inner), _unrolled(body, scope, source, inner)


def _serverless(body: Mapping[str, Any], common: Any) -> Mapping[str, Any]:
    """SAM's types as what they become: a function never listens, an application is a nested stack."""
    kind = str(body["Type"])
    if kind == "AWS::Serverless::Function":
        usual = common.get("Function") if isinstance(common, Mapping) else None
        properties = {**(usual if isinstance(usual, Mapping) else {}), **(body.get("Properties") or {})}
        return {**body, "Type": "AWS::Lambda::Function", "Properties": properties}
    if kind == "AWS::Serverless::Application":
        properties = body.get("Properties") or {}
        return {
            **body,
            "Type": "AWS::CloudFormation::Stack",
            "Properties": {"TemplateURL": properties.get("Location"), "Parameters": properties.get("Parameters") or {}},
        }
    return body
