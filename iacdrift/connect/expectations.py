"""Explicit expectations that lie about: they join what is declared beside them, or are a target by themselves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from attrs import evolve

from iacdrift.connect.found import Found, name_of
from iacdrift.connect.tree import Tree

_ENDINGS = (".yaml", ".yml", ".json", ".toml")
_LARGEST = 1 << 20
_SIGN = "iacdrift/expectation/"


def joined(tree: Tree, found: tuple[Found, ...]) -> Iterator[Found]:
    """The targets with the expectations of their folders; where several share a folder, a person says whose they are."""
    files = _files(tree)
    for one in found:
        here = files.get(one.folder, ())
        if here and sum(other.folder == one.folder for other in found) == 1:
            yield evolve(one, sources=(*one.sources, *here))
        elif here:
            yield evolve(one, suggested=(*one.suggested, f"# beside it: {', '.join(here)}; add to from what belongs to this target"))
        else:
            yield one
    for folder in sorted(set(files) - {one.folder for one in found}):
        name = name_of(*folder.parts) if folder.parts else name_of(tree.root.name)
        yield Found(name, "expectation", folder, files[folder])


def _files(tree: Tree) -> dict[Path, tuple[str, ...]]:
    """Folder -> its expectations."""
    found = {}
    for folder, names in tree.folders.items():
        here = [folder / name for name in names if name.endswith(_ENDINGS) and _SIGN in tree.text(folder / name, _LARGEST)[:4096]]
        if here:
            found[folder] = tuple(path.as_posix() for path in here)
    return found
