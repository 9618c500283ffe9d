"""From a finding to the change in the code that would adopt it: found, written, and parsed again; nothing is applied."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from attrs import frozen

from iacdrift.drift.report import DriftReport, Finding
from iacdrift.errors import SourceError, UsageError
from iacdrift.remedy.patch import Adoption, difference, inserted


@frozen(slots=True)
class Patch:
    """A change of one file, relative to the working directory. `diff` is what `git apply` takes; `body` a pull request's text."""

    path: str
    diff: str
    body: str


def finding_of(report: DriftReport, name: str) -> Finding:
    """The finding of this id. UsageError, with those that there are, where the report has none."""
    for finding in (*report.findings, *report.carried):
        if finding.id == name:
            return finding
    known = ", ".join(finding.id for finding in report.findings[:10]) or "none"
    raise UsageError(f"the report of {report.finished_at} has no finding {name!r}; its findings: {known}")


def adopted(report: DriftReport, finding: Finding, code: Path | None = None, cidr: str | None = None) -> Patch:
    """The patch that makes the code say what the network is.

    `code`: the directory of the `.tf` files, else that of the report's sources; `cidr`: who is to be admitted, where the finding
    leaves that open. UsageError where the finding is none that a block could adopt, SourceError where the code can't be read.
    """
    adoption = Adoption.of(finding.way_back.adopt)
    if adoption is None:
        raise UsageError(f"{finding.kind.value} isn't adopted by adding a block; its way back says:\n{finding.way_back.adopt}")
    wanted = adoption.admitting(_checked(cidr))
    path, (first, last) = _group_block(report, wanted.group, code)
    before = _text(path)
    after = inserted(before, wanted, first, last)
    _parsed_again(path, after)
    shown = _shown(path)
    return Patch(shown, difference(shown, before, after), _body(finding, shown))


def _checked(cidr: str | None) -> str | None:
    from ipaddress import ip_network

    try:
        return None if cidr is None else str(ip_network(cidr))
    except ValueError as error:
        raise UsageError(f"--cidr {cidr!r} is no network: {error}") from error


def _group_block(report: DriftReport, group: str, code: Path | None) -> tuple[Path, tuple[int, int]]:
    """The file that declares the group, and the lines of its block."""
    from iacdrift.sources.code import CodeTree
    from iacdrift.sources.hcl import spans_of

    roots = [code] if code else list(dict.fromkeys(_roots(report)))
    for root in roots:
        block = CodeTree(root).find(group) if root.is_dir() else None
        if block is None:
            continue
        path = root / block.at.rpartition(":")[0]
        line = int(block.at.rpartition(":")[2])
        span = next((span for span in spans_of(_text(path)) if span[0] == line), None)
        if span:
            return path, span
    looked = ", ".join(str(root) for root in roots) or "nowhere"
    raise SourceError(f"no .tf file declares {group} (looked in {looked}): give --code DIR")


def _roots(report: DriftReport) -> Iterator[Path]:
    for source in report.sources:
        if source.code:
            yield Path(source.code)
        path = Path(source.path.removeprefix("tf:").partition("?workspace=")[0])
        yield path if path.is_dir() else path.parent


def _text(path: Path) -> str:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return file.read()
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"{path} can't be read: {error}") from error


def _parsed_again(path: Path, text: str) -> None:
    from iacdrift.sources.hcl import parses

    if not parses(text):
        raise SourceError(f"{path} doesn't parse with the block in it: adopt it by hand, as the way back shows")


def _shown(path: Path) -> str:
    whole, here = path.resolve(), Path.cwd().resolve()
    return (whole.relative_to(here) if whole.is_relative_to(here) else whole).as_posix()


def _body(finding: Finding, path: str) -> str:
    """Markdown for a pull request."""
    from iacdrift.outputs.markdown_text import code

    because = [f"- {code(item.resource)}{f' ({code(item.at)})' if item.at else ''}: {code(item.detail)}" for item in finding.because]
    who = " ".join(code(text) for text in (finding.owner, finding.address) if text)
    lines = [
        f"### Adopt {finding.protocol}/{finding.ports} on {who}",
        "",
        f"A scan found this to be {finding.expected.value} in the code and {finding.observed.evidence.value} in the network:",
        "",
        code(finding.explanation),
        "",
        *because,
        "",
        f"This change to {code(path)} declares what is there. It is the right way only if it was meant to be there; "
        "the other way, taking it back in reality, is:",
        "",
        *(f"    {line}" for line in finding.way_back.revert.split("\n")),
        "",
        f"Found by iacdrift as {code(finding.id)}; ask again: {code(f'iacdrift check --finding {finding.id}')}",
    ]
    return "\n".join(lines) + "\n"
