"""`expect` and `check` from several vantages: one table of them all, and each vantage's own result."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from iacdrift.cli_exit import ExitCode
from iacdrift.cli_record import Keeper, tabled, with_baseline
from iacdrift.cli_report import Report
from iacdrift.errors import UsageError

if TYPE_CHECKING:
    from iacdrift.drift.report import DriftReport

FORMATS = ("text", "json", "markdown", "html")


def several(options: Mapping[str, Any]) -> bool:
    """Whether `--vantage` names more than one place."""
    from iacdrift.vantages import named_vantages

    return len(named_vantages(options["vantage"])) > 1


def expect_matrix(options: dict[str, Any]) -> int:
    """Print what is expected from each vantage; sends nothing."""
    from iacdrift.vantages import expected_from

    report = _report(options)
    report.write(expected_from(*_sources(options), vantages=options["vantage"], **_without(options)))
    return ExitCode.IN_SYNC


def check_matrix(options: dict[str, Any]) -> int:
    """Scan from each vantage that somebody stands at, and print the matrix; the exit code is the worst."""
    from iacdrift.assertion import Pipeline
    from iacdrift.vantages import expected_parts, named_vantages, seen_from

    if options.get("finding") or options.get("dry_run"):
        raise UsageError("--finding and --dry-run are for one vantage at a time")
    report, keeper = _report(options), Keeper.of(options, "check")
    pipeline = Pipeline.of(options | tabled(), talkative=not report.quiet).looking_ahead(*report.modules, *keeper.modules)
    parts = expected_parts(_sources(options), named_vantages(options["vantage"]), options)
    for part in parts.values():
        report.say_sources(part)
    prepared = {name: keeper.reminded(with_baseline(pipeline, part, options), part) for name, part in parts.items()}
    reports = {name: seen_from(name, prepared[name], part) for name, part in parts.items()}
    return _finish(keeper, reports, report, options)


def _finish(keeper: Keeper, reports: dict[str, DriftReport], report: Report, options: Mapping[str, Any]) -> int:
    """As the end of a check from one vantage: each report for itself, the history tells them apart by where they were seen from."""
    from iacdrift.drift.matrix import DriftMatrix

    keeper, remark = keeper.begun()
    if remark is not None:
        report.say(remark)
    annotated = {name: keeper.annotated(found) for name, found in reports.items()}
    failed = [why for _, missing in annotated.values() for why in missing]
    matrix = DriftMatrix.of({name: found for name, (found, _) in annotated.items()})
    keeper.end(matrix, matrix.reports, report, failed)
    return ExitCode.of(matrix.exit_code, options)


def _report(options: Mapping[str, Any]) -> Report:
    """How it is written. UsageError, before anything is sent, for a format that has no matrix."""
    report = Report.of(options)
    for name in (report.format, *(name for name, _ in report.files)):
        if name not in FORMATS:
            raise UsageError(f"--format {name}: there is none of several vantages; it is one of {', '.join(FORMATS)}")
    return report


def _sources(options: Mapping[str, Any]) -> tuple[Any, ...]:
    if not options["sources"]:
        raise UsageError("no source given: --from FILE, such as a state, the JSON of a plan, or a directory that holds them")
    return tuple(options["sources"])


def _without(options: Mapping[str, Any]) -> dict[str, Any]:
    from iacdrift.options import expect_options

    return dict(expect_options(options))
