"""`iacdrift watch`: every target on its own schedule, alerts, a live page, and a unit for systemd."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from attrs import evolve

from iacdrift.cli_exit import ExitCode
from iacdrift.cli_matrix import several
from iacdrift.cli_options import TALKING, option, stacked
from iacdrift.cli_record import history_of, tabled, tables
from iacdrift.cli_report import Report
from iacdrift.cli_targets import all_targets, placed
from iacdrift.errors import UsageError
from iacdrift.targets import Target, named

if TYPE_CHECKING:
    from iacdrift.drift.report import DriftReport
    from iacdrift.drift.trend import EarlierRun
    from iacdrift.history.store import Store
    from iacdrift.watch.look import Look
    from iacdrift.watch.rounds import Write
    from iacdrift.watch.settings import WatchSettings


@click.command(
    epilog="\b\nExamples:\n  iacdrift watch --serve 127.0.0.1:8765\n  iacdrift watch install --dry-run\n\n"
    "Targets are [[target]] of the configuration file, how often they are looked at [watch]; see docs/watch.md."
)
@click.argument("action", type=click.Choice(["install"]), required=False, metavar="[install]")
@stacked(
    option("--target", "targets", multiple=True, metavar="NAME", help="Only this [[target]]. Repeatable."),
    option("--serve", metavar="ADDRESS:PORT", help="Show the reports live, such as on 127.0.0.1:8765."),
    option("--token-file", type=click.Path(path_type=Path), metavar="FILE", help="A token that the page asks for; needed beyond loopback."),
    option("--history", metavar="URL", help="Where reports and alerts are kept: a file or an SQLAlchemy URL."),
    option("--dry-run", is_flag=True, help="With install: print the unit; without it: print when what is looked at. Sends nothing."),
    TALKING,
)
def watch(*, action: str | None, targets: tuple[str, ...], dry_run: bool, **options: Any) -> int:
    """Look at every target again and again, and send an alert when something changes; ends on Ctrl-C or SIGTERM, with exit code 0."""
    if action == "install":
        return _install(dry_run=dry_run)
    try:
        return _watch(targets, options, dry_run=dry_run)
    except ImportError as error:
        raise UsageError(f"watch needs {error.name}: pip install 'iacdrift[watch]'") from None


def _watch(wanted: tuple[str, ...], options: dict[str, Any], *, dry_run: bool) -> int:
    from iacdrift.alerts.channel import channels_of
    from iacdrift.watch.backends import ask
    from iacdrift.watch.changes import notice
    from iacdrift.watch.rounds import Watch, Watched
    from iacdrift.watch.settings import WatchSettings, schedule_of, told

    context = click.get_current_context()
    chosen = _chosen(all_targets(context), wanted)
    settings = WatchSettings.of(tables().get("watch"))
    channels = channels_of(tables().get("alert"))
    store = history_of(options)
    if store is None:
        raise UsageError("the history is off: a watch needs one, to know what is new; name it by --history or [history] url")
    asked = {target.name: check_options(context, target) for target in chosen}
    _refuse_shared(asked)
    if dry_run:
        for target in chosen:
            schedule = schedule_of(target, settings)
            click.echo(f"{target.name}: {told(schedule.often)}; ports {schedule.full_ports}: {told(schedule.full)}")
        return ExitCode.IN_SYNC
    quiet = bool(options.get("quiet"))

    def say(text: str) -> None:
        _say(text, quiet=quiet)

    looks = {name: _look(name, wanted_of, settings, store) for name, wanted_of in asked.items()}
    watched = [Watched(one.name, looks[one.name], schedule_of(one, settings), _writer(asked[one.name], say)) for one in chosen]
    running = Watch(watched, store, channels, say)
    with ExitStack() as ending:
        _serve(running, settings, options, ending)
        notice({name: look.files for name, look in looks.items()}, running.soon, running.stop)
        ask({name: look.backend for name, look in looks.items() if look.backend}, running.soon, say, running.stop)
        running.run()
    return ExitCode.IN_SYNC


def _chosen(targets: tuple[Target, ...], wanted: tuple[str, ...]) -> tuple[Target, ...]:
    if not targets:
        raise UsageError("the configuration file has no [[target]]: iacdrift init writes them, or see docs/watch.md")
    return tuple(named(targets, name) for name in wanted) or targets


def _look(name: str, options: dict[str, Any], settings: WatchSettings, store: Store) -> Look:
    from iacdrift.watch.budget import Budget
    from iacdrift.watch.look import Look

    budget = Budget(store.database, settings.packets_per_hour, settings.packets_per_day)
    return Look(options | tabled(), store.named(name), budget)


def _refuse_shared(asked: Mapping[str, Mapping[str, Any]]) -> None:
    """UsageError where two targets would write one file, each over the other's."""
    writers: dict[str, str] = {}
    for name, options in asked.items():
        for text in options["files"]:
            if writers.setdefault(text, name) != name:
                raise UsageError(f"output {text}: {writers[text]} and {name} write the same file: put {{target}} into the path")


