"""The commands that have a module of their own, each imported when it is typed or listed."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Any

import click

COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        "alert": "iacdrift.cli_alert:alert",
        "fix": "iacdrift.cli_fix:fix",
        "baseline": "iacdrift.cli_baseline:baseline",
        "history": "iacdrift.cli_history:history",
        "ignore": "iacdrift.cli_ignore:ignore",
        "doctor": "iacdrift.cli_doctor:doctor",
        "init": "iacdrift.cli_init:init",
        "preview": "iacdrift.cli_preview:preview",
        "watch": "iacdrift.cli_watch:watch",
        "terraform": "iacdrift.cli_terraform:terraform",
    }
)
"""Name -> `module:attribute`; a new command is one module, one line here, one test."""


class LazyGroup(click.Group):
    """A group whose further commands are imported on first use, so that none of them slows the others' start."""

    def __init__(self, *args: Any, commands_elsewhere: Mapping[str, str], **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.commands_elsewhere = commands_elsewhere

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every name, those of other modules too."""
        return sorted({*super().list_commands(ctx), *self.commands_elsewhere})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """One command; None for a name that there isn't."""
        return self.commands.get(cmd_name) or self._imported(cmd_name)

    def all_commands(self) -> dict[str, click.Command]:
        """Every command, those of other modules imported, and of command groups their commands (as `group command`)."""
        mine = {**self.commands, **{name: self._there(name) for name in self.commands_elsewhere}}
        nested = {
            f"{name} {inner}": command
            for name, group in mine.items()
            if isinstance(group, click.Group)
            for inner, command in group.commands.items()
        }
        return {name: command for name, command in (mine | nested).items() if not isinstance(command, click.Group)}

    def _imported(self, name: str) -> click.Command | None:
        return self._there(name) if name in self.commands_elsewhere else None

    def _there(self, name: str) -> click.Command:
        module, attribute = self.commands_elsewhere[name].split(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command
