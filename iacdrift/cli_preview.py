"""`iacdrift preview`: what a change opens and closes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from iacdrift.cli_exit import ExitCode
from iacdrift.cli_options import SOURCES, TALKING, option, reporting, stacked
from iacdrift.cli_report import Report
from iacdrift.cli_targets import TargetCommand
from iacdrift.errors import NoChangeError, UsageError
from iacdrift.options import expect_options

if TYPE_CHECKING:
    from iacdrift.assertion import Source

_BASE = "A checkout of how things were: synths and templates, which don't say what changes, are compared with those at their place in it."


@click.command(
    cls=TargetCommand,
    epilog="\b\nExamples:\n  iacdrift preview plan.json --fail-on-new-exposure\n"
    "  iacdrift preview old/cdktf.out new/cdktf.out -o markdown:comment.md\n"
    "  iacdrift preview --before main.yaml --after branch.yaml --format json\n\n"
    "\b\nExit codes with --fail-on-new-exposure: 0 nothing newly reachable, 1 something is, 3 something may be; otherwise 0.",
)
@click.argument("changes", nargs=-1, metavar="[CHANGE | BEFORE AFTER]")
@stacked(
    option("--before", multiple=True, metavar="SOURCE", help="How things were: a synth, a template, a state, a plan. Repeatable."),
    option("--after", multiple=True, metavar="SOURCE", help="How they will be. Repeatable."),
    option("--base", type=click.Path(path_type=Path, file_okay=False, exists=True), metavar="DIR", help=_BASE),
    option("--fail-on-new-exposure", is_flag=True, help="Exit with 1 where anything is newly reachable."),
    option("--allow-incomplete", is_flag=True, help="What couldn't be judged doesn't fail the run (the report says so)."),
    SOURCES,
    reporting("text, json, markdown"),
    TALKING,
)
@click.pass_context
def preview(
    ctx: click.Context,
    /,
    *,
    changes: tuple[str, ...],
    before: tuple[str, ...],
    after: tuple[str, ...],
    base: Path | None,
    fail_on_new_exposure: bool,
    allow_incomplete: bool,
    **options: Any,
) -> int:
    """Print what a plan opens and closes, seen from the internet; sends nothing.

    CHANGE is a plan (a file, tf:DIR) or a Pulumi preview (a file, pulumi:DIR); BEFORE and AFTER are any two sources.
    """
    from iacdrift.preview import preview as previewed
    from iacdrift.preview import preview_between

    report = Report.of(options)
    asked, vantage = expect_options(options), options["vantage"] or ("internet",)
    # what a configuration file names for every command must not join what is typed here
    beside = options["sources"] if not changes or ctx.get_parameter_source("sources") is ParameterSource.COMMANDLINE else ()
    if (sides := _sides(changes, before, after)) is not None:
        found = preview_between((*sides[0], *beside), (*sides[1], *beside), vantage, **asked)
    else:
        try:
            found = previewed(*changes, *beside, vantage=vantage, **asked)
        except NoChangeError:
            if base is None:
                raise
            found = preview_between(_as_they_were(base, (*changes, *beside)), (*changes, *beside), vantage, **asked)
    report.write(found)
    return found.exit_code(allow_incomplete=allow_incomplete) if fail_on_new_exposure else ExitCode.IN_SYNC


def _sides(changes: tuple[str, ...], before: tuple[str, ...], after: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """The two sources to compare; None where one tells of both sides. UsageError where it isn't clear what is meant."""
    if bool(before) != bool(after):
        raise UsageError("--before and --after belong together: give both, or one plan")
    if (before and changes) or len(changes) > 2:
        raise UsageError("preview takes one plan, or BEFORE and AFTER, or --before and --after")
    if before:
        return before, after
    return ((changes[0],), (changes[1],)) if len(changes) == 2 else None


def _as_they_were(base: Path, sources: tuple[str, ...]) -> tuple[Source, ...]:
    """The same sources in the checkout; nothing at all where none of them was there yet."""
    placed = [(kind + colon, base / path) for kind, colon, path in map(_parted, sources)]
    there = tuple(f"{prefix}{path}" for prefix, path in placed if path.exists())
    return there or ({"schema": "iacdrift/expectation/1", "expectations": []},)


def _parted(source: str) -> tuple[str, str, str]:
    """`KIND:` in front, and the path."""
    kind, colon, path = source.partition(":")
    return (kind, colon, path) if colon and kind.isalpha() else ("", "", source)
