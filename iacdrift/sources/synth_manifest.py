"""The files of a CDKTF synth, as its manifest names them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from iacdrift.errors import SourceError
from iacdrift.sources.document import decode, parse_json, read_bytes

_KNOWN = re.compile(r"0(\.\d+)*([-+].*)?|stubbed")
"""CDKTF ended at 0.21; CDK Terrain goes on with 0.22. `stubbed` is what their own test harness writes."""


def unknown_version(version: Any, name: str) -> Iterator[str]:
    """A gap for a manifest whose format nobody has seen: it is read as far as it can be, and proves nothing."""
    if not isinstance(version, str) or not _KNOWN.fullmatch(version):
        yield f"{name} is of version {version}, and 0.x of CDKTF and CDK Terrain is known: what it says may be misread, update iacdrift"


def stack_data(path: Path) -> dict[str, Any]:
    """One stack's parsed `cdk.tf.json`. SourceError where it is something else."""
    name = str(path)
    if path.suffix == ".tf":
        raise SourceError(f"{name} was synthesised as HCL, which isn't read: synthesise without --hcl")
    data = parse_json(decode(read_bytes(path, name), name), name)
    if not isinstance(data, dict):
        raise SourceError(f"{name} is no JSON object: run cdktf synth again")
    return data
