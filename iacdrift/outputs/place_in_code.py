"""Where a finding lies in the code, for everything that shows it beside a line: a path from here, and a line."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from attrs import frozen

from iacdrift.drift.report import DriftReport, Finding
from iacdrift.sources.resource import SourceInfo

_AT = re.compile(r"(?P<file>.+?):(?P<line>[1-9]\d*)(?::\d+)?(?: \(.*\))?")
NOWHERE = "iacdrift.toml"
"""Shown where no source is a file: every place must name one."""


@frozen(slots=True)
class CodePlace:
    """`path` with forward slashes, relative to the working directory where it lies below it; `line` from 1."""

    path: str
    line: int


def place_of(finding: Finding, report: DriftReport) -> CodePlace:
    """The first line that the finding's reasons name, else the source that its expectation was read from."""
    for because in finding.because:
        match = _AT.fullmatch(because.at or "")
        if match:
            return CodePlace(_found(match["file"], report.sources), int(match["line"]))
    return source_place(report)


def source_place(report: DriftReport) -> CodePlace:
    """The first source that is a file; its first line."""
    files = (name for source in report.sources if (name := _bare(source.path)) and _is_there(Path(name)))
    named = (name for source in report.sources if (name := _bare(source.path)) and not name.startswith(("(", "-")))
    return CodePlace(_relative(Path(next(files, None) or next(named, NOWHERE))), 1)


def _found(file: str, sources: Iterable[SourceInfo]) -> str:
    """The file where it exists: below the code's directory, or beside the source; else as the report names it."""
    for folder in dict.fromkeys(_folders(sources)):
        if _is_there(folder / file):
            return _relative(folder / file)
    return _relative(Path(file))


def _folders(sources: Iterable[SourceInfo]) -> Iterator[Path]:
    for source in sources:
        if source.code:
            yield Path(source.code)
    for source in sources:
        path = Path(_bare(source.path))
        yield from (path, path.parent)


def _is_there(path: Path) -> bool:
    """A name out of a hostile state may be too long, or hold what no path can."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _bare(path: str) -> str:
    """`pulumi:DIR?stack=NAME` as `DIR`."""
    return re.sub(r"^[a-z]{2,}:", "", path).partition("?")[0]


def _relative(path: Path) -> str:
    whole, here = os.path.normpath(path), str(Path.cwd())
    if Path(whole).is_absolute() and Path(whole).is_relative_to(here):
        whole = os.path.relpath(whole, here)
    return Path(whole).as_posix()
