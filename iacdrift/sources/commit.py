"""Which commit a directory has checked out, read from `.git` without starting git."""

from __future__ import annotations

import re
from pathlib import Path

_HASH = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


def commit_of(folder: Path) -> str | None:
    """The hash of HEAD above `folder`; None where there is no repository or it isn't told cheaply."""
    try:
        for parent in (folder.resolve(), *folder.resolve().parents):
            if (parent / ".git").exists():
                return _head(_git_directory(parent / ".git"))
    except (OSError, UnicodeError):
        return None
    return None


def _git_directory(dot_git: Path) -> Path:
    """`.git` itself, or where it points to (worktrees and submodules have a file there)."""
    if dot_git.is_dir():
        return dot_git
    return dot_git.parent / dot_git.read_text().removeprefix("gitdir:").strip()


def _head(git: Path) -> str | None:
    head = (git / "HEAD").read_text().strip()
    if not head.startswith("ref:"):
        return _a_hash(head)
    name = head.removeprefix("ref:").strip()
    shared = git / "commondir"
    roots = (git, git / shared.read_text().strip()) if shared.exists() else (git,)
    for root in roots:
        if (root / name).is_file():
            return _a_hash((root / name).read_text().strip())
        if (found := _packed(root / "packed-refs", name)) is not None:
            return found
    return None


def _packed(packed: Path, name: str) -> str | None:
    if not packed.is_file():
        return None
    lines = (line.split(" ", 1) for line in packed.read_text().splitlines() if " " in line)
    return next((_a_hash(value) for value, ref in lines if ref == name), None)


def _a_hash(text: str) -> str | None:
    return text if _HASH.fullmatch(text) else None
