"""Text for people; which view draws a value is told by the value itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Any

from iacdrift.outputs.canvas import Canvas

VIEWS: Mapping[str, str] = MappingProxyType(
    {
        "DriftReport": "iacdrift.outputs.text_report:draw_report",
        "DriftMatrix": "iacdrift.outputs.text_matrix:draw_drift_matrix",
        "ExpectedSurface": "iacdrift.outputs.text_surface:draw_surface",
        "ExpectedMatrix": "iacdrift.outputs.text_matrix:draw_expected_matrix",
        "Preview": "iacdrift.outputs.text_preview:draw_preview",
        "Explanation": "iacdrift.outputs.text_explanation:draw_explanation",
        "ScanPlan": "iacdrift.outputs.text_plan:draw_plan",
    },
)
"""The class of a value -> its view; each is imported for its own values only."""


def render(value: Any, *, color: bool = False, width: int = 100) -> str:
    """A report, an expected surface, a matrix, a preview, an explanation or a scan plan, in lines of at most `width` columns."""
    module, name = VIEWS[type(value).__name__].split(":")
    draw: Callable[[Canvas, Any], None] = getattr(import_module(module), name)
    canvas = Canvas.of(color=color, width=width)
    draw(canvas, value)
    return canvas.text()
