"""The targets: whether what they are read from is there, and the tools that some of them need."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from iacdrift.doctor.remark import Remark, State, tried
from iacdrift.sources import pulumi_command, terraform_command
from iacdrift.sources.read import read_sources

_ASK_AWS = ("stacks", "region", "resolve", "verify_owner", "cloud_api")
"""Options that need boto3."""


def of_target(name: str, options: Mapping[str, Any], reading: Mapping[str, Any]) -> Iterator[Remark]:
    """Everything about one target. `reading`: the options that steer how its sources are read."""
    files = []
    for source in options["sources"]:
        kind, _, rest = source.partition(":")
        if kind == "tf":
            yield from _terraform(name, rest)
        elif kind == "pulumi" and not Path(rest).is_file():
            yield from _pulumi(name, rest)
        else:
            files.append(source)
    if files:
        yield tried(f"{name}: sources", lambda: _read(files, reading), _mend(files))
    if any(options.get(option) for option in _ASK_AWS):
        yield extra(f"{name}: AWS", "boto3", "aws")


def newest(targets: Mapping[str, Mapping[str, Any]]) -> tuple[str, float] | None:
    """The source file that was written last, with its time in seconds since 1970."""
    paths = [Path(source.rpartition(":")[2]) for options in targets.values() for source in options["sources"]]
    times = [(str(path), path.stat().st_mtime) for path in paths if path.exists()]
    return max(times, key=lambda found: found[1], default=None)


def extra(about: str, package: str, name: str) -> Remark:
    """A Python package that an extra of this one brings."""
    if find_spec(package):
        return Remark(about, State.OK, f"{package} is installed")
    return Remark(about, State.MISSING, f"{package} isn't installed", f"pip install 'iacdrift[{name}]'")


def _terraform(name: str, rest: str) -> Iterator[Remark]:
    install = "install Terraform or OpenTofu, or make the plan's JSON elsewhere and name that in from"
    version = tried(f"{name}: tool", lambda: terraform_command.version_of(terraform_command.Root.parse(rest)), install)
    yield version
    if version.state is State.OK:
        mend = f"terraform -chdir={_folder(rest)} init; log in to its backend"
        state = tried(f"{name}: state", lambda: terraform_command.reachable(terraform_command.Root.parse(rest)), mend)
        yield state
        if state.state is State.OK:
            mend = f"terraform -chdir={_folder(rest)} init; terraform -chdir={_folder(rest)} validate"
            yield tried(f"{name}: code", lambda: terraform_command.valid(terraform_command.Root.parse(rest)), mend)


def _pulumi(name: str, rest: str) -> Iterator[Remark]:
    install = "install Pulumi, or run pulumi preview --json --show-sames elsewhere and name what it writes in from"
    version = tried(f"{name}: tool", lambda: pulumi_command.version_of(pulumi_command.Program.parse(rest)), install)
    yield version
    if version.state is State.OK:
        mend = f"cd {_folder(rest)}; pulumi login; pulumi stack ls"
        yield tried(f"{name}: state", lambda: pulumi_command.reachable(pulumi_command.Program.parse(rest)), mend)


def _folder(rest: str) -> str:
    return rest.partition("?")[0] or "."


def _read(files: list[str], reading: Mapping[str, Any]) -> str:
    count = len(read_sources(files, **reading).resources)
    return f"{', '.join(files)}: {count} resource{'' if count == 1 else 's'}"


def _mend(files: list[str]) -> str:
    if any(re.search(r"cdktf\.out/?$", file) for file in files):
        return "cdktf synth (or cdktn synth) where its cdktf.json is"
    if any(re.search(r"cdk\.out/?$", file) for file in files):
        return "cdk synth where its cdk.json is"
    return "make the file, or mend from of this target in the configuration file"
