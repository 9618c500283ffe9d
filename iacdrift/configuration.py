"""`iacdrift.toml` and `[tool.iacdrift]` of pyproject.toml: options written down once, under the names of the command line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from attrs import field, frozen

from iacdrift.errors import UsageError

_SCALARS = (str, int, float, bool)

TABLES = ("target", "ignore", "alert", "watch", "history")
"""Keys that hold tables of their own, read by the room that they steer: `[[target]]`, `[[ignore]]`, `[[alert]]`, `[watch]`, `[history]`."""


@frozen(slots=True)
class OptionShape:
    """What a key may hold: the parameter it fills, and whether it may be a list or must be true or false."""

    parameter: str
    multiple: bool = False
    flag: bool = False


@frozen(slots=True)
class Configuration:
    """The values of one file by parameter name, and its tables as they stand; `path` is None where there is no file."""

    path: Path | None
    values: Mapping[str, Any]
    tables: Mapping[str, Any] = field(factory=dict)


def read_configuration(named: Path | None, shapes: Callable[[], Mapping[str, OptionShape]], directory: Path) -> Configuration:
    """The file that was named, else `iacdrift.toml` of the directory, else `[tool.iacdrift]` of its pyproject.toml.

    `shapes`: gives key -> its shape; it is called only where there is a file. UsageError names the file and the key that is
    unknown or holds the wrong kind of value.
    """
    for path in [named] if named else [directory / "iacdrift.toml", directory / "pyproject.toml"]:
        if named is None and not path.is_file():
            continue
        table = _table(path)
        if table is not None:
            tables = {name: table[name] for name in TABLES if isinstance(table.get(name), (dict, list))}
            plain, known = {key: value for key, value in table.items() if key not in tables}, shapes()
            return Configuration(path, {known[key].parameter: value for key, value in _checked(path, plain, known).items()}, tables)
    return Configuration(None, {})


def _table(path: Path) -> Mapping[str, Any] | None:
    import tomllib

    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path} can't be read: {error.strerror or error}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is no TOML: {error}") from error
    if path.name != "pyproject.toml":
        return content
    tools = content.get("tool")
    table = tools.get("iacdrift") if isinstance(tools, dict) else None
    if table is not None and not isinstance(table, dict):
        raise UsageError(f"{path}: tool.iacdrift must be a table")
    return table


def _checked(path: Path, table: Mapping[str, Any], known: Mapping[str, OptionShape]) -> dict[str, Any]:
    checked = {}
    for written, value in table.items():
        key = written.replace("_", "-")
        if key not in known:
            near = get_close_matches(key, known, n=1)
            raise UsageError(
                f"{path}: unknown key {written!r}" + (f"; is {near[0]!r} meant?" if near else f"; known are {', '.join(sorted(known))}")
            )
        checked[key] = _fitting(path, written, value, known[key])
    return checked


def _fitting(path: Path, key: str, value: object, shape: OptionShape) -> object:
    if shape.flag and not isinstance(value, bool):
        raise UsageError(f"{path}: {key} must be true or false")
    if shape.multiple:
        values = value if isinstance(value, list) else [value]
        if not all(isinstance(item, _SCALARS) for item in values):
            raise UsageError(f"{path}: {key} must be a value or a list of values")
        return [str(item) for item in values]
    if not isinstance(value, _SCALARS) or (isinstance(value, bool) and not shape.flag):
        raise UsageError(f"{path}: {key} must be one value")
    return value


def add_table(named: Path | None, directory: Path, key: str, values: Mapping[str, Any]) -> Path:
    """Adds `[[key]]` with these values to the file, else to a new `iacdrift.toml` in the directory; the rest stays as it stands.

    The file, written whole or not at all. UsageError where it can't be read or written, or holds something else under that key.
    """
    import tomlkit

    from iacdrift.outputs.whole_file import write_whole

    path = named or directory / "iacdrift.toml"
    try:
        document = tomlkit.parse(path.read_text(encoding="utf-8")) if path.exists() else tomlkit.document()
        table: Any = document
        for name in ("tool", "iacdrift") if path.name == "pyproject.toml" else ():
            table = table[name]
        if key not in table:
            table[key] = tomlkit.aot()
        entry = tomlkit.table()
        entry.update(values)
        table[key].append(entry)
        write_whole(path, tomlkit.dumps(document))
    except (tomlkit.exceptions.TOMLKitError, UnicodeDecodeError, AttributeError, TypeError) as error:
        raise UsageError(f"{path}: [[{key}]] can't be added: {error}") from error
    except OSError as error:
        raise UsageError(f"{path} can't be written: {error.strerror or error}") from error
    return path
