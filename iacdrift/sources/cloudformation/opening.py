"""A file of CloudFormation's as data: a template with its lines, or the JSON of an assembly or of AWS's answers."""

from __future__ import annotations

from typing import Any

from iacdrift.sources.cloudformation.signs import looks_like_template
from iacdrift.sources.cloudformation.text import parse_template
from iacdrift.sources.document import parse_json


def template_in(text: bytes, name: str) -> Any:
    """What the file holds; None where it is JSON of another shape, which is parsed as such."""
    if text.lstrip().startswith((b"{", b"[")) and not looks_like_template(text):
        return parse_json(text, name)
    return parse_template(text, name)
