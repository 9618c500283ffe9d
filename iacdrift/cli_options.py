"""The options of the command line, each once: also an environment variable `IACDRIFT_…` and a key of the configuration file."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

import click

from iacdrift.cli_commands import LazyGroup
from iacdrift.configuration import OptionShape, read_configuration
from iacdrift.errors import UsageError

Command = TypeVar("Command", bound=Callable[..., Any])

_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_NO_OPTIONS = frozenset({"IACDRIFT_ENFORCE"})
"""Variables that mean something elsewhere: in Terraform's provider."""
_NOT_IN_FILES = frozenset({"config", "help", "version"})


class Duration(click.ParamType):  # type: ignore[type-arg] # only newer releases of click let it be subscripted
    """Seconds, or a number with a unit: `90`, `15m`, `12h`, `7d`."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The seconds."""
        match = re.fullmatch(r"(\d+(?:\.\d+)?)([smhdw]?)", str(value).strip())
        if match is None:
            self.fail(f"{value!r} is no duration: seconds, or a number with a unit like 15m, 12h, 7d", param, ctx)
        return float(match[1]) * _UNITS[match[2]]


class Pair(click.ParamType):  # type: ignore[type-arg] # only newer releases of click let it be subscripted
    """`NAME=PATH`."""

    name = "NAME=PATH"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """The two halves."""
        if isinstance(value, tuple):
            return value
        name, equals, path = str(value).partition("=")
        if not (name and equals and path):
            self.fail(f"{value!r} is not NAME=PATH", param, ctx)
        return name, path


def option(*names: str, **settings: Any) -> Callable[[Command], Command]:
    """A click option whose environment variable is `IACDRIFT_` and its long name."""
    long = next(name for name in names if name.startswith("--")).split("/")[0]
    settings.setdefault("envvar", "IACDRIFT_" + long.lstrip("-").upper().replace("-", "_"))
    if settings.get("multiple"):
        settings.setdefault("show_envvar", False)
    return click.option(*names, **settings)


