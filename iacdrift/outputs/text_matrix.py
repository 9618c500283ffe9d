"""Several vantages for people: the rows first, then each vantage's own report or surface."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from iacdrift.drift.matrix import OUT_OF_VIEW, Cell, DriftMatrix, ExpectedMatrix, Row, says
from iacdrift.drift.wording import few
from iacdrift.outputs.canvas import Canvas
from iacdrift.outputs.headline import headline
from iacdrift.outputs.text_report import draw_report
from iacdrift.outputs.text_surface import draw_surface, place

_STYLE = {"open": "green", "allowed": "cyan", "unknown": "yellow", "blocked": "dim", OUT_OF_VIEW: "dim"}


def draw_drift_matrix(canvas: Canvas, matrix: DriftMatrix) -> None:
    """The verdict of each vantage, the rows, then each report."""
    canvas.line((f"{matrix.verdict.value.upper().replace('_', ' ')} seen from {len(matrix.names)} vantages", "bold"))
    for name, report in zip(matrix.names, matrix.reports, strict=True):
        canvas.line((name, "bold"), ": ", headline(report), indent=2, hang=2)
    _rows(canvas, matrix.rows, matrix.names)
    for name, report in zip(matrix.names, matrix.reports, strict=True):
        canvas.heading(f"==== {name} ====")
        draw_report(canvas, report)


def draw_expected_matrix(canvas: Canvas, matrix: ExpectedMatrix) -> None:
    """The rows, then each surface."""
    canvas.line((f"Expected from {len(matrix.names)} vantages", "bold"))
    for name, surface in zip(matrix.names, matrix.surfaces, strict=True):
        canvas.line((name, "bold"), f": {place(surface.vantage)}, {len(surface.hosts):,} hosts in view", indent=2, hang=2)
    _rows(canvas, matrix.rows, matrix.names)
    for name, surface in zip(matrix.names, matrix.surfaces, strict=True):
        canvas.heading(f"==== {name} ====")
        draw_surface(canvas, surface)


def _rows(canvas: Canvas, rows: Sequence[Row], names: Sequence[str]) -> None:
    if not rows:
        canvas.gap()
        canvas.line("No port may answer anywhere, and none does.")
    for _, together in groupby(rows, key=lambda row: (row.owner, row.address, row.name)):
        listed = list(together)
        canvas.gap()
        canvas.line((listed[0].owner, "bold"), "  ", "  ".join(filter(None, (listed[0].address, listed[0].name))), hang=2)
        for row in listed:
            canvas.line(f"{row.protocol}/{few(row.ports)}  ", (says(row, names), "dim"), indent=2, hang=2)
            width = max(map(len, names))
            for name, cell in zip(names, row.cells, strict=True):
                canvas.line(f"{name:<{width}}  ", (cell.text, _style(cell)), indent=4, hang=2)


def _style(cell: Cell) -> str:
    if cell.finding is not None:
        return "red"
    return "yellow" if cell.observed == "undetermined" else _STYLE[cell.expected]
