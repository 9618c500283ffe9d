"""The configuration of a plan as `.tf` files: what `configuration` says, in HCL, one folder a module."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.properties.truth.written import Json


def write_code(configuration: Mapping[str, Json], folder: Path) -> None:
    """`main.tf` of the root module and of every module that it calls."""
    root = configuration["root_module"]
    folder.mkdir(parents=True, exist_ok=True)
    calls = root.get("module_calls", {})
    text = [*map(_resource, root["resources"]), *(_call(name, call) for name, call in calls.items())]
    (folder / "main.tf").write_text("\n".join(text), encoding="utf-8")
    for name, call in calls.items():
        inside = folder / "modules" / name
        inside.mkdir(parents=True, exist_ok=True)
        variables = [f'variable "{variable}" {{}}\n' for variable in call["module"]["variables"]]
        (inside / "main.tf").write_text("\n".join((*variables, *map(_resource, call["module"]["resources"]))), encoding="utf-8")


def _call(name: str, call: Mapping[str, Json]) -> str:
    keyed = [f"  for_each = {json.dumps(call['for_each_expression']['constant_value'])}"] if "for_each_expression" in call else []
    return "\n".join((f'module "{name}" {{', f'  source = "{call["source"]}"', *keyed, *_body(call["expressions"], "  "), "}", ""))


def _resource(one: Mapping[str, Json]) -> str:
    counted = ["  count = var.replicas"] if "count_expression" in one else []
    keyed = ["  for_each = local.rules"] if "for_each_expression" in one else []
    return "\n".join((f'resource "{one["type"]}" "{one["name"]}" {{', *counted, *keyed, *_body(one["expressions"], "  "), "}", ""))


def _body(expressions: Mapping[str, Json], indent: str) -> Iterator[str]:
    for name, expression in expressions.items():
        if isinstance(expression, list):
            for block in expression:
                yield f"{indent}{name} {{"
                yield from _body(block, indent + "  ")
                yield f"{indent}}}"
        elif "references" in expression:
            yield f"{indent}{name} = {expression['references'][0]}"
        else:
            yield f"{indent}{name} = {json.dumps(expression['constant_value'])}"
