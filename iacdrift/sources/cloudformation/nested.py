"""Where the template of a nested stack lies: a path beside its parent, or an asset of a CDK assembly."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson
from attrs import frozen

from iacdrift.sources.cloudformation.text import Located, parse_template
from iacdrift.sources.cloudformation.values import Scope
from iacdrift.sources.document import decode, read_bytes
from iacdrift.sources.resource import Reference, Unknown

NESTED = "AWS::CloudFormation::Stack"
_HASH = re.compile(r"[0-9a-f]{64}")


@frozen(slots=True, eq=False)
class NestedTemplate:
    """A template found, and how it is shown."""

    path: Path
    shown: str
    template: Located


def find_nested(body: Mapping[str, Any], folder: Path | None, scope: Scope) -> NestedTemplate | str:
    """The template, or why there is none."""
    properties = body.get("Properties") or {}
    url = scope.resolve(properties.get("TemplateURL"))
    for name in _candidates(body, url, properties.get("TemplateURL"), folder):
        path = (folder or Path()) / name
        if path.is_file():
            return NestedTemplate(path, name, parse_template(decode(read_bytes(path, str(path)), str(path)), str(path)))
    if isinstance(url, str) and "://" in url:
        return f"it is at {url}: give it beside the template, by a path in TemplateURL"
    if isinstance(url, Unknown | Reference):
        return url.why if isinstance(url, Unknown) else f"its place is {url.address}.{url.attribute}"
    return f"{url} isn't there"


def _candidates(body: Mapping[str, Any], url: Any, written: Any, folder: Path | None) -> Iterator[str]:
    """Paths that may be meant: what CDK notes, the asset of that hash, a path as it is written."""
    noted = (body.get("Metadata") or {}).get("aws:asset:path")
    if isinstance(noted, str):
        yield noted
    text = orjson.dumps(written, default=str).decode()
    for found in _HASH.findall(text):
        yield from _assets(found, folder)
    if isinstance(url, str) and "://" not in url:
        yield url


def _assets(wanted: str, folder: Path | None) -> Iterator[str]:
    """The file behind a hash, as the assembly's asset manifests have it."""
    for path in sorted((folder or Path()).glob("*.assets.json")):
        try:
            data = orjson.loads(path.read_bytes())
        except (OSError, orjson.JSONDecodeError):
            continue
        entry = (data.get("files") or {}).get(wanted) if isinstance(data, dict) else None
        source = (entry or {}).get("source") or {}
        if isinstance(source.get("path"), str):
            yield source["path"]
