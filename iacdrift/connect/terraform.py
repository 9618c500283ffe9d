"""Terraform's and OpenTofu's roots: the folders in which somebody runs `plan`, and not the modules that they call."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from attrs import field, frozen

from iacdrift.connect.found import Found, name_of
from iacdrift.connect.tree import Tree
from iacdrift.sources.hcl_lines import code_alone

_BACKEND = re.compile(r'\bbackend[ \t]+"(\w+)"[ \t]*\{([^{}]*)')
_CLOUD = re.compile(r"\bcloud[ \t]*\{((?:[^{}]|\{[^{}]*\})*)")
_PROVIDER = re.compile(r'^[ \t]*provider[ \t]+"', re.MULTILINE)
_CALLED = re.compile(r'\bsource[ \t]*=[ \t]*"(\.\.?(?:/[^"\n]*)?)"')
_MAKES = re.compile(r'^[ \t]*(?:resource|module|data)[ \t]+"', re.MULTILINE)
_REMOTE = ("remote", "cloud")
_MOST_WORKSPACES = 50


@frozen(slots=True)
class _Code:
    """What the files of one folder say of themselves. `called`: the folders of the local modules that they call."""

    backend: str | None = None
    settings: Mapping[str, str] = field(factory=dict)
    provider: bool = False
    makes: bool = False
    called: frozenset[Path] = frozenset()


def roots(tree: Tree) -> Iterator[Found]:
    """Every root, and of one with workspaces on this disk each workspace."""
    written = {folder: names for folder, names in tree.folders.items() if "cdk.tf.json" not in names}  # those are an app's output
    codes = {folder: _code(tree, folder, names) for folder, names in written.items() if any(map(_is_code, names))}
    called = frozenset(path for code in codes.values() for path in code.called)
    for folder, code in codes.items():
        if _is_root(tree, folder, code, called):
            yield from _targets(tree, folder, code)


def _is_code(name: str) -> bool:
    return name.endswith((".tf", ".tf.json", ".tofu", ".tofu.json"))


def _is_root(tree: Tree, folder: Path, code: _Code, called: frozenset[Path]) -> bool:
    """A backend or a state makes a root; a lock file and a provider too, unless another folder calls this one as its module."""
    if code.backend or _states(tree.root / folder):
        return True
    if folder in called:
        return False
    locked = (tree.root / folder / ".terraform.lock.hcl").is_file()
    return locked or code.provider or (code.makes and "modules" not in folder.parts)


def _code(tree: Tree, folder: Path, names: tuple[str, ...]) -> _Code:
    backend, settings = None, dict[str, str]()
    provider = makes = False
    called: set[Path] = set()
    for name in filter(_is_code, names):
        text = tree.text(folder / name)
        one = _of_json(text, folder) if name.endswith(".json") else _of_hcl(text, folder)
        backend, settings = (one.backend, dict(one.settings)) if one.backend else (backend, settings)
        provider, makes = provider or one.provider, makes or one.makes
        called |= one.called
    return _Code(backend, settings, provider, makes, frozenset(called))


def _of_hcl(text: str, folder: Path) -> _Code:
    plain = code_alone(text)
    called = frozenset(_inside(folder, source) for source in _CALLED.findall(plain))
    kept, cloud = _BACKEND.search(plain), _CLOUD.search(plain)
    backend = kept[1] if kept else "cloud" if cloud else None
    settings = _strings(kept[2] if kept else cloud[1] if cloud else "")
    return _Code(backend, settings, bool(_PROVIDER.search(plain)), bool(_MAKES.search(plain)), called)


def _strings(body: str) -> dict[str, str]:
    return dict(re.findall(r'\b(\w+)[ \t]*=[ \t]*"([^"\n$]*)"', body))


def _of_json(text: str, folder: Path) -> _Code:
    try:
        data = json.loads(text)
    except ValueError:
        return _Code()
    if not isinstance(data, dict):
        return _Code()
    modules = [one for calls in _blocks(data.get("module")) for body in calls.values() for one in _blocks(body)]
    sources = [str(one.get("source")) for one in modules]
    called = frozenset(_inside(folder, source) for source in sources if source.startswith("."))
    makes = bool(data.get("resource") or data.get("module") or data.get("data"))
    for block in _blocks(data.get("terraform")):
        for kept in _blocks(block.get("backend")):
            for name, body in kept.items():
                return _Code(str(name), _texts(body), bool(data.get("provider")), makes, called)
        if block.get("cloud"):
            return _Code("cloud", {}, bool(data.get("provider")), makes, called)
    return _Code(None, {}, bool(data.get("provider")), makes, called)


def _blocks(value: Any) -> list[dict[str, Any]]:
    """A block of Terraform's JSON, which may stand alone or in a list."""
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, dict)]


