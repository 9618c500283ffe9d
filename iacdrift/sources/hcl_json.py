"""Blocks of a `.tf.json` file: Terraform's JSON syntax, in which blocks are objects or lists of objects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from iacdrift.sources.code import CodeBlock


def blocks_of_json(raw: bytes, shown: str) -> Mapping[str, CodeBlock]:
    """Every resource, data source and module call. ValueError where it is no JSON object."""
    parsed = orjson.loads(raw)
    if not isinstance(parsed, dict):
        raise ValueError("no JSON object")
    return {key: _block(body, shown) for key, body in bodies(parsed)}


def bodies(parsed: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """`type.name`, `data.type.name` and `module.name` with their bodies, comments (`//`) left out."""
    for front, section in (("", "resource"), ("data.", "data")):
        for kind, named in _objects(parsed.get(section)):
            for name, body in _objects(named):
                for one in body if isinstance(body, list) else [body]:
                    if isinstance(one, dict):
                        yield f"{front}{kind}.{name}", one
    for name, body in _objects(parsed.get("module")):
        for one in body if isinstance(body, list) else [body]:
            if isinstance(one, dict):
                yield f"module.{name}", one


def _objects(value: Any) -> Iterator[tuple[str, Any]]:
    """The entries of an object, or of a list of objects: both are written."""
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict):
            yield from ((key, item) for key, item in one.items() if key != "//")


def _block(body: Mapping[str, Any], shown: str) -> CodeBlock:
    names = {key for key in body if key not in ("//", "dynamic", "lifecycle", "count", "for_each", "provider", "depends_on", "source")}
    dynamic = [(key, one) for key, held in _objects(body.get("dynamic")) for one in (held if isinstance(held, list) else [held])]
    repeated = frozenset((key, _text(one.get("for_each")) if isinstance(one, dict) else "") for key, one in dynamic if key not in names)
    names.update(key for key, _ in dynamic)
    ignored = {word for key, listed in _objects(body.get("lifecycle")) if key == "ignore_changes" for word in _words(listed)}
    source = body.get("source")
    return CodeBlock(shown, frozenset(names), frozenset(ignored), source if isinstance(source, str) else None, repeated)


def texts_of_json(raw: bytes) -> Mapping[str, str]:
    """The expressions of local values and of the arguments of module calls, as they would be written in the other syntax."""
    parsed = orjson.loads(raw)
    if not isinstance(parsed, dict):
        return {}
    found = {f"local.{name}": _text(value) for name, value in _objects(parsed.get("locals"))}
    for key, body in bodies(parsed):
        if key.startswith("module."):
            found.update({f"{key}.{name}": _text(value) for name, value in body.items()})
    return found


def _text(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _words(listed: Any) -> Iterator[str]:
    for word in listed if isinstance(listed, list) else [listed]:
        if isinstance(word, str):
            yield word.strip("${} ").split(".")[0].split("[")[0]
