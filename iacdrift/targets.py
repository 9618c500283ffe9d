"""`[[target]]` tables of the configuration file: what is watched, each under a name of its own. Pure: tables in, values out.

```toml
[[target]]
name = "shop"
from = ["plan.json", "expectation.yaml"]
vantage = "internet" # any option of `check`, under its name on the command line
every = "10m" # or cron = "*/10 * * * *"; these and the rest of SCHEDULE are for `watch`
```
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from attrs import field, frozen

from iacdrift.configuration import OptionShape
from iacdrift.errors import UsageError

SCHEDULE = ("every", "cron", "jitter", "full-every", "full-ports")
"""Keys of a target, and of `[watch]` for all of them, that only `watch` reads."""

_NOT_HERE = frozenset({"target", "history", "no-history", "dry-run", "finding", "quiet", "verbose", "debug", "color", "format"})
"""Options that are about one run of the command, and not about what is checked."""
_SCALARS = (str, int, float, bool)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@frozen(slots=True)
class Target:
    """One thing to check. `options`: the names of `check`'s parameters -> values as the file holds them, `sources` among them.

    `flags`: of these, the ones that are true or false. `schedule`: keys of SCHEDULE -> values as the file holds them.
    """

    name: str
    options: Mapping[str, Any]
    words: tuple[str, ...]
    """The same options as words of a command line, so that `check` itself reads and refuses them."""
    flags: Mapping[str, bool] = field(factory=dict)
    schedule: Mapping[str, Any] = field(factory=dict)

    @property
    def sources(self) -> tuple[str, ...]:
        """What `from` names."""
        return tuple(self.options["sources"])


def targets_of(tables: object, known: Mapping[str, OptionShape]) -> tuple[Target, ...]:
    """All targets, in the file's order. `known`: key -> shape of `check`'s options.

    UsageError names the target and the key that is missing, unknown, or holds the wrong kind of value.
    """
    if tables is None:
        return ()
    if not isinstance(tables, list) or not all(isinstance(table, Mapping) for table in tables):
        raise UsageError('targets are written as [[target]] with name = "…" and from = "…" below it')
    targets = tuple(_target(table, number, known) for number, table in enumerate(tables, start=1))
    names = [target.name for target in targets]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise UsageError(f"[[target]] {twice}: two targets have this name")
    return targets


def named(targets: tuple[Target, ...], name: str) -> Target:
    """The target of this name. UsageError, with the names there are, where there is none."""
    found = next((target for target in targets if target.name == name), None)
    if found is None:
        known = ", ".join(target.name for target in targets)
        raise UsageError(f"no [[target]] {name!r} in the configuration file" + (f"; there is {known}" if known else ""))
    return found


def _target(table: Mapping[str, Any], number: int, known: Mapping[str, OptionShape]) -> Target:
    name = table.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise UsageError(f"[[target]] number {number}: name must be letters, digits, dots, dashes and underscores, 64 at the most")
    options: dict[str, Any] = {}
    words: list[str] = []
    schedule: dict[str, Any] = {}
    for written, value in table.items():
        key = written.replace("_", "-")
        if key in SCHEDULE:
            schedule[key] = value
        elif key != "name":
            shape = _shape(name, written, known)
            options[shape.parameter] = _value(name, written, value, shape)
            words += _words(key, options[shape.parameter], shape)
    if not options.get("sources"):
        raise UsageError(f'[[target]] {name}: from is missing: what to check, such as from = "plan.json"')
    flags = {key: value for key, value in options.items() if isinstance(value, bool)}
    return Target(name, options, tuple(words), flags, schedule)


def _shape(name: str, written: str, known: Mapping[str, OptionShape]) -> OptionShape:
    key = written.replace("_", "-")
    if key in _NOT_HERE:
        raise UsageError(f"[[target]] {name}: {written} can't stand in a target: it is about one run of the command")
    if key not in known:
        usable = sorted({*known, *SCHEDULE, "name"} - _NOT_HERE)
        near = get_close_matches(key, usable, n=1)
        hint = f"is {near[0]!r} meant?" if near else f"known are {', '.join(usable)}"
        raise UsageError(f"[[target]] {name}: unknown key {written!r}; {hint}")
    return known[key]


def _value(name: str, written: str, value: object, shape: OptionShape) -> Any:
    if shape.flag:
        if not isinstance(value, bool):
            raise UsageError(f"[[target]] {name}: {written} must be true or false")
        return value
    if shape.multiple:
        values = value if isinstance(value, list) else [value]
        if not all(isinstance(item, _SCALARS) and not isinstance(item, bool) for item in values):
            raise UsageError(f"[[target]] {name}: {written} must be a value or a list of values")
        return [str(item) for item in values]
    if not isinstance(value, _SCALARS) or isinstance(value, bool):
        raise UsageError(f"[[target]] {name}: {written} must be one value")
    return value


def _words(key: str, value: Any, shape: OptionShape) -> list[str]:
    if shape.flag:
        return [f"--{key}"] if value else []
    # With `=`, so that a value that begins with a dash stays a value.
    return [f"--{key}={item}" for item in (value if shape.multiple else [value])]