def _texts(body: Any) -> dict[str, str]:
    return {key: value for block in _blocks(body) for key, value in block.items() if isinstance(value, str)}


def _inside(folder: Path, source: str) -> Path:
    return Path(os.path.normpath(folder / source))


def _states(folder: Path) -> list[Path]:
    """States that lie there, ignored by Git as they should be."""
    try:
        return sorted(path for path in folder.glob("*.tfstate") if path.is_file()) + _workspaces(folder)
    except OSError:
        return []


def _workspaces(folder: Path) -> list[Path]:
    return sorted((folder / "terraform.tfstate.d").glob("*/terraform.tfstate"))[:_MOST_WORKSPACES]


def _targets(tree: Tree, folder: Path, code: _Code) -> Iterator[Found]:
    name = name_of(*folder.parts) if folder.parts else name_of(tree.root.name)
    tofu = _is_tofu(tree, folder)
    remarks, suggested = tuple(_remarks(tree, folder, code)), tuple(_suggested(tree, folder, code))
    kept = [path.parent.name for path in _workspaces(tree.root / folder)]
    source = f"tf:{folder.as_posix()}"
    tool = "tofu" if tofu else "terraform"
    if not kept:
        yield Found(name, tool, folder, (source,), (), remarks, suggested)
        return
    if (tree.root / folder / "terraform.tfstate").is_file():
        kept = ["default", *kept]
    for workspace in kept:
        yield Found(name_of(name, workspace), tool, folder, (f"{source}?workspace={workspace}",), (), remarks, suggested)


def _is_tofu(tree: Tree, folder: Path) -> bool:
    if any(name.endswith((".tofu", ".tofu.json")) for name in tree.folders[folder]):
        return True
    return "registry.opentofu.org" in tree.text(folder / ".terraform.lock.hcl")


def _remarks(tree: Tree, folder: Path, code: _Code) -> Iterator[str]:
    match code.backend:
        case None:
            yield "no backend is named: the state is a file beside the code, or nobody has applied it yet"
        case "local":
            yield f"its state is a file: {code.settings.get('path') or 'terraform.tfstate'}"
        case backend:
            yield f"its state is kept by the backend {backend}: reading it needs that backend's credentials"
            if backend not in _REMOTE and not code.settings:
                yield "the backend's settings are given to init: -backend-config=..."
    if code.backend in _REMOTE:
        chosen = code.settings.get("name") or code.settings.get("prefix")
        yield f"workspaces: {chosen}" if chosen else "workspaces are chosen by tags or at init"
    if "terragrunt.hcl" in tree.folders[folder]:
        yield "Terragrunt is not run by iacdrift: give the plans that it makes (terragrunt show -json PLAN > plan.json)"


def _suggested(tree: Tree, folder: Path, code: _Code) -> Iterator[str]:
    """Where the root seems to be planned with different values, how to say which."""
    files = [name for name in tree.folders[folder] if name.endswith(".tfvars") and not name.endswith(".auto.tfvars")]
    given = [name for name in files if name != "terraform.tfvars"]
    if given:
        yield f"# variables are given by a file? In the environment: TF_CLI_ARGS_plan=-var-file={given[0]}"
    if code.backend and code.backend != "cloud" and not _workspaces(tree.root / folder):
        yield f'# one target for each workspace: from = ["tf:{folder.as_posix()}?workspace=NAME"]'
