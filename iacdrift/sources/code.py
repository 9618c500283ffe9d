"""Where the `.tf` files set what: the line of each block, and the names that it sets."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import orjson
from attrs import define, field, frozen

from iacdrift.errors import SourceError
from iacdrift.sources.address import parse

LARGEST_FILE = 4 << 20
"""Bytes. Longer `.tf` files are generated, and would take minutes to parse."""
MOST_FILES = 2000


@frozen(slots=True)
class CodeBlock:
    """A resource or module call. `names` are its attributes and blocks, `dynamic` ones by their label; None where it couldn't be read."""

    at: str
    names: frozenset[str] | None
    ignored: frozenset[str] = frozenset()
    """What `lifecycle { ignore_changes }` lists: Terraform then plans the recorded value, not the code's."""
    source: str | None = None
    repeated: frozenset[tuple[str, str]] = frozenset()
    """Names set by `dynamic` blocks alone, each with the `for_each` of each of them as written: `("ingress", "var.rules")`."""


@define(slots=True, eq=False)
class ModuleCode:
    """One directory's blocks: resources as `type.name` or `data.type.name`, calls as `module.name`."""

    folder: Path
    blocks: dict[str, CodeBlock] = field(factory=dict)
    unread: list[str] = field(factory=list)
    texts: Mapping[str, str] | None = None
    """Expressions as written, of `local.NAME` and `module.CALL.ARGUMENT`; None until somebody asks for one."""


@define(slots=True, eq=False)
class CodeTree:
    """A root module's files and those of the modules that it calls, read when they are first asked for."""

    root: Path | None = None
    lines_only: bool = False
    """Whether nobody asks what a block sets: its line is then found without parsing the file."""
    _modules: dict[tuple[str, ...], ModuleCode | None] = field(factory=dict)
    _installed: Mapping[str, str] | None = None

    def find(self, address: str) -> CodeBlock | None:
        """The block that declares the resource of this address; None where no file has it."""
        if self.root is None or (parsed := parse(address)) is None:
            return None
        module = self._module(parsed.modules)
        return module.blocks.get(parsed.resource) if module else None

    def written(self, modules: tuple[str, ...], name: str) -> str | None:
        """The expression of a local value or of a module call's argument in this module; None where no file has it."""
        module = self._module(modules) if self.root is not None else None
        if module is None:
            return None
        if module.texts is None:
            module.texts = _texts(module.folder)
        return module.texts.get(name)

    def notes(self) -> Iterator[str]:
        """Files that couldn't be read, so that lines and dynamic blocks may be missing."""
        for module in self._modules.values():
            for unread in module.unread if module else ():
                yield f"{unread}: lines and dynamic blocks of this file are not known"

    def _module(self, names: tuple[str, ...]) -> ModuleCode | None:
        if names not in self._modules:
            self._modules[names] = None  # a module that calls itself finds nothing instead of looping
            folder = self._folder(names)
            self._modules[names] = read_folder(folder, self.root or folder, lines_only=self.lines_only) if folder else None
        return self._modules[names]

    def _folder(self, names: tuple[str, ...]) -> Path | None:
        if not names:
            return self.root
        parent = self._module(names[:-1])
        call = parent.blocks.get(f"module.{names[-1]}") if parent else None
        if parent and call and call.source and call.source.startswith(("./", "../")):
            return Path(os.path.normpath(parent.folder / call.source))
        installed = self._init().get(".".join(names))
        return Path(os.path.normpath(self.root / installed)) if self.root and installed else None

    def _init(self) -> Mapping[str, str]:
        """Where `terraform init` put modules from registries: dotted call names -> directory."""
        if self._installed is None:
            self._installed = _installed(self.root) if self.root else {}
        return self._installed


NO_CODE = CodeTree()


def code_beside(code: Path | None, folder: Path | None, *, lines_only: bool = False) -> CodeTree:
    """The code in the directory that the user named, or beside the source where there is any."""
    if code is not None:
        if not code.is_dir():
            raise SourceError(f"{code} is no directory: --code names the directory of the .tf files")
        return CodeTree(code, lines_only)
    return CodeTree(folder, lines_only) if folder and _files(folder) else NO_CODE


def read_folder(folder: Path, root: Path, *, lines_only: bool = False) -> ModuleCode:
    """All blocks of a directory's `.tf` and `.tf.json` files; override files add to what they override."""
    module = ModuleCode(folder)
    for path in _files(folder)[:MOST_FILES]:
        shown = os.path.relpath(path, root)
        try:
            if path.stat().st_size > LARGEST_FILE:
                raise ValueError(f"larger than {LARGEST_FILE >> 20} MiB")
            _merge(module, _blocks(path.read_bytes(), shown, lines_only))
        except (OSError, ValueError) as error:
            module.unread.append(f"{shown} can't be read ({_why(error)})")
    return module


def _blocks(raw: bytes, shown: str, lines_only: bool) -> Mapping[str, CodeBlock]:
    if shown.endswith(".json"):
        from iacdrift.sources.hcl_json import blocks_of_json

        return blocks_of_json(raw, shown)
    if not any(word in raw for word in (b"resource", b"module", b"data")):
        return {}
    if lines_only:
        from iacdrift.sources.hcl_lines import lines_of

        return lines_of(raw.decode("utf-8-sig"), shown)
    from iacdrift.sources.hcl import blocks_of

    return blocks_of(raw.decode("utf-8-sig"), shown)


def _merge(module: ModuleCode, found: Mapping[str, CodeBlock]) -> None:
    for key, block in found.items():
        module.blocks[key] = _union(module.blocks.get(key), block)
        if block.names is None:
            module.unread.append(f"{block.at} can't be parsed")


def _union(old: CodeBlock | None, new: CodeBlock) -> CodeBlock:
    if old is None or old.names is None or new.names is None:
        return new
    kept = frozenset(one for one in old.repeated if one[0] not in new.names)  # blocks of an override replace those of the same name
    return CodeBlock(old.at, old.names | new.names, old.ignored | new.ignored, new.source or old.source, kept | new.repeated)


def _texts(folder: Path) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for path in _files(folder)[:MOST_FILES]:
        try:
            raw = path.read_bytes() if path.stat().st_size <= LARGEST_FILE else b""
            found.update(_texts_of(raw, path.name))
        except (OSError, ValueError):
            continue  # its blocks were noted as not read
    return found


def _texts_of(raw: bytes, name: str) -> Mapping[str, str]:
    if not any(word in raw for word in (b"locals", b"module")):
        return {}
    if name.endswith(".json"):
        from iacdrift.sources.hcl_json import texts_of_json

        return texts_of_json(raw)
    from iacdrift.sources.hcl import texts_of

    return texts_of(raw.decode("utf-8-sig"))


def _why(error: Exception) -> str:
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return "not UTF-8" if isinstance(error, UnicodeError) else str(error)


def _files(folder: Path) -> list[Path]:
    """Terraform's order: plain files by name, then override files."""
    try:
        found = sorted(path for path in folder.iterdir() if path.name.endswith((".tf", ".tofu", ".tf.json")) and path.is_file())
    except OSError:
        return []
    return sorted(found, key=lambda path: path.name.split(".")[0].endswith("override"))


def _installed(root: Path) -> Mapping[str, str]:
    try:
        listed = orjson.loads((root / ".terraform" / "modules" / "modules.json").read_bytes())["Modules"]
        return {entry["Key"]: entry["Dir"] for entry in listed}
    except (OSError, ValueError, KeyError, TypeError):
        return {}
