"""Hostile text in Markdown: everything that isn't our own words stands in code spans, where nothing is markup."""

from __future__ import annotations

import re

from iacdrift.outputs.safe import safe

_TICKS = re.compile(r"`+")


def code(text: object) -> str:
    """The text as a code span, fenced by more backticks than it holds; no link, mention, tag or line break gets out of it."""
    shown = safe(text)
    if not shown.strip():
        return "` `"
    fence = "`" * (max((len(run) for run in _TICKS.findall(shown)), default=0) + 1)
    padding = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{padding}{shown}{padding}{fence}"
