"""The command line: what users type, turned into the pipeline's calls, and its results into text and exit codes."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from iacdrift import __version__
from iacdrift.cli_commands import COMMANDS, LazyGroup
from iacdrift.cli_exit import ExitCode, guarded
from iacdrift.cli_matrix import check_matrix, expect_matrix, several
from iacdrift.cli_options import (
    API,
    BASELINE,
    HISTORY,
    JUDGING,
    OWNERS,
    SCANNING,
    SETTLING,
    SOURCES,
    STANDING,
    TALKING,
    option,
    reporting,
    stacked,
)
from iacdrift.cli_record import Keeper, tabled, with_baseline
from iacdrift.cli_report import Report
from iacdrift.cli_targets import TargetCommand
from iacdrift.errors import UsageError
from iacdrift.options import expect_options

if TYPE_CHECKING:
    from iacdrift.assertion import ExpectedPart, Pipeline
    from iacdrift.scan.task import Only

SHELLS = ("bash", "zsh", "fish")

_EPILOG = """\b
Examples:
  terraform show -json plan.out > plan.json
  iacdrift expect --from plan.json --vantage internet
  iacdrift check --from plan.json --ports declared --scope 198.51.100.0/24
  iacdrift explain --from plan.json 198.51.100.7:443
  iacdrift diff --from plan.json --nmap-xml scan.xml

