"""`iacdrift history`: reports over time, who knows of a finding, how much is kept."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from attrs import evolve

from iacdrift.cli_exit import ExitCode
from iacdrift.cli_options import TALKING, Duration, option, reporting, stacked
from iacdrift.cli_record import tables
from iacdrift.cli_report import Report
from iacdrift.errors import OutputError, UsageError
from iacdrift.outputs.safe import safe, safe_json

if TYPE_CHECKING:
    from iacdrift.history.database import Database

_WHERE = option("--history", metavar="URL", help="The history: a file or an SQLAlchemy URL; by default in the state directory.")
_FORMAT = option("--format", type=click.Choice(["text", "json"]), default="text", show_default=True, help="What goes to stdout.")


@click.group()
def history() -> None:
    """Reports over time: what was seen first and last, what is gone, who knows of it."""


@history.command("list", epilog="\b\nExamples:\n  iacdrift history list\n  iacdrift history list --findings --all --format json")
@stacked(
    option("--findings", is_flag=True, help="The findings that are open instead of the reports."),
    option("--all", "every", is_flag=True, help="With --findings: the resolved ones too."),
    option("--target", metavar="TEXT", help="Only of targets whose name holds this text."),
    option("--limit", type=click.IntRange(min=1), metavar="NUMBER", help="So many reports, the latest."),
    _WHERE,
    _FORMAT,
    TALKING,
)
def list_(*, findings: bool, every: bool, target: str | None, limit: int | None, format: str, **options: Any) -> int:  # noqa: A002 - the option's name
    """List the reports, latest first, or the findings."""
    from iacdrift.history import listing

    database = _database(options)
    if findings:
        rows = listing.findings(database, target=target, every=every)
        return _print({"schema": "iacdrift/history-findings/1", "findings": rows}, format, _findings(rows))
    rows = listing.reports(database, target=target, limit=limit)
    return _print({"schema": "iacdrift/history/1", "reports": rows}, format, _reports(rows))


@history.command(epilog="\b\nExamples:\n  iacdrift history show\n  iacdrift history show 12 --format json\n  iacdrift history show FINDING")
@click.argument("what", metavar="[REPORT|FINDING]", required=False)
@stacked(_WHERE, reporting("text, json, as check writes it"), TALKING)
def show(*, what: str | None, **options: Any) -> int:
    """Show a report as it was written (by default the latest), or the life of a finding."""
    from iacdrift.history import asking
    from iacdrift.history.trend import runs_before

    database, report = _database(options), Report.of(options)
    if what is None or what.isdecimal():
        number, found = asking.report(database, int(what) if what else None)
        if report.shows("html"):
            report = evolve(report, past=runs_before(database, number))
        report.write(found)
        return ExitCode.IN_SYNC
    rows = asking.life(database, what)
    if not rows:
        raise UsageError(f"the history {database.location.shown} knows no finding {what!r}; see iacdrift history list --findings --all")
    return _print({"schema": "iacdrift/history-findings/1", "findings": rows}, options["format"], _findings(rows))


@history.command(epilog="\b\nExamples:\n  iacdrift history diff\n  iacdrift history diff 11 12 --format json")
@click.argument("before", type=click.IntRange(min=1), required=False)
@click.argument("after", type=click.IntRange(min=1), required=False)
@stacked(_WHERE, _FORMAT, TALKING)
def diff(*, before: int | None, after: int | None, format: str, **options: Any) -> int:  # noqa: A002 - the option's name
    """Compare two reports: by default the latest with the one of the same target before it."""
    from iacdrift.history.asking import compared

    told = compared(_database(options), before, after).to_dict()
    return _print(told, format, _compared(told))


@history.command(epilog="\b\nExample:\n  iacdrift history acknowledge exposed-tcp-8080-1a2b3c4d5e6f --by ann --note 'closing it today'")
@click.argument("finding")
@stacked(
    option("--by", metavar="NAME", required=True, help="Who knows of it."),
    option("--note", metavar="TEXT", help="What is being done."),
    _WHERE,
    TALKING,
)
def acknowledge(*, finding: str, by: str, note: str | None, quiet: bool, **options: Any) -> int:
    """Say that somebody knows of a finding; it stays a finding, and the acknowledgement ends when it is resolved."""
    from iacdrift.history.changing import acknowledge as acknowledged

    if not by.strip():
        raise UsageError("--by is empty: say who knows of it")
    acknowledged(_database(options), finding, by, note)
    if not quiet:
        click.echo(f"{finding} is acknowledged by {safe(by)}", err=True)
    return ExitCode.IN_SYNC


@history.command(epilog="\b\nExamples:\n  iacdrift history prune --older-than 90d\n  iacdrift history prune --keep 500")
@stacked(
    option("--keep", type=click.IntRange(min=1), metavar="NUMBER", help="Keep so many reports of each target."),
    option("--older-than", type=Duration(), metavar="AGE", help="Delete reports stored longer ago: 90d, 12w."),
    _WHERE,
    TALKING,
)
def prune(*, keep: int | None, older_than: float | None, quiet: bool, **options: Any) -> int:
    """Delete old reports, and findings that were resolved before the oldest that stays; open findings stay."""
    from iacdrift.history.changing import prune as pruned

    gone = pruned(_database(options), keep=keep, older_than=older_than)
    if not quiet:
        click.echo(f"{gone.reports:,} reports and {gone.findings:,} resolved findings deleted", err=True)
    return ExitCode.IN_SYNC


@history.command(epilog="\b\nExample:\n  iacdrift history export --to history.jsonl")
@stacked(option("--to", type=click.Path(path_type=Path), metavar="FILE", help="Into this file instead of stdout."), _WHERE, TALKING)
def export(*, to: Path | None, **options: Any) -> int:
    """Write everything as JSON Lines: the reports, the findings over time, the baselines."""
    from iacdrift.history.asking import exported

    lines = (safe_json(json.dumps(row)) + "\n" for row in exported(_database(options)))
    try:
        if to is None:
            sys.stdout.writelines(lines)
        else:
            with to.open("w", encoding="utf-8") as file:
                file.writelines(lines)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(f"can't write {to or 'stdout'}: {error.strerror}") from error
    return ExitCode.IN_SYNC


def _database(options: dict[str, Any]) -> Database:
    from iacdrift.recording import database_at

    found = database_at(options.get("history"), tables().get("history"))
    if found is None:
        raise UsageError("the history is off: name one by --history")
    return found


def _print(told: dict[str, Any], format: str, lines: Iterable[str]) -> int:  # noqa: A002 - the option's name
    text = safe_json(json.dumps(told, indent=2)) if format == "json" else "\n".join(lines)
    sys.stdout.write(f"{text}\n")
    return ExitCode.IN_SYNC


def _reports(rows: list[dict[str, Any]]) -> Iterator[str]:
    if not rows:
        yield "no reports yet"
    for row in rows:
        counted = ", ".join(f"{number} {severity}" for severity, number in row["severities"].items()) or "no findings"
        more = "".join(f", {row[name]} {name}" for name in ("undetermined", "ignored") if row[name])
        told = (f"{row['report']:>6}", row["finished_at"] or "(no time)", f"{row['verdict']:<10}", f"{counted}{more};", row["command"])
        yield f"{'  '.join(told)} of {safe(row['target'])}"


def _findings(rows: list[dict[str, Any]]) -> Iterator[str]:
    if not rows:
        yield "no findings"
    for row in rows:
        why = f" ({row['ended']})" if row["ended"] else ""
        state = f"resolved {row['resolved_at']}{why}" if row["resolved_at"] else "open"
        known = f", acknowledged by {safe(row['acknowledged_by'])}" if row["acknowledged_by"] else ""
        known += f" ({safe(row['note'])})" if row["acknowledged_by"] and row["note"] else ""
        yield f"{safe(row['finding'])}  {row['severity']}  {safe(row['owner'] or '')}  {safe(row['address'] or '')}"
        seen = f"first seen {row['first_seen']}, last seen {row['last_seen']}, {row['times']} times"
        yield f"    {seen}; {state}{known}; {safe(row['target'])}"


def _compared(told: dict[str, Any]) -> Iterator[str]:
    yield f"report {told['after']} after report {told['before']}"
    for name in ("new", "resolved", "unchanged", "not_looked_at"):
        yield f"{name.replace('_', ' ')}: {len(told[name]):,}"
        for item in told[name] if name != "unchanged" else ():
            place = "  ".join(safe(item[key]) for key in ("owner", "address") if item[key])
            yield f"    {safe(item['id'])}  {item['severity']}  {place}"
