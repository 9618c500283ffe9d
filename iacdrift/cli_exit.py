"""How the command ends: exit codes, and one clear sentence instead of a traceback."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Mapping
from typing import Any

import click
from click.core import ParameterSource

from iacdrift.errors import IacDriftError

_TRUE = ("1", "true", "yes", "on", "t", "y")


class ExitCode:
    """The exit codes of interfaces."""

    IN_SYNC = 0
    DRIFT = 1
    ERROR = 2
    INCOMPLETE = 3

    @classmethod
    def of(cls, code: int, options: Mapping[str, Any]) -> int:
        """The code of a verdict, as the user wants it."""
        return cls.terraform(code) if options.get("terraform_exit_codes") else code

    @classmethod
    def terraform(cls, code: int) -> int:
        """0 in sync, 2 drift, 1 everything else."""
        return {cls.IN_SYNC: 0, cls.DRIFT: 2}.get(code, 1)


def guarded(command: click.Command, arguments: list[str]) -> int:
    """Run a command; every way in which it can fail ends in one sentence on stderr and a documented code."""
    _end_on_signals()
    debug = _wanted("--debug", arguments)
    state: dict[str, bool] = {}
    try:
        code = command.main(arguments, prog_name="iacdrift", standalone_mode=False, obj=state)
        sys.stdout.flush()
    except BaseException as error:
        if debug and not isinstance(error, (SystemExit, click.exceptions.Exit)):
            traceback.print_exc()
        terraform = state.get("terraform_exit_codes") or _wanted("--terraform-exit-codes", arguments)
        return _ended(error, terraform=bool(terraform))
    return code if isinstance(code, int) else ExitCode.IN_SYNC


def _ended(error: BaseException, *, terraform: bool) -> int:
    if isinstance(error, (click.exceptions.Exit, SystemExit)):
        code = error.exit_code if isinstance(error, click.exceptions.Exit) else error.code
        return code if isinstance(code, int) else ExitCode.ERROR
    code = ExitCode.INCOMPLETE if isinstance(error, (click.Abort, KeyboardInterrupt)) else ExitCode.ERROR
    if isinstance(error, BrokenPipeError):
        # Whoever read the report went away: nothing can be said on stdout, and the interpreter mustn't try at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    else:
        _say(sentence(error))
    return ExitCode.terraform(code) if terraform else code


def sentence(error: BaseException) -> str:
    """What a user can do something about, in one sentence."""
    if isinstance(error, click.BadParameter):
        return f"{error.format_message()}{_where(error)}"
    if isinstance(error, click.UsageError):
        hint = f" (see {error.ctx.command_path} --help)" if error.ctx else ""
        return error.format_message() + hint
    if isinstance(error, click.ClickException):
        return error.format_message()
    if isinstance(error, IacDriftError):
        return str(error)
    if isinstance(error, (click.Abort, KeyboardInterrupt)):
        return "interrupted before anything was learnt"
    if isinstance(error, MemoryError):
        return "this machine has not enough memory for that"
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename or 'the output'}: {error.strerror}"
    return f"internal error, please report it with the output of --debug: {type(error).__name__}: {error}"


def _where(error: click.BadParameter) -> str:
    """Where a bad value came from, unless it was typed."""
    if error.ctx is None or error.param is None or error.param.name is None:
        return ""
    source = error.ctx.get_parameter_source(error.param.name)
    if source is ParameterSource.DEFAULT_MAP:
        return f" (from {error.ctx.meta.get('iacdrift.configuration')})"
    if source is ParameterSource.ENVIRONMENT:
        return f" (from {error.param.envvar} in the environment)"
    return ""


def _say(text: str) -> None:
    from iacdrift.outputs.safe import safe

    sys.stderr.write(f"iacdrift: {safe(text)}\n")


def _wanted(flag: str, arguments: list[str]) -> bool:
    """Whether a flag is set, known even where the arguments can't be parsed."""
    variable = "IACDRIFT_" + flag.lstrip("-").upper().replace("-", "_")
    return flag in arguments or os.environ.get(variable, "").lower() in _TRUE


def _end_on_signals() -> None:
    """A CI job that is cancelled gets SIGTERM: it ends like Ctrl-C, with Nmap stopped and what was learnt printed."""

    def interrupt(_signal: int, _frame: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)
