"""The door of this room: sources as the user names them -> one Inventory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from attrs import evolve

from iacdrift.errors import NoChangeError, SourceError
from iacdrift.model.collector import collector_paused
from iacdrift.sources.document import Document
from iacdrift.sources.joining import join
from iacdrift.sources.kinds import detect, reader, tells_before
from iacdrift.sources.opening import Source, open_source
from iacdrift.sources.reading import Deployment, Options, Reading
from iacdrift.sources.resource import Inventory, Resource

Paths = Mapping[str, Path] | Iterable[tuple[str, Path]]
NOT_SAID = Deployment()


@collector_paused()
def read_sources(
    sources: Iterable[Source],
    *,
    code: Path | None = None,
    states: Paths = (),
    outputs: Paths = (),
    deployment: Deployment = NOT_SAID,
) -> Inventory:
    """All resources that the sources hold, joined. SourceError, one sentence, where one can't be read.

    A source is a path, a `KIND:path`, `-`, or a dict already parsed. `code` is the directory of the `.tf` files (beside each
    source by default); `states` and `outputs` map the stacks of a CDKTF synth, `outputs` those of CloudFormation, to files.
    """
    documents, notes, options = _opened(sources, Options(code, dict(states), dict(outputs), deployment=deployment))
    return _inventory(_readings(documents, options), notes)


@collector_paused()
def read_change(
    sources: Iterable[Source],
    *,
    code: Path | None = None,
    states: Paths = (),
    outputs: Paths = (),
    deployment: Deployment = NOT_SAID,
) -> tuple[Inventory, Inventory]:
    """What is there before a plan or preview is applied, and what afterwards; each source is opened once.

    Sources that say nothing of a change (a state, an expectation) count on both sides. SourceError where none does.
    """
    documents, notes, options = _opened(sources, Options(code, dict(states), dict(outputs), deployment=deployment))
    if not any(tells_before(kind, document.data) for kind, document in documents):
        names = ", ".join(document.name for _, document in documents)
        ways = "two sources with --before and --after, or --base with a checkout of how things were"
        raise NoChangeError(f"{names} doesn't say what changes: give a plan or a Pulumi preview, {ways}")
    before, after = (_inventory(_readings(documents, evolve(options, earlier=earlier)), notes) for earlier in (True, False))
    return before, after


def _opened(sources: Iterable[Source], options: Options) -> tuple[list[tuple[str, Document]], tuple[str, ...], Options]:
    """Every document behind the sources with its kind, and what was noticed on the way."""
    named = [sources] if isinstance(sources, str | Path | dict) else list(sources)
    if sum(1 for source in named if str(source).split(":")[-1] == "-" and not isinstance(source, Mapping)) > 1:
        raise SourceError("- is given twice: standard input can be read once")
    opened = [open_source(source, options) for source in named]
    if not opened:
        raise SourceError("no source is given: name a state, a plan or a directory with --from")
    documents = [(kind or detect(document), document) for one in opened for kind, document in one.documents]
    return documents, tuple(note for one in opened for note in one.notes), options


def _readings(documents: list[tuple[str, Document]], options: Options) -> list[Reading]:
    """Every document read; a state that belongs to a synth's stack is read with it."""
    readings: list[Reading] = []
    states = [document for kind, document in documents if kind == "tfstate"]
    used: list[Document] = []
    synths = [document for kind, document in documents if kind == "cdktf"]
    templates = tuple(document for kind, document in documents if kind == "cloudformation")
    described = tuple(document for kind, document in documents if kind == "eni")
    _refuse_strays(options, bool(synths), bool(templates))
    if options.deployment.stacks:
        from iacdrift.sources.cloudformation.api import ask

        # once for all templates: each of them may need what is said of the others
        options = evolve(options, answers={stack: tuple(answers) for stack, answers in ask(options.deployment.stacks)})
    for synth in synths:
        from iacdrift.sources.cdktf import states_of

        claimed = states_of(synth, states)
        used.extend(claimed.values())
        readings.append(_read("cdktf", synth, evolve(options, states={**claimed, **options.states})))
    for kind, document in documents:
        if kind != "cdktf" and not any(document is one for one in used):
            beside = (*templates, *described) if kind == "cloudformation" else ()
            readings.append(_read(kind, document, evolve(options, beside=beside)))
    return readings


def _refuse_strays(options: Options, synths: bool, templates: bool) -> None:
    """SourceError for options that no source could belong to."""
    if (options.states and not synths) or (options.outputs and not synths and not templates):
        raise SourceError("states and outputs of stacks are given, but no CDKTF synth or template that they could belong to")
    if options.deployment != NOT_SAID and not templates:
        raise SourceError("parameters or stacks of CloudFormation are given, but no template that they could belong to")


def _read(kind: str, document: Document, options: Options) -> Reading:
    found = reader(kind)
    try:
        return found.read(document, options)
    except (KeyError, TypeError, AttributeError, ValueError, IndexError, RecursionError) as error:
        if not found.recognises(document.data):
            raise SourceError(f"{document.name} was given as {kind}:, but its content is something else") from error
        # a file of the right kind, but of a shape that no tool writes; the error's text may quote its content
        raise SourceError(f"{document.name} is no valid {kind}: its structure is broken ({type(error).__name__})") from error


def _inventory(readings: list[Reading], notes: tuple[str, ...]) -> Inventory:
    resources, left_out = join(readings)
    said, pending = _expectations(readings)
    everything = (*resources, *said)
    empty = tuple(reading.empty for reading in readings if reading.empty)
    return Inventory(
        everything,
        tuple(info for reading in readings for info in (reading.info, *reading.also)),
        (*(gap for reading in readings for gap in reading.gaps), *pending, *_untold(readings), *(() if everything else empty)),
        (*notes, *(note for reading in readings for note in reading.notes), *left_out, *(empty if everything else ())),
    )


def _untold(readings: list[Reading]) -> Iterator[str]:
    """Templates of whose deployment nothing is known, beside sources that hold hosts: theirs would be passed over without a word."""
    if not any(reading.resources for reading in readings if reading.info.kind not in ("cloudformation", "eni")):
        return
    for reading in readings:
        if reading.info.kind == "cloudformation" and reading.resources and not any(one.recorded for one in reading.resources):
            yield f"{reading.info.path}: no source says what of it is deployed: give describe-stack-resources as JSON, or --stack"


def _expectations(readings: list[Reading]) -> tuple[tuple[Resource, ...], tuple[str, ...]]:
    """Explicit expectations among the outputs of all readings. A state and a plan of one stack have the same ones."""
    if not any(isinstance(value, dict) and "schema" in value for reading in readings for value in reading.outputs.values()):
        return (), ()
    from iacdrift.sources.expectation import distinct, from_outputs

    found = [from_outputs(reading.outputs, reading.info.path) for reading in readings]
    return distinct(resource for said, _ in found for resource in said), tuple(gap for _, gaps in found for gap in gaps)
