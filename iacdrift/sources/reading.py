"""What one reader makes of one source, before sources are joined."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import field, frozen

from iacdrift.sources.document import Document
from iacdrift.sources.resource import Resource, SourceInfo, Value


@frozen(slots=True)
class Reading:
    """One source read. `outputs` are its output values by name; `gaps` and `notes` as in Inventory.

    `empty` says so where the source holds no resource at all: a gap, unless another source holds some.
    `also` names further files that were read for it: the states of a synth's stacks.
    """

    info: SourceInfo
    resources: tuple[Resource, ...] = ()
    outputs: Mapping[str, Value] = field(factory=dict)
    gaps: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    empty: str | None = None
    also: tuple[SourceInfo, ...] = ()


@frozen(slots=True)
class Deployment:
    """How templates of CloudFormation's are deployed: parameters (`K` or `STACK:K`), files of them, names of stacks to ask AWS about."""

    parameters: tuple[tuple[str, str], ...] = ()
    parameter_files: tuple[Path, ...] = ()
    stacks: tuple[str, ...] = ()


@frozen(slots=True)
class Options:
    """What a reader may need beside the document. `code` is None where the user didn't name a directory.

    `earlier`: what is asked for is how things are before a plan or preview is applied, not afterwards. `beside`: the other documents
    that a template of CloudFormation's may import from, and what AWS says of its stack. `answers`: what AWS's API said, by stack.
    """

    code: Path | None = None
    states: Mapping[str, Path | Document] = field(factory=dict)
    outputs: Mapping[str, Path] = field(factory=dict)
    earlier: bool = False
    deployment: Deployment = Deployment()
    beside: tuple[Document, ...] = ()
    answers: Mapping[str, tuple[Mapping[str, Any], ...]] = field(factory=dict)
