"""Markdown for a pull request; which view writes a value is told by the value itself."""

from __future__ import annotations

from typing import Any

from iacdrift.drift.matrix import DriftMatrix, ExpectedMatrix
from iacdrift.drift.report import DriftReport
from iacdrift.errors import UsageError
from iacdrift.outputs.markdown_matrix import matrix_lines
from iacdrift.outputs.markdown_preview import preview_lines
from iacdrift.outputs.markdown_report import report_lines
from iacdrift.surface.preview import Preview

MARKER = "<!-- iacdrift:{} -->"
"""The first line, which nobody sees: a workflow finds its own comment by it, and replaces it."""


def render(value: Any, *, color: bool = False, width: int = 100) -> str:
    """GitHub's and GitLab's Markdown; `color` and `width` change nothing. UsageError for a value that has no such view."""
    if isinstance(value, Preview):
        lines, marker = preview_lines(value), "preview"
    elif isinstance(value, DriftReport):
        lines, marker = report_lines(value), "report"
    elif isinstance(value, DriftMatrix | ExpectedMatrix):
        lines, marker = matrix_lines(value), "matrix"
    else:
        raise UsageError("--format markdown: there is no Markdown of this; text and json are to be had")
    return "\n".join([MARKER.format(marker), *lines]) + "\n"
