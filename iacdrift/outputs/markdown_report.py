"""A drift report as a comment on a pull request."""

from __future__ import annotations

from collections.abc import Iterator

from iacdrift.drift.report import DriftReport, Finding, Severity, Undetermined
from iacdrift.drift.wording import few
from iacdrift.outputs.headline import headline, qualified
from iacdrift.outputs.markdown_text import code
from iacdrift.outputs.only_reports import fails
from iacdrift.outputs.place_in_code import place_of
from iacdrift.outputs.safe import safe_lines
from iacdrift.outputs.text_surface import place

MOST = 25
"""Findings with their full text; a comment has a limit (GitHub: 65,536 characters), the rest is listed."""


def report_lines(report: DriftReport) -> Iterator[str]:
    """The verdict, a table, each finding folded, and what wasn't judged."""
    yield f"### Network drift: {headline(report)[0].partition(':')[0]}"
    yield ""
    yield code(headline(report)[0])
    warning = qualified(report)
    if warning:
        yield from ("", f"> {code(warning)}")
    yield from ("", f"Seen from {code(place(report.vantage))}, rules from {report.declared_from}.")
    bad = [finding for finding in report.findings if fails(finding, report)]
    mild = [finding for finding in report.findings if not fails(finding, report)]
    if bad:
        yield from _table(bad, report)
        for finding in bad[:MOST]:
            yield from _details(finding)
        if len(bad) > MOST:
            yield from ("", f"The full text of {len(bad) - MOST} more findings is in the report.")
    yield from _folded("resolved since the run before", [_row(finding) for finding in report.resolved])
    yield from _folded("not determined: this had to be known", [_gap(item) for item in report.undetermined if item.required])
    yield from _folded("notes, which fail nothing", [_row(finding) for finding in mild])
    yield from _folded("not judged, and not needed", [_gap(item) for item in report.undetermined if not item.required])
    yield from _folded("ignored by exceptions", [code(item.get("id", "?")) for item in report.ignored])
    yield from _folded("taken for granted", [f"{code(item.resource)}: {code(item.text)}" for item in report.assumptions])


def _table(findings: list[Finding], report: DriftReport) -> Iterator[str]:
    yield from ("", "| severity | finding | on | code |", "|---|---|---|---|")
    for finding in findings:
        where = place_of(finding, report)
        ports = f"{finding.protocol}/{few(finding.ports)}"
        who = " ".join(_cell(text) for text in (finding.owner, finding.address) if text)
        new = " (new)" if finding.new else ""
        severity = _strong(finding.severity)
        yield f"| {severity} | {finding.kind.value} {_cell(ports)}{new} | {who} | {_cell(f'{where.path}:{where.line}')} |"


def _strong(severity: Severity) -> str:
    return f"**{severity.value}**" if severity.at_least(Severity.HIGH) else severity.value


def _cell(text: object) -> str:
    """In a table a vertical bar ends the cell, in code spans too."""
    return code(str(text).replace("|", "\\|"))


def _details(finding: Finding) -> Iterator[str]:
    yield from (
        "",
        f"<details><summary>{finding.severity.value}: {finding.kind.value} {finding.protocol}/{few(finding.ports)}</summary>",
        "",
    )
    yield f"- seen: {code(finding.explanation)}"
    for because in finding.because:
        at = f" ({code(because.at)})" if because.at else ""
        yield f"- because {code(because.resource)}{at}: {code(because.detail)}"
    for label, text in (("revert in reality", finding.way_back.revert), ("or adopt in the code", finding.way_back.adopt)):
        if text:
            yield from ("", f"{label}:", "", *(f"    {line}" for line in safe_lines(text)))
    yield from ("", f"ask again: {code(finding.reproduce)}, id {code(finding.id)}", "", "</details>")


def _row(finding: Finding) -> str:
    who = ", ".join(code(text) for text in (finding.owner, finding.address) if text)
    return f"{finding.severity.value}: {finding.kind.value} {code(f'{finding.protocol}/{few(finding.ports)}')} on {who}"


def _gap(item: Undetermined) -> str:
    who = item.owner or item.address or "the whole run"
    ports = f" {item.protocol}/{few(item.ports)}" if item.ports else ""
    return f"{code(f'{who}{ports}')}: {code(item.why)}"


def _folded(name: str, lines: list[str]) -> Iterator[str]:
    if lines:
        shown = lines[:100]
        more = [f"- and {len(lines) - 100} more"] if len(lines) > 100 else []
        yield from ("", f"<details><summary>{len(lines)} {name}</summary>", "", *(f"- {line}" for line in shown), *more, "", "</details>")
