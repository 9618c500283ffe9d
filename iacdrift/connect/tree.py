"""The folders of a repository and what lies in them: what .gitignore leaves, within bounds, without following links."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from attrs import frozen
from pathspec import GitIgnoreSpec

DEEPEST = 12
MOST_FOLDERS = 20_000
_NEVER = frozenset(
    {
        *(".git", ".hg", ".svn", ".terraform", ".terragrunt-cache", ".pulumi", ".serverless", ".aws-sam", "cdktf.out", "cdk.out"),
        *("node_modules", "__pycache__", ".venv", "venv", ".tox", ".mypy_cache", ".pytest_cache", "site-packages"),
    }
)
"""Folders that tools fill. What matters of them is looked for beside the file that names them."""
_LARGEST_IGNORE = 1 << 20


@frozen(slots=True)
class Tree:
    """Folders relative to `root` (`Path(".")` is the root itself) with the names of their files; `cut`: why it isn't all of them."""

    root: Path
    folders: Mapping[Path, tuple[str, ...]]
    cut: str | None = None

    def text(self, file: Path, largest: int = 1 << 20) -> str:
        """A file's text, as far as it is text; empty where it can't be read or is larger than any code that people write."""
        path = self.root / file
        try:
            if path.stat().st_size > largest:
                return ""
            return path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""


@frozen(slots=True)
class _Ignoring:
    """One .gitignore: what it says counts below its folder."""

    folder: Path
    rules: GitIgnoreSpec

    def says(self, path: Path, *, folder: bool) -> bool | None:
        try:
            inside = path.relative_to(self.folder).as_posix()
        except ValueError:
            return None
        return self.rules.check_file(f"{inside}/" if folder else inside).include


def walk(root: Path) -> Tree:
    """The tree below `root`. Where that lies in a Git repository, the .gitignore files above it count too."""
    root = root.resolve()
    found: dict[Path, tuple[str, ...]] = {}
    cut: str | None = None
    unprintable = 0
    waiting = [(root, tuple(_above(root)))]
    while waiting and cut is None:
        folder, above = waiting.pop()
        ignoring = (*above, *_of(folder))
        files, inner, odd = _listed(folder, ignoring)
        unprintable += odd
        found[folder.relative_to(root)] = files
        deep = len(folder.relative_to(root).parts) >= DEEPEST
        waiting.extend((path, ignoring) for path in reversed(inner) if not deep)
        if deep and inner:
            cut = f"folders deeper than {DEEPEST} were not looked into"
        elif len(found) >= MOST_FOLDERS and waiting:
            cut = f"only the first {MOST_FOLDERS:,} folders were looked into"
    if unprintable:
        said = f"{unprintable} name{'s' if unprintable > 1 else ''} with characters that can't be shown passed over"
        cut = f"{cut}; {said}" if cut else said
    return Tree(root, dict(sorted(found.items())), cut)


def _listed(folder: Path, ignoring: tuple[_Ignoring, ...]) -> tuple[tuple[str, ...], list[Path], int]:
    """The names of the files, the paths of the folders, how many names can't be shown; a folder that can't be read is empty."""
    try:
        with os.scandir(folder) as entries:
            listed = sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return (), [], 0
    files, inner, odd = list[str](), list[Path](), 0
    for entry in listed:
        is_folder = entry.is_dir(follow_symlinks=False)
        if (is_folder and entry.name in _NEVER) or _ignored(folder / entry.name, is_folder, ignoring):
            continue
        if not entry.name.isprintable():
            odd += 1
        elif is_folder:
            inner.append(folder / entry.name)
        elif entry.is_file():
            files.append(entry.name)
    return tuple(files), inner, odd


def _ignored(path: Path, folder: bool, ignoring: tuple[_Ignoring, ...]) -> bool:
    """The deepest .gitignore that says anything decides, as in Git."""
    said = (one.says(path, folder=folder) for one in reversed(ignoring))
    return bool(next((answer for answer in said if answer is not None), False))


def _above(root: Path) -> Iterator[_Ignoring]:
    """The .gitignore files from the top of the Git repository down to the folder above `root`."""
    tops = [folder for folder in (root, *root.parents) if (folder / ".git").exists()]
    if tops:
        between = [folder for folder in root.parents if folder == tops[0] or tops[0] in folder.parents]
        for folder in reversed(between):
            yield from _of(folder)


def _of(folder: Path) -> Iterator[_Ignoring]:
    path = folder / ".gitignore"
    try:
        if path.is_file() and path.stat().st_size <= _LARGEST_IGNORE:
            yield _Ignoring(folder, GitIgnoreSpec.from_lines(path.read_text(encoding="utf-8", errors="replace").splitlines()))
    except (OSError, ValueError):  # a pattern that is none: Git passes over it as well
        return
