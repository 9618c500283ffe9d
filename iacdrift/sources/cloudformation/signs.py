"""Whether a text is a template, told by its signs: every JSON with an ARN in it is asked, so nothing is loaded that could parse it."""

from __future__ import annotations

import re

_JSON = (re.compile(rb'"Resources"\s*:'), re.compile(rb'"AWSTemplateFormatVersion"\s*:|"Type"\s*:\s*"\w+::'))
_YAML = (
    re.compile(rb"""^["']?Resources["']?\s*:""", re.MULTILINE),
    re.compile(rb"""^["']?AWSTemplateFormatVersion["']?\s*:|^[^#]*\bType["']?\s*:\s*["']?\w+::""", re.MULTILINE),
)
LARGEST = 16 << 20
"""Bytes. CloudFormation takes 1 MiB; a plan of hundreds must not be searched for it."""


def looks_like_template(text: bytes) -> bool:
    """Whether a text is a template, without parsing it. One that lies in a text of another document, a plan's say, is none."""
    if len(text) > LARGEST:
        return False
    signs = _JSON if text.lstrip().startswith((b"{", b"[")) else _YAML
    return all(sign.search(text) for sign in signs)
