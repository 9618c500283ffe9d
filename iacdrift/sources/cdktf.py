"""`cdktf.out` of CDKTF and CDK Terrain: what each stack declares, joined with its state or outputs by the stack's name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import define, field

from iacdrift.errors import SourceError
from iacdrift.sources import tfstate
from iacdrift.sources.address import module_names, parse
from iacdrift.sources.document import Document, decode, parse_json, read_bytes
from iacdrift.sources.hcl_json import bodies
from iacdrift.sources.reading import Options, Reading
from iacdrift.sources.resource import Resource, SourceInfo, Value
from iacdrift.sources.stack_states import claimed, file_of, refuse_another_stacks, stateless
from iacdrift.sources.synth_manifest import stack_data, unknown_version
from iacdrift.sources.synth_resources import resources_of
from iacdrift.sources.synth_values import MISSING, Stack

KIND = "cdktf"


def recognises(data: Any) -> bool:
    """A manifest with `stacks` (AWS CDK's has `artifacts`), or one stack's `cdk.tf.json`."""
    return isinstance(data, Mapping) and (_is_manifest(data) or _stack_name(data) is not None)


def _is_manifest(data: Mapping[str, Any]) -> bool:
    return isinstance(data.get("stacks"), dict) and "version" in data


def _stack_name(data: Mapping[str, Any]) -> str | None:
    notes = data.get("//")
    metadata = notes.get("metadata") if isinstance(notes, dict) else None
    name = metadata.get("stackName") if isinstance(metadata, dict) else None
    return name if isinstance(name, str) else None


def read(document: Document, options: Options) -> Reading:
    """All stacks of the synth. A stack whose file is missing is a gap; none at all is an error."""
    if "artifacts" in document.data and not _is_manifest(document.data):
        raise SourceError(f"{document.name} is AWS CDK's manifest, not CDKTF's: give it without cdktf: in front")
    if not recognises(document.data):
        raise SourceError(f"{document.name} is no CDKTF synth: give cdktf.out or its manifest.json")
    synth = _Synth(document, options)
    synth.load()
    resources = tuple(resource for stack in synth.stacks.values() for resource in synth.resources(stack))
    empty = None
    if not resources:
        empty = f"{document.name}: the synth declares no resource (stacks: {', '.join(synth.stacks) or 'none'})"
    info = SourceInfo(KIND, document.name, document.sha256, written_at=document.written_at, commit=document.commit)
    outputs = {f"{stack.name}.{name}": value for stack in synth.stacks.values() for name, value in _outputs(stack)}
    return Reading(info, resources, outputs, tuple(synth.gaps), tuple(synth.notes), empty, tuple(synth.also))


def states_of(document: Document, states: Sequence[Document]) -> dict[str, Document]:
    """Which of these states belongs to which stack of the synth."""
    if not states or not recognises(document.data):
        return {}
    synth = _Synth(document, Options())
    synth.read_stacks()
    return claimed({name: stack.synth for name, stack in synth.stacks.items()}, states)


def _outputs(stack: Stack) -> Iterator[tuple[str, Value]]:
    for name in stack.synth.get("output") or {}:
        if (value := stack.output(name)) is not MISSING:
            yield name, value


@define(slots=True, eq=False)
class _Synth:
    document: Document
    options: Options
    stacks: dict[str, Stack] = field(factory=dict)
    files: dict[str, str] = field(factory=dict)
    states: dict[str, Reading] = field(factory=dict)
    gaps: list[str] = field(factory=list)
    notes: list[str] = field(factory=list)
    also: list[SourceInfo] = field(factory=list)

    @property
    def folder(self) -> Path:
        return self.document.folder or Path()

    def read_stacks(self) -> None:
        """The stacks of the manifest, or the one stack that was given."""
        data = self.document.data
        if _is_manifest(data):
            self.gaps.extend(unknown_version(data["version"], self.document.name))
        else:
            self._add(_stack_name(data) or "stack", data, Path(self.document.name).name)
        for name, entry in (data.get("stacks") or {}).items():
            self._load_stack(name, entry if isinstance(entry, dict) else {})

    def load(self) -> None:
        """Stacks, then their states and outputs, then who refers to whom."""
        self.read_stacks()
        if not self.stacks and self.gaps:
            raise SourceError(f"{self.document.name}: none of its stacks can be read; {self.gaps[0]}")
        for wanted in {*self.options.states, *self.options.outputs} - self.stacks.keys():
            raise SourceError(f"{self.document.name} has no stack {wanted!r}; its stacks: {', '.join(self.stacks)}")
        for stack in self.stacks.values():
            self._record(stack)
        self._say_who_has_no_state()
        count = Counter(address for stack in self.stacks.values() for address, _ in bodies(stack.synth))
        for stack in self.stacks.values():
            stack.others = dict(self._others(stack))
            stack.shared = frozenset(address for address, times in count.items() if times > 1)

    def _load_stack(self, name: str, entry: Mapping[str, Any]) -> None:
        path, relative = file_of(self.folder, name, entry)
        if self.document.folder is None and isinstance(entry.get("synth"), dict):  # a door hands over what was never a file
            self._add(name, entry["synth"], "")
        elif path.is_file():
            self._add(name, stack_data(path), relative)
        else:
            self.gaps.append(f"{self.document.name} names {relative}, which isn't there: run cdktf synth again")

    def _add(self, name: str, data: Mapping[str, Any], shown: str) -> None:
        self.stacks[name] = Stack(name, data)
        self.files[name] = shown

    def _record(self, stack: Stack) -> None:
        """What was recorded for the stack: its state's values, else what its outputs tell of its resources."""
        given = self.options.states.get(stack.name)
        state = given or next((path for path in self._beside(stack) if path.is_file()), None)
        if state is not None:
            document = _state_document(state, self.options)
            refuse_another_stacks(stack.name, {name: one.synth for name, one in self.stacks.items()}, document)
            reading = tfstate.read(document, Options())
            self.states[stack.name] = reading
            self.also.append(reading.info)
            self.gaps.extend((*reading.gaps, *filter(None, [reading.empty])))
            stack.recorded = {resource.address: resource.recorded for resource in reading.resources}
            stack.outputs = dict(reading.outputs)
            if given is None:
                self.notes.append(f"stack {stack.name}: its state was found in {reading.info.path}")
        if stack.name in self.options.outputs:
            stack.outputs = {**stack.outputs, **_read_outputs(self.options.outputs[stack.name], stack.name)}
        if state is None:
            stack.recorded = _from_outputs(stack)

    def _say_who_has_no_state(self) -> None:
        """Stacks without any record: a gap where others have one, and where none has, a remark: there is no address at all."""
        without = [name for name, stack in self.stacks.items() if name not in self.states and not stack.outputs and stateless(stack.synth)]
        for name in without if self.document.folder is not None else ():
            told = self.gaps if len(without) < len(self.stacks) and (self.states or self.options.outputs) else self.notes
            told.append(f"stack {name}: there is no state of it, so its addresses aren't known: give --state {name}=PATH")

    def _beside(self, stack: Stack) -> Iterator[Path]:
        """Where the local backend of a stack leaves its state: as it says, or by CDKTF's custom; nowhere for what was never a file."""
        if self.document.folder is None:
            return
        inside = (self.folder / self.files[stack.name]).parent
        backend = ((stack.synth.get("terraform") or {}).get("backend") or {}).get("local") or {}
        said = [backend["path"]] if isinstance(backend, dict) and isinstance(backend.get("path"), str) else []
        for name in (*said, f"terraform.{stack.name}.tfstate"):
            yield from (folder / name for folder in (self.folder.resolve().parent, self.folder, inside))
        yield inside / "terraform.tfstate"

    def _others(self, stack: Stack) -> Iterator[tuple[str, Stack]]:
        """Remote state data sources -> the stack whose backend they read, else the one whose name they end with."""
        for name, body in ((stack.synth.get("data") or {}).get("terraform_remote_state") or {}).items():
            found = next((other for other in self.stacks.values() if other is not stack and _reads(body, other)), None)
            found = found or self.stacks.get(name.removeprefix("cross-stack-reference-input-"))
            if found is not None:
                yield name, found

    def resources(self, stack: Stack) -> Iterator[Resource]:
        """Declared ones; then what only the state holds: of modules (not in the synth), or about to be destroyed."""
        state = {resource.address: resource for resource in self.states[stack.name].resources} if stack.name in self.states else None
        yield from resources_of(stack, self.document.name, self.files[stack.name], state, self.gaps)
        for name in stack.synth.get("module") or {}:
            if name != "//" and not any(module_names(address)[:1] == (name,) for address in state or () if address.startswith("module.")):
                self.gaps.append(f"stack {stack.name}: the resources of module {name} are not in the synth, and no state holds them")


def _reads(body: Any, other: Stack) -> bool:
    """Whether a remote state's configuration is the backend of this stack."""
    backend = (other.synth.get("terraform") or {}).get("backend") or {}
    kind = body.get("backend") if isinstance(body, dict) else None
    config, own = (body.get("config"), backend.get(kind)) if kind and isinstance(backend, dict) else (None, None)
    return (
        isinstance(config, dict) and isinstance(own, dict) and bool(config) and all(own.get(key) == value for key, value in config.items())
    )


def _state_document(state: Path | Document, options: Options) -> Document:
    if isinstance(state, Document):
        return state
    from iacdrift.sources.opening import open_file

    return open_file(state, "tfstate", options)


def _read_outputs(path: Path, stack: str) -> dict[str, Value]:
    """`terraform output -json`, or `cdktf output --outputs-file` with the stack's name around it."""
    name = str(path)
    data = parse_json(decode(read_bytes(path, name), name), name)
    data = data.get(stack, data) if isinstance(data, dict) else data
    if not isinstance(data, dict):
        raise SourceError(f"{name} holds no outputs: write it with terraform output -json")
    return {
        key: value["value"] if isinstance(value, dict) and "value" in value and "type" in value else value for key, value in data.items()
    }


def _from_outputs(stack: Stack) -> dict[str, dict[str, Value]]:
    """Recorded attributes that outputs give away: an output that is exactly `${aws_eip.a.public_ip}` tells that address."""
    recorded: dict[str, dict[str, Value]] = {}
    for name, declared in (stack.synth.get("output") or {}).items():
        text = declared.get("value") if isinstance(declared, dict) else None
        target = parse(text[2:-1]) if isinstance(text, str) and text.startswith("${") and text.endswith("}") else None
        if target and len(target.rest) == 1 and stack.outputs.get(name) is not None and stack.body(target) is not None:
            recorded.setdefault(target.instance, {})[target.rest[0]] = stack.outputs[name]
    return recorded
