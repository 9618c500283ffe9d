"""A command over the `[[target]]` tables of the configuration file: one after the other, each with its report, one exit code."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import click
from click.core import ParameterSource

from iacdrift.cli_exit import ExitCode, sentence
from iacdrift.cli_options import key_shapes, option
from iacdrift.errors import IacDriftError, UsageError
from iacdrift.targets import Target, named, targets_of

_FROM_FILES = (ParameterSource.DEFAULT, ParameterSource.DEFAULT_MAP)
_PLACE = "{target}"
_HELP = "This [[target]] of the configuration file; without it and without --from, all of them. Repeatable."


class TargetCommand(click.Command):
    """A command that, where no source is typed, runs for each `[[target]]` chosen: what the command does stays its own."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        option("--target", "targets", multiple=True, metavar="NAME", expose_value=False, callback=_wanted, help=_HELP)(self)

    def invoke(self, ctx: click.Context) -> Any:
        """The command's own exit code, or the one that counts of all targets."""
        chosen = _chosen(ctx)
        if not chosen:
            return super().invoke(ctx)
        _refuse_unclear(ctx, chosen)
        typed, codes = dict(ctx.params), list[int]()
        with _interruptions() as interrupted:
            for target in chosen:
                if interrupted:
                    _say(f"{target.name}: not looked at, because the run was interrupted")
                    codes.append(ExitCode.of(ExitCode.INCOMPLETE, typed))
                    continue
                codes.append(self._of(ctx, target, typed, alone=len(chosen) == 1))
        return counting(codes, terraform=bool(typed.get("terraform_exit_codes")))

    def _of(self, ctx: click.Context, target: Target, typed: Mapping[str, Any], *, alone: bool) -> int:
        """One target's exit code: an error in it is said, and doesn't keep the others from being looked at."""
        ctx.meta["iacdrift.target"] = target.name
        try:
            ctx.params = _parameters(ctx, target, typed)
            if not alone:
                _head(target, ctx.params)
            code = super().invoke(ctx)
        except (IacDriftError, click.UsageError) as error:
            if alone or ctx.params.get("debug"):
                raise
            _say(f"{target.name}: {sentence(error)}")
            if ctx.params.get("format") == "text":
                click.echo("NO VERDICT: an error, told on stderr")
            return ExitCode.of(ExitCode.ERROR, typed)
        return code if isinstance(code, int) else ExitCode.IN_SYNC


def counting(codes: Sequence[int], *, terraform: bool = False) -> int:
    """The exit code of several targets: drift wins over an error, an error over incomplete, that over in sync."""
    order = (2, 1, 0) if terraform else (ExitCode.DRIFT, ExitCode.ERROR, ExitCode.INCOMPLETE, ExitCode.IN_SYNC)
    return min(codes, key=order.index)


def all_targets(ctx: click.Context) -> tuple[Target, ...]:
    """The targets of the configuration file that this command was run with."""
    root = ctx.find_root()
    check = root.command.get_command(root, "check") if isinstance(root.command, click.Group) else None
    tables = ctx.meta.get("iacdrift.tables") or {}
    return targets_of(tables.get("target"), key_shapes([check or ctx.command]))


def _wanted(ctx: click.Context, _: click.Parameter, value: tuple[str, ...]) -> None:
    ctx.meta["iacdrift.wanted"] = value


def _chosen(ctx: click.Context) -> tuple[Target, ...]:
    """The targets to look at; none where sources were named by themselves. UsageError where both were."""
    wanted = ctx.meta.get("iacdrift.wanted") or ()
    sources = ("sources", "changes", "before", "after")
    by_hand = [name for name in sources if ctx.params.get(name) and ctx.get_parameter_source(name) not in _FROM_FILES]
    if by_hand:
        if wanted:
            raise UsageError("--target names what the configuration file holds, --from a source by itself: give one of them")
        return ()
    targets = all_targets(ctx)
    if wanted and not targets:
        raise UsageError(f"--target {wanted[0]}: the configuration file holds no [[target]]; iacdrift init writes one")
    return tuple(named(targets, name) for name in dict.fromkeys(wanted)) or targets


def _refuse_unclear(ctx: click.Context, chosen: Sequence[Target]) -> None:
    """Before anything is read or sent. A target's own keys are not asked: they are written for it alone."""
    if len(chosen) == 1:
        return
    if ctx.params.get("finding"):
        raise UsageError("--finding belongs to one target: name it with --target")
    one_file = next((text for text in ctx.params.get("files") or () if _PLACE not in text), None)
    if one_file:
        raise UsageError(f"-o {one_file}: each of {len(chosen)} targets writes its own: put {_PLACE} into the path")
    one_folder = ctx.params.get("evidence")
    if one_folder and _PLACE not in str(one_folder):
        raise UsageError(f"--evidence {one_folder}: each of {len(chosen)} targets keeps its own: put {_PLACE} into the path")


def _parameters(ctx: click.Context, target: Target, typed: Mapping[str, Any]) -> dict[str, Any]:
    """The options for one target: what was typed or stands in the environment, then the target's keys, then the file's."""
    found = dict(typed)
    for param in ctx.command.params:
        if param.name in target.options and param.name in found and ctx.get_parameter_source(param.name) in _FROM_FILES:
            found[param.name] = param.process_value(ctx, target.options[param.name])
    found["sources"] = target.sources
    return placed(found, target.name)


def placed(options: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The options with `{target}` in their paths filled in."""
    found = dict(options)
    if "files" in found:
        found["files"] = tuple(text.replace(_PLACE, name) for text in found["files"])
    if found.get("evidence"):
        found["evidence"] = type(found["evidence"])(str(found["evidence"]).replace(_PLACE, name))
    return found


def _head(target: Target, options: Mapping[str, Any]) -> None:
    """Which report follows: above a text on stdout itself, beside anything that a program reads on stderr."""
    if options.get("format") == "text":
        click.echo(f"== {target.name} ==")
    elif not options.get("quiet"):
        _say(target.name)


@contextmanager
def _interruptions() -> Iterator[list[int]]:
    """Collects Ctrl-C and SIGTERM: a scan ends on them with what it learnt, and the next target mustn't begin."""
    seen: list[int] = []

    def interrupt(number: int, _frame: object) -> None:
        seen.append(number)
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield seen
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _say(text: str) -> None:
    from iacdrift.outputs.safe import safe

    click.echo(f"iacdrift: {safe(text)}", err=True)
