"""What is no source but is often given as one: each with the sentence that says what to give instead."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from iacdrift.errors import SourceError

MAKE_JSON = "terraform plan -out=tfplan && terraform show -json tfplan > plan.json"
_ESCAPES = re.compile(rb"\x1b\[[0-9;]*m")
_PLAN_TEXT = re.compile(
    rb"(Terraform|OpenTofu) (used the selected providers|will perform the following actions)|An execution plan has been generated|"
    rb"Refreshing( Terraform)? state|^No changes\. |^Plan: \d+ to add|^# \S+ will be |Resource actions are indicated with",
    re.MULTILINE,
)
_HCL = re.compile(rb"^\s*(resource|data|module|variable|provider|output|terraform|locals)\b[^\n=:]*\{", re.MULTILINE)


def refuse_bytes(raw: bytes, name: str) -> None:
    """SourceError for content that isn't JSON and never becomes a source; nothing where it may be one."""
    head = _ESCAPES.sub(b"", raw[:65536])
    if not raw or raw.isspace():
        raise SourceError(f"{name} is empty: was the command that writes it cut off?")
    if head.startswith(b"version https://git-lfs.github.com/spec/"):
        raise SourceError(f"{name} is a Git LFS pointer, not the file itself: run git lfs pull")
    if raw.startswith(b"\x1f\x8b"):
        raise SourceError(f"{name} is compressed with gzip: unpack it first")
    if raw.startswith(b"PK\x03\x04"):
        raise SourceError(f"{name} is a zip archive, but no plan of Terraform's (it holds no tfplan)")
    if head.lstrip().startswith((b"{", b"[")):
        if b'"@level"' in head and b'"@message"' in head:
            raise SourceError(f"{name} is the log of terraform plan -json, not the plan: {MAKE_JSON}")
        return
    if _PLAN_TEXT.search(head):
        raise SourceError(f"{name} is the text of terraform plan, not its JSON: {MAKE_JSON}")
    if _HCL.search(head):
        raise SourceError(f"{name} is Terraform code: give its directory as tf:DIR, or a state or plan, with --code DIR for the code")
    raise SourceError(f"{name} is not JSON: a state, the JSON of a plan, a cdktf.out or an expectation is read")


def refuse_data(data: Any, name: str) -> None:
    """SourceError for JSON that only stands for a state; nothing where it may be a source."""
    if not isinstance(data, Mapping):
        raise SourceError(f"{name} holds a JSON {_kind(data)}, not an object: this is no state or plan")
    if "encrypted_data" in data:
        raise SourceError(f"{name} is encrypted by OpenTofu: decrypt it in its root directory with tofu show -json > state.json")
    if (attributes := _cloud_attributes(data)) is not None:
        key = next(key for key in attributes if key.startswith("hosted-"))
        raise SourceError(
            f"{name} is Terraform Cloud's description of a state, not the state: download what data.attributes.{key} points to"
        )
    if _is_stub(data):
        raise SourceError(
            f"{name} is only what terraform init notes about the backend: fetch the state with terraform state pull > state.tfstate"
        )


def _kind(data: Any) -> str:
    return {list: "array", str: "text", bool: "boolean", type(None): "null"}.get(type(data), "number")


def _cloud_attributes(data: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The attributes of Terraform Cloud's state version, alone or the first of a list."""
    inner = data.get("data")
    inner = inner[0] if isinstance(inner, list) and inner else inner
    attributes = inner.get("attributes") if isinstance(inner, dict) else None
    hosted = isinstance(attributes, dict) and any(key.startswith("hosted-") for key in attributes)
    return attributes if hosted else None


def _is_stub(data: Mapping[str, Any]) -> bool:
    """A backend and not one resource; a state with resources may name its backend too."""
    modules = data.get("modules")
    held = any(isinstance(module, dict) and module.get("resources") for module in modules) if isinstance(modules, list) else False
    return isinstance(data.get("backend"), dict) and not held and not data.get("resources") and data.get("version") != 4