\b
Exit codes: 0 in sync, 1 drift, 2 error, 3 incomplete (something that had to be known wasn't learnt).
Options may also stand in iacdrift.toml or as IACDRIFT_… in the environment.
"""


@click.group(
    cls=LazyGroup,
    commands_elsewhere=COMMANDS,
    epilog=_EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.version_option(__version__, prog_name="iacdrift")
def cli() -> None:
    """Ask the network itself whether it is what the infrastructure code says."""


@cli.command(cls=TargetCommand, epilog="\b\nExample:\n  iacdrift expect --from terraform.tfstate --vantage 203.0.113.9 --format json")
@stacked(SOURCES, OWNERS, reporting("text, json, mermaid, dot, svg"), TALKING)
def expect(**options: Any) -> int:
    """Print the expected surface; sends nothing."""
    if several(options):
        return expect_matrix(options)
    report = Report.of(options)
    report.write(_expected(options, report).surface)
    return ExitCode.IN_SYNC


@cli.command(
    cls=TargetCommand,
    epilog="\b\nExamples:\n  iacdrift check --from plan.json -o json:report.json\n"
    "  iacdrift check --from plan.json --finding exposed-tcp-8080-1a2b3c4d5e6f\n"
    "  iacdrift check --from plan.json --dry-run",
)
@stacked(
    SOURCES,
    OWNERS,
    SCANNING,
    STANDING,
    SETTLING,
    JUDGING,
    API,
    option("--finding", metavar="ID", help="Ask the ports of this one finding again, in seconds."),
    option("--dry-run", is_flag=True, help="Print what would be sent, as plan-scan does; sends nothing."),
    BASELINE,
    HISTORY,
    reporting("text, json"),
    TALKING,
)
def check(*, finding: str | None, dry_run: bool, **options: Any) -> int:
    """Scan, and print the verdict: expected against observed."""
    if several(options):
        return check_matrix(options | {"finding": finding, "dry_run": dry_run})
    if dry_run:
        return _plan_scan(options)
    report, keeper = Report.of(options), Keeper.of(options, "check")
    pipeline = _pipeline(options | tabled() | {"finding": finding}, talkative=not report.quiet)
    pipeline = pipeline.looking_ahead(*report.modules, *keeper.modules)
    part = _expected(options, report)
    pipeline = keeper.reminded(with_baseline(pipeline, part, options), part)
    asked, only = _located(finding, part) if finding else (part, None)
    # All hosts stay in the scan's sight: some of them are the witnesses that anything answers at all.
    found = pipeline.judge(asked, pipeline.observe(part, only))
    report.say_run(found)
    return keeper.finish(found, report, options)


@cli.command(epilog="\b\nExample:\n  nmap -n -Pn -p- -oX scan.xml 198.51.100.7\n  iacdrift diff --from plan.json --nmap-xml scan.xml")
@stacked(
    SOURCES,
    OWNERS,
    option("--nmap-xml", "xml", multiple=True, type=click.Path(path_type=Path), metavar="FILE", help="What nmap -oX wrote. Repeatable."),
    option("--ports", metavar="PORTS", help="Ports to judge; by default those that each XML says it scanned."),
    JUDGING,
    API,
    BASELINE,
    HISTORY,
    reporting("text, json"),
    TALKING,
)
def diff(*, xml: tuple[Path, ...], ports: str | None, **options: Any) -> int:
    """Print the verdict on Nmap XML that somebody already has; sends nothing."""
    if not xml:
        raise UsageError("diff needs --nmap-xml FILE: what nmap -oX FILE wrote")
    report, keeper = Report.of(options), Keeper.of(options, "diff")
    pipeline = _pipeline(options | tabled())
    part = _expected(options, report)
    pipeline = with_baseline(pipeline, part, options)
    return keeper.finish(pipeline.judge(part, pipeline.read(part, xml, ports)), report, options)


@cli.command(
    epilog="\b\nExamples:\n  iacdrift explain --from plan.json 198.51.100.7:443\n"
    "  iacdrift explain --from plan.json aws_instance.web:53/udp"
)
@click.argument("target", metavar="HOST:PORT[/udp]")
@stacked(SOURCES, OWNERS, reporting("text, json"), TALKING)
def explain(*, target: str, **options: Any) -> int:
    """Tell the way of one packet: what decides on it, and in which line; sends nothing."""
    from iacdrift.assertion import explained
    from iacdrift.cli_target import Target

    asked = Target.parse(target)
    report = Report.of(options)
    part = _expected(options, report)
    report.write(explained(part, asked.host, asked.protocol, asked.port))
    return ExitCode.IN_SYNC


@cli.command("plan-scan", cls=TargetCommand, epilog="\b\nExample:\n  iacdrift plan-scan --from plan.json --ports all --rate 5000")
@stacked(SOURCES, OWNERS, SCANNING, SETTLING, JUDGING, reporting("text, json"), TALKING)
def plan_scan(**options: Any) -> int:
    """Print the Nmap command lines, targets, packets and time that check would spend; sends nothing."""
    return _plan_scan(options)


@cli.command(epilog="\b\nExample:\n  sudo iacdrift demo --netns")
@option("--netns", is_flag=True, help="In network namespaces with a real packet filter; needs root.")
@option("--keep", type=click.Path(path_type=Path), metavar="DIR", help="Leave the sample stack and the reports here.")
@option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True, help="Colour in the report.")
@TALKING
def demo(*, netns: bool, keep: Path | None, color: str, **_: Any) -> int:
    """Show the whole story on this machine alone: a sample stack, real listeners, a real scan, a drift report.

    Exit code 0 when the demo showed what it promised, 1 when it didn't, 2 when it couldn't be run.
    """
    from iacdrift.demo.story import tell

    return tell(netns=netns, keep=keep, color=color)


@cli.command(epilog='\b\nExample:\n  eval "$(iacdrift completion bash)"')
@click.argument("shell", type=click.Choice(SHELLS))
def completion(shell: str) -> int:
    """Print the completion script of a shell."""
    from click.shell_completion import get_completion_class

    found = get_completion_class(shell)
    if found is None:
        raise UsageError(f"no completion for {shell}; there is one for {', '.join(SHELLS)}")
    click.echo(found(cli, {}, "iacdrift", "_IACDRIFT_COMPLETE").source())
    return ExitCode.IN_SYNC


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command and end the process with its exit code."""
    sys.exit(guarded(cli, list(sys.argv[1:] if arguments is None else arguments)))


def _pipeline(options: dict[str, Any], *, talkative: bool = False) -> Pipeline:
    # Loaded here, because a list of what is stored, or a help text, needs none of it.
    from iacdrift.assertion import Pipeline

    return Pipeline.of(options, talkative=talkative)


def _expected(options: dict[str, Any], report: Report) -> ExpectedPart:
    from iacdrift.assertion import expected_part

    if not options["sources"]:
        raise UsageError("no source given: --from FILE, such as a state, the JSON of a plan, or a directory that holds them")
    part = expected_part(options["sources"], options["vantage"], **expect_options(options))
    report.say_sources(part)
    return part


def _located(finding: str, part: ExpectedPart) -> tuple[ExpectedPart, Only]:
    from iacdrift.selection import only_finding

    return only_finding(part, finding)


def _plan_scan(options: dict[str, Any]) -> int:
    report = Report.of(options)
    pipeline = _pipeline(options).looking_ahead()
    report.write(pipeline.plan(_expected(options, report)))
    return ExitCode.IN_SYNC
