"""Everything that a repository declares, in one order, and where its pipelines run."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from pathlib import Path

from attrs import frozen

from iacdrift.connect.expectations import joined
from iacdrift.connect.found import Found, told_apart
from iacdrift.connect.programs import cdk, cdktf, pulumi
from iacdrift.connect.templates import cloudformation
from iacdrift.connect.terraform import roots
from iacdrift.connect.tree import Tree, walk

FINDERS: tuple[Callable[[Tree], Iterator[Found]], ...] = (roots, pulumi, cdktf, cdk, cloudformation)
"""What is looked for; a further tool is one function and one word here."""
_SIGNS: Mapping[str, tuple[str, ...]] = {
    "github": (".github",),
    "gitlab": (".gitlab-ci.yml",),
    "azure": ("azure-pipelines.yml", "azure-pipelines.yaml", ".azure-pipelines"),
    "jenkins": ("Jenkinsfile",),
}
_HOSTS: tuple[tuple[str, str], ...] = (
    ("github", r"github\."),
    ("gitlab", r"gitlab"),
    ("azure", r"dev\.azure\.com|visualstudio\.com"),
)
_REMOTE = re.compile(r'^\s*\[remote "([^"]+)"\]|^\s*url\s*=\s*(\S+)', re.MULTILINE)
_BRANCH = re.compile(r"refs/remotes/[^/\s]+/(\S+)|refs/heads/(\S+)")


@frozen(slots=True)
class Repository:
    """What was found. `host`: where its pipelines run, as far as its files and its remote tell; `branch`: the one that is deployed."""

    root: Path
    found: tuple[Found, ...]
    host: str = "none"
    branch: str = "main"
    cut: str | None = None


def look(root: Path) -> Repository:
    """A repository, without running anything in it."""
    tree = walk(root)
    declared = tuple(chain.from_iterable(finder(tree) for finder in FINDERS))
    found = told_apart(joined(tree, declared))
    return Repository(tree.root, found, _host(tree.root), _branch(tree.root), tree.cut)


def _host(root: Path) -> str:
    """By the pipelines that are there already, else by the address of the remote; `none` where neither tells."""
    for host, signs in _SIGNS.items():
        if any((root / sign).exists() for sign in signs):
            return host
    address = _address(_read(root / ".git" / "config"))
    return next((host for host, pattern in _HOSTS if re.search(pattern, address)), "none")


def _address(config: str) -> str:
    """The host in the URL of `origin`, else of the first remote."""
    remotes: dict[str, str] = {}
    name = ""
    for found in _REMOTE.finditer(config):
        name = found[1] or name
        if found[2] and name:
            remotes.setdefault(name, re.sub(r"^\w+://|^[^@/]*@", "", found[2]).split("@")[-1].split("/")[0])
    return remotes.get("origin") or next(iter(remotes.values()), "")


def _branch(root: Path) -> str:
    """The remote's default branch, else the one that is checked out, else main."""
    for name in ("refs/remotes/origin/HEAD", "HEAD"):
        found = _BRANCH.search(_read(root / ".git" / name))
        branch = (found[1] or found[2]) if found else ""
        if re.fullmatch(r"[A-Za-z0-9][\w./-]*", branch):
            return branch
    return "main"


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
