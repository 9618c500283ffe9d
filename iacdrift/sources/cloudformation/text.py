"""A template's text as data: YAML with CloudFormation's short intrinsics, or JSON; the lines of its resources are kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
import yaml

from iacdrift.errors import SourceError

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PLAIN = {"Ref": "Ref", "Condition": "Condition"}
_DEEPEST = 200
MOST_NODES = 200_000
"""Aliases may make a short text endless; no template of AWS's size limits comes near."""


class Located(dict[str, Any]):
    """A template's top level with `lines`: logical id -> line number of its resource."""

    lines: Mapping[str, int]


def parse_template(text: bytes, name: str) -> Located:
    """The template. SourceError names the line where it is broken, and never quotes its content."""
    try:
        node = yaml.compose(text.decode(), Loader=_Loader)
    except UnicodeDecodeError:
        raise SourceError(f"{name} is neither JSON nor YAML: its bytes are not text") from None
    except RecursionError:
        raise SourceError(f"{name} is nested too deeply to be a template: it is refused") from None
    except yaml.MarkedYAMLError as error:
        return _as_json(text, name, error)
    except yaml.YAMLError:
        raise SourceError(f"{name} is no valid YAML: is it complete?") from None
    if not isinstance(node, yaml.MappingNode):
        raise SourceError(f"{name} is no CloudFormation template: an object with Resources is read")
    found = Located(_Building(name).mapping(node, 0))
    found.lines = _lines(node)
    return found


def _as_json(text: bytes, name: str, error: yaml.MarkedYAMLError) -> Located:
    """JSON with tabs and the like is no YAML: it is read without its lines."""
    try:
        data = orjson.loads(text)
    except orjson.JSONDecodeError:
        mark = error.problem_mark
        where = f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""
        raise SourceError(f"{name} is no valid YAML or JSON{where}: is it complete?") from None
    if not isinstance(data, dict):
        raise SourceError(f"{name} is no CloudFormation template: an object with Resources is read")
    found = Located(data)
    found.lines = {}
    return found


def _lines(root: yaml.MappingNode) -> dict[str, int]:
    """Where each resource begins; lines are counted from 1."""
    sections = {key.value: value for key, value in root.value if isinstance(key, yaml.ScalarNode)}
    resources = sections.get("Resources")
    if not isinstance(resources, yaml.MappingNode):
        return {}
    return {key.value: key.start_mark.line + 1 for key, _ in resources.value if isinstance(key, yaml.ScalarNode)}


class _Building:
    """Nodes to values: tags of intrinsics to their long forms, dates and versions to the texts that they were."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.count = 0
        self.scalars = _Loader("")

    def mapping(self, node: yaml.MappingNode, depth: int) -> dict[str, Any]:
        """A mapping; SourceError for a key that is written twice, of which CloudFormation takes neither."""
        found: dict[str, Any] = {}
        for key_node, value in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise SourceError(f"{self.name}: line {key_node.start_mark.line + 1}: a key must be a text")
            if key_node.value == "<<" and key_node.style is None:
                raise SourceError(f"{self.name}: line {key_node.start_mark.line + 1}: CloudFormation knows no merge key (<<)")
            if key_node.value in found:
                raise SourceError(f"{self.name}: line {key_node.start_mark.line + 1}: the key {key_node.value!r} is written twice")
            found[key_node.value] = self.value(value, depth + 1)
        return found

    def value(self, node: yaml.Node, depth: int) -> Any:
        """Any node; a tag `!Name` wraps what it stands before."""
        self.count += 1
        if depth > _DEEPEST or self.count > MOST_NODES:
            raise SourceError(f"{self.name} is nested too deeply to be a template: it is refused")
        tag = node.tag
        if tag.startswith("!") and tag != "!":
            return self._tagged(tag[1:], node, depth)
        return self._untagged(node, depth)

    def _untagged(self, node: yaml.Node, depth: int) -> Any:
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, depth)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, depth + 1) for item in node.value]
        return self._scalar(node)

    def _scalar(self, node: yaml.Node) -> Any:
        kind = node.tag.rpartition(":")[2]
        if node.tag.startswith("tag:yaml.org,2002:") and kind in ("bool", "int", "float", "null"):
            if kind == "int" and (len(node.value) > 40 or ":" in node.value or "_" in node.value):
                return node.value  # 12:30 is a number of base 60 in YAML 1.1, and a text for CloudFormation
            return self.scalars.construct_object(node)
        return node.value

    def _tagged(self, tag: str, node: yaml.Node, depth: int) -> dict[str, Any]:
        """`!Sub x` as `{"Fn::Sub": x}`; `!GetAtt A.B` as its list."""
        value = node.value if isinstance(node, yaml.ScalarNode) else self._untagged(node, depth)
        if tag == "GetAtt" and isinstance(value, str):
            return {"Fn::GetAtt": list(value.split(".", 1))}
        return {_PLAIN.get(tag, f"Fn::{tag}"): value}