def stacked(*decorators: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """One decorator made of several, which `--help` then lists in this order."""

    def decorate(command: Command) -> Command:
        for decorator in reversed(decorators):
            command = decorator(command)
        return command

    return decorate


def key_shapes(commands: list[click.Command]) -> dict[str, OptionShape]:
    """Every key that a configuration file may hold: the long names of all commands' options."""
    shapes = {}
    for command in commands:
        for param in command.params:
            if isinstance(param, click.Option) and param.name:
                long = next(name for name in param.opts if name.startswith("--")).lstrip("-")
                if long not in _NOT_IN_FILES:
                    shapes[long] = OptionShape(param.name, param.multiple, param.is_flag)
    return shapes


def _load(ctx: click.Context, _: click.Parameter, value: Path | None) -> Path | None:
    """Fill the defaults from the configuration file before any other option is looked at."""
    try:
        found = read_configuration(value, lambda: key_shapes(_commands(ctx)), Path.cwd())
    except UsageError as error:
        raise click.UsageError(str(error), ctx) from error
    ctx.default_map = {**found.values}
    _remark_misspelt(ctx)
    if isinstance(ctx.obj, dict):
        # Errors end with Terraform's codes as well, even those that come before the options are known.
        ctx.obj["terraform_exit_codes"] = found.values.get("terraform_exit_codes", False)
    ctx.meta["iacdrift.configuration"] = found.path
    ctx.meta["iacdrift.tables"] = found.tables
    return found.path


def _commands(ctx: click.Context) -> list[click.Command]:
    """All there are, which costs the import of each: for a file that may hold any of their keys, or a name that none of ours is."""
    root = ctx.find_root().command
    return list(root.all_commands().values()) if isinstance(root, LazyGroup) else [ctx.command]


def _remark_misspelt(ctx: click.Context) -> None:
    """A variable that is almost an option's would otherwise be left out without a word."""
    strange = {name for name in os.environ if name.startswith("IACDRIFT_")} - _variables([ctx.command]) - _NO_OPTIONS
    known = _variables(_commands(ctx)) if strange else set()
    for name in sorted(strange - known):
        near = get_close_matches(name, known, n=1, cutoff=0.85)
        if near:
            click.echo(f"iacdrift: {name} in the environment is no option; is {near[0]} meant?", err=True)


def _variables(commands: Iterable[click.Command]) -> set[str]:
    return {str(param.envvar) for command in commands for param in command.params if param.envvar}


SOURCES = stacked(
    option(
        "--from",
        "sources",
        multiple=True,
        metavar="SOURCE",
        help="A state, a plan, a cdktf.out, a Pulumi preview, expectations, a directory, or - ; KIND: in front forces a kind. Repeatable.",
    ),
    option(
        "--vantage",
        multiple=True,
        metavar="VANTAGE",
        help="Where the scan stands: auto, internet, an address (once per family), a resource address, or NAME= one. Repeatable.",
    ),
    option("--egress-url", metavar="URL", help="Ask this address which public address this machine has (with --vantage auto)."),
    option("--code", type=click.Path(path_type=Path), metavar="DIR", help="The .tf or program files, for lines and dynamic blocks."),
    option("--state", "states", multiple=True, type=Pair(), metavar="STACK=PATH", help="The state of one CDKTF stack. Repeatable."),
    option("--outputs", "outputs", multiple=True, type=Pair(), metavar="STACK=PATH", help="What one stack's deployment gave. Repeatable."),
    option("--parameter", "parameters", multiple=True, type=Pair(), metavar="K=V", help="A parameter of a template. Repeatable."),
    option(
        "--parameter-file",
        "parameter_files",
        multiple=True,
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Parameters of templates, in AWS's JSON. Repeatable.",
    ),
    option("--stack", "stacks", multiple=True, metavar="NAME", help="A deployed stack that AWS is asked about. Repeatable."),
    option("--family", type=click.Choice(["4", "6", "both"]), default="both", show_default=True, help="The IP versions to look at."),
    option("--only", multiple=True, metavar="PATTERN", help="Only hosts whose resource, name or address matches. Repeatable."),
    option("--skip", multiple=True, metavar="PATTERN", help="Not the hosts whose resource, name or address matches. Repeatable."),
    option("--strict", is_flag=True, help="What the code doesn't say is unknown, never assumed."),
    option("--require-code", is_flag=True, help="Refuse a verdict whose rules were read from a state."),
    option("--max-age", type=Duration(), metavar="AGE", help="Refuse sources that are older: 3600, 12h, 7d."),
)

OWNERS = stacked(
    option("--verify-owner", is_flag=True, help="Ask EC2 first: addresses that the account no longer has are left out and listed."),
    option("--resolve", type=click.Choice(["aws"]), help="Ask EC2 for its interfaces: fleets get their addresses, strangers a name."),
    option("--region", "regions", multiple=True, metavar="NAME", help="A region of AWS to ask in; by default boto3's own. Repeatable."),
)

SCANNING = stacked(
    option(
        "--ports",
        default="common",
        show_default=True,
        metavar="PORTS",
        help="declared, common, all, or Nmap's form: 22,443,8000-8100,U:53.",
    ),
    option("--rate", type=click.IntRange(min=1), default=1000, show_default=True, metavar="PPS", help="Packets a second, all together."),
    option("--host-rate", type=click.IntRange(min=1), metavar="PPS", help="Packets a second to one address, within --rate."),
    option("--network-rate", type=click.IntRange(min=1), metavar="PPS", help="Packets a second to one /24 or /64, within --rate."),
    option(
        "--confidence",
        type=click.FloatRange(0.5, 0.999999),
        default=0.9999,
        show_default=True,
        metavar="SHARE",
        help="How sure each silence must be: 0.9999 misses one open port in 10,000 at the most; below it a port is undetermined.",
    ),
    option("--scope", multiple=True, metavar="CIDR", help="Allow-list: an address outside it is refused before any packet. Repeatable."),
    option(
        "--control",
        "controls",
        multiple=True,
        metavar="HOST[:PORT]",
        help="A host that answers, or refuses every port, from here. Repeatable.",
    ),
    option("--sweep", multiple=True, metavar="CIDR", help="Look for undeclared hosts inside a declared subnet. Repeatable."),
    option("--timeout", type=Duration(), metavar="SECONDS", help="The whole scan may take this long; the rest is then incomplete."),
    option(
        "--scan-type", type=click.Choice(["auto", "syn", "connect"]), default="auto", show_default=True, help="How TCP ports are asked."
    ),
    option("--certificates", is_flag=True, help="Ask listeners for their TLS certificates too (Nmap's ssl-cert); for baselines."),
    option("--nmap", metavar="PATH", help="This Nmap instead of the one on PATH."),
    option("--evidence", type=click.Path(path_type=Path), metavar="DIR", help="Keep Nmap's XML here."),
    option("--resume", type=click.Path(path_type=Path), metavar="DIR", help="Keep a journal here; what an interrupted run learnt counts."),
)

STANDING = stacked(
    option("--executor", metavar="URL", help="dask://HOST:PORT: workers with the resource vantage:NAME scan, each where it stands."),
    option("--proof", "proofs", multiple=True, metavar="NAME=HOST:PORT", help="Answers a connection from vantage NAME only. Repeatable."),
    option("--here", metavar="NAME", help="The one of several vantages at which this machine stands."),
)

SETTLING = option("--settle", type=Duration(), metavar="SECONDS", help="After a deploy: ask again what isn't yet as it should be.")

JUDGING = stacked(
    option(
        "--fail-on",
        type=click.Choice(["critical", "high", "medium", "low"]),
        default="low",
        show_default=True,
        help="The least severity that is drift.",
    ),
    option("--strict-listeners", is_flag=True, help="A service behind an allowed port that nothing declares is drift."),
    option("--allow-incomplete", is_flag=True, help="What wasn't learnt doesn't fail the run (exit 0, and the report says so)."),
    option("--allow-unaddressed", is_flag=True, help="Fleets without known addresses don't make the run incomplete."),
    option("--terraform-exit-codes", is_flag=True, help="0 in sync, 2 drift, 1 everything else."),
)

API = stacked(
    option(
        "--cloud-api",
        is_flag=True,
        help="Ask AWS about the hosts with findings: their groups, ACLs and attachments, and who changed them.",
    ),
    option("--refresh", is_flag=True, help="Ask the cloud's API as well, through the Terraform or Pulumi of a source that is a directory."),
    option(
        "--refresh-json",
        "refresh_json",
        multiple=True,
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="What terraform plan -refresh-only or pulumi refresh --preview-only found, as JSON. Repeatable.",
    ),
)

HISTORY = stacked(
    option("--history", metavar="URL", help="Where reports are kept: a file, an SQLAlchemy URL, or off; by default the state directory."),
    option("--no-history", is_flag=True, help="Keep nothing of this run."),
    option("--no-alerts", is_flag=True, help="Send no alerts, whatever [[alert]] says; diff sends none anyway."),
)

BASELINE = option("--baseline", metavar="NAME", help="Compare with this baseline as well; see iacdrift baseline save.")


def reporting(formats: str) -> Callable[[Command], Command]:
    """How and where results are written; `formats` is the list for the help."""
    return stacked(
        option("--format", "format", default="text", show_default=True, metavar="FORMAT", help=f"What goes to stdout: {formats}."),
        option("-o", "--output", "files", multiple=True, metavar="FORMAT:PATH", help="Write a report into a file as well. Repeatable."),
        option(
            "--color",
            type=click.Choice(["auto", "always", "never"]),
            default="auto",
            show_default=True,
            help="Colour on stdout; NO_COLOR counts.",
        ),
    )


TALKING = stacked(
    option(
        "--config",
        type=click.Path(path_type=Path),
        metavar="FILE",
        is_eager=True,
        expose_value=False,
        callback=_load,
        help="The options file; by default iacdrift.toml, or [tool.iacdrift] of pyproject.toml, in this directory.",
    ),
    option("--quiet", "-q", is_flag=True, help="Nothing on stderr but errors."),
    option("--verbose", "-v", is_flag=True, help="What was read and run, on stderr."),
    option("--debug", is_flag=True, help="A traceback where something goes wrong."),
)
