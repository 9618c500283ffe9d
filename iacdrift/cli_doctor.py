"""`iacdrift doctor`: what is missing on this machine for these targets, and how to mend it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

import click

from iacdrift.cli_exit import ExitCode
from iacdrift.cli_options import SOURCES, TALKING, option, stacked
from iacdrift.cli_record import tables
from iacdrift.cli_targets import all_targets
from iacdrift.doctor.remark import Remark, State
from iacdrift.errors import UsageError
from iacdrift.outputs.safe import safe

_SIGNS = {State.OK: "ok", State.REMARK: "note", State.MISSING: "MISSING"}


@click.command(
    epilog="\b\nExamples:\n  iacdrift doctor\n  iacdrift doctor --from plan.json --format json\n\n"
    "\b\nExit codes: 0 everything that is needed is there, 2 something is missing."
)
@stacked(
    SOURCES,
    option("--nmap", metavar="PATH", help="This Nmap instead of the one on PATH."),
    option("--history", metavar="URL", help="Where reports are kept: a file, an SQLAlchemy URL, or off."),
    option("--clock-url", metavar="URL", help="Compare this machine's clock with this web server's."),
    option("--format", type=click.Choice(["text", "json"]), default="text", show_default=True, help="What goes to stdout."),
    TALKING,
)
@click.pass_context
def doctor(ctx: click.Context, /, **options: Any) -> int:
    """Say what is missing for a check, and how to mend it; sends no packet to a target, changes nothing."""
    found = tuple(_looked(ctx, options))
    ready = not any(remark.state is State.MISSING for remark in found)
    if options["format"] == "json":
        from iacdrift.outputs.json import indented

        click.echo(indented({"schema": "iacdrift/doctor/1", "ready": ready, "checks": [remark.to_dict() for remark in found]}))
    else:
        click.echo("\n".join(line for remark in found for line in _lines(remark)))
        click.echo("everything that is needed is there" if ready else "something is missing: see above")
    return ExitCode.IN_SYNC if ready else ExitCode.ERROR


def _looked(ctx: click.Context, options: Mapping[str, Any]) -> Iterator[Remark]:
    from iacdrift.assertion import reading
    from iacdrift.doctor import keeping, machine, sources
    from iacdrift.options import expect_options

    yield from machine.scanner(options["nmap"])
    try:
        targets = _targets(ctx, options)
    except UsageError as error:
        targets = {}
        yield Remark("targets", State.MISSING, str(error), "mend the configuration file")
    else:
        if not targets:
            yield Remark("targets", State.MISSING, "there is no source and no [[target]]", "iacdrift init, or --from SOURCE")
    vantages = tuple(tuple(one.get("vantage") or options["vantage"]) for one in targets.values())
    egress = options["egress_url"] or next((one["egress_url"] for one in targets.values() if one.get("egress_url")), None)
    yield machine.standing(vantages, egress)
    for name, target in targets.items():
        yield from sources.of_target(name, target, reading(expect_options({**options, **target})))
    yield from machine.clock(sources.newest(targets), time.time(), options["clock_url"])
    yield keeping.history(options["history"], tables().get("history"))
    yield from keeping.alerts(tables().get("alert"))


def _targets(ctx: click.Context, options: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Name -> options of each target; what is typed is one without a name."""
    if options["sources"]:
        return {"sources": {"sources": options["sources"]}}
    return {target.name: _converted(ctx, target.options) for target in all_targets(ctx)}


def _converted(ctx: click.Context, options: Mapping[str, Any]) -> dict[str, Any]:
    """A target's options as this command's own are; those that only check has stay as they stand."""
    params = {param.name: param for param in ctx.command.params}
    return {name: params[name].process_value(ctx, value) if name in params else value for name, value in options.items()}


def _lines(remark: Remark) -> Iterator[str]:
    yield f"{_SIGNS[remark.state]:7}  {safe(remark.about)}: {safe(remark.text)}"
    if remark.mend and remark.state is not State.OK:
        yield f"         -> {safe(remark.mend)}"
