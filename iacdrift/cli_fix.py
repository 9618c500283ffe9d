"""`iacdrift fix`: one finding's ways back, as a patch to the code or as the commands; nothing is applied."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from iacdrift.cli_exit import ExitCode
from iacdrift.cli_options import TALKING, option, stacked
from iacdrift.errors import UsageError

if TYPE_CHECKING:
    from iacdrift.drift.report import DriftReport


@click.command(
    epilog="\b\nExamples:\n  iacdrift fix exposed-tcp-8080-1a2b3c4d5e6f --adopt | git apply\n"
    "  iacdrift fix exposed-tcp-8080-1a2b3c4d5e6f --revert\n"
    "  iacdrift fix exposed-tcp-8080-1a2b3c4d5e6f --report report.json --adopt --pr-body"
)
@click.argument("finding", metavar="FINDING")
@stacked(
    option("--adopt", is_flag=True, help="A patch to the .tf files that declares what is there."),
    option("--revert", is_flag=True, help="The commands that take it back: first the query, then the change."),
    option("--pr-body", is_flag=True, help="With --adopt: the text of a pull request instead of the patch."),
    option("--report", type=click.Path(path_type=Path), metavar="FILE", help="A JSON report; by default the last one in the history."),
    option("--history", metavar="PATH|URL|off", help="The history to look in."),
    option("--code", type=click.Path(path_type=Path), metavar="DIR", help="The directory of the .tf files."),
    option("--cidr", metavar="CIDR", help="Who is to be admitted, where the finding leaves that open."),
    TALKING,
)
def fix(*, finding: str, adopt: bool, revert: bool, pr_body: bool, code: Path | None, cidr: str | None, **options: Any) -> int:
    """Print what makes code and network agree again; applies nothing."""
    from iacdrift.adoption import adopted, finding_of

    if adopt and revert:
        raise UsageError("--adopt and --revert are two ways: choose one")
    if pr_body and not adopt:
        raise UsageError("--pr-body goes with --adopt")
    report = _report(finding, options)
    found = finding_of(report, finding)
    if adopt:
        patch = adopted(report, found, code, cidr)
        # The patch must reach git as it is: a tab or a line end of the user's own file made visible would be another file.
        click.echo(patch.body if pr_body else patch.diff, nl=False)
    elif revert:
        _say(found.way_back.revert + "\n")
    else:
        _say(f"# revert in reality:\n{found.way_back.revert}\n\n# or adopt in the code:\n{found.way_back.adopt}\n")
    return ExitCode.IN_SYNC


def _report(finding: str, options: dict[str, Any]) -> DriftReport:
    """The report that holds the finding. UsageError where none does, SourceError where it can't be read."""
    if options["report"] is None:
        from iacdrift.cli_record import history_of

        store = history_of(options)
        if store is None:
            raise UsageError("the history is off: give --report FILE, the JSON of a check")
        from iacdrift.recording import report_with

        return report_with(store, finding)
    from iacdrift.recording import report_in

    return report_in(options["report"])


def _say(text: str) -> None:
    from iacdrift.outputs.safe import safe_lines

    click.echo("\n".join(safe_lines(text)), nl=False)
