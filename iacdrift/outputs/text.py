"""Text for people; which view draws a value is told by the value itself."""

from __future__ import annotations

from typing import Any

from iacdrift.drift.matrix import DriftMatrix, ExpectedMatrix
from iacdrift.drift.report import DriftReport
from iacdrift.outputs.canvas import Canvas
from iacdrift.outputs.text_explanation import draw_explanation
from iacdrift.outputs.text_matrix import draw_drift_matrix, draw_expected_matrix
from iacdrift.outputs.text_plan import draw_plan
from iacdrift.outputs.text_preview import draw_preview
from iacdrift.outputs.text_report import draw_report
from iacdrift.outputs.text_surface import draw_surface
from iacdrift.surface.expected import ExpectedSurface
from iacdrift.surface.preview import Preview


def render(value: Any, *, color: bool = False, width: int = 100) -> str:
    """A report, an expected surface, a preview, an explanation (it has `steps`) or a scan plan, in lines of at most `width` columns."""
    canvas = Canvas.of(color=color, width=width)
    if isinstance(value, DriftReport):
        draw_report(canvas, value)
    elif isinstance(value, ExpectedSurface):
        draw_surface(canvas, value)
    elif isinstance(value, DriftMatrix):
        draw_drift_matrix(canvas, value)
    elif isinstance(value, ExpectedMatrix):
        draw_expected_matrix(canvas, value)
    elif isinstance(value, Preview):
        draw_preview(canvas, value)
    elif hasattr(value, "steps"):
        draw_explanation(canvas, value)
    else:
        draw_plan(canvas, value)
    return canvas.text()
