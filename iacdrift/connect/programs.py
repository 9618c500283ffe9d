"""Pulumi's projects with their stacks, and the apps of CDKTF, CDK Terrain and AWS's CDK."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from iacdrift.connect.found import Found, name_of
from iacdrift.connect.tree import Tree

_PROJECT = ("Pulumi.yaml", "Pulumi.yml", "Pulumi.json")
_ENDINGS = (".yaml", ".yml", ".json")


def pulumi(tree: Tree) -> Iterator[Found]:
    """One for each stack that has a file beside the project's; a project without any is one."""
    for folder, names in tree.folders.items():
        project = next((name for name in _PROJECT if name in names), None)
        if project is None:
            continue
        about = _data(tree.text(folder / project))
        named = str(about.get("name") or folder.name or tree.root.name)
        kept = about.get("stackConfigDir") or about.get("config")
        stacks = _stacks(tree, folder / kept if isinstance(kept, str) else folder)
        remarks = tuple(_of_project(about))
        for stack in stacks:
            yield Found(name_of(named, stack), "pulumi", folder, (f"pulumi:{folder.as_posix()}?stack={stack}",), (), remarks)
        if not stacks:
            without = "no stack has a file here: name one with ?stack=NAME (pulumi stack ls), or the selected one is asked"
            yield Found(name_of(named), "pulumi", folder, (f"pulumi:{folder.as_posix()}",), (), (*remarks, without))


def _of_project(about: Mapping[str, Any]) -> Iterator[str]:
    runtime = about.get("runtime")
    language = runtime.get("name") if isinstance(runtime, Mapping) else runtime
    yield f"its program{f' ({language})' if language else ''} runs as in any preview: pulumi and the language must be there"
    backend = about.get("backend")
    address = str(backend.get("url") or "") if isinstance(backend, Mapping) else ""
    scheme = address.partition("://")[0] if "://" in address else ""
    yield f"its state is kept in {scheme}://" if scheme else "its state is where pulumi login says"


def _stacks(tree: Tree, folder: Path) -> list[str]:
    """The NAME of each Pulumi.NAME.yaml, which Pulumi writes for a stack's settings."""
    names = (Path(name) for name in tree.folders.get(folder, ()))
    return sorted({name.stem.removeprefix("Pulumi.") for name in names if name.stem.startswith("Pulumi.") and name.suffix in _ENDINGS})


def _data(text: str) -> Mapping[str, Any]:
    try:
        data = yaml.safe_load(text)  # JSON is YAML
    except (yaml.YAMLError, RecursionError, ValueError):
        return {}
    return data if isinstance(data, Mapping) else {}


def cdktf(tree: Tree) -> Iterator[Found]:
    """One for each app; its stacks are read together, because they refer to each other."""
    for folder, names in tree.folders.items():
        if "cdktf.json" in names:
            about = _json(tree.text(folder / "cdktf.json"))
            output = folder / _text(about.get("output"), "cdktf.out")
            stacks = _synthesised(tree.root / output)
            remarks = ("cdktf synth (or cdktn synth) writes what is read here: run it before check", *_told(stacks))
            states = tuple(
                f'# state = ["{stack}=terraform.{stack}.tfstate"] # where its state is not beside the app' for stack in stacks[:1]
            )
            yield Found(_named(tree, folder), "cdktf", folder, (output.as_posix(),), (), remarks, states)
        elif "manifest.json" in names and any("cdk.tf.json" in tree.folders.get(below, ()) for below in _below(tree, folder / "stacks")):
            # a synth that is kept in the repository, without the app that made it
            yield Found(_named(tree, folder), "cdktf", folder, (folder.as_posix(),), (), _told(_synthesised(tree.root / folder)))


def _below(tree: Tree, folder: Path) -> list[Path]:
    return [one for one in tree.folders if one.parent == folder]


def cdk(tree: Tree) -> Iterator[Found]:
    """One for each app of AWS's CDK."""
    for folder, names in tree.folders.items():
        if "cdk.json" in names:
            output = folder / _text(_json(tree.text(folder / "cdk.json")).get("output"), "cdk.out")
            remarks = ("cdk synth writes what is read here: run it before check",)
            yield Found(_named(tree, folder), "cdk", folder, (output.as_posix(),), (), remarks, ADDRESSES)


ADDRESSES = (
    "# the addresses of what is deployed: AWS is asked (needs iacdrift[aws] and its credentials), or its answers are given",
    '# stack = ["NAME"]',
    '# outputs = ["NAME=described.json"]',
)


def _named(tree: Tree, folder: Path) -> str:
    return name_of(*folder.parts) if folder.parts else name_of(tree.root.name)


def _json(text: str) -> Mapping[str, Any]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, Mapping) else {}


def _text(value: object, otherwise: str) -> str:
    return value if isinstance(value, str) and value and not Path(value).is_absolute() else otherwise


def _synthesised(output: Path) -> list[str]:
    """The stacks of a synth that lies there already."""
    try:
        stacks = _json((output / "manifest.json").read_text(encoding="utf-8")).get("stacks")
    except (OSError, UnicodeDecodeError):
        return []
    return sorted(map(str, stacks)) if isinstance(stacks, Mapping) else []


def _told(stacks: list[str]) -> tuple[str, ...]:
    return (f"stacks: {', '.join(stacks)}",) if stacks else ()
