"""CloudFormation as a source: templates, CDK assemblies, and what AWS says of the stacks made from them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from iacdrift.errors import SourceError
from iacdrift.sources.cloudformation.addresses import unaddressed
from iacdrift.sources.cloudformation.assembly import Synthesised, is_manifest, stacks_of
from iacdrift.sources.cloudformation.parameters import Given
from iacdrift.sources.cloudformation.records import Records, is_record
from iacdrift.sources.cloudformation.stack import Stack
from iacdrift.sources.cloudformation.told import told
from iacdrift.sources.cloudformation.world import World
from iacdrift.sources.document import Document, decode, modified_at, parse_json, read_bytes
from iacdrift.sources.reading import Options, Reading
from iacdrift.sources.resource import SourceInfo, Value

KIND = "cloudformation"


def recognises(data: Any) -> bool:
    """A template, an assembly's manifest, or an answer of AWS's about stacks."""
    if not isinstance(data, Mapping):
        return False
    return _is_template(data) or (is_manifest(data) and "stacks" not in data) or is_record(data)


def _is_template(data: Mapping[str, Any]) -> bool:
    if "AWSTemplateFormatVersion" in data:
        return True
    resources = data.get("Resources")
    return isinstance(resources, Mapping) and any(isinstance(one, Mapping) and "::" in str(one.get("Type")) for one in resources.values())


def read(document: Document, options: Options) -> Reading:
    """The resources of one template or assembly, with the others that are read beside it for exports and records."""
    info = SourceInfo(KIND, document.name, document.sha256, written_at=document.written_at, commit=document.commit)
    if not recognises(document.data):
        raise SourceError(f"{document.name} is no CloudFormation template: it has no Resources")
    beside = options.beside if any(one is document for one in options.beside) else (document, *options.beside)
    templates = [one for one in beside if not is_record(one.data) and recognises(one.data)]
    if not templates:
        raise SourceError(f"{document.name} is what AWS says of a stack, not what its code says: give the template as well")
    if is_record(document.data):
        return Reading(info)
    together = _Together(beside, templates, options)
    roots = together.stacks[id(document)]
    stacks = [stack for root in roots for stack in root.walk()]
    made = {root.name: tuple(resource for stack in root.walk() for resource in stack.translated()) for root in roots}
    resources = tuple(resource for found in made.values() for resource in found)
    outputs = {f"{stack.name}.{name}": stack.output(name) for stack in stacks for name in stack.template.get("Outputs") or {}}
    world = together.world
    own = [gap for gap in world.gaps if gap.startswith(f"{document.name}: ")]
    gaps = (*own, *(gap for root in roots for gap in unaddressed(root, made[root.name])))
    empty = None if resources else f"{document.name}: no resource of it is made under these conditions"
    said = {f"{stack.name}.{name}": value for stack in stacks for name, value in told(stack).items()}
    return Reading(
        info, resources, {**_plain(outputs), **said}, gaps, tuple(world.notes), empty, tuple(_further(document, templates[0], together))
    )


def _plain(outputs: Mapping[str, Value]) -> dict[str, Value]:
    return {name: value for name, value in outputs.items() if isinstance(value, str)}


def _further(document: Document, first: Document, together: _Together) -> Iterator[SourceInfo]:
    """What else was read: the document's nested templates, and once the answers of AWS's."""
    own = dict.fromkeys(path for source, path in together.world.read if source == document.name)
    yield from (SourceInfo(KIND, str(path), written_at=modified_at(path)) for path in own)
    if document is first:
        yield from together.answers


class _Together:
    """All documents as stacks that know each other's exports; records by stack."""

    def __init__(self, beside: Sequence[Document], templates: Sequence[Document], options: Options) -> None:
        self.answers: list[SourceInfo] = []
        self.world = World(_records(beside, options, self.answers))
        self.given = Given.of(options.deployment.parameters, options.deployment.parameter_files)
        self.single = len(templates) == 1 and not is_manifest(templates[0].data)
        self.stacks: dict[int, list[Stack]] = {}
        names = Counter(_stem(document) for document in templates)
        for document in templates:
            label = _stem(document) if names[_stem(document)] == 1 else document.name
            self.stacks[id(document)] = list(self._roots(document, label, options))
        self._refuse(options)
        self._share()

    def _roots(self, document: Document, label: str, options: Options) -> Iterator[Stack]:
        if is_manifest(document.data):
            yield from (self._synthesised(one, document) for one in stacks_of(document.data, document.folder or Path(), document.name))
            return
        name = self._name(label, options)
        given, record = self.given.of_stack(name), self.world.records.of_stack(name)
        shown = Path(document.name).name
        yield Stack(name, document.name, shown, document.folder, document.data, self.world, given=given, record=record)

    def _synthesised(self, one: Synthesised, document: Document) -> Stack:
        self.world.read.append((document.name, one.path))
        given, record = {**one.parameters, **self.given.of_stack(one.name)}, self.world.records.of_stack(one.name)
        place = one.place
        folder = one.path.parent
        return Stack(one.name, document.name, one.path.name, folder, one.template, self.world, given=given, record=record, place=place)

    def _name(self, label: str, options: Options) -> str:
        """A template doesn't say how its stack is called: alone, it is the stack that the records and options speak of."""
        nested = {physical for record in self.world.records.stacks.values() for physical in record.physical.values()}
        recorded = [record.name for record in self.world.records.stacks.values() if record.id is None or record.id not in nested]
        said = list(dict.fromkeys((*options.deployment.stacks, *options.outputs, *recorded)))
        if label in said or not self.single:
            return label
        if len(said) > 1:
            raise SourceError(f"{label} may belong to any of the stacks {', '.join(sorted(said))}: give one of them")
        return said[0] if said else label

    def _refuse(self, options: Options) -> None:
        roots = {stack.name: stack for stacks in self.stacks.values() for stack in stacks}
        self.given.refuse_unknown({name: list(stack.template.get("Parameters") or {}) for name, stack in roots.items()})
        for name in (*options.deployment.stacks, *options.outputs):
            if name not in roots:
                raise SourceError(f"no template is the stack {name!r}; stacks: {', '.join(sorted(roots)) or 'none'}")

    def _share(self) -> None:
        """Addresses that several stacks use, and who exports what."""
        everything = [(root, stack) for stacks in self.stacks.values() for root in stacks for stack in root.walk()]
        for _, stack in everything:
            for name, output in stack.exports():
                self.world.exported[name] = partial(stack.output, output)
        count = Counter(f"{stack.prefix}{stack.kind(logical)}.{logical}" for _, stack in everything for logical in stack.resources)
        self.world.shared = frozenset(address for address, times in count.items() if times > 1)


