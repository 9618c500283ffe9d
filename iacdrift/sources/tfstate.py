"""Terraform's and OpenTofu's state: the file itself (version 4), and `terraform show -json` of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import evolve

from iacdrift.errors import SourceError
from iacdrift.sources.address import key_text
from iacdrift.sources.code import CodeTree, code_beside
from iacdrift.sources.document import Document
from iacdrift.sources.reading import Options, Reading
from iacdrift.sources.resource import Action, Origin, Provenance, Resource, SourceInfo, Value
from iacdrift.sources.sensitive import mark_paths
from iacdrift.sources.show import outputs_of, resources_of, supported

KIND = "tfstate"


def recognises(data: Any) -> bool:
    """A state file of any version, or `terraform show -json` of a state."""
    if not isinstance(data, Mapping):
        return False
    return ("version" in data and ("resources" in data or "modules" in data or "backend" in data)) or _is_shown(data)


def _is_shown(data: Mapping[str, Any]) -> bool:
    return "format_version" in data and "planned_values" not in data and "resource_changes" not in data


def read(document: Document, options: Options) -> Reading:
    """Every object that the state records, deposed ones as leaving."""
    data = document.data
    if not recognises(data):
        raise SourceError(f"{document.name} is no state: give a terraform.tfstate, or what terraform show -json writes")
    if _is_shown(data):
        supported(data, document.name)
        found = tuple(_from_show(document))
        outputs = outputs_of(data.get("values"))
    else:
        _check_version(data, document.name)
        found = tuple(_from_file(document))
        outputs = _outputs(data)
    code = code_beside(options.code, document.folder, lines_only=True)
    if code.root is not None:
        found = tuple(_placed(resource, code) for resource in found)
    return Reading(_info(document), found, outputs, notes=tuple(code.notes()), empty=None if found else _empty(document.name, data))


def _placed(resource: Resource, code: CodeTree) -> Resource:
    """With the line of its block, where the code has one."""
    block = code.find(resource.address)
    return evolve(resource, provenance=evolve(resource.provenance, at=block.at)) if block else resource


def _info(document: Document) -> SourceInfo:
    data = document.data
    return SourceInfo(
        KIND, document.name, document.sha256, _text(data.get("lineage")), _number(data.get("serial")), document.written_at, document.commit
    )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _empty(name: str, data: Mapping[str, Any]) -> str:
    serial = f"serial {data['serial']}, " if "serial" in data else ""
    return f"{name}: this state is empty ({serial}written by Terraform {data.get('terraform_version') or 'of unknown version'})"


def _check_version(data: Mapping[str, Any], name: str) -> None:
    version = data.get("version")
    if version == 4:
        return
    if isinstance(version, int) and version < 4:
        raise SourceError(
            f"{name} is a state of version {version}, as written before Terraform 0.12: upgrade it with "
            f"terraform show -json {name} > state.json in its initialised directory (Terraform 0.12 or later), and give that"
        )
    raise SourceError(f"{name} is a state of version {version!r}: version 4 is read; is there a newer iacdrift?")


def _from_file(document: Document) -> Iterator[Resource]:
    for entry in document.data.get("resources") or ():
        if not isinstance(entry, dict) or "type" not in entry or "name" not in entry:
            raise SourceError(f"{document.name}: an entry of `resources` has no type and name: this is no state that Terraform wrote")
        for instance in entry.get("instances") or ():
            yield _resource(entry, instance, document.name)


def _resource(entry: Mapping[str, Any], instance: Mapping[str, Any], source: str) -> Resource:
    data = entry.get("mode") == "data"
    module = f"{entry['module']}." if entry.get("module") else ""
    address = f"{module}{'data.' if data else ''}{entry['type']}.{entry['name']}{key_text(instance.get('index_key'))}"
    deposed = instance.get("deposed")
    values = _attributes(instance)
    return Resource(
        entry["type"],
        f"{address} (deposed {deposed})" if deposed else address,
        values,
        values,
        Provenance(source),
        Origin.STATE,
        Action.DELETE if deposed else Action.KEEP,
        data,
    )


def _attributes(instance: Mapping[str, Any]) -> Mapping[str, Value]:
    values: Mapping[str, Value] = instance.get("attributes") or instance.get("attributes_flat") or {}
    secret = instance.get("sensitive_attributes")
    return mark_paths(values, secret) if secret else values


def _outputs(data: Mapping[str, Any]) -> Mapping[str, Value]:
    return {name: output.get("value") for name, output in (data.get("outputs") or {}).items() if isinstance(output, dict)}


def _from_show(document: Document) -> Iterator[Resource]:
    for shown in resources_of(document.data.get("values")):
        yield Resource(
            shown.type,
            shown.address,
            shown.values,
            shown.values,
            Provenance(document.name),
            Origin.STATE,
            Action.DELETE if shown.deposed else Action.KEEP,
            shown.data,
        )
