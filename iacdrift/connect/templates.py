"""CloudFormation's and SAM's templates that somebody deploys, and not those that another template nests."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from iacdrift.connect.found import Found, name_of
from iacdrift.connect.programs import ADDRESSES
from iacdrift.connect.tree import Tree
from iacdrift.sources.cloudformation.signs import looks_like_template

_ENDINGS = (".yaml", ".yml", ".json", ".template")
_NESTED = re.compile(r"""["']?(?:TemplateURL|Location)["']?[ \t]*:[ \t]*["']?(\.{0,2}[\w./-]+\.(?:ya?ml|json|template))\b""")
_SAM = re.compile(r"AWS::Serverless-\d{4}-\d\d-\d\d")
_LARGEST = 1 << 20
"""Bytes: what CloudFormation takes."""


def cloudformation(tree: Tree) -> Iterator[Found]:
    """One for each template that no other nests."""
    texts = {path: text for path, text in _texts(tree) if looks_like_template(text.encode())}
    nested = {Path(os.path.normpath(path.parent / inner)) for path, text in texts.items() for inner in _NESTED.findall(text)}
    for path, text in texts.items():
        if path not in nested:
            yield _target(tree, path, text)


def _texts(tree: Tree) -> Iterator[tuple[Path, str]]:
    for folder, names in tree.folders.items():
        for name in names:
            if name.endswith(_ENDINGS):
                text = tree.text(folder / name, _LARGEST)
                if "::" in text or "AWSTemplateFormatVersion" in text:
                    yield folder / name, text


def _target(tree: Tree, path: Path, text: str) -> Found:
    deployed = _stack_of_sam(tree, path.parent) if _SAM.search(text) else None
    suggested = tuple(line.replace("NAME", deployed) for line in ADDRESSES) if deployed else ADDRESSES
    parameters = ('# parameter-file = ["parameters.json"]',) if re.search(r"""^["' ]*Parameters["']?[ \t]*:""", text, re.MULTILINE) else ()
    folder = path.parent.parts if path.stem in ("template", "main", "stack", "cloudformation") else path.with_suffix("").parts
    name = name_of(*folder) if folder else name_of(tree.root.name)
    return Found(name, "sam" if _SAM.search(text) else "cloudformation", path.parent, (path.as_posix(),), (), (), (*suggested, *parameters))


def _stack_of_sam(tree: Tree, folder: Path) -> str | None:
    """The stack that `sam deploy` makes by default."""
    try:
        settings = tomllib.loads(tree.text(folder / "samconfig.toml"))
        name = settings["default"]["deploy"]["parameters"]["stack_name"]
    except (tomllib.TOMLDecodeError, KeyError, TypeError):
        return None
    return name if isinstance(name, str) and re.fullmatch(r"[A-Za-z][A-Za-z0-9-]{0,127}", name) else None
