"""JUnit XML: one test a host. Drift fails it, what had to be learnt and wasn't is its error, what else wasn't judged a skipped test."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from html import escape
from typing import Any

from attrs import frozen

from iacdrift.drift.report import DriftReport, Finding, ReportedHost, Undetermined
from iacdrift.drift.wording import few
from iacdrift.outputs.headline import headline
from iacdrift.outputs.only_reports import fails, report_only, subject
from iacdrift.outputs.safe import safe

SUITE = "iacdrift"
WHOLE_RUN = "the whole run"


def render(value: Any, *, color: bool = False, width: int = 100) -> str:
    """The report as a `testsuites` document; `color` and `width` change nothing. UsageError for anything but a report."""
    report = report_only(value, "junit")
    tests = list(_tests(report))
    counts = {name: sum(test.ends == tag for test in tests) for name, tag in _ENDS.items()}
    numbers = " ".join(f'{name}="{count}"' for name, count in {"tests": len(tests), **counts}.items())
    seconds = f'time="{_seconds(report):.3f}"'
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<testsuites name="{SUITE}" {numbers} {seconds}>',
        f'  <testsuite name="{SUITE}" {numbers} {seconds} timestamp="{_quoted(report.started_at)}">',
        "    <properties>",
        *(f'      <property name="{name}" value="{_quoted(text)}"/>' for name, text in _properties(report)),
        "    </properties>",
        *(line for test in tests for line in test.lines()),
        "  </testsuite>",
        "</testsuites>",
    ]
    return "\n".join(lines) + "\n"


_ENDS = {"failures": "failure", "errors": "error", "skipped": "skipped"}


@frozen(slots=True)
class _Test:
    """One host. `ends`: the element that says how, None where it passed; `told`: what goes to the standard output."""

    owner: str
    name: str
    ends: str | None = None
    type: str = ""
    message: str = ""
    text: tuple[str, ...] = ()
    told: tuple[str, ...] = ()

    def lines(self) -> Iterator[str]:
        yield f'    <testcase classname="{_quoted(self.owner)}" name="{_quoted(self.name)}">'
        if self.ends == "skipped":
            yield f'      <skipped message="{_quoted(self.message)}"/>'
        elif self.ends:
            yield f'      <{self.ends} type="{_quoted(self.type)}" message="{_quoted(self.message)}">{_lines(self.text)}</{self.ends}>'
        if self.told:
            yield f"      <system-out>{_lines(self.told)}</system-out>"
        yield "    </testcase>"


def _tests(report: DriftReport) -> Iterator[_Test]:
    """Every host of the report, then what belongs to none of them."""
    findings, gaps = list(report.findings), list(report.undetermined)
    for host in report.hosts:
        mine = [item for item in findings if _about(item, host)]
        missing = [item for item in gaps if _about(item, host)]
        findings = [item for item in findings if item not in mine]
        gaps = [item for item in gaps if item not in missing]
        yield from _host_tests(host.owner, host.address or host.name or host.owner, mine, missing, report)
    homeless: list[Finding | Undetermined] = [*findings, *gaps]
    for owner, address in dict.fromkeys((item.owner, item.address) for item in homeless):
        mine = [item for item in findings if (item.owner, item.address) == (owner, address)]
        missing = [item for item in gaps if (item.owner, item.address) == (owner, address)]
        yield from _host_tests(owner or SUITE, address or WHOLE_RUN, mine, missing, report)


def _about(item: Finding | Undetermined, host: ReportedHost) -> bool:
    if item.owner != host.owner:
        return item.owner is None and item.address is not None and item.address == host.address
    return item.address == host.address


def _host_tests(owner: str, name: str, findings: Sequence[Finding], gaps: Sequence[Undetermined], report: DriftReport) -> Iterator[_Test]:
    """The host's own test, and a skipped one for what nobody had to know and wasn't judged."""
    required, beside = [gap for gap in gaps if gap.required], [gap for gap in gaps if not gap.required]
    if findings or required or not gaps or name in {host.address for host in report.hosts}:
        yield _test(owner, name, findings, required, report)
    if beside:
        told = [_gap(gap) for gap in beside]
        yield _Test(owner, f"{name}: not judged", "skipped", message=_together(told), told=tuple(told))


def _test(owner: str, name: str, findings: Sequence[Finding], required: Sequence[Undetermined], report: DriftReport) -> _Test:
    bad = [finding for finding in findings if fails(finding, report)]
    told = [line for finding in findings if finding not in bad for line in _finding(finding)]
    why = [_gap(gap) for gap in required]
    if bad:
        text = tuple(line for finding in bad for line in _finding(finding))
        return _Test(owner, name, "failure", bad[0].kind.value, _together([subject(item) for item in bad]), text, (*told, *why))
    if required:
        return _Test(owner, name, "error", "incomplete", _together([gap.why for gap in required]), tuple(why), tuple(told))
    return _Test(owner, name, told=tuple(told))


def _finding(finding: Finding) -> Iterator[str]:
    yield f"{finding.severity.value}: {subject(finding)}"
    yield f"  {finding.explanation}"
    yield from (f"  because {item.resource}: {item.detail}" + (f" ({item.at})" if item.at else "") for item in finding.because)
    for label, text in (("revert", finding.way_back.revert), ("adopt", finding.way_back.adopt)):
        if text:
            yield from (f"  {label}:", *(f"    {line}" for line in text.split("\n")))
    yield f"  ask again: {finding.reproduce}"
    yield f"  id: {finding.id}"


def _gap(gap: Undetermined) -> str:
    ports = f"{gap.protocol}/{few(gap.ports)}: " if gap.ports else ""
    return f"{ports}{gap.why}"


def _together(texts: Sequence[str]) -> str:
    return texts[0] + (f" (and {len(texts) - 1} more)" if len(texts) > 1 else "")


def _properties(report: DriftReport) -> Iterator[tuple[str, str]]:
    yield "verdict", report.verdict.value
    yield "headline", headline(report)[0]
    yield "declared_from", report.declared_from
    yield "version", report.version
    yield from (("source", f"{source.kind} {source.path}") for source in report.sources)


def _seconds(report: DriftReport) -> float:
    try:
        return (datetime.fromisoformat(report.finished_at) - datetime.fromisoformat(report.started_at)).total_seconds()
    except (ValueError, TypeError):
        return 0.0


def _quoted(text: object) -> str:
    return escape(safe(text), quote=True)


def _lines(texts: Sequence[str]) -> str:
    return "\n".join(escape(safe(line, None), quote=False) for line in texts)
