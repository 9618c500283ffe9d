"""Addresses and keys that nobody may read in a report, a log or an error: only where they come from is ever shown."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import field, frozen

from iacdrift.errors import AlertError, UsageError


@frozen(slots=True)
class Secret:
    """A text from a variable of the environment, a file, or the configuration file itself; `shown` says which."""

    shown: str
    kind: str
    place: str = field(repr=False)

    def read(self) -> str:
        """The text, without blanks around it. AlertError where it isn't there; it is read each time, so that it can be rotated."""
        if self.kind == "here":
            return self.place
        try:
            found = os.environ.get(self.place, "") if self.kind == "env" else Path(self.place).expanduser().read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            raise AlertError(f"{self.shown} can't be read") from None
        if not found.strip():
            raise AlertError(f"{self.shown} is empty or isn't set")
        return found.strip()


def secret_of(table: Mapping[str, Any], key: str, *, plain: bool) -> Secret | None:
    """What `key`, `key_env` or `key_file` name; None where none of them is there. `plain`: it may stand in the file itself.

    UsageError where two are there, or one is no text.
    """
    kinds = {f"{key}_env": "env", f"{key}_file": "file"} | ({key: "here"} if plain else {})
    given = [name for name in kinds if name in table]
    if not given:
        return None
    if len(given) > 1:
        raise UsageError(f"{given[0]} and {given[1]} are both given: choose one")
    name, value = given[0], table[given[0]]
    if not isinstance(value, str) or not value.strip():
        raise UsageError(f"{name} must be a text")
    shown = {"env": f"{value} in the environment", "file": f"the file {value}", "here": f"{key} of the configuration file"}
    return Secret(shown[kinds[name]], kinds[name], value)
