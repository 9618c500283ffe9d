"""`iacdrift alert`: what waits to be sent, sending it, and a test of every channel."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click

from iacdrift.cli_exit import ExitCode
from iacdrift.cli_options import TALKING, option, stacked
from iacdrift.cli_record import history_of, tables
from iacdrift.errors import AlertError, UsageError
from iacdrift.outputs.safe import safe, safe_json

if TYPE_CHECKING:
    from iacdrift.alerts.channel import Channel
    from iacdrift.history.database import Database

_WHERE = option("--history", metavar="URL", help="The history: a file or an SQLAlchemy URL; by default in the state directory.")


@click.group()
def alert() -> None:
    """Alerts that [[alert]] of the configuration file asks for: test, list, send."""


@alert.command(epilog="\b\nExample:\n  iacdrift alert test ops")
@click.argument("name", required=False)
@TALKING
def test(*, name: str | None, quiet: bool, **_: Any) -> int:
    """Send a test through every channel, or the one of this name; quiet hours don't count. Exit code 2 where one fails."""
    from datetime import UTC, datetime

    from iacdrift.alerts.announce import trial
    from iacdrift.alerts.send import send

    chosen = [channel for channel in _channels() if name in (None, channel.name)]
    if not chosen:
        raise UsageError(f"no [[alert]] is named {name!r}; there is {', '.join(channel.name for channel in _channels())}")
    failed = []
    for channel in chosen:
        try:
            send(channel, trial(), datetime.now(UTC))
        except AlertError as error:
            failed.append(f"alert {channel.name!r}: {error}")
        else:
            _say(f"alert {channel.name!r}: its receiver took it", quiet=quiet)
    if failed:
        raise AlertError("; ".join(failed))
    return ExitCode.IN_SYNC


@alert.command("list", epilog="\b\nExample:\n  iacdrift alert list --limit 20")
@stacked(
    option("--limit", type=click.IntRange(min=1), default=50, show_default=True, metavar="NUMBER", help="So many, the latest."),
    _WHERE,
    option("--format", type=click.Choice(["text", "json"]), default="text", show_default=True, help="What goes to stdout."),
    TALKING,
)
def list_(*, limit: int, format: str, **options: Any) -> int:  # noqa: A002 - the option's name
    """List the latest alerts: waiting, sent, refused, and why."""
    from iacdrift.alerts.outbox import listed

    rows = listed(_database(options), limit)
    if format == "json":
        sys.stdout.write(safe_json(json.dumps({"schema": "iacdrift/alerts/1", "alerts": rows}, indent=2)) + "\n")
        return ExitCode.IN_SYNC
    for row in rows:
        why = f"; {safe(row['problem'])}" if row["problem"] else ""
        sys.stdout.write(f"{row['id']:>6}  {row['created_at']}  {row['state']:<8}  {safe(row['channel'])}  {safe(row['summary'])}{why}\n")
    if not rows:
        sys.stdout.write("no alerts yet\n")
    return ExitCode.IN_SYNC


@alert.command(epilog="\b\nExample:\n  iacdrift alert send --refused")
@stacked(option("--refused", is_flag=True, help="Those that a receiver refused, too."), _WHERE, TALKING)
def send(*, refused: bool, quiet: bool, **options: Any) -> int:
    """Send what waits, such as at the end of quiet hours; every check does it too. Exit code 2 where something fails."""
    from iacdrift.alerts.deliver import deliver
    from iacdrift.alerts.outbox import retry

    database, channels = _database(options), _channels()
    if refused:
        retry(database)
    done = deliver(database, channels)
    _say(f"{done.sent:,} alerts sent" + "".join(f"; {name!r} has its quiet hours" for name in done.quiet), quiet=quiet)
    if done.problems:
        raise AlertError("; ".join(done.problems))
    return ExitCode.IN_SYNC


def _channels() -> tuple[Channel, ...]:
    from iacdrift.alerts.channel import channels_of

    channels = channels_of(tables().get("alert"))
    if not channels:
        raise UsageError("the configuration file has no [[alert]]")
    return channels


def _database(options: dict[str, Any]) -> Database:
    store = history_of(options)
    if store is None:
        raise UsageError("the history is off, and alerts are kept in it: name one by --history")
    return store.database


def _say(text: str, *, quiet: bool) -> None:
    if not quiet:
        click.echo(f"iacdrift: {safe(text)}", err=True)
