"""The pipeline from several vantages: the sources are read once, each vantage has its own surface, scan and report."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from attrs import evolve

from iacdrift.errors import UsageError
from iacdrift.options import CheckOptions, ExpectOptions, expect_options, families, texts, unknown_keywords

_NOT_PLAIN = re.compile(r"[^A-Za-z0-9_.-]")

if TYPE_CHECKING:
    from iacdrift.assertion import ExpectedPart, Pipeline, Source
    from iacdrift.drift.matrix import DriftMatrix, ExpectedMatrix
    from iacdrift.surface.vantages import NamedVantage


def check_vantages(*sources: Source, vantages: Iterable[str], **options: Any) -> DriftMatrix:
    """The verdict seen from each vantage, and the matrix of them all; never raises for drift.

    `vantages` as `--vantage` takes them, `office=203.0.113.9` or `internet`; the other keywords are those of
    `check_network_drift`. `executor`: any `concurrent.futures.Executor`, or `dask://HOST:PORT`.
    """
    from iacdrift.assertion import Pipeline
    from iacdrift.recording import compared, keeping

    _refuse_unknown(options, CheckOptions)
    named, keep = named_vantages(vantages), keeping(options)
    pipeline = Pipeline.of({**options, "sources": sources})
    parts = expected_parts(sources, named, options)
    pipelines = {name: evolve(pipeline, options=compared(pipeline.options, part)) for name, part in parts.items()}
    from iacdrift.drift.matrix import DriftMatrix

    return DriftMatrix.of({name: keep(seen_from(name, pipelines[name], part, many=len(parts) > 1)) for name, part in parts.items()})


def expected_from(*sources: Source, vantages: Iterable[str], **options: Any) -> ExpectedMatrix:
    """What must, may and must not answer, seen from each vantage; sends nothing."""
    from iacdrift.drift.matrix import ExpectedMatrix

    _refuse_unknown(options, ExpectOptions)
    parts = expected_parts(sources, named_vantages(vantages), options)
    return ExpectedMatrix.of({name: part.surface for name, part in parts.items()})


def named_vantages(vantages: Any) -> tuple[NamedVantage, ...]:
    """The vantages that the option names; `auto` where it names none."""
    from iacdrift.surface.vantages import vantages_of

    return vantages_of(texts(vantages))


def one_vantage(vantages: Any) -> NamedVantage:
    """The only one. UsageError where there are several."""
    named = named_vantages(vantages)
    if len(named) > 1:
        names = ", ".join(each.name for each in named)
        raise UsageError(f"--vantage names {len(named)} places ({names}): check and expect tell of several")
    return named[0]


def expected_parts(sources: Iterable[Source], named: Iterable[NamedVantage], options: Mapping[str, Any]) -> dict[str, ExpectedPart]:
    """What may answer, by the vantages' names. The errors are those of `expected_part`."""
    from iacdrift.assertion import part_of, reading
    from iacdrift.cloud.ownership import Ownership
    from iacdrift.sources.read import read_sources

    asked = expect_options(options)
    families(asked.get("family"))
    said = Ownership.of(asked)
    inventory = read_sources(said.beside(sources), **reading(asked))
    parts = {place.name: part_of(inventory, place.vantage, asked) for place in named}
    return {name: evolve(part, surface=said.kept(part.surface)) for name, part in parts.items()}


def seen_from(name: str, pipeline: Pipeline, part: ExpectedPart, *, many: bool = True) -> Any:
    """The report of one vantage; with `many`, whoever scans for it must be proven to stand there, and each has a journal of its own."""
    pipeline = evolve(pipeline, options={**pipeline.options, "at": name, "many": many})
    journal = pipeline.settings.resume
    if not many or journal is None:
        return pipeline.check(part)
    report = evolve(pipeline, settings=evolve(pipeline.settings, resume=journal / _place(name))).check(part)
    with suppress(OSError):  # the others' are still in it
        journal.rmdir()
    return report


def _place(name: str) -> str:
    plain = _NOT_PLAIN.sub("_", name)
    return f"at-{plain}" if plain == name else f"at-{plain}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def _refuse_unknown(options: Mapping[str, object], known: type) -> None:
    spelt_out = {"ports", "scope", "controls", "settle", "fail_on", "allow_incomplete"}
    unknown = sorted(set(unknown_keywords(options, known)) - (spelt_out if known is CheckOptions else set()))
    if unknown:
        raise UsageError(f"no such keyword: {', '.join(unknown)}")
