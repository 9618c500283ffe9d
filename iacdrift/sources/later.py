"""Kinds of source that are recognised but not yet read: they are named, never taken for something else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from iacdrift.errors import SourceError
from iacdrift.sources.document import Document
from iacdrift.sources.reading import Options, Reading


def recognises(data: Any) -> bool:
    """A CloudFormation template."""
    return _name(data) is not None


def read(document: Document, options: Options) -> Reading:
    """SourceError: not yet."""
    what = _name(document.data) or "a source of this kind"
    raise SourceError(
        f"{document.name} is {what}: this is not yet supported; give a Terraform state or plan, a CDKTF synth or a Pulumi preview"
    )


def _name(data: Any) -> str | None:
    if not isinstance(data, Mapping):
        return None
    if "AWSTemplateFormatVersion" in data or _is_template(data.get("Resources")):
        return "a CloudFormation template"
    return None


def _is_template(resources: Any) -> bool:
    return isinstance(resources, dict) and any(isinstance(one, dict) and "::" in str(one.get("Type")) for one in resources.values())
