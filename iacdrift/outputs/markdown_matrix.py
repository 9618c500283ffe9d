"""Several vantages as a Markdown table, hosts and ports down, vantages across."""

from __future__ import annotations

from collections.abc import Iterator

from iacdrift.drift.matrix import DriftMatrix, ExpectedMatrix
from iacdrift.drift.wording import few
from iacdrift.outputs.markdown_report import report_lines
from iacdrift.outputs.markdown_text import code

MOST = 200
"""Rows of the table; the rest is counted, and whole in JSON."""


def matrix_lines(matrix: DriftMatrix | ExpectedMatrix) -> Iterator[str]:
    """The table, then for a check each vantage's report."""
    verdict = matrix.verdict.value.upper().replace("_", " ") if isinstance(matrix, DriftMatrix) else "expected"
    yield f"### Network drift: {verdict}, seen from {len(matrix.names)} vantages"
    yield ""
    names = [code(name.replace("|", "\\|")) for name in matrix.names]
    yield f"| host | port | {' | '.join(names)} |"
    yield "|---|---|" + "---|" * len(names)
    for row in matrix.rows[:MOST]:
        who = " ".join(code(text.replace("|", "\\|")) for text in (row.owner, row.address or row.name) if text)
        told = (f"**{cell.text}**" if cell.finding or cell.observed == "undetermined" else cell.text for cell in row.cells)
        yield f"| {who} | {code(f'{row.protocol}/{few(row.ports)}')} | {' | '.join(told)} |"
    if len(matrix.rows) > MOST:
        yield from ("", f"and {len(matrix.rows) - MOST:,} more rows.")
    if isinstance(matrix, DriftMatrix):
        for name, report in zip(matrix.names, matrix.reports, strict=True):
            yield from ("", f"#### From {code(name)}", "", *report_lines(report))
