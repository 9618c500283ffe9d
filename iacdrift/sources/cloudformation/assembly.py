"""AWS CDK's `cdk.out`: the manifest, its stacks, and assemblies within it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from attrs import frozen

from iacdrift.errors import SourceError
from iacdrift.sources.cloudformation.text import Located, parse_template
from iacdrift.sources.document import decode, parse_json, read_bytes

STACK = "aws:cloudformation:stack"
_ASSEMBLY = "cdk:cloud-assembly"
_VERSION = re.compile(r"\d+\.\d+\.\d+")
_ENVIRONMENT = re.compile(r"aws://(\d{12}|unknown-account)/([a-z0-9-]+)")


@frozen(slots=True, eq=False)
class Synthesised:
    """One stack of an assembly. `place`: account and region, as far as the app says them."""

    name: str
    path: Path
    template: Located
    parameters: Mapping[str, Any]
    place: Mapping[str, str]


def is_manifest(data: Any) -> bool:
    """The manifest of a cloud assembly: artifacts, each with a type."""
    artifacts = data.get("artifacts") if isinstance(data, Mapping) else None
    return isinstance(artifacts, Mapping) and all(
        isinstance(one, Mapping) and isinstance(one.get("type"), str) for one in artifacts.values()
    )


def stacks_of(data: Mapping[str, Any], folder: Path, name: str, depth: int = 0) -> Iterator[Synthesised]:
    """Every stack. SourceError where the manifest's version has another form, or a template isn't there."""
    if not _VERSION.fullmatch(str(data.get("version"))):
        raise SourceError(f"{name} is an AWS CDK manifest of the unknown version {data.get('version')!r}: run cdk synth again")
    for key, artifact in (data.get("artifacts") or {}).items():
        properties = artifact.get("properties") or {}
        if artifact["type"] == STACK:
            yield _stack(key, artifact, properties, folder, name)
        elif artifact["type"] == _ASSEMBLY:
            if depth >= 10:
                raise SourceError(f"{name}: assemblies are nested more than 10 deep")
            inner = folder / str(properties.get("directoryName")) / "manifest.json"
            yield from stacks_of(
                parse_json(decode(read_bytes(inner, str(inner)), str(inner)), str(inner)), inner.parent, str(inner), depth + 1
            )


def _stack(key: str, artifact: Mapping[str, Any], properties: Mapping[str, Any], folder: Path, name: str) -> Synthesised:
    path = folder / str(properties.get("templateFile"))
    if not path.is_file():
        raise SourceError(f"{name} names {properties.get('templateFile')}, which isn't there: run cdk synth again")
    template = parse_template(decode(read_bytes(path, str(path)), str(path)), str(path))
    return Synthesised(str(properties.get("stackName") or key), path, template, properties.get("parameters") or {}, _place(artifact))


def _place(artifact: Mapping[str, Any]) -> dict[str, str]:
    found = _ENVIRONMENT.fullmatch(str(artifact.get("environment", "")))
    named = {"account": found[1], "region": found[2]} if found else {}
    return {key: value for key, value in named.items() if not value.startswith("unknown-")}
