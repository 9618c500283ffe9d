"""One thing that declares a network, as it was found in a repository."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from attrs import evolve, frozen

_LONGEST = 64
"""Characters of a target's name; of a longer one the end is kept, which tells more."""
_NO_NAME = re.compile(r"[^A-Za-z0-9_.]+")


@frozen(slots=True)
class Found:
    """What becomes a `[[target]]`.

    `tool`: terraform, tofu, pulumi, cdktf, cdk, cloudformation, sam, expectation. `folder`: where it lies, relative to the repository.
    `sources`: what `--from` takes. `settings`: further options of the target under their keys. `remarks`: what a reader of
    the file should know, a line each. `suggested`: lines of TOML that are written as comments, because only a person knows their values.
    """

    name: str
    tool: str
    folder: Path
    sources: tuple[str, ...]
    settings: tuple[tuple[str, str], ...] = ()
    remarks: tuple[str, ...] = ()
    suggested: tuple[str, ...] = ()


@frozen(slots=True)
class Written:
    """One file to be written: its path in the repository, and its whole text."""

    path: PurePosixPath
    text: str


def name_of(*parts: str) -> str:
    """A name that needs no quotes on a command line, out of a folder, a project, a stack."""
    words = (_NO_NAME.sub("-", part).strip("-.") for part in parts)
    name = re.sub(r"^[^A-Za-z0-9]+", "", "-".join(word for word in words if word))
    return name[-_LONGEST:].lstrip("-._") or "infrastructure"


def told_apart(found: Iterable[Found]) -> tuple[Found, ...]:
    """The same with a number behind a name that came before."""
    taken: set[str] = set()
    named = []
    for one in found:
        name, number = one.name, 2
        while name in taken:
            name, number = f"{one.name[: _LONGEST - 5]}-{number}", number + 1
        taken.add(name)
        named.append(evolve(one, name=name))
    return tuple(named)
