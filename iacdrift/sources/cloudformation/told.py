"""Explicit expectations among a stack's outputs: text that is JSON of the shape `iacdrift/expectation/1`."""

from __future__ import annotations

import json
from collections.abc import Mapping

from iacdrift.errors import SourceError
from iacdrift.sources.cloudformation.stack import Stack
from iacdrift.sources.resource import Reference, Sensitive, Unknown, Value

_SCHEMA = "iacdrift/expectation/"


def told(stack: Stack) -> dict[str, Value]:
    """Outputs by name that are expectations: as the template resolves, else as AWS holds them.

    One that neither tells is unknown under its schema, which the joining room makes a gap; what is a secret stays one, and is refused.
    SourceError for text that begins as such an object and is no JSON: passed over, nothing would be expected.
    """
    recorded = stack.record.outputs if stack.record else {}
    found: dict[str, Value] = {}
    for name, body in (stack.template.get("Outputs") or {}).items():
        condition = body.get("Condition") if isinstance(body, Mapping) else None
        if condition is not None and stack.scope.decides(str(condition)) is False:
            continue
        value = stack.output(name)
        if isinstance(value, Unknown | Reference):
            value = recorded.get(name, value)
        if (expectation := _expectation(value, f"{stack.source}: output {name}")) is not None:
            found[name] = expectation
    return found


def _expectation(value: Value, name: str) -> Value:
    if isinstance(value, Unknown):
        return {"schema": f"{_SCHEMA}1", "host": value} if _SCHEMA in value.why else None
    text = value.value if isinstance(value, Sensitive) else value
    if not isinstance(text, str) or _SCHEMA not in text or not text.lstrip().startswith("{"):
        return None
    try:
        said = json.loads(text)
    except ValueError:
        raise SourceError(f"{name} is an expectation whose text is no valid JSON") from None
    if isinstance(value, Sensitive):
        return {key: item if key == "schema" else Sensitive(item) for key, item in said.items()}
    return dict(said)
