"""`iacdrift ignore`: writes an exception, with its owner, reason and end, into the configuration file."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import click

from iacdrift.cli_exit import ExitCode
from iacdrift.cli_options import TALKING, option
from iacdrift.configuration import add_table
from iacdrift.errors import UsageError


@click.command(
    epilog="\b\nExamples:\n"
    '  iacdrift ignore exposed-tcp-8080-1a2b3c4d5e6f --reason "debug port, ticket 512" --owner ann --until 2027-01-31\n'
    '  iacdrift ignore --resource "aws_instance.build*" --port 22 --reason "office VPN" --owner ops --until 2027-01-31'
)
@click.argument("finding", required=False)
@option("--resource", metavar="PATTERN", help="Findings on resources whose address matches.")
@option("--host", metavar="PATTERN", help="Findings on hosts whose address or name matches.")
@option("--port", metavar="PORTS", help="Findings that lie wholly within these ports: 22, 8000-8010, 53/udp.")
@option("--kind", metavar="KIND", help="Findings of this kind, such as passable.")
@option("--reason", metavar="TEXT", help="Why this is right. Needed.")
@option("--owner", metavar="NAME", help="Who answers for it. Needed.")
@option("--until", metavar="DATE", help="The last day on which it holds, such as 2027-01-31. Needed.")
@TALKING
def ignore(*, finding: str | None, quiet: bool, **given: Any) -> int:
    """Write an exception into iacdrift.toml (or pyproject.toml, where the options stand there); comments stay."""
    from iacdrift.drift.ignores import Ignore

    told = {"finding": finding} | {name: given[name] for name in ("resource", "host", "port", "kind", "reason", "owner", "until")}
    written = {name: value for name, value in told.items() if value not in (None, "")}
    exception = Ignore.of(written, "ignore")
    if exception.until < date.today():
        raise UsageError(f"--until {exception.until} is over already")
    context = click.get_current_context()
    path = add_table(context.meta.get("iacdrift.configuration"), Path.cwd(), "ignore", written | {"until": exception.until})
    if not quiet:
        click.echo(f"ignored until {exception.until}, in {path}: {exception}", err=True)
    return ExitCode.IN_SYNC