def _writer(options: dict[str, Any], say: Callable[[str], None]) -> Write:
    """Writes the files that `output` of a target names, anew with each report."""
    report = Report.of(options)

    def write(found: DriftReport, past: tuple[EarlierRun, ...]) -> None:
        for why in evolve(report, past=past).write_files(found):
            say(f"can't write {why}")

    return write


def check_options(context: click.Context, target: Target) -> dict[str, Any]:
    """The options of `check` for a target, read and refused by `check` itself. UsageError names the target."""
    root = context.find_root()
    command = (root.command.get_command(root, "check") if isinstance(root.command, click.Group) else None) or context.command
    config = context.meta.get("iacdrift.configuration")
    words = [*([f"--config={config}"] if config else []), *target.words]
    try:
        with command.make_context("check", words, parent=root) as made:
            found = dict(made.params)
    except click.UsageError as error:
        raise UsageError(f"[[target]] {target.name}: {error.format_message()}") from None
    if several(found):
        raise UsageError(f"[[target]] {target.name}: a watch stands at one place: give each vantage a [[target]] of its own")
    # A false cannot be typed, and what the file says for all mustn't win over it.
    return placed(found, target.name) | dict(target.flags) | {"sources": target.sources, "finding": None, "history": None}


def _serve(running: Any, settings: WatchSettings, options: dict[str, Any], ending: ExitStack) -> None:
    text = options.get("serve") or settings.serve
    if not text:
        return
    from iacdrift.alerts.secret import Secret
    from iacdrift.watch.page import Place, Server

    secret = settings.token
    if options.get("token_file"):
        secret = Secret(f"the file {options['token_file']}", "file", str(options["token_file"]))
    place = Place.of(text, settings.hosts, secret.read() if secret else None)
    server = Server(running.board, place)
    ending.callback(server.stop)
    server.start()
    place = evolve(place, port=server.port)
    shown = f"[{place.address}]" if ":" in place.address else place.address
    _say(f"the reports are shown on http://{shown}:{place.port}/", quiet=bool(options.get("quiet")))


def _install(*, dry_run: bool) -> int:
    from iacdrift.watch.unit import NAME, install, place, unit

    config = click.get_current_context().meta.get("iacdrift.configuration")
    if config is None:
        raise UsageError("there is no iacdrift.toml here: a unit needs the one that it shall use, by --config or in this directory")
    path, user = place()
    text = unit(Path(config).absolute(), user=user)
    if dry_run:
        click.echo(text, nl=False)
        return ExitCode.IN_SYNC
    written = install(path, text)
    own = "" if user is not None else " --user"
    _say(f"{path} is {'written' if written else 'there already'}; start it by:")
    _say(f"systemctl{own} daemon-reload && systemctl{own} enable --now {NAME}")
    return ExitCode.IN_SYNC


def _say(text: str, *, quiet: bool = False) -> None:
    if quiet:
        return
    from iacdrift.outputs.safe import safe

    sys.stderr.write(f"iacdrift: {safe(text, 2000)}\n")
    sys.stderr.flush()
