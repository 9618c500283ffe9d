"""Several vantages as one page: the table of them all, and each vantage's own report behind its name."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import frozen
from markupsafe import Markup

from iacdrift.drift.matrix import Cell, DriftMatrix, ExpectedMatrix, Row, says
from iacdrift.outputs.html_template import environment, policy

MOST = 1000
"""Rows of the table; the rest is counted, and whole in JSON."""


@frozen(slots=True)
class ShownRow:
    """One row as the template draws it; `cells`: each with whether it stands out."""

    row: Row
    says: str

    @property
    def cells(self) -> Iterator[tuple[Cell, bool]]:
        """What isn't as declared, or isn't known, stands out."""
        return ((cell, cell.finding is not None or cell.observed == "undetermined") for cell in self.row.cells)


def render_matrix(matrix: DriftMatrix | ExpectedMatrix) -> str:
    """The whole document. The reports of the vantages follow the table, in their order."""
    verdict = matrix.verdict.value if isinstance(matrix, DriftMatrix) else "expected"
    rows = tuple(ShownRow(row, says(row, matrix.names)) for row in matrix.rows[:MOST])
    reports = tuple(zip(matrix.names, matrix.reports, strict=True)) if isinstance(matrix, DriftMatrix) else ()
    told = {"names": matrix.names, "rows": rows, "left": max(0, len(matrix.rows) - MOST), "reports": reports, "verdict": verdict}
    body = Markup(environment().get_template("matrix.html.j2").render(told))  # noqa: S704 - the template has escaped it
    title = f"{verdict.upper().replace('_', ' ')} seen from {len(matrix.names)} vantages"
    version = next((report.version for _, report in reports), "")
    page = environment().get_template("page.html.j2")
    return page.render(title=title, version=version, body=body, live=False, links=(), policy=policy(), events="", fragment="")
