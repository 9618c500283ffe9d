"""`iacdrift baseline`: the surface as it is right now, kept to compare later runs with."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from iacdrift.cli_exit import ExitCode
from iacdrift.cli_options import OWNERS, SCANNING, SOURCES, TALKING, option, stacked
from iacdrift.cli_record import history_of, tabled
from iacdrift.cli_report import Report
from iacdrift.cli_targets import TargetCommand
from iacdrift.errors import UsageError
from iacdrift.options import expect_options
from iacdrift.outputs.safe import safe, safe_json

if TYPE_CHECKING:
    from iacdrift.history.store import Store

_WHERE = option("--history", metavar="URL", help="The history that holds the baselines; by default in the state directory.")
_FORMAT = option("--format", type=click.Choice(["text", "json"]), default="text", show_default=True, help="What goes to stdout.")
_OF = option("--target", metavar="NAME", help="Of this [[target]], where several have a baseline of the name.")
_NAME = click.argument("name", required=False, default="default")
_WRITTEN = {"files": (), "format": "text", "color": "never"}


@click.group()
def baseline() -> None:
    """The surface as it was found right, and what deviates from it."""


@baseline.command(
    cls=TargetCommand,
    epilog="\b\nExamples:\n  iacdrift baseline save --from plan.json\n  iacdrift baseline save nightly --from plan.json --ports all",
)
@_NAME
@stacked(
    SOURCES,
    OWNERS,
    SCANNING,
    option("--nmap-xml", "xml", multiple=True, type=click.Path(path_type=Path), metavar="FILE", help="From Nmap's XML instead of a scan."),
    option("--replace", is_flag=True, help="Take the place of a baseline of this name."),
    _WHERE,
    TALKING,
)
def save(*, name: str, xml: tuple[Path, ...], replace: bool, **options: Any) -> int:
    """Scan, and keep what answers under NAME (default: default); `check --baseline NAME` compares with it."""
    from iacdrift.assertion import Pipeline, expected_part
    from iacdrift.drift.baseline import Baseline
    from iacdrift.history.baselines import find
    from iacdrift.history.baselines import save as saved

    if not options["sources"]:
        raise UsageError("no source given: --from FILE, as for check")
    report, store = Report.of(options | _WRITTEN), _store(options)
    pipeline = Pipeline.of(options | tabled(), talkative=not report.quiet)
    part = expected_part(options["sources"], options["vantage"], **expect_options(options))
    report.say_sources(part)
    if not replace and _there(lambda: find(store, name, part.sources)):
        raise UsageError(f"there is a baseline {name!r} of these sources: --replace it, accept deviations into it, or give another name")
    observed = pipeline.read(part, xml, None) if xml else pipeline.observe(part)
    if observed.interrupted:
        report.say(f"nothing is saved: the scan ended early ({observed.interrupted})")
        return ExitCode.INCOMPLETE
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    made = Baseline.of(name, now, part.surface, observed)
    if not made.hosts:
        report.say("nothing is saved: nothing was learnt about any host")
        return ExitCode.INCOMPLETE
    saved(store, made, part.sources)
    report.say(f"saved as {name}: {sum(len(host.listeners) for host in made.hosts):,} listeners on {len(made.hosts):,} hosts")
    report.say_each(f"not learnt: {item.address or item.owner}: {item.why}" for item in pipeline.judge(part, observed).undetermined)
    return ExitCode.IN_SYNC


@baseline.command("list")
@stacked(_WHERE, _FORMAT, TALKING)
def list_(*, format: str, **options: Any) -> int:  # noqa: A002 - the option's name
    """List the baselines."""
    from iacdrift.history.baselines import every

    rows = every(_store(options))
    lines = [f"{safe(row['name'])}  saved {row['saved_at']}  of {safe(row['target'])}" for row in rows] or ["no baselines yet"]
    return _print({"schema": "iacdrift/baselines/1", "baselines": rows}, format, lines)


@baseline.command()
@_NAME
@stacked(_OF, _WHERE, _FORMAT, TALKING)
def show(*, name: str, format: str, **options: Any) -> int:  # noqa: A002 - the option's name
    """Show what a baseline holds."""
    from iacdrift.history.baselines import named

    told = named(_store(options), name).to_dict()
    return _print(told, format, _shown(told))


@baseline.command("diff", epilog="\b\nExample:\n  iacdrift check --from plan.json --baseline default; iacdrift baseline diff")
@_NAME
@stacked(_OF, _WHERE, _FORMAT, TALKING)
def diff(*, name: str, format: str, **options: Any) -> int:  # noqa: A002 - the option's name
    """Show what deviated in the latest run with --baseline NAME; sends nothing."""
    from iacdrift.history.baselines import deviations

    found = [item.to_dict() for item in deviations(_store(options), name)]
    lines = [f"{safe(item['id'])}  {item['severity']}  {safe(item['explanation'])}" for item in found] or ["no deviation"]
    return _print({"schema": "iacdrift/baseline-diff/1", "baseline": name, "findings": found}, format, lines)


@baseline.command(
    epilog="\b\nExamples:\n  iacdrift baseline accept new_listener-tcp-8443-1a2b3c4d5e6f\n  iacdrift baseline accept --all nightly"
)
@click.argument("words", metavar="[FINDING] [NAME]", nargs=-1)
@stacked(option("--all", "every", is_flag=True, help="All deviations of the latest run with --baseline NAME."), _OF, _WHERE, TALKING)
def accept(*, words: tuple[str, ...], every: bool, quiet: bool, **options: Any) -> int:
    """Take a deviation of the latest run with --baseline NAME into the baseline (default: default)."""
    from iacdrift.history.baselines import accept as accepted

    most = 1 if every else 2
    if len(words) > most or (not every and not words):
        raise UsageError("accept needs FINDING or --all, and may name the baseline behind it")
    name = words[most - 1] if len(words) == most else "default"
    taken = accepted(_store(options), name, None if every else words[0])
    if not quiet:
        click.echo(f"accepted into {safe(name)}: {', '.join(map(safe, taken)) or 'nothing deviates'}", err=True)
    return ExitCode.IN_SYNC


def _store(options: dict[str, Any]) -> Store:
    store = history_of(options)
    if store is None:
        raise UsageError("the history, which holds the baselines, is off: name one by --history")
    target = options.get("target")
    return store.named(target) if target else store


def _there(find: Any) -> bool:
    try:
        find()
    except UsageError:
        return False
    return True


def _print(told: dict[str, Any], format: str, lines: Iterable[str]) -> int:  # noqa: A002 - the option's name
    text = safe_json(json.dumps(told, indent=2)) if format == "json" else "\n".join(lines)
    sys.stdout.write(f"{text}\n")
    return ExitCode.IN_SYNC


def _shown(told: dict[str, Any]) -> Iterator[str]:
    yield f"{safe(told['name'])}, saved {told['saved_at']}"
    for host in told["hosts"]:
        yield f"{safe(host['owner'])}  {safe(host['address'] or '')}"
        for item in host["listeners"]:
            heard = " ".join(safe(item[name]) for name in ("tunnel", "service", "product", "version") if item[name])
            yield f"    {item['protocol']}/{item['port']}  {heard or '(no service heard)'}"