def _stem(document: Document) -> str:
    name = Path(document.name).name
    for suffix in (".yaml", ".yml", ".json", ".template", ".cfn"):
        name = name.removesuffix(suffix)
    return name or document.name


def _records(beside: Sequence[Document], options: Options, answers: list[SourceInfo]) -> Records:
    """Answers among the sources, in the files of `--outputs`, and from AWS itself where a stack is named: `answers` names those."""
    records = Records()
    for document in beside:
        if is_record(document.data) or isinstance(document.data.get("NetworkInterfaces"), list):
            records.add(document.data)
    for stack, path in options.outputs.items():
        for file in sorted(path.glob("*.json")) if path.is_dir() else [path]:
            _add_file(records, file, stack, whole=path.is_dir())
            answers.append(SourceInfo(KIND, str(file), written_at=modified_at(file)))
    for stack, said in options.answers.items():
        for answer in said:
            records.add(answer, stack)
        answers.append(SourceInfo(KIND, f"stack:{stack}"))
    return records


def _add_file(records: Records, path: Path, stack: str, *, whole: bool) -> None:
    """One file of answers; in a directory (`whole`) those of nested stacks lie beside the stack's own."""
    data = parse_json(decode(read_bytes(path, str(path)), str(path)), str(path))
    if not isinstance(data, Mapping):
        raise SourceError(f"{path} holds no answer of AWS's: describe-stack-resources, describe-stacks or describe-instances as JSON")
    foreign = {str(item.get("StackName")) for key in ("StackResources", "Stacks") for item in data.get(key) or () if item.get("StackName")}
    if foreign and stack not in foreign and not whole:
        raise SourceError(f"{path} belongs to another stack ({', '.join(sorted(foreign))}), not to {stack}")
    if not records.add(data, stack):
        own = data.get(stack)
        if not isinstance(own, Mapping):
            raise SourceError(f"{path} holds no answer of AWS's: describe-stack-resources, describe-stacks or describe-instances as JSON")
        records.stack(stack).outputs.update({str(key): str(value) for key, value in own.items()})
